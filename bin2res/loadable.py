"""See that a board can load code: its encoding, and the version of compiled files."""

from __future__ import annotations

from codecs import BOM_UTF8

from .errors import Bin2resError, reason, shown
from .read import HAS_BOM

_MAGIC, _CIRCUITPYTHON = b"M", b"C"
_VERSION = 6  # of MicroPython 1.19 and later


def check_loadable(path: str, name: str) -> None:
    """Raise Bin2resError for a file of code that no MicroPython since 1.19 can load.

    *name* is its path on a board, as a download has no suffix. MicroPython takes a BOM as a part
    of the first name, and mpy-cross compiles that. The first two bytes of a .mpy are a letter and
    the version of the format (py/persistentcode.c).
    """
    if not name.endswith((".py", ".mpy")):
        return
    try:
        with open(path, "rb", buffering=0) as stream:
            start = stream.read(len(BOM_UTF8))
    except OSError as error:
        raise Bin2resError(f"{shown(path)}: cannot be read: {reason(error)}") from error
    shown_as = shown(path if path.endswith((".py", ".mpy")) else name)
    if name.endswith(".py"):
        if start == BOM_UTF8:
            raise Bin2resError(f"{shown_as}: {HAS_BOM}")
        return
    letter, version = start[:1], start[1] if len(start) > 1 else 0
    if letter == _CIRCUITPYTHON:
        what = "is compiled for CircuitPython"
    elif letter != _MAGIC:
        what = "is not a compiled module"
    elif version != _VERSION:
        what = f"has version {version} of the .mpy format, and MicroPython loads {_VERSION}"
    else:
        return
    raise Bin2resError(f"{shown_as}: {what}; use its source, or compile it with mpy-cross")
