"""Make and remove folders, however deep: Python's own functions end at its stack's limit."""

from __future__ import annotations

import contextlib
import os

from ..system import is_folder, is_junction, remove


def make_folders(path: str, made: list[str] | None = None) -> None:
    """Make a folder with those above it; *made* gets those that were missing, the highest first."""
    missing = []
    while path and not os.path.isdir(path):
        missing.append(path)
        path = os.path.dirname(path)
    for folder in reversed(missing):
        try:
            os.mkdir(folder)
        except FileExistsError:  # of another run
            if not os.path.isdir(folder):
                raise
        if made is not None:
            made.append(folder)


def remove_tree(path: str) -> None:
    """Remove a file, a link, or a folder with all below it; no error if it is gone."""
    if not _is_folder(path):
        with contextlib.suppress(FileNotFoundError):
            remove(path)
        return
    folders = [path]
    for folder in folders:  # grows as they are found
        with os.scandir(folder) as entries:
            for entry in list(entries):
                if is_folder(entry):
                    folders.append(entry.path)
                else:
                    remove(entry.path)
    for folder in reversed(folders):
        os.rmdir(folder)


def _is_folder(path: str) -> bool:
    if os.path.islink(path) or not os.path.isdir(path):
        return False
    return not is_junction(os.lstat(path))
