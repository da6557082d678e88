"""Which operating system this is, and what it does differently."""

from __future__ import annotations

import os
import stat
import sys
import time

IS_WINDOWS = os.name == "nt"
IS_MAC = sys.platform == "darwin"

_JUNCTION = 0xA0000003  # IO_REPARSE_TAG_MOUNT_POINT of Windows
_PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8)  # seconds

Identity = tuple[int, int] | str


def identity(path: str, status: os.stat_result | None = None) -> Identity:
    """Return a value that is the same for all paths of a file or folder.

    *status* is that of ``os.stat(path)``, where it is known. Raises OSError.
    """
    status = os.stat(path) if status is None else status
    if status.st_ino:
        return status.st_dev, status.st_ino
    # Some network shares have no inode numbers.
    return os.path.normcase(os.path.realpath(path))


def is_in(path: str, folder: str) -> bool:
    """Return whether *path* is *folder* or below it; both are real paths."""
    path, folder = os.path.normcase(path), os.path.normcase(folder)
    if os.path.join(path, "").startswith(os.path.join(folder, "")):
        return True
    # The same folder by another name, as on case-insensitive filesystems.
    wanted = _identity_if_there(folder)
    while wanted is not None and os.path.dirname(path) != path:
        if _identity_if_there(path) == wanted:
            return True
        path = os.path.dirname(path)
    return False


def is_junction(status: os.stat_result) -> bool:
    """Return whether an ``lstat()`` is of a junction, which is Windows' link to a folder."""
    return getattr(status, "st_reparse_tag", 0) == _JUNCTION


def is_folder(entry: os.DirEntry[str]) -> bool:
    """Return whether an entry is a folder, not a link or junction to one. Raises OSError."""
    return entry.is_dir(follow_symlinks=False) and not is_junction(
        entry.stat(follow_symlinks=False)
    )


def remove(path: str) -> None:
    """Remove a file or a link, even if it is read-only. Raises OSError."""
    try:
        os.unlink(path)
    except PermissionError:
        if not IS_WINDOWS or os.path.islink(path):
            raise
        os.chmod(path, stat.S_IWRITE)
        os.unlink(path)


def move(source: str, target: str) -> None:
    """Move a file or folder as os.replace() does. Raises OSError.

    On Windows that fails while another program, such as a virus scanner, reads it, so it is
    tried again for a second and a half.
    """
    for pause in _PAUSES if IS_WINDOWS else ():
        try:
            os.replace(source, target)
        except PermissionError:
            time.sleep(pause)
        else:
            return
    os.replace(source, target)


def _identity_if_there(path: str) -> Identity | None:
    try:
        return identity(path)
    except OSError:
        return None
