"""A folder beside an output in which the new one is made.

One run at a time has it. What a killed run left in it is cleaned up by the next run::

    .NAME.pkgres/         beside the output NAME
        staging           says that the folder is ours
        new/              what is being made: removed as it is
        old/              what was replaced: removed file by file, by its record
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator

import click
from filelock import FileLock, Timeout
from platformdirs import user_cache_dir

from .. import stop
from ..errors import Bin2resError, reason, shown
from ..record import FILE as RECORD
from ..record import files_below, hash_of, read
from .exchange import exchange

_MARK = "staging"
_SOON = 1  # seconds to wait for another run before saying so


class Staging:
    """The folder beside the output *path*."""

    def __init__(self, path: str) -> None:
        self.output = path
        above, base = os.path.split(path)
        self.path = os.path.join(above, f".{base}.pkgres")
        self.new = os.path.join(self.path, "new")
        self.old = os.path.join(self.path, "old")

    def make(self) -> None:
        """Make the folder, with all folders above it."""
        os.makedirs(os.path.dirname(self.path), exist_ok=True)
        os.mkdir(self.path)
        with open(os.path.join(self.path, _MARK), "xb"):
            pass

    def clean(self) -> None:
        """Remove the folder, and put back an output that it holds.

        Raises Bin2resError where it holds what was not made here.
        """
        if not os.path.lexists(self.path):
            return
        if os.listdir(self.path) and not os.path.isfile(os.path.join(self.path, _MARK)):
            raise Bin2resError(f"{shown(self.path)}: was not made by pkgres; rename it")
        if os.path.isdir(self.old):
            if not os.path.lexists(self.output):
                os.rename(self.old, self.output)
            else:
                self.remove_old()
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(self.new)
        for entry in os.listdir(self.path):
            if entry != _MARK:
                _remove(os.path.join(self.path, entry))
        # The mark last: until then the folder is known as ours.
        _remove(os.path.join(self.path, _MARK))
        os.rmdir(self.path)

    def remove_old(self, known: Callable[[str], bool] = lambda name: False) -> None:
        """Remove what was replaced, but no file that was not made here and is not in the output.

        *known* tells of names that may go all the same. Raises Bin2resError for the first
        file that may not.
        """
        record = read(self.old)
        for name, path in list(files_below(self.old)):
            found = hash_of(path)
            ours = record is not None and found in record.files.get(name, ())
            kept = found is not None and found == hash_of(os.path.join(self.output, name))
            if not (ours or kept or known(name)):
                raise Bin2resError(
                    f"{shown(path)}: was put into the output while it was replaced; move it away"
                )
            os.unlink(path)
        # The record last: until then the next run knows these files.
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(self.old, RECORD))
        shutil.rmtree(self.old)

    def put(self) -> None:
        """Put the new folder in the place of the output, in one step where the system can."""
        if not os.path.lexists(self.output):
            os.rename(self.new, self.output)
            return
        os.rename(self.new, self.old)  # it is whole, and has its record
        if not exchange(self.output, self.old):
            os.rename(self.old, self.new)
            os.rename(self.output, self.old)
            os.rename(self.new, self.output)


@contextlib.contextmanager
def staging(output: str, recover: Callable[[Staging], None] | None = None) -> Iterator[Staging]:
    """Give the staging folder of the *output*, an absolute path, to this run alone.

    First *recover* deals with what a killed run left. Raises Bin2resError where the folder
    cannot be made or written.
    """
    made = Staging(output)
    with _locked(output):
        try:

            def clean() -> None:
                if recover is not None:
                    recover(made)
                made.clean()

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
def _locked(output: str) -> Iterator[None]:
    """Wait until no other run writes this output.

    The lock is the system's, on a file in the user's cache: a killed run does not hold it.
    """
    name = hashlib.sha256(os.fsencode(os.path.realpath(output))).hexdigest()[:32] + ".lock"
    for folder in (user_cache_dir("pkgres"), os.path.join(tempfile.gettempdir(), "pkgres")):
        with contextlib.suppress(OSError):
            os.makedirs(os.path.join(folder, "locks"), exist_ok=True)
            lock = FileLock(os.path.join(folder, "locks", name))
            try:
                lock.acquire(timeout=_SOON)
            except Timeout:
                click.echo(f"waiting for another run that writes {shown(output)}", err=True)
                lock.acquire()
            break
    else:
        raise Bin2resError(f"{shown(folder)}: cannot be written; no lock can be made")
    try:
        yield
    finally:
        lock.release()


def _remove(path: str) -> None:
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    else:
        os.unlink(path)
