"""A site of static files, added to by transactions.

A version is published when index.json lists it, and not before: first come its files, which
never change, then index.json, then the lists that are made from it. A run that was killed is
completed by the next one if it had come as far as index.json; else what it had added is
removed. The record of the site tells which files are those.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from ..errors import Bin2resError, shown
from ..progress import Progress
from ..record import FILE, Record, foreign, hash_of, read, read_if_whole
from ..system import move, remove
from .content import Made, Tree, written
from .index import INDEX
from .nested import make_folders, remove_tree
from .staging import Staging, staging, write_record

_DONE = "done"  # the record of the site as it will be, in the staging folder


class Site:
    """A site that this run has alone; paths are below it, with ``/``."""

    def __init__(self, path: str, place: Staging, record: Record, *, force: bool = False) -> None:
        self.path = path
        self._force = force
        self._place = place
        self._record = record

    def content(self, path: str) -> bytes | None:
        """Return the bytes of a file, None where there is none."""
        return content_of(self.path, path)

    def hash(self, path: str) -> str | None:
        """Return the SHA-256 in hex of a file as it was made, None where there is none."""
        known = self._record.files.get(path)
        return known[0] if known else hash_of(self._full(path))

    def kept(self, path: str) -> bytes | None:
        """Return the bytes of a file, None for one that was changed by hand: force replaces it."""
        known = self._record.files.get(path)
        if known is not None and hash_of(self._full(path)) not in known:
            return None
        return self.content(path)

    def add(self, files: Tree, index: bytes, lists: Tree, progress: Progress = iter) -> None:
        """Add *files*, publish them by *index*, and replace *lists*.

        What is there with the same bytes stays. Raises OSError, and Bin2resError for a file
        that is there with other bytes.
        """
        steps: dict[str, str] = {}
        known = dict(self._record.files)
        os.mkdir(self._place.new)
        for tree in (files, {INDEX: Made(index)}, lists):
            _, hashes = written(tree, self._place.new, progress)
            for name, found in sorted(hashes.items(), key=_follows):
                there = hash_of(self._full(name))
                if there not in (None, found) and tree is files and not self._force:
                    raise Bin2resError(
                        f"{shown(self._full(name))}: has other bytes than it should; remove it"
                    )
                if there == found:
                    known[name] = (found,)
                else:
                    steps[name] = found
        if not steps and known == self._record.files:
            return
        self._place.make_above(self._full(FILE))
        # Written before anything is published: then there is room for it.
        done = os.path.join(self._place.path, _DONE)
        made = {**known, **{name: (found,) for name, found in steps.items()}}
        with open(done, "xb") as stream:
            stream.write(Record(made, site=True).content())
        self._write(Record(known, site=True, adding=steps))
        folders = set()
        for name in steps:
            new = f"{self._place.new}/{name}"
            folder = os.path.dirname(self._full(name))
            if folder not in folders:
                make_folders(folder)
                folders.add(folder)
            move(new, self._full(name))
        move(done, self._full(FILE))

    def _write(self, record: Record) -> None:
        write_record(self.path, record, os.path.join(self._place.path, "record"))

    def _full(self, path: str) -> str:
        return f"{self.path}/{path}"  # Windows takes either slash


def content_of(site: str, path: str) -> bytes | None:
    """Return the bytes of a file of a site, None where there is none. Raises OSError."""
    full = f"{site}/{path}"
    if not os.path.isfile(full):
        return None
    with open(full, "rb") as stream:
        return stream.read()


@contextlib.contextmanager
def opened(path: str, *, force: bool = False) -> Iterator[Site]:
    """Give the site in the folder *path* to this run alone.

    Raises Bin2resError, before anything is written, where it holds what was not made here,
    or was changed by hand, unless *force*; hidden files at its top are left alone.
    """
    path = os.path.realpath(path)
    if os.path.lexists(path) and not os.path.isdir(path):
        raise Bin2resError(f"{shown(path)}: is not a folder; name one with -o")
    _check_kind(path)
    inside = os.path.isdir(path) and (os.path.ismount(path) or not _may_write_beside(path))
    with staging(path, recover=_recover, inside=inside) as place:
        _check_kind(path)  # again, now that no other run writes it
        record = (read_if_whole if force else read)(path)
        if os.path.isdir(path) and not force:
            _check_files(path, record)
        yield Site(path, place, record or Record({}), force=force)


def _follows(step: tuple[str, str]) -> bool:
    """Whether a file of a site comes after others, which it lists."""
    return step[0].startswith("package/") or step[0].endswith("/package.json")


def _may_write_beside(path: str) -> bool:
    return os.access(os.path.dirname(path), os.W_OK | os.X_OK)


def _check_kind(path: str) -> None:
    record = read_if_whole(path)
    if record is not None and not record.site:
        raise Bin2resError(
            f"{shown(path)}: has what other commands made; name another folder with -o"
        )


def _check_files(path: str, record: Record | None) -> None:
    for name, why in foreign(path, record):
        if not name.startswith("."):
            raise Bin2resError(
                f"{shown(os.path.join(path, name))}: {why};"
                " name another folder with -o, or say --force to keep it, or replace it"
                " where it has the name of a new file"
            )


def _recover(place: Staging) -> None:
    """Complete what a killed run had published; remove what it had not."""
    record = read_if_whole(place.output)
    if record is None or not record.adding:
        return

    def full(name: str) -> str:
        return os.path.join(place.output, *name.split("/"))

    files = dict(record.files)
    index = record.adding.get(INDEX)
    if index is None or hash_of(full(INDEX)) == index:
        for name, found in record.adding.items():
            new = os.path.join(place.new, *name.split("/"))
            if hash_of(new) == found:
                make_folders(os.path.dirname(full(name)))
                move(new, full(name))
            if hash_of(full(name)) == found:
                files[name] = (found,)
    else:
        for name, found in record.adding.items():
            if found not in files.get(name, ()) and hash_of(full(name)) == found:
                remove(full(name))
            _remove_empty(os.path.dirname(full(name)), place.output)
    # On a full disk there is no room for the record before.
    remove_tree(place.new)
    remove_tree(os.path.join(place.path, _DONE))
    if not files:
        remove_tree(full(FILE))  # there was no site
    else:
        if not os.path.isdir(place.path):
            place.make()
        staged = os.path.join(place.path, "record")
        write_record(place.output, Record(files, site=True), staged)


def _remove_empty(folder: str, top: str) -> None:
    while folder != top:
        try:
            os.rmdir(folder)
        except FileNotFoundError:
            pass
        except OSError:  # there is something in it
            return
        folder = os.path.dirname(folder)
