"""The files of a dependency that is a file or a folder on this host."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator

from .. import system
from ..errors import Bin2resError, Problems, reason, shown
from ..left_out import is_no_source, why_no_source
from ..names import composed
from .untrusted import checked_path


def files_at(source: str, folder: str) -> dict[str, str]:
    """Return the path of each file at *source*, by its path below lib.

    *source* is relative to *folder*, that of the app. A folder is taken with its name and
    all below it that is source: see `left_out`.

    Raises Bin2resError, naming the source, for what cannot be taken.
    """
    path = os.path.normpath(os.path.join(os.path.abspath(folder), source))
    if _holds(path, folder):
        raise Bin2resError(f"{shown(source)}: holds the app itself; name a folder beside it")
    problems = Problems()
    found = dict(_found(path, os.path.basename(path), (), problems))
    try:
        problems.check()
    except Bin2resError as error:
        raise error.about(shown(source)) from None
    if not found:
        raise Bin2resError(f"{shown(source)}: holds no files; drop it")
    return dict(sorted(found.items()))


def _found(
    path: str, name: str, above: tuple[system.Identity, ...], problems: Problems
) -> Iterator[tuple[str, str]]:
    """Yield the files at a path; *above* are the folders that it is in."""
    with problems.noted():
        name = _checked(path, name)
        status, entries = _status(path, above)
        if entries is None:
            yield name, path
            return
        if why_no_source(f"{path}/"):
            return
        for entry in entries:
            below = os.path.join(path, entry)
            if not is_no_source(entry) and not why_no_source(below):
                own = system.identity(path, status)
                yield from _found(below, f"{name}/{entry}", (*above, own), problems)


def _checked(path: str, name: str) -> str:
    """Return the *name* of what is at a path as a board has it. Raises Bin2resError."""
    try:
        # The bytes on the disk, whatever the locale takes them for.
        return checked_path(composed(os.fsencode(name).decode("utf-8")))
    except UnicodeDecodeError:
        raise Bin2resError(f"{shown(path)}: the name is not valid UTF-8; rename it") from None
    except ValueError as error:
        raise Bin2resError(f"{error}; rename it") from None


def _status(
    path: str, above: tuple[system.Identity, ...]
) -> tuple[os.stat_result, list[str] | None]:
    """Return the status of a file or folder, and what is in the folder. Raises Bin2resError."""
    try:
        status = os.stat(path)
        if stat.S_ISREG(status.st_mode):
            return status, None
        if not stat.S_ISDIR(status.st_mode):
            raise Bin2resError(f"{shown(path)}: is a device, fifo or socket; remove it")
        entries = sorted(os.listdir(path))
    except OSError as error:
        if isinstance(error, FileNotFoundError):
            what = "is a broken link" if os.path.lexists(path) else "does not exist"
            raise Bin2resError(f"{shown(path)}: {what}; fix the path") from None
        raise Bin2resError(f"{shown(path)}: cannot be read: {reason(error)}") from error
    if system.identity(path, status) in above:
        raise Bin2resError(f"{shown(path)}: links to a folder above it; remove the link")
    if len(above) > 100:
        raise Bin2resError(f"{shown(path)}: is more than 100 folders deep; move it up")
    return status, entries


def _holds(path: str, folder: str) -> bool:
    """Return whether *path* is *folder* or above it, links resolved."""
    return system.is_in(os.path.realpath(folder), os.path.realpath(path))
