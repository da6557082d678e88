"""Exchange two folders in one step, where the system can."""

from __future__ import annotations

import ctypes
import os
import sys

_AT_FDCWD = -100  # of Linux: paths are relative to the current folder
_RENAME_EXCHANGE = 2  # of Linux, renameat2(2)
_RENAME_SWAP = 2  # of macOS, renamex_np(2)


def exchange(one: str, other: str) -> bool:
    """Exchange two folders of one filesystem; return False where that cannot be done.

    At each moment there is a whole folder at both paths.
    """
    if os.name != "posix":
        return False
    library = ctypes.CDLL(None, use_errno=True)
    first, second = os.fsencode(one), os.fsencode(other)
    if sys.platform == "linux" and hasattr(library, "renameat2"):
        result = library.renameat2(_AT_FDCWD, first, _AT_FDCWD, second, _RENAME_EXCHANGE)
        return bool(result == 0)
    if sys.platform == "darwin" and hasattr(library, "renamex_np"):
        return bool(library.renamex_np(first, second, _RENAME_SWAP) == 0)
    return False
