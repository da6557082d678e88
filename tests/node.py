"""The interpreters that come from npm and are run by node: WebAssembly builds.

That is MicroPython, many releases of it, and Pyodide, which is CPython.
"""

from __future__ import annotations

import fcntl
import subprocess
import tempfile
from pathlib import Path

from firmware.source import CACHE, need

PACKAGE = "@micropython/micropython-webassembly-pyscript"
OLDEST = "1.20.0-297"  # inflates by uzlib, loads no .mpy
WITH_DEFLATE = "1.22.0-380"  # loads .mpy, too
NEWEST = "1.29.0-6"
PYODIDE = "314.0.7"

HEAP = 64 << 20
TIME_LIMIT = 120  # seconds

_HERE = Path(__file__).parent


def run(
    version: str, arguments: list[str], folder: Path, heap: int = HEAP
) -> subprocess.CompletedProcess[str]:
    """Run ``micropython ARGUMENTS`` with a copy of *folder* as its whole filesystem.

    The arguments are one, the path of a script: these builds have no ``-m``. *heap* is
    in bytes. The script's traceback goes to standard error.
    """
    (program,) = arguments
    home = install(version)
    return _node(_HERE / "node_run.mjs", [str(home), str(folder), program, str(heap)])


def pyodide(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run ``python ARGUMENTS`` in *folder*: a script or ``-m MODULE``."""
    home = install(PYODIDE, "pyodide")
    return _node(_HERE / "pyodide_run.mjs", [str(home), str(folder), *arguments])


def install(version: str, package: str = PACKAGE) -> Path:
    """Return the folder of the package, installed below ``.cache/npm`` when first asked for."""
    need("node", "npm")
    home = CACHE / "npm" / (version if package == PACKAGE else f"{package}-{version}")
    folder = home / "node_modules" / package
    home.mkdir(parents=True, exist_ok=True)
    with open(home / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        # npm writes its own lock file last.
        if not (home / "package-lock.json").exists():
            command = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(home)]
            subprocess.run([*command, f"{package}@{version}"], check=True, capture_output=True)
    return folder


def _node(script: Path, arguments: list[str]) -> subprocess.CompletedProcess[str]:
    command = ["node", str(script), *arguments]
    # In files, which node writes to as a whole; a pipe may be full.
    with tempfile.TemporaryDirectory() as outputs:
        out, err = Path(outputs, "out"), Path(outputs, "err")
        with open(out, "wb") as stdout, open(err, "wb") as stderr:
            result = subprocess.run(
                command, stdout=stdout, stderr=stderr, timeout=TIME_LIMIT, check=False
            )
        texts = (out.read_text("utf-8"), err.read_text("utf-8"))
    return subprocess.CompletedProcess(command, result.returncode, *texts)
