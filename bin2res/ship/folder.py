"""Write a folder whole or not at all: beside the old one, then in its place."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence

from ..errors import Bin2resError, reason, shown


def replace_folder(path: str, files: Mapping[str, bytes], owned: Sequence[str]) -> None:
    """Make the folder *path* hold *files* (content by path below it) and nothing else.

    An older one is replaced if all that it holds is *owned*: paths below it, of files, or
    of folders with a ``/`` at the end. Raises Bin2resError, before anything is written,
    for one that holds more, and where it cannot be written; then the old one is as it was.
    """
    path = os.path.abspath(path)
    for found in _files(path):
        if not any(found == own or (own[-1] == "/" and found.startswith(own)) for own in owned):
            raise Bin2resError(
                f"{shown(path)}: holds {shown(found)}, which is none of the files made here;"
                " name an empty folder with -o"
            )
    above, base = os.path.split(path)
    try:
        os.makedirs(above, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{base}.", dir=above) as beside:
            new, old = os.path.join(beside, "new"), os.path.join(beside, "old")
            os.mkdir(new)
            for name, content in files.items():
                file = os.path.join(new, *name.split("/"))
                os.makedirs(os.path.dirname(file), exist_ok=True)
                with open(file, "xb") as stream:
                    stream.write(content)
            _swap(path, new, old)
    except OSError as error:
        raise Bin2resError(f"{shown(path)}: cannot be written: {reason(error)}") from error


def _swap(path: str, new: str, old: str) -> None:
    """Move *path* to *old* and *new* to *path*, or nothing."""
    if os.path.isdir(path):
        os.rename(path, old)
    try:
        os.rename(new, path)
    except OSError:
        if os.path.isdir(old):
            os.rename(old, path)
        raise


def _files(path: str) -> list[str]:
    """Return the paths of all files in a folder, relative to it, with ``/``."""
    if os.path.lexists(path) and not os.path.isdir(path):
        raise Bin2resError(f"{shown(path)}: is not a folder; name one with -o")
    found = []
    for folder, _, names in os.walk(path):
        below = os.path.relpath(folder, path)
        found += [os.path.normpath(os.path.join(below, name)) for name in names]
    return [name.replace(os.sep, "/") for name in sorted(found)]
