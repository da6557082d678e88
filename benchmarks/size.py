"""How small each way to store web assets makes them, and what RAM a board needs to read them.

    python benchmarks/size.py    # writes benchmarks/figures/size.json

The assets are minified CSS and JavaScript, from npm when it runs. RAM is counted as bin2res
counts it: the window, and what a stream takes beside it. Then: how long bin2res takes, against
zopfli on its own on the same files. Compare the ratios, not the times. Exits with 1 unless
bin2res's default is the smallest of all ways, and at most 0.96 of gzip -9.
"""

from __future__ import annotations

import ast
import os
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
import zlib
from pathlib import Path
from typing import NamedTuple

import zopfli

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests"))

import peers  # noqa: E402
from figures import keep  # noqa: E402
from firmware import source  # noqa: E402

import bin2res  # noqa: E402

# Files of each package; a version on npm never changes.
ASSETS = {
    "@picocss/pico@2.0.6": ["css/pico.min.css"],
    "chart.js@4.4.4": ["dist/chart.umd.js"],
    "bootstrap@5.3.3": ["dist/css/bootstrap.min.css", "dist/js/bootstrap.bundle.min.js"],
    "uplot@1.6.30": ["dist/uPlot.iife.min.js"],
    "alpinejs@3.14.1": ["dist/cdn.min.js"],
    "htmx.org@1.9.12": ["dist/htmx.min.js"],
    "preact@10.23.2": ["dist/preact.min.js"],
}

GZIP = "`gzip -9`"
DEFAULT = "`bin2res --gzip '*'`"
WINDOWS = (10, 12, 13)  # bits, that bin2res is asked for
FREEZEFS_WINDOWS = (10, 14)  # its default, and the largest that it takes
GZIP_WINDOW = 15  # gzip does not say how small a window would do
MOST = 0.96  # of gzip -9
ROUNDS = 3
# In this order: the first fills the cache.
RUNS: dict[str, list[str]] = {
    "first run": [],
    "second run": [],
    "with `--no-cache`": ["--no-cache"],
}

_BESIDE = 1440  # bytes of RAM beside the window, as bin2res counts them
_ZOPFLI = """\
import sys
import zopfli.gzip
for name in sys.argv[1:]:
    with open(name, "rb") as f:
        zopfli.gzip.compress(f.read())
"""


class Figures(NamedTuple):
    """What one way makes of all assets."""

    size: int
    """Their size as they are stored, in bytes."""
    ram: int = 0
    """RAM in bytes that a board needs to inflate the one that needs most; 0 for none."""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        assets, work = Path(folder, "assets"), Path(folder, "work")
        assets.mkdir()
        work.mkdir()
        try:
            source.need("node", "npm", "gzip")
            fetch(assets, work)
        except source.Missing as missing:
            sys.exit(str(missing))
        figures = measured(assets, work)
        ways = {way: found._asdict() for way, found in figures.items()}
        keep("size", {"ways": ways, "made with": made_with()})
        print_times(times(assets, work))
    print()
    failed = [line for line, holds in budgets(figures) if not holds]
    print("budgets: " + ("all hold" if not failed else "NOT met: " + "; ".join(failed)))
    sys.exit(bool(failed))


def fetch(assets: Path, work: Path) -> None:
    """Put all assets side by side into the folder *assets*; archives go to *work*.

    Raises Missing where npm cannot get one.
    """
    for package, names in ASSETS.items():
        command = ["npm", "pack", "--silent", package]
        result = subprocess.run(command, cwd=work, capture_output=True, text=True, check=False)
        if result.returncode:
            raise source.Missing(f"{package}: npm cannot get it {result.stderr}".rstrip())
        with tarfile.open(work / result.stdout.split()[-1]) as tar:
            for name in names:
                stream = tar.extractfile(f"package/{name}")
                assert stream is not None
                (assets / Path(name).name).write_bytes(stream.read())


def measured(assets: Path, work: Path) -> dict[str, Figures]:
    """Return what each way makes of the files in *assets*; outputs go to the folder *work*."""
    files = sorted(assets.iterdir())
    peers.romfs(assets, work / "image")
    return {
        "as they are": Figures(sum(path.stat().st_size for path in files)),
        GZIP: Figures(sum(map(gzip_size, files)), ram_for(GZIP_WINDOW)),
        **{
            f"`freezefs --compress --wbits {bits}`": by_freezefs(assets, work / "frozen.py", bits)
            for bits in FREEZEFS_WINDOWS
        },
        "ROMFS": Figures((work / "image").stat().st_size),
        DEFAULT: by_bin2res(assets, work / "R.py", "*"),
        **{
            f"`bin2res --gzip '*={bits}'`": by_bin2res(assets, work / "R.py", f"*={bits}")
            for bits in WINDOWS
        },
    }


def ram_for(bits: int) -> int:
    """Return the bytes of RAM that inflating with a window of so many bits takes."""
    return _BESIDE + (1 << bits)


def gzip_size(path: Path) -> int:
    """Return the size in bytes of what the program gzip makes of a file."""
    command = ["gzip", "-9", "-n", "-c", str(path)]
    return len(subprocess.run(command, capture_output=True, check=True).stdout)


def by_freezefs(assets: Path, output: Path, bits: int) -> Figures:
    """Return the bytes of content in freezefs' module, made for a window of so many bits.

    The header of zlib's format, which it takes, tells the board how large the window is.
    """
    options = ["--target", "/assets", "--silent", "--compress", "--wbits", str(bits)]
    command = [sys.executable, "-m", "freezefs", str(assets), str(output), *options]
    subprocess.run(command, capture_output=True, check=True)
    nodes = ast.walk(ast.parse(output.read_bytes()))
    constants = [node.value for node in nodes if isinstance(node, ast.Constant)]
    # The code in it has no bytes literals: these are the files.
    content = [value for value in constants if isinstance(value, bytes)]
    return Figures(sum(map(len, content)), ram_for(bits))


def by_bin2res(assets: Path, output: Path, pattern: str) -> Figures:
    """Return what bin2res makes with the option --gzip *pattern*."""
    made = bin2res.bundle(
        ["."], directory=str(assets), output=str(output), gzip=[pattern], cache=False
    )
    return Figures(made.total, max(made.ram.values()))


def made_with() -> str:
    """Return the versions of what makes the bytes."""
    return f"zlib {zlib.ZLIB_RUNTIME_VERSION} and zopfli {zopfli.__version__}"


def times(assets: Path, work: Path) -> dict[str, float]:
    """Return how long each run of bin2res takes, as a ratio to zopfli on its own.

    Runs take turns; each ratio is of the same round, and the median over all rounds.
    """
    command = [sys.executable, "-m", "bin2res", "-q", "--gzip", "*", "-o", str(work / "R.py"), "."]
    names = sorted(path.name for path in assets.iterdir())
    ratios: dict[str, list[float]] = {}
    for number in range(ROUNDS):
        cache = str(work / f"cache{number}")  # empty
        alone = seconds([sys.executable, "-c", _ZOPFLI, *names], assets, cache)
        for title, options in RUNS.items():
            ratio = seconds([*command, *options], assets, cache) / alone
            ratios.setdefault(title, []).append(ratio)
    return {title: statistics.median(found) for title, found in ratios.items()}


def seconds(command: list[str], folder: Path, cache: str) -> float:
    """Return the wall time of a command that is run in *folder*, with the user's cache there."""
    environment = {**os.environ, "XDG_CACHE_HOME": cache}
    started = time.perf_counter()
    subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=True)
    return time.perf_counter() - started


def print_times(ratios: dict[str, float]) -> None:
    """Print a row for each run."""
    print(f"| median of {ROUNDS}, {os.cpu_count()} cores | times zopfli on its own |")
    print("| --- | --- |")
    for title, ratio in ratios.items():
        print(f"| {DEFAULT}, {title} | {ratio:.2f} |")


def budgets(figures: dict[str, Figures]) -> list[tuple[str, bool]]:
    """Return each promise with whether it holds."""
    size = figures[DEFAULT].size
    return [
        ("bin2res: the smallest", size == min(found.size for found in figures.values())),
        (f"bin2res: {MOST} of gzip -9", size <= MOST * figures[GZIP].size),
    ]


if __name__ == "__main__":
    main()
