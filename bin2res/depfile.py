"""Dependencies of an output, as make and ninja read them: ``OUTPUT: INPUT INPUT ...``.

Each input has an empty rule too, so that make does not stop if it is gone.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

from .errors import Bin2resError, shown
from .output import replacing


def check_depfile(path: str, output: str) -> None:
    """Raise Bin2resError if the file *path* is there and is no such rule for *output*."""
    try:
        with open(path, "rb") as stream:
            start = stream.read(len(_rule(output)))
    except OSError:  # it is raised when the file is written
        return
    if start not in (b"", _rule(output)):
        raise Bin2resError(
            f"--depfile {shown(path)}: was not made for {shown(output)}; name another file"
        )


def write_depfile(path: str, output: str, files: Iterable[str], tops: Iterable[str]) -> None:
    """Write the rule of *output*: it depends on *files*, and on their folders in *tops*.

    A folder changes with the names in it, so a new file counts as well. The *tops* themselves are
    among them, except the one that *output* is in. Raises Bin2resError.
    """
    check_depfile(path, output)
    inputs = {os.path.abspath(file) for file in files}
    for top in map(os.path.abspath, tops):
        folders = {top}
        for file in inputs:
            folder = os.path.dirname(file)
            while folder.startswith(os.path.join(top, "")) and folder not in folders:
                folders.add(folder)
                folder = os.path.dirname(folder)
        inputs |= folders - {os.path.dirname(os.path.abspath(output))}
    names = sorted(_escape(_relative(file)) for file in inputs)
    with replacing(path) as stream:
        stream.write(_rule(output) + b"".join(b" \\\n " + name for name in names) + b"\n")
        stream.write(b"".join(b"\n" + name + b":\n" for name in names))


def _rule(output: str) -> bytes:
    return _escape(output) + b":"


def _escape(path: str) -> bytes:
    name = os.fsencode(path).replace(b"$", b"$$")
    for character in (b" ", b"#"):
        name = name.replace(character, b"\\" + character)
    return name


def _relative(path: str) -> str:
    try:
        return os.path.relpath(path).replace(os.sep, "/")
    except ValueError:  # on another drive of Windows
        return path
