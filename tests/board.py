"""A board on the other end of a serial line: the Cortex-M3, with a filesystem in RAM."""

from __future__ import annotations

import contextlib
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import app
import firmware.build

_COMMAND = [
    *("qemu-system-arm", "-machine", "mps2-an385", "-nographic", "-monitor", "null"),
    *("-semihosting", "-serial", "pty", "-kernel"),
]
TIME_LIMIT = 120  # seconds


def build(folder: Path) -> Path:
    """Return firmware for it, without pkgres."""
    (folder / "code").mkdir()
    shutil.copy(app.HERE / "ramfs.py", folder / "code")
    (folder / "manifest.py").write_text("freeze('code')\n")
    return firmware.build.cortex_m3_with_room(folder / "manifest.py")


class Board:
    """A board that runs, reached by mpremote."""

    def __init__(self, device: str) -> None:
        self.device = device

    def mpremote(self, command: str, cwd: Path) -> str:
        """Type a command that starts with ``mpremote``; return what it printed."""
        program, *arguments = shlex.split(command)
        assert program == "mpremote"
        # The filesystem would be gone after a reset, which "resume" leaves out.
        line = [sys.executable, "-m", "mpremote", "connect", self.device, "resume", *arguments]
        result = subprocess.run(
            line, cwd=cwd, capture_output=True, text=True, timeout=TIME_LIMIT, check=False
        )
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    def run(self, code: str) -> str:
        """Run code on the board; return what it printed."""
        return self.mpremote(f"mpremote exec {shlex.quote(code)}", Path.cwd())


@contextlib.contextmanager
def running(elf: Path) -> Iterator[Board]:
    """Boot the board, with an empty filesystem and /lib in its ``sys.path``."""
    with subprocess.Popen(
        [*_COMMAND, str(elf)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            found = re.search(r"/dev/\S+", process.stdout.readline())
            assert found
            board = Board(found[0])
            board.run("import ramfs, sys; ramfs.mount(); sys.path.append('/lib')")
            yield board
        finally:
            process.kill()
