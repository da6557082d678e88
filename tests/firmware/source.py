"""Where MicroPython's source is, and what its builds need."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

CACHE = Path(__file__).parents[2] / ".cache"


class Missing(Exception):
    """Something to build or run firmware with is not there; the text says what to do."""


def source() -> Path:
    """Return the folder of MicroPython's source: MICROPY_DIR, else Debian's package.

    Debian's is where ``.ci/install`` unpacks it.
    """
    named = os.environ.get("MICROPY_DIR")
    if named:
        if not Path(named, "py/mpconfig.h").is_file():
            raise Missing(f"MICROPY_DIR={named} is not MicroPython's source")
        return Path(named)
    found = sorted(CACHE.glob("micropython-*/py/mpconfig.h"))
    if not found:
        raise Missing("no MicroPython source: set MICROPY_DIR, or run .ci/install on Debian")
    return found[-1].parents[1]


def need(*programs: str) -> None:
    """Raise Missing unless all *programs* are installed."""
    missing = [program for program in programs if not shutil.which(program)]
    if missing:
        raise Missing(f"{', '.join(missing)} not found: install it, or run .ci/install on Debian")
