"""Run code on a board in QEMU, through the raw REPL on its serial line.

Protocol: MicroPython's documentation, "The raw REPL".
"""

from __future__ import annotations

import select
import subprocess
import time
from pathlib import Path
from typing import IO

CORTEX_M3 = "MPS2_AN385"
BOARDS = {  # of MicroPython's port: the emulator, and the machine
    CORTEX_M3: ("qemu-system-arm", "-machine", "mps2-an385"),
    "MICROBIT": (
        *("qemu-system-arm", "-machine", "microbit"),
        # MicroPython does not fit into its real 256 and 16 KB.
        *("-global", "nrf51-soc.flash-size=1048576", "-global", "nrf51-soc.sram-size=262144"),
    ),
    "SABRELITE": ("qemu-system-arm", "-machine", "sabrelite", "-m", "128M"),
    "VIRT_RV32": ("qemu-system-riscv32", "-bios", "none", "-machine", "virt"),
}
_OPTIONS = [
    *("-nographic", "-monitor", "null"),
    # One instruction takes one nanosecond of the machine's time: runs repeat exactly.
    *("-semihosting", "-icount", "shift=0", "-serial", "stdio", "-kernel"),
]
TIME_LIMIT = 120  # seconds


class Traceback(Exception):
    """What the board printed when the code raised."""


def run(firmware: Path, code: str, board: str = CORTEX_M3) -> str:
    """Boot *firmware*, run *code* on it and return what it printed.

    Raises Traceback if the code does.
    """
    with _started(firmware, board) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            deadline = time.monotonic() + TIME_LIMIT
            _read_until(process.stdout, b">>> ", deadline)
            process.stdin.write(b"\x01")
            _read_until(process.stdout, b"raw REPL; CTRL-B to exit\r\n>", deadline)
            data = code.encode()
            for start in range(0, len(data), 32):
                process.stdin.write(data[start : start + 32])
                time.sleep(0.002)  # the board has a small buffer and no flow control
            process.stdin.write(b"\x04")
            _read_until(process.stdout, b"OK", deadline)
            output = _read_until(process.stdout, b"\x04", deadline)
            error = _read_until(process.stdout, b"\x04", deadline)
        finally:
            process.kill()
    if error:
        raise Traceback(error.decode())
    return output.decode().replace("\r\n", "\n")


def boot(firmware: Path, times: int) -> list[str]:
    """Start *firmware*, and reset it by Ctrl-D; return what it prints each of so many times.

    That is all up to the REPL's banner.
    """
    with _started(firmware, CORTEX_M3) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        printed = []
        try:
            for _ in range(times):
                deadline = time.monotonic() + TIME_LIMIT
                printed.append(_read_until(process.stdout, b"MicroPython v", deadline).decode())
                _read_until(process.stdout, b">>> ", deadline)
                process.stdin.write(b"\x04")
        finally:
            process.kill()
    return [text.replace("\r\n", "\n").rpartition("soft reboot\n")[2] for text in printed]


def _started(firmware: Path, board: str) -> subprocess.Popen[bytes]:
    command = [*BOARDS[board], *_OPTIONS, str(firmware)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)


def _read_until(stream: IO[bytes], end: bytes, deadline: float) -> bytes:
    """Return what comes before *end*."""
    read = b""
    while not read.endswith(end):
        ready, _, _ = select.select([stream], [], [], max(0, deadline - time.monotonic()))
        byte = stream.read(1) if ready else b""
        if not byte:
            what = "stopped" if ready else f"said nothing for {TIME_LIMIT} s"
            raise RuntimeError(f"the board {what}, after {read[-200:]!r}")
        read += byte
    return read[: -len(end)]
