"""Build firmware with a manifest: the unix port, and boards of QEMU without filesystem."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from . import qemu
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
    "qemu": [],  # its default is the Cortex-M3
}
_COMPILERS = {
    "qemu-system-arm": "arm-none-eabi-gcc",
    "qemu-system-riscv32": "riscv64-unknown-elf-gcc",
}

BOOTING = f"CFLAGS_EXTRA=-include {Path(__file__).with_name('boot.h')}"
BOARDS = {
    "MICROBIT": ["BOARD=MICROBIT"],
    "SABRELITE": ["BOARD=SABRELITE"],
    # Debian's picolibc is made for the ISA 2.2, which has Zicsr in it.
    "VIRT_RV32": ["BOARD=VIRT_RV32", "RV32_ARCH=rv32imac", "RV32_ABI=ilp32 -misa-spec=2.2"],
}


def unix(manifest: Path) -> Path:
    """Return the unix port's binary, built with *manifest*."""
    need("make", "gcc")
    return _build("unix", manifest, "micropython")


def unix_with_gil(manifest: Path) -> Path:
    """Return the same, with the lock that the ESP32 has: one thread runs at a time."""
    need("make", "gcc")
    variant = Path(__file__).with_name("gil")
    variables = [f"VARIANT_DIR={variant}", "MICROPY_PY_THREAD=0", "LDFLAGS_EXTRA=-lpthread"]
    return _build("unix", manifest, "micropython", *variables)


def unix_like_esp8266(manifest: Path) -> Path:
    """Return the same, without what the ESP8266 is without."""
    need("make", "gcc")
    return _build("unix", manifest, "micropython", *_like_esp8266())


def cortex_m3(manifest: Path) -> Path:
    """Return firmware for QEMU's mps2-an385, an ELF file, built with *manifest*."""
    return _firmware(qemu.CORTEX_M3, manifest)


def cortex_m3_that_boots(manifest: Path) -> Path:
    """Return the same, but it runs boot.py and main.py when it starts."""
    return _firmware(qemu.CORTEX_M3, manifest, BOOTING)


def cortex_m3_with_room(manifest: Path) -> Path:
    """Return the same as the first, with a heap that a filesystem fits into, of 256 KiB."""
    return _firmware(qemu.CORTEX_M3, manifest, "MICROPY_HEAP_SIZE=262144")


def cortex_m3_like_esp8266(manifest: Path) -> Path:
    """Return the same as the first, without what the ESP8266 is without."""
    return _firmware(qemu.CORTEX_M3, manifest, *_like_esp8266())


def board(name: str, manifest: Path) -> Path:
    """Return firmware for another of ``BOARDS``."""
    return _firmware(name, manifest, *BOARDS[name])


def mpy_cross() -> Path:
    """Return the compiler of the same version."""
    need("make", "gcc")
    top = source()
    program = top / "mpy-cross/build/mpy-cross"
    with locked("mpy-cross"):
        if not program.exists():
            _make(top / "mpy-cross", [])
    return program


def _firmware(board: str, manifest: Path, *variables: str) -> Path:
    emulator = qemu.BOARDS[board][0]
    need("make", "gcc", _COMPILERS[emulator], emulator)
    return _build("qemu", manifest, "firmware.elf", *variables)


def _like_esp8266() -> list[str]:
    """Variables that turn off whatever the ESP8266's own configuration, in the source, does.

    That is of the language and the modules, on the smallest board.
    """
    port = source() / "ports/esp8266"
    files = (port / "mpconfigport.h", port / "boards/ESP8266_GENERIC/mpconfigboard.h")
    switch = re.compile(r"^#define (MICROPY_(?:PY|COMP|OPT)_\w+) +\(0\)", re.MULTILINE)
    switches = sorted({name for file in files for name in switch.findall(file.read_text())})
    text = "".join([f"#define {name} (0)\n" for name in switches])
    CACHE.mkdir(exist_ok=True)
    header = CACHE / f"esp8266-{hashlib.sha256(text.encode()).hexdigest()[:8]}.h"
    if not header.exists():
        # In one step: another build may be reading it.
        new = header.with_suffix(f".{os.getpid()}")
        new.write_text(text)
        os.replace(new, header)
    return [f"CFLAGS_EXTRA=-include {header}"]


def _build(port: str, manifest: Path, product: str, *variables: str) -> Path:
    """Build in one folder for each port and *variables*, so that only frozen code is new.

    The product is kept under a hash of what it was made from.
    """
    top = source()
    with locked(port):
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


@contextlib.contextmanager
def locked(name: str) -> Iterator[None]:
    """One process at a time: tests run side by side."""
    CACHE.mkdir(exist_ok=True)
    with open(CACHE / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


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
