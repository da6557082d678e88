"""Write a file whole or not at all: beside the old one, then in its place."""

from __future__ import annotations

import contextlib
import os
import stat
import threading
from collections.abc import Iterator
from typing import BinaryIO

from .errors import Bin2resError, reason, shown
from .names import check_spelling
from .system import move, remove

_PIECE = 1 << 16  # bytes
_UNNAMED = "/proc/self/fd/{}"  # of Linux: the path of an open file


@contextlib.contextmanager
def replacing(path: str) -> Iterator[BinaryIO]:
    """Open a new file that takes the place of *path* when the block ends well.

    A file that has these bytes already is left alone, with its times. Whatever goes wrong, and
    whenever the process is killed, *path* is the old file or the new one, whole. If the system
    has files without a name (Linux), a killed process leaves no other file behind. Otherwise the
    next run reuses the one it left, and only one run at a time is safe.

    Raises Bin2resError where the file cannot be written.
    """
    path = os.path.realpath(path)  # a link stays a link
    check_spelling(path, "rename that")
    try:
        mode = os.stat(path).st_mode
    except OSError:
        mode = None
    if mode is not None and not stat.S_ISREG(mode):
        raise Bin2resError(f"{shown(path)}: is not a file; name one with -o")
    folder, base = os.path.split(path)
    beside = os.path.join(folder, f".{base}.new")
    try:
        descriptor, named = _create(folder, beside)
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        with os.fdopen(descriptor, "wb") as stream:
            yield stream
            stream.flush()
            new = beside if named else _UNNAMED.format(descriptor)
            if mode is not None and is_same(new, path):
                return
            if mode is not None:
                os.chmod(beside if named else descriptor, stat.S_IMODE(mode))
            if not named:
                _put_in_place(descriptor, folder, path)
        if named:
            move(beside, path)
            named = False
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        if named:
            with contextlib.suppress(OSError):
                remove(beside)


def is_same(path: str, other: str) -> bool:
    """Return whether two files have the same bytes; False if one cannot be read."""
    try:
        with open(path, "rb") as one, open(other, "rb") as two:
            while (piece := one.read(_PIECE)) == two.read(_PIECE):
                if not piece:
                    return True
    except OSError:
        pass
    return False


def _create(folder: str, beside: str) -> tuple[int, bool]:
    """Open a file for writing; return its descriptor and whether it has a name."""
    if hasattr(os, "O_TMPFILE") and os.path.exists("/proc/self/fd"):
        with contextlib.suppress(OSError):  # not every filesystem can
            return os.open(folder, os.O_TMPFILE | os.O_RDWR, 0o666), False
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)
    return os.open(beside, flags, 0o666), True


def _put_in_place(descriptor: int, folder: str, path: str) -> None:
    """Put a file without a name in the place of *path*: by a name of its own, if that is taken."""
    unnamed = _UNNAMED.format(descriptor)
    # Without a dir_fd Python links the link in /proc, not the file.
    with contextlib.suppress(FileExistsError):
        os.link(unnamed, path, src_dir_fd=descriptor)
        return
    own = f".{os.path.basename(path)}.{os.getpid()}.{threading.get_native_id()}.new"
    beside = os.path.join(folder, own)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(beside)  # left by a killed run that had the same process ID
    os.link(unnamed, beside, src_dir_fd=descriptor)
    os.replace(beside, path)


def _unwritable(path: str, error: OSError) -> Bin2resError:
    if isinstance(error, FileNotFoundError):
        return Bin2resError(f"{shown(path)}: its folder does not exist; make it first")
    return Bin2resError(f"{shown(path)}: cannot be written: {reason(error)}")
