"""The exceptions of the host tool, and how they show names."""

from __future__ import annotations

import os


class Bin2resError(Exception):
    """An input cannot be taken, or an output cannot be written; nothing was written.

    The text is one line with the file, what is wrong, and the fix."""


class NothingFound(Bin2resError):
    """A folder or a pattern without a resource."""


def shown(path: str) -> str:
    """Return *path* fit for one line of text, whatever bytes its name is made of."""
    return printable(os.fsencode(path).decode("utf-8", "backslashreplace"))


def printable(text: str) -> str:
    """Return *text* fit for one line: as it is, or with escapes."""
    return text if text.isprintable() else ascii(text)[1:-1]


def reason(error: OSError) -> str:
    """Return why the system refused, in lower case: ``permission denied``."""
    return (error.strerror or str(error)).lower()
