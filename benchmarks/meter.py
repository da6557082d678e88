"""Run code on a Cortex-M3 in QEMU, with what counts RAM and ticks."""

from __future__ import annotations

import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from firmware import qemu

METER = """\
import gc
from machine import mem32
mem32[0xE000E014] = 0xFFFFFF
mem32[0xE000E018] = 0
mem32[0xE000E010] = 5
def ram():
    gc.collect()
    return gc.mem_alloc()
def ticks(f, x):
    t = mem32[0xE000E018]
    f(x)
    return (t - mem32[0xE000E018]) & 0xFFFFFF
mount = ''
stream = before = None
objects = [bytearray(8) for _ in range(50)]
def nothing(x):
    pass
ticks(nothing, 0)
idle = ticks(nothing, 0)
ram()
"""


def run(firmware: Path, code: str) -> str:
    """Boot *firmware*, run *code* behind the meter, and return what it printed.

    ``ram()`` is the bytes in use, ``ticks(f, x)`` the ticks that ``f(x)`` takes and ``idle`` more.
    """
    return qemu.run(firmware, METER + code)


def version(firmware: Path) -> str:
    code = "import sys; print(*sys.implementation.version[:3], sep='.')"
    return f"MicroPython {qemu.run(firmware, code).strip()}"


def medians(figures: list[dict[str, int]]) -> dict[str, int]:
    """Return the median of each figure over several firmwares."""
    return {key: statistics.median_low([found[key] for found in figures]) for key in figures[0]}
