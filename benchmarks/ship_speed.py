"""How long shipping takes, and how much memory, against a plain copy of the same files.

    python benchmarks/ship_speed.py [FILES] [MEGABYTES]

makes an app of so many small resources, and runs each way on it; each time is given as a ratio
to a copy of the files in the same run. Then it makes one with a single large resource, for the
memory of the ways that do not have to compile it, or to hand it to mpremote as a whole. Exits
with 1 if a way takes more than ten times as long as the copy, or more memory than two times
the largest file.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

FILES, MEGABYTES = 100_000, 300
BOUND = 10  # times the copy
MEMORY = 2  # times the largest file, and the program itself
PROGRAM = 100 << 20  # bytes that a run may take at any size
STREAMED = ("image", "mip", "sdist")
WAYS = (
    ("image", "board"),
    ("mip", "site"),
    ("romfs", "app.romfs"),
    ("freeze", "frozen"),
    ("sdist", "dist"),
)
DESCRIPTION = '[project]\nname = "app"\nversion = "1.0"\n[tool.pkgres]\n'


def app(folder: Path, contents: Iterator[tuple[str, bytes]]) -> Path:
    """Make an app with resources of these names and contents."""
    (folder / "app").mkdir(parents=True)
    (folder / "pyproject.toml").write_text(DESCRIPTION)
    (folder / "app/__init__.py").write_text("import pkg_resources\n")
    for name, content in contents:
        path = folder / "app" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    return folder


def small(number: int) -> Iterator[tuple[str, bytes]]:
    """Yield files of a hundred bytes, in folders of five hundred."""
    for i in range(number):
        yield f"{i // 500}/{i}.txt", b"%5d " % i * 16


def large(megabytes: int) -> Iterator[tuple[str, bytes]]:
    """Yield one file."""
    block = bytes(range(256)) * 4096
    yield "large.bin", block * megabytes


def timed(command: list[str], folder: Path) -> tuple[float, int]:
    """Run a command; return its time in seconds and the memory of the largest process, in bytes."""
    code = (
        "import resource, subprocess, sys\n"
        "status = subprocess.call(sys.argv[1:])\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
        "sys.exit(status)\n"
    )
    start = time.perf_counter()
    result = subprocess.run(
        [sys.executable, "-c", code, *command], cwd=folder, capture_output=True, text=True
    )
    seconds = time.perf_counter() - start
    if result.returncode:
        raise SystemExit(f"{command} failed: {result.stderr}")
    return seconds, int(result.stdout) * (1 if sys.platform == "darwin" else 1024)


def copied(folder: Path) -> float:
    """Return the seconds that a copy of the app takes."""
    os.sync()
    start = time.perf_counter()
    shutil.copytree(folder / "app", folder / "copy")
    seconds = time.perf_counter() - start
    shutil.rmtree(folder / "copy")
    return seconds


def many(folder: Path, files: int) -> bool:
    """Print the times of each way for many small files; return whether they are within BOUND."""
    app(folder, small(files))
    copy, good = copied(folder), True
    print(f"{files:,} files of 96 bytes: a copy takes {copy:.1f} s\n")
    print("| way | times the copy | made again | memory, MB |\n| --- | --- | --- | --- |")
    for way, output in WAYS:
        first, memory = run(way, output, folder)
        again, _ = run(way, output, folder)
        print(f"| {way} | {first / copy:.1f} | {again / copy:.1f} | {memory >> 20} |", flush=True)
        good = good and first <= BOUND * copy
        remove(folder / output)
    return good


def one(folder: Path, megabytes: int) -> bool:
    """Print the memory of each way for a large file; return whether it is bounded."""
    app(folder, large(megabytes))
    good = True
    print(
        f"\nOne file of {megabytes} MB\n\n| way | memory, MB | of the file |\n| --- | --- | --- |"
    )
    for way, output in WAYS:
        if way not in STREAMED:
            continue
        _, memory = run(way, output, folder)
        print(f"| {way} | {memory >> 20} | {memory / (megabytes << 20):.1f} |", flush=True)
        good = good and memory <= (MEMORY * megabytes << 20) + PROGRAM
        remove(folder / output)
    return good


def run(way: str, output: str, folder: Path) -> tuple[float, int]:
    """Run pkgres; return what `timed` does."""
    return timed([sys.executable, "-m", "bin2res.ship", way, "-q", "-o", output], folder)


def remove(path: Path) -> None:
    """Remove an output."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def main() -> None:
    """Measure both apps."""
    given = [int(argument) for argument in sys.argv[1:]]
    files, megabytes = [*given, *(FILES, MEGABYTES)[len(given) :]]
    with tempfile.TemporaryDirectory() as folder:
        good = many(Path(folder, "many"), files)
        good = one(Path(folder, "one"), megabytes) and good
    sys.exit(not good)


if __name__ == "__main__":
    main()
