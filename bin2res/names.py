"""File names that differ between systems: Unicode forms, reserved names, upper and lower case."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable

from . import system
from .errors import Bin2resError, Problems, printable, shown

# https://learn.microsoft.com/en-us/windows/win32/fileio/naming-a-file
_DEVICES = {
    *("con", "prn", "aux", "nul", "conin$", "conout$"),
    *(f"{port}{number}" for port in ("com", "lpt") for number in "123456789¹²³"),
}
_NEVER = frozenset('<>:"|?*\\') | {chr(code) for code in range(32)}
_REGENERATED = ("._.ds_store", ".ds_store", "thumbs.db")
_LITTER = (*_REGENERATED, "desktop.ini")


def composed(name: str) -> str:
    """Return the name of a resource or of code for the name of its file on this system.

    On macOS a name may be decomposed (Unicode NFD), and is found by either form. It becomes NFC,
    as in git and on other systems.
    """
    return unicodedata.normalize("NFC", name) if system.IS_MAC else name


def is_litter(name: str) -> bool:
    """Return whether a file has a name that file managers use for their own metadata."""
    return name.rpartition("/")[2].lower() in _LITTER


def is_regenerated(name: str) -> bool:
    """Return whether file managers make a file of this name again when it is gone."""
    return name.rpartition("/")[2].lower() in _REGENERATED


def is_reserved(name: str) -> bool:
    """Return whether Windows allows no file of this name, a path with ``/``."""
    return any(_is_reserved(part) for part in name.split("/"))


def same_but_for_case(names: Iterable[str]) -> tuple[str, str] | None:
    """Return two files or folders that are one on a case-insensitive filesystem, or None.

    *names* are paths of files, with ``/``.
    """
    met: dict[str, str] = {}
    for name in names:
        ends = [at for at, character in enumerate(name) if character == "/"]
        for end in (*ends, len(name)):
            path = name[:end]
            other = met.setdefault(_folded(path), path)
            if other != path:
                return other, path
    return None


def check(names: Iterable[str], folder: str) -> None:
    """Raise Bin2resError for *names* that cannot be files below *folder*.

    The names are paths with ``/``; the folder exists.
    """
    found = list(names)
    problems = Problems()
    for name in found:
        if system.IS_WINDOWS and is_reserved(name):
            why = "Windows allows no file of this name; rename it"
            problems.add(Bin2resError(f"{printable(name)}: {why}"))
    problems.check()
    pair = same_but_for_case(found)
    if pair is not None and ignores_case(folder):
        one, other = map(printable, pair)
        raise Bin2resError(f"{one}, {other}: have one name on this disk; rename one")


def ignores_case(folder: str) -> bool:
    """Return whether *folder*, which exists, is on a case-insensitive filesystem."""
    above, base = os.path.split(folder)
    other = base.swapcase()
    path = os.path.join(above, other)
    if other == base or not os.path.lexists(path):
        return False
    try:
        # Not by inode alone: on some disks each spelling has one of its own.
        return other not in os.listdir(above) or system.identity(path) == system.identity(folder)
    except OSError:
        return False


def check_spelling(path: str, fix: str) -> None:
    """Raise Bin2resError, with the *fix*, if the name of a file on the disk differs in case.

    On a case-insensitive filesystem R.py would replace r.py.
    """
    folder, base = os.path.split(path)
    # On most disks this look is enough; a folder may be slow to list.
    if not os.path.lexists(os.path.join(folder, base.swapcase())):
        return
    try:
        entries = os.listdir(folder or os.curdir)
    except OSError:  # it is raised when the file is read or written
        return
    if base in entries or not os.path.lexists(path):
        return
    for entry in entries:
        if entry.casefold() == base.casefold():
            raise Bin2resError(f"{shown(path)}: is {shown(entry)} on this disk; {fix}")


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _is_reserved(part: str) -> bool:
    if part != part.rstrip(" .") or not _NEVER.isdisjoint(part):
        return True
    return part.partition(".")[0].rstrip(" ").lower() in _DEVICES
