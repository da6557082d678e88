"""Build firmware with a manifest: the unix port, and a Cortex-M3 without filesystem."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from .source import CACHE, need, source

# What makes a port the one that is tested: variables for its Makefile.
OPTIONS = {
    "unix": [  # without what the tests do not use, and would need more to build
        "VARIANT=standard",
        "MICROPY_PY_FFI=0",
        "MICROPY_PY_BTREE=0",
        "MICROPY_PY_SSL=0",
        "MICROPY_SSL_AXTLS=0",
        "MICROPY_SSL_MBEDTLS=0",
        "MICROPY_PY_BLUETOOTH=0",
    ],
    "qemu": ["BOARD=MPS2_AN385"],
}


BOOTING = f"CFLAGS_EXTRA=-include {Path(__file__).with_name('boot.h')}"


def unix(manifest: Path) -> Path:
    """Return the unix port's binary, built with *manifest*."""
    need("make", "gcc")
    return _build("unix", manifest, "micropython")


def cortex_m3(manifest: Path) -> Path:
    """Return firmware for QEMU's mps2-an385, an ELF file, built with *manifest*."""
    need("make", "gcc", "arm-none-eabi-gcc", "qemu-system-arm")
    return _build("qemu", manifest, "firmware.elf")


def cortex_m3_that_boots(manifest: Path) -> Path:
    """Return the same, but it runs boot.py and main.py when it starts."""
    need("make", "gcc", "arm-none-eabi-gcc", "qemu-system-arm")
    return _build("qemu", manifest, "firmware.elf", BOOTING)


def mpy_cross() -> Path:
    """Return the compiler of the same version."""
    need("make", "gcc")
    top = source()
    program = top / "mpy-cross/build/mpy-cross"
    if not program.exists():
        _make(top / "mpy-cross", [])
    return program


def _build(port: str, manifest: Path, product: str, *variables: str) -> Path:
    """Build in one folder for each port and *variables*, so that only frozen code is new.

    The product is kept under a hash of what it was made from.
    """
    top = source()
    CACHE.mkdir(exist_ok=True)
    with open(CACHE / f"{port}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        mpy_cross()
        made_from = "\n".join([str(top.resolve()), *variables])
        version = hashlib.sha256(os.fsencode(made_from)).hexdigest()[:8]
        folder = CACHE / f"build-{port}-{version}"
        kept = CACHE / "firmware" / f"{port}-{version}-{_fingerprint(manifest)}"
        if not kept.exists():
            # The build goes by times: what it froze before may be newer than this code.
            (folder / "frozen_content.c").unlink(missing_ok=True)
            shutil.rmtree(folder / "frozen_mpy", ignore_errors=True)
            frozen = [f"FROZEN_MANIFEST={manifest}", f"BUILD={folder}"]
            _make(top / "ports" / port, [*OPTIONS[port], *frozen, *variables])
            kept.parent.mkdir(exist_ok=True)
            shutil.copy(folder / product, kept)
        return kept


def _fingerprint(manifest: Path) -> str:
    """A hash over the manifest's folder and the device library, names and contents."""
    digest = hashlib.sha256()
    for folder in (manifest.parent, Path(__file__).parents[2] / "pkgres"):
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                digest.update(f"{path.relative_to(folder)}\0{path.stat().st_size}\0".encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _make(folder: Path, variables: list[str]) -> None:
    jobs = f"-j{os.cpu_count() or 1}"
    result = subprocess.run(
        ["make", jobs, "-C", str(folder), *variables], capture_output=True, text=True, check=False
    )
    if result.returncode:
        raise RuntimeError(f"make failed:\n{result.stdout[-4000:]}\n{result.stderr[-4000:]}")
