"""The MicroPython that comes from npm: WebAssembly builds of many releases, run by node."""

from __future__ import annotations

import fcntl
import subprocess
import tempfile
from pathlib import Path

from firmware.source import CACHE, need

PACKAGE = "@micropython/micropython-webassembly-pyscript"
OLDEST = "1.20.0-297"  # inflates by uzlib, loads no .mpy
WITH_DEFLATE = "1.22.0-380"

HEAP = 64 << 20
TIME_LIMIT = 120  # seconds

_RUNNER = Path(__file__).with_name("node_run.mjs")


def run(
    version: str, arguments: list[str], folder: Path, heap: int = HEAP
) -> subprocess.CompletedProcess[str]:
    """Run ``micropython ARGUMENTS`` with a copy of *folder* as its whole filesystem.

    The arguments are one, the path of a script: these builds have no ``-m``. *heap* is
    in bytes. The script's traceback goes to standard error.
    """
    (program,) = arguments
    command = ["node", str(_RUNNER), str(install(version)), str(folder), program, str(heap)]
    # In files, which node writes to as a whole; a pipe may be full.
    with tempfile.TemporaryDirectory() as outputs:
        out, err = Path(outputs, "out"), Path(outputs, "err")
        with open(out, "wb") as stdout, open(err, "wb") as stderr:
            result = subprocess.run(
                command, stdout=stdout, stderr=stderr, timeout=TIME_LIMIT, check=False
            )
        texts = (out.read_text("utf-8"), err.read_text("utf-8"))
    return subprocess.CompletedProcess(command, result.returncode, *texts)


def install(version: str) -> Path:
    """Return the folder of the package, installed below ``.cache/npm`` when first asked for."""
    need("node", "npm")
    home = CACHE / "npm" / version
    package = home / "node_modules" / PACKAGE
    home.mkdir(parents=True, exist_ok=True)
    with open(home / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (package / "package.json").exists():
            command = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(home)]
            subprocess.run([*command, f"{PACKAGE}@{version}"], check=True, capture_output=True)
    return package
