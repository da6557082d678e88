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
from ..record import FILE, Record, foreign, hash_of, read
from .content import Made, Tree, written
from .index import INDEX
from .staging import Staging, staging


class Site:
    """A site that this run has alone; paths are below it, with ``/``."""

    def __init__(self, path: str, place: Staging, *, force: bool = False) -> None:
        self.path = path
        self._force = force
        self._place = place
        self._record = read(path) or Record({})

    def content(self, path: str) -> bytes | None:
        """Return the bytes of a file, None where there is none."""
        try:
            with open(self._full(path), "rb") as stream:
                return stream.read()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None

    def add(self, files: Tree, index: bytes, lists: Tree, progress: Progress = iter) -> None:
        """Add *files*, publish them by *index*, and replace *lists*.

        What is there with the same bytes stays. Raises OSError, and Bin2resError for a file
        that is there with other bytes.
        """
        steps: dict[str, str] = {}
        os.mkdir(self._place.new)
        for tree in (files, {INDEX: Made(index)}, lists):
            _, hashes = written(tree, self._place.new, progress)
            for name, found in hashes.items():
                there = hash_of(self._full(name))
                if there not in (None, found) and tree is files and not self._force:
                    raise Bin2resError(
                        f"{shown(self._full(name))}: has other bytes than it should; remove it"
                    )
                if there != found:
                    steps[name] = found
        if not steps:
            return
        os.makedirs(self.path, exist_ok=True)
        self._write(self._record._replace(adding=steps))
        self._put(steps)
        self._write(Record({**self._record.files, **{n: (h,) for n, h in steps.items()}}))

    def _put(self, steps: dict[str, str]) -> None:
        for name in steps:
            new = os.path.join(self._place.new, *name.split("/"))
            os.makedirs(os.path.dirname(self._full(name)), exist_ok=True)
            os.replace(new, self._full(name))

    def _write(self, record: Record) -> None:
        beside = os.path.join(self._place.path, "record")
        with open(beside, "wb") as stream:
            stream.write(record.content())
        os.replace(beside, self._full(FILE))

    def _full(self, path: str) -> str:
        return os.path.join(self.path, *path.split("/"))


@contextlib.contextmanager
def opened(path: str, *, force: bool = False) -> Iterator[Site]:
    """Give the site in the folder *path* to this run alone.

    Raises Bin2resError, before anything is written, where it holds what was not made here,
    or was changed by hand, unless *force*; hidden files at its top are left alone.
    """
    path = os.path.realpath(path)
    if os.path.lexists(path) and not os.path.isdir(path):
        raise Bin2resError(f"{shown(path)}: is not a folder; name one with -o")
    with staging(path, recover=_recover) as place:
        if os.path.isdir(path):
            try:
                record = read(path)
            except Bin2resError:
                if not force:
                    raise
                record = None
                os.unlink(os.path.join(path, FILE))
            for name, why in [] if force else foreign(path, record):
                if not name.startswith("."):
                    raise Bin2resError(
                        f"{shown(os.path.join(path, name))}: {why};"
                        " name another folder with -o, or say --force to keep it, or replace it"
                        " where it has the name of a new file"
                    )
        yield Site(path, place, force=force)


def _recover(place: Staging) -> None:
    """Complete what a killed run had published; remove what it had not."""
    record = read(place.output)
    if record is None or not record.adding:
        return
    adding = record.adding

    def full(name: str) -> str:
        return os.path.join(place.output, *name.split("/"))

    index = adding.get(INDEX)
    files = dict(record.files)
    if index is None or hash_of(full(INDEX)) == index:
        for name, found in adding.items():
            new = os.path.join(place.new, *name.split("/"))
            if hash_of(new) == found:
                os.makedirs(os.path.dirname(full(name)), exist_ok=True)
                os.replace(new, full(name))
            files[name] = (found,)
    else:
        for name, found in adding.items():
            if found not in files.get(name, ()) and hash_of(full(name)) == found:
                os.unlink(full(name))
                _remove_empty(os.path.dirname(full(name)), place.output)
    os.makedirs(place.path, exist_ok=True)
    beside = os.path.join(place.path, "record")
    with open(beside, "wb") as stream:
        stream.write(Record(files).content())
    os.replace(beside, os.path.join(place.output, FILE))


def _remove_empty(folder: str, top: str) -> None:
    with contextlib.suppress(OSError):
        while folder != top:
            os.rmdir(folder)
            folder = os.path.dirname(folder)
