"""Read files."""

from __future__ import annotations

from .errors import Bin2resError, reason, shown

HAS_BOM = "begins with a byte order mark (BOM); save it as UTF-8 without one"
"""What is wrong with a text that Windows editors saved, and the fix."""


def content_of(path: str) -> bytes:
    """Return the bytes of a file. Raises Bin2resError where it cannot be read."""
    try:
        with open(path, "rb", buffering=0) as stream:
            return stream.readall()
    except OSError as error:
        raise Bin2resError(f"{shown(path)}: cannot be read: {reason(error)}") from error
    except MemoryError:
        raise Bin2resError(f"{shown(path)}: is larger than the memory") from None
