"""How much longer a firmware build takes over 4 MB of resources, by their sizes.

python benchmarks/build_time.py

Builds the unix port, each time without frozen content of before. The bound is 30 seconds.
"""

from __future__ import annotations

import os
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from firmware import build, source

import bin2res

TOTAL = 4 << 20  # bytes
SIZES = (TOTAL, 1 << 20, 200_000, 100_000, 4096)  # bytes of each
BOUND = 30  # seconds
_MANIFEST = "package('app', base_path={code!r}, files=('__init__.py',))\n"
_FROZEN = "freeze_mpy({code!r}, 'app/R.mpy')\n"


def main() -> None:
    try:
        seconds(0, 0)  # the port itself
        base = seconds(0, 0)
        found = {size: seconds(size, TOTAL // size) - base for size in SIZES}
    except source.Missing as missing:
        sys.exit(str(missing))
    print(f"unix port, {os.cpu_count()} cores; without resources {base:.1f} s\n")
    print("| 4 MiB in resources of, B | s longer |")
    print("| --- | --- |")
    for size, longer in found.items():
        print(f"| {size:,} | {longer:.1f} |")
    missed = [f"{size:,} B" for size, longer in found.items() if longer > BOUND]
    print(f"\nbudgets: {'NOT met: ' + ', '.join(missed) if missed else 'all hold'}")
    sys.exit(bool(missed))


def seconds(size: int, count: int) -> float:
    """Return the seconds of a build with *count* resources of *size* bytes."""
    noise = random.Random(size)
    with tempfile.TemporaryDirectory() as folder:
        code, files = Path(folder, "code"), Path(folder, "files")
        (code / "app").mkdir(parents=True)
        files.mkdir()
        (code / "app/__init__.py").touch()
        for number in range(count):
            (files / f"{number}.bin").write_bytes(noise.randbytes(size))
        manifest = _MANIFEST
        if count:
            form = bin2res.Form(mpy=True, package="app")
            bin2res.bundle(["."], directory=str(files), output=code / "app/R.mpy", form=form)
            manifest += _FROZEN
        shutil.rmtree(files)
        (Path(folder) / "manifest.py").write_text(manifest.format(code=str(code)))
        started = time.perf_counter()
        made = build.unix(Path(folder) / "manifest.py")
        taken = time.perf_counter() - started
        made.unlink()  # so that the next one is built, too
        return taken


if __name__ == "__main__":
    main()
