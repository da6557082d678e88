"""The names that MicroPython's firmware has anyway, for bin2res.flash.

Those of a build for the Cortex-M3, and of asyncio, which boards have frozen.

python benchmarks/firmware_names.py bin2res/firmware_names.txt
"""

from __future__ import annotations

import ast
import re
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from firmware import build, source

from bin2res.flash import names_of
from bin2res.mpy import compile_file

_DEFINED = re.compile(r'^QDEF[01]\(\w+, \d+, \d+, ("(?:[^"\\]|\\.)*")\)$', re.MULTILINE)


def names() -> list[str]:
    """Return the names, sorted. Raises firmware.source.Missing."""
    with tempfile.TemporaryDirectory() as folder:
        manifest = Path(folder) / "manifest.py"
        manifest.touch()
        # Its build folder has the same number.
        version = build.cortex_m3(manifest).name.split("-")[1]
    header = source.CACHE / f"build-qemu-{version}/genhdr/qstrdefs.generated.h"
    found = {"asyncio", *_of_asyncio()}
    found |= {ast.literal_eval(text) for text in _DEFINED.findall(header.read_text())}
    return sorted(name for name in found if name and not re.search(r"\s", name))


def _of_asyncio() -> set[str]:
    found: set[bytes] = set()
    for path in sorted((source.source() / "extmod/asyncio").glob("*.py")):
        if path.name != "manifest.py":
            found |= names_of(compile_file(str(path), f"asyncio/{path.name}"))
    return {name.decode() for name in found}


if __name__ == "__main__":
    Path(sys.argv[1]).write_text("".join(f"{name}\n" for name in names()), "ascii")
