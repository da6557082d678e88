"""What a frozen resource costs on a Cortex-M3, against the other ways to freeze files.

    python benchmarks/frozen.py    # writes benchmarks/figures/frozen.json

One firmware for QEMU's mps2-an385 (140 KiB heap, no filesystem) holds pkgres and its
peers, each with 10, 100 and 400 resources of 200 bytes. Each figure is measured after
a fresh boot of it, so the heap is the same. With -icount shift=0 the machine takes a
nanosecond an instruction: ticks of its 25 MHz SysTick repeat exactly, from run to run
and machine to machine. Compare them as ratios: another firmware has other ticks, as
MicroPython numbers all names in it, and finds some by luck of their numbers sooner. So each
figure is the median of five firmwares that differ in names that nothing uses, and ticks to
open are the mean over up to fifty resources. The heap holds fifty small objects, as a
small app does.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from figures import keep
from frozen_app import flash, stage, with_names
from frozen_budgets import budgets, inflating_budgets
from frozen_ways import BIG, COUNTS, INFLATING, PAGE, SAMPLE, WAYS
from meter import medians, run, version

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from firmware import build, source


def main() -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        manifest = stage(folder)
        firmwares = [build.cortex_m3(each) for each in with_names(manifest)]
    except source.Missing as missing:
        sys.exit(str(missing))
    firmware = firmwares[0]
    found: dict[str, Any] = {
        "runs on": f"Cortex-M3 (QEMU mps2-an385), 140 KiB of heap, {version(firmware)}",
        "ways": {way: medians([measure(each, way) for each in firmwares]) for way in WAYS},
        "inflating": {way: measure_inflating(firmware, opens) for way, opens in INFLATING.items()},
        "pkg_resources": int(
            run(firmware, "before = ram()\nimport pkg_resources\nprint(ram() - before)")
        ),
        "core": flash(folder),
        "page": len(PAGE),
    }
    print(found["runs on"])
    keep("frozen", found)
    promises = budgets(found["ways"], found["pkg_resources"], found["core"])
    promises += inflating_budgets(found["inflating"])
    failed = [line for line, holds in promises if not holds]
    print("budgets: " + ("all hold" if not failed else "NOT met: " + "; ".join(failed)))
    shutil.rmtree(folder)
    sys.exit(bool(failed))


def measure(firmware: Path, way: str) -> dict[str, int]:
    """Return the figures of one way; ticks to open are the mean over a sample of names."""
    figures: dict[str, int] = {}
    for n in COUNTS:
        size = min(n, SAMPLE)
        prepare, imports, opens = (part.format(n=n) for part in WAYS[way])
        package = imports.rpartition(".R")[0] if imports.endswith(".R") else ""
        code = f"""
{prepare}
{package}
import names
names = names.NAMES[{n}]
before = ram()
{imports}
print(ram() - before)
def opened(name):
    return {opens}
name = mount + names[0]
first = ticks(opened, name)
sample = [mount + names[i * {n} // {size}] for i in range({size})]
for name in sample:
    opened(name)
spent = [0] * {size}
gc.collect()
for i in range({size}):
    spent[i] = ticks(opened, sample[i]) - idle
print(first - idle, sum(spent) // {size})
before = ram()
stream = opened(sample[0])
print(ram() - before)
def missing(name):
    try:
        opened(name)
    except (OSError, KeyError):
        return
    raise ValueError
missing(mount + 'data/none.html')
gc.collect()
print(ticks(missing, mount + 'data/none.html') - idle)
"""
        imported, first, again, held, miss = map(int, run(firmware, code).split())
        figures[f"import {n}"], figures[f"open {n}"], figures[f"first {n}"] = imported, again, first
        figures["held"] = held
        if n == 100:
            figures["miss"] = miss
            if "mount = " in prepare:
                figures["list"] = measure_list(firmware, prepare, imports)
    prepare, imports, opens = (part.format(n="big") for part in WAYS[way])
    code = f"""
{prepare}
{imports}
buffer = bytearray(512)
def read(name):
    with {opens} as stream:
        n = total = stream.readinto(buffer)
        while n:
            n = stream.readinto(buffer)
            total += n
    assert total == {BIG}
big = mount + 'big'
read(big)
gc.collect()
print(ticks(read, big) - idle)
gc.collect()
gc.disable()
before = gc.mem_alloc()
read(big)
print(gc.mem_alloc() - before)
"""
    figures["read"], figures["read RAM"] = map(int, run(firmware, code).split())
    return figures


def measure_list(firmware: Path, prepare: str, imports: str) -> int:
    """Return the ticks to list the folder of 100 resources of a mount."""
    code = f"""
import os
{prepare}
{imports}
assert len(os.listdir(mount + 'data')) == 100
gc.collect()
print(ticks(os.listdir, mount + 'data') - idle)
"""
    return int(run(firmware, code))


def measure_inflating(firmware: Path, opens: str) -> dict[str, int]:
    """Return the RAM that a stream over PAGE holds, and the ticks to read it."""
    code = f"""
import pkgres
from deflate import DeflateIO, GZIP as deflate_gzip
buffer = bytearray(512)
def read(stream):
    n = total = stream.readinto(buffer)
    while n:
        n = stream.readinto(buffer)
        total += n
    assert total == {len(PAGE)}, total
pkgres.resource_stream("zip", "gzip1.html.gz")
before = ram()
stream = {opens}
stream.close()
stream = None
code = ram() - before
before = ram()
stream = {opens}
first = stream.readinto(buffer)
held = ram() - before
stream = None
gc.collect()
stream = {opens}
print(held, code, ticks(read, stream) - idle)
"""
    held, code_ram, spent = map(int, run(firmware, code).split())
    return {"held": held, "code": code_ram, "ticks": spent}


if __name__ == "__main__":
    main()
