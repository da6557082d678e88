"""A folder beside an output in which the new one is made.

One run at a time has it. What a killed run left in it is cleaned up by the next run::

    .NAME.pkgres/         beside the output NAME
        staging           says that the folder is ours
        new/              what is being made: removed as it is
        old/              what was replaced: removed file by file, by its record
        ...               single files on their way to the output
        .pkgres.json      which other files of old may go, if any
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping

import click
from filelock import FileLock, Timeout
from platformdirs import user_cache_dir

from .. import stop
from ..errors import Bin2resError, reason, shown
from ..names import is_regenerated
from ..record import FILE as RECORD
from ..record import Record, files_below, hash_of, read_if_whole
from ..system import identity, move, remove
from .exchange import exchange
from .nested import make_folders, remove_tree

_MARK = "staging"
_SOON = 1  # seconds to wait for another run before saying so


class Staging:
    """The folder beside the output *path*, or *inside* where there can be none."""

    def __init__(self, path: str, *, inside: bool = False) -> None:
        self.output = path
        above, base = os.path.split(path)
        self.path = os.path.join(path if inside else above, f".{base}.pkgres")
        self.new = os.path.join(self.path, "new")
        self.old = os.path.join(self.path, "old")

        self._made: list[str] = []  # above and at the output, by this run

    def make(self) -> None:
        """Make the folder, with all folders above it."""
        self.make_above(self.path)
        os.mkdir(self.path)
        with open(os.path.join(self.path, _MARK), "xb"):
            pass

    def make_above(self, path: str) -> None:
        """Make the folders above *path*; they go again if nothing is put into them."""
        make_folders(os.path.dirname(path), self._made)

    def clean(self) -> None:
        """Remove the folder, and put back an output that it holds.

        Raises Bin2resError where it holds what was not made here.
        """
        if os.path.lexists(self.path):
            self._clean()
        for folder in reversed(self._made):
            with contextlib.suppress(OSError):  # there is something in it
                os.rmdir(folder)

    def _clean(self) -> None:
        if not self._is_ours():
            raise Bin2resError(f"{shown(self.path)}: was not made by pkgres; rename it")
        if os.path.isdir(self.old):
            if not os.path.lexists(self.output):
                move(self.old, self.output)
            else:
                self.remove_old()
        for entry in os.listdir(self.path):
            if entry != _MARK:
                remove_tree(os.path.join(self.path, entry))
        # The mark last: until then the folder is known as ours.
        remove_tree(os.path.join(self.path, _MARK))
        with contextlib.suppress(FileNotFoundError):
            os.rmdir(self.path)

    def _is_ours(self) -> bool:
        if os.path.islink(self.path) or not os.path.isdir(self.path):
            return False
        # Empty it is before the mark is made, and after it is removed.
        return not os.listdir(self.path) or os.path.isfile(os.path.join(self.path, _MARK))

    def let_go(self, files: Mapping[str, str]) -> None:
        """Say which files of the older output may go, by name and hash, though not made here."""
        write_record(self.path, Record({name: (found,) for name, found in files.items()}, False))

    def remove_old(self) -> None:
        """Remove what was replaced, but no file that was not made here and is not in the output.

        Raises Bin2resError for the first that may not go.
        """
        record, more = read_if_whole(self.old), read_if_whole(self.path)
        for name, path in list(files_below(self.old)):
            found = hash_of(path)
            ours = any(r is not None and found in r.files.get(name, ()) for r in (record, more))
            may_go = ours or is_regenerated(name)
            if not may_go and not _is_the_same(path, os.path.join(self.output, name)):
                raise Bin2resError(
                    f"{shown(path)}: was put into the output while it was replaced; move it away"
                )
            remove(path)
        # The record last: until then the next run knows these files.
        remove_tree(os.path.join(self.old, RECORD))
        remove_tree(self.old)

    def put(self) -> None:
        """Put the new folder in the place of the output, in one step where the system can."""
        if not os.path.lexists(self.output):
            move(self.new, self.output)
            return
        move(self.new, self.old)  # it is whole, and has its record
        if not exchange(self.output, self.old):
            move(self.old, self.new)
            move(self.output, self.old)
            move(self.new, self.output)


@contextlib.contextmanager
def staging(
    output: str, recover: Callable[[Staging], None] | None = None, *, inside: bool = False
) -> Iterator[Staging]:
    """Give the staging folder of the *output*, an absolute path, to this run alone.

    It is *inside* the output where the folder above is on another disk, or read-only. First
    *recover* deals with what a killed run left. Raises Bin2resError where the folder cannot
    be made or written.
    """
    made = Staging(output, inside=inside)

    def clean() -> None:
        if recover is not None:
            recover(made)
        made.clean()

    try:
        with locked(output):
            clean()
            with stop.cleaning(clean):
                try:
                    made.make()
                    yield made
                finally:
                    clean()
    except OSError as error:
        raise Bin2resError(f"{shown(output)}: cannot be written: {reason(error)}") from error


@contextlib.contextmanager
def locked(path: str) -> Iterator[None]:
    """Wait until no other run has the output *path* locked, and lock it.

    The lock is the system's, on a file in the user's cache: a killed run does not hold it.
    """
    # In lower case, for systems that ignore it; on others two outputs may share a lock.
    name = hashlib.sha256(os.fsencode(os.path.realpath(path).lower())).hexdigest()[:32] + ".lock"
    for folder in _lock_folders():
        lock = FileLock(os.path.join(folder, name))
        try:
            os.makedirs(folder, exist_ok=True)
            lock.acquire(timeout=_SOON)
        except Timeout:
            click.echo(f"waiting for another run that writes {shown(path)}", err=True)
            lock.acquire()
        except (OSError, NotImplementedError):  # the latter: no locks there
            continue
        break
    else:
        raise Bin2resError(f"{shown(folder)}: cannot be written; no lock can be made")
    try:
        yield
    finally:
        lock.release()


def write_record(folder: str, record: Record, staged: str | None = None) -> None:
    """Write the record of a folder; where there may be one, by way of the file *staged*."""
    path = os.path.join(folder, RECORD)
    with open(staged or path, "wb") as stream:
        stream.write(record.content())
    if staged:
        move(staged, path)


def _lock_folders() -> Iterator[str]:
    yield os.path.join(user_cache_dir("pkgres", False), "locks")
    # Not asked for before it is needed: Python writes a file there to see whether it can.
    yield os.path.join(tempfile.gettempdir(), "pkgres", "locks")


def _is_the_same(old: str, new: str) -> bool:
    """Whether a file that was replaced is in the new output as well."""
    try:
        if identity(old, os.lstat(old)) == identity(new, os.lstat(new)):
            return True
    except OSError:
        return False
    found = hash_of(old)
    return found is not None and found == hash_of(new)
