"""The record of what was made in a folder, by name and hash: nothing else is ever replaced.

The record is a file in the folder, hidden, and not part of what goes to a board. It says
whether all of the folder was made here, or single files in it.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from .errors import Bin2resError, reason, shown
from .names import composed, is_regenerated
from .system import is_folder

FILE = ".pkgres.json"


class Record(NamedTuple):
    """What was made in a folder."""

    files: dict[str, tuple[str, ...]]
    """The SHA-256, in hex, that a file may have, by its path below the folder, with ``/``."""
    whole: bool = True
    """Whether the folder was made here, or only these files in it."""
    site: bool = False
    """Whether it is a site, to which runs add."""
    adding: Mapping[str, str] = MappingProxyType({})
    """Files of a run that has not ended: in a site, the last of them publishes the others."""
    gone: tuple[str, ...] = ()
    """Files that earlier runs made and the last one did not: a board may still have them."""

    def gone_after(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return what is gone when a run makes files of these *names*, sorted."""
        return tuple(sorted({*self.files, *self.gone}.difference(names)))

    def content(self) -> bytes:
        """Return the bytes of the record's file."""
        value = {
            "made by": "pkgres",
            "whole": self.whole,
            "files": {name: list(hashes) for name, hashes in sorted(self.files.items())},
            **({"site": True} if self.site else {}),
            **({"adding": dict(self.adding)} if self.adding else {}),
            **({"gone": list(self.gone)} if self.gone else {}),
        }
        return json.dumps(value, indent=1).encode() + b"\n"


def read(folder: str) -> Record | None:
    """Return the record of a folder, None where there is none.

    Raises Bin2resError for one that cannot be read, or is damaged.
    """
    path = os.path.join(folder, FILE)
    if not os.path.isfile(path):
        return None
    try:
        with open(path, "rb") as stream:
            value = json.load(stream)
        record = Record(
            {_checked(name): tuple(map(str, known)) for name, known in value["files"].items()},
            bool(value["whole"]),
            bool(value.get("site")),
            {_checked(name): str(known) for name, known in value.get("adding", {}).items()},
            tuple(_checked(name) for name in value.get("gone", ())),
        )
    except OSError as error:
        raise Bin2resError(f"{shown(path)}: cannot be read: {reason(error)}") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Bin2resError(
            f"{shown(path)}: is damaged; remove it, and say --force if the rest is yours to replace"
        ) from None
    return record


def read_if_whole(folder: str) -> Record | None:
    """Return the record of a folder, None where there is none, or a damaged one."""
    try:
        return read(folder)
    except Bin2resError:
        return None


@lru_cache(maxsize=1000)
def made_here(folder: str) -> Record | None:
    """Return the same for a folder of sources. What it lists is never taken as input."""
    return read_if_whole(folder)


def is_output(folder: str) -> bool:
    """Whether all of a folder was made here."""
    record = made_here(folder)
    return record is not None and record.whole


def files_below(folder: str) -> Iterator[tuple[str, str]]:
    """Yield each file below a folder, links too: its name, with ``/``, and its path.

    Raises OSError for a folder that cannot be read.
    """
    waiting = [("", folder)]
    while waiting:
        prefix, path = waiting.pop()
        with os.scandir(path) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                if is_folder(entry):
                    waiting.append((f"{prefix}{entry.name}/", entry.path))
                elif prefix + entry.name != FILE:
                    yield composed(prefix + entry.name), entry.path


def foreign(folder: str, record: Record | None) -> list[tuple[str, str]]:
    """Return what is in a folder and was not made here: by name, the reason.

    The reasons read ``was not made by pkgres`` and ``was changed by hand``.
    """
    found = []
    for name, path in files_below(folder):
        hashes = record.files.get(name) if record is not None else None
        if hashes is None:
            if not is_regenerated(name):
                found.append((name, "was not made by pkgres"))
        elif hash_of(path) not in hashes:
            found.append((name, "was changed by hand"))
    return sorted(found)


def hash_of(path: str) -> str | None:
    """Return the SHA-256 of a file in hex, None for one that is missing or cannot be read.

    For a link, and for what is not a file, it is a text that is no file's hash.
    """
    try:
        mode = os.lstat(path).st_mode
    except OSError:
        return None
    if stat.S_ISLNK(mode):
        return f"a link to {os.readlink(path)}"
    if not stat.S_ISREG(mode):
        return "no file"
    digest = hashlib.sha256()
    try:
        with open(path, "rb") as stream:
            while piece := stream.read(1 << 20):
                digest.update(piece)
    except OSError:
        return None
    return digest.hexdigest()


def _checked(name: object) -> str:
    """Return a name of a record. Raises ValueError for one that leads out of its folder."""
    if not isinstance(name, str) or "\0" in name or (os.sep != "/" and os.sep in name):
        raise ValueError("name")
    if not name or os.path.isabs(name) or os.path.splitdrive(name)[0]:
        raise ValueError("name")
    if not {"", ".", ".."}.isdisjoint(name.split("/")):
        raise ValueError("name")
    return name
