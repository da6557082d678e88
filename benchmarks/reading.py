"""What each way to read a resource costs on a Cortex-M3: code, ticks and RAM.

    python benchmarks/reading.py    # writes benchmarks/figures/reading.json

The firmware is that of frozen.py, and so are the ticks. A resource of 4 KiB is read to its
end, through a buffer of 512 bytes where the way gives a stream.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests"))

import frozen_app  # noqa: E402
from figures import keep  # noqa: E402
from firmware import build, source  # noqa: E402
from frozen_ways import BIG  # noqa: E402
from meter import medians, run  # noqa: E402

# What each way loads and sets up, and how it reads the resource.
WAYS = {
    "`resource_stream`": ("", "drain(pkgres.resource_stream('dictbig', 'big'))"),
    "`resource_string`": ("", "len(pkgres.resource_string('dictbig', 'big'))"),
    "`resource_buffer`": ("", "len(pkgres.resource_buffer('dictbig', 'big'))"),
    "`open()` of a mount": (
        "import pkgres.mount; pkgres.mount.mount('dictbig', '/big')",
        "drain(open('/big/big', 'rb'))",
    ),
    "`open()` of a mount, `read()` as text": (
        "import pkgres.mount; pkgres.mount.mount('dicttext', '/text')",
        "len(text_of(open('/text/text')))",
    ),
    "`open()` of the view at the root": (
        "import pkgres.mount, dictbig; pkgres.mount.root()",
        "drain(open('/dictbig/big', 'rb'))",
    ),
    "`files()`, `read_bytes()`": (
        "from importlib.resources import files",
        "len(files('dictbig').joinpath('big').read_bytes())",
    ),
    "`files()`, `open('rb')`": (
        "from importlib.resources import files",
        "drain(files('dictbig').joinpath('big').open('rb'))",
    ),
    "`respond` (HTTP)": (
        "from pkgres.static import respond",
        "drain(respond('dictbig', 'big')[0])",
    ),
}
_FIGURES = ("code", "ticks", "meanwhile")


def main() -> None:
    try:
        with tempfile.TemporaryDirectory() as folder:
            firmwares = built(Path(folder))
    except source.Missing as missing:
        sys.exit(str(missing))
    ways = {way: medians([measure(each, way) for each in firmwares]) for way in WAYS}
    keep("reading", {"ways": ways})


def built(folder: Path) -> list[Path]:
    """Return the firmwares, which are kept elsewhere, built from what is laid out in *folder*."""
    manifest = frozen_app.stage(folder)
    add_text(folder)
    return [build.cortex_m3(each) for each in frozen_app.with_names(manifest)]


def add_text(folder: Path) -> None:
    """Add a text of 4 KiB, in the package "dicttext"."""
    files = folder / "filestext"
    line = "Zażółć gęślą jaźń\n".encode()
    frozen_app.write(files / "text", line * (BIG // len(line)))
    frozen_app.add_module(folder / "code/dicttext", files, ["text"])


def measure(firmware: Path, way: str) -> dict[str, int]:
    """Return the RAM of the code and of what is set up, the ticks and the RAM of a read."""
    prepare, reads = WAYS[way]
    code = f"""
import pkgres, dictbig.R, dicttext.R
buffer = bytearray(512)
def drain(stream):
    with stream:
        while stream.readinto(buffer):
            pass
def text_of(stream):
    with stream:
        return stream.read()
pkgres.resource_stream('dictbig', 'big'), pkgres.resource_stream('dicttext', 'text')
def setup():
    global files, respond
    {prepare or "pass"}
def read(_):
    {reads}
before = ram()
setup()
read(0)
print(ram() - before)
read(0)
gc.collect()
print(ticks(read, 0) - idle)
gc.collect()
gc.disable()
before = gc.mem_alloc()
read(0)
print(gc.mem_alloc() - before)
"""
    found = map(int, run(firmware, code).split())
    return dict(zip(_FIGURES, found, strict=True))


if __name__ == "__main__":
    main()
