"""What the host tool raises: a file that cannot be taken, or an output not written."""

from __future__ import annotations

import os


class Bin2resError(Exception):
    """Nothing was written. The text is one line that names the file and the mend."""


class NothingFound(Bin2resError):
    """A folder or a pattern in which there is no resource."""


def shown(path: str) -> str:
    """Return *path* fit for one line of text, whatever bytes its name is made of."""
    return printable(os.fsencode(path).decode("utf-8", "backslashreplace"))


def printable(text: str) -> str:
    """Return *text* fit for one line: as it is, or with escapes."""
    return text if text.isprintable() else ascii(text)[1:-1]


def reason(error: OSError) -> str:
    """Return why the system refused, in lower case: ``permission denied``."""
    return (error.strerror or str(error)).lower()
