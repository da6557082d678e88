"""What a frozen resource costs on a Cortex-M3, against the other ways to freeze files.

    python benchmarks/frozen.py    # writes benchmarks/figures/frozen.json

One firmware for QEMU's mps2-an385 (140 KiB heap, no filesystem) holds pkgres and its
peers, each with 10, 100 and 400 resources of 200 bytes. Each figure is measured after
a fresh boot of it, so the heap is the same. With -icount shift=0 the machine takes a
nanosecond an instruction: ticks of its 25 MHz SysTick repeat exactly, from run to run
and machine to machine. Compare them as ratios: another firmware has other ticks, as
MicroPython numbers all names in it, and finds some by luck of their numbers sooner. So each
figure is the median of five firmwares that differ in names that nothing uses, and ticks to
open are the mean over up to fifty resources. The heap holds fifty small objects, as a
small app does.
"""

from __future__ import annotations

import random
import shutil
import statistics
import string
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests"))

import peers  # noqa: E402
from figures import keep  # noqa: E402
from firmware import build, qemu, source  # noqa: E402

import bin2res  # noqa: E402
from bin2res.compress import Compressed  # noqa: E402
from bin2res.encode import compress  # noqa: E402
from bin2res.ship.frozen import ram_of_dict  # noqa: E402
from bin2res.stored import Stored  # noqa: E402

COUNTS = (10, 100, 400)
SIZE = 200
SAMPLE = 50  # names, at most
FIRMWARES = 5
BIG = 4096  # bytes, read through a buffer of 512
PAGE = b"".join([b"<p>line %d of a page that goes on for a while</p>\n" % i for i in range(840)])

# How each way finds the resource `name` of package or mount `n`: what to import before
# anything is counted, what its import is, how it opens.
WAYS = {
    "pkg_resources + mpy_bin2res": (
        "import peer_pkg_resources",
        "import peer{n}.R",
        "peer_pkg_resources.resource_stream('peer{n}', name)",
    ),
    "freezefs, mounted": ("mount = '/fz{n}/'", "import freezefs{n}", "open(name, 'rb')"),
    "ROMFS, mounted": (
        "import vfs, romfs{n}; mount = '/rom{n}/'",
        "vfs.mount(vfs.VfsRom(romfs{n}.IMAGE), mount[:-1])",
        "open(name, 'rb')",
    ),
    "pkgres, dict": (
        "import pkgres",
        "import dict{n}.R",
        "pkgres.resource_stream('dict{n}', name)",
    ),
    "pkgres, --table": (
        "import pkgres",
        "import table{n}.R",
        "pkgres.resource_stream('table{n}', name)",
    ),
    "pkgres, dict, mounted": (
        "import pkgres, dict{n}.R; mount = '/d{n}/'",
        "import pkgres.mount; pkgres.mount.mount('dict{n}', mount)",
        "open(name, 'rb')",
    ),
    "pkgres, --table, mounted": (
        "import pkgres, table{n}; mount = '/t{n}/'",
        "import pkgres.mount; pkgres.mount.mount('table{n}', mount)",
        "open(name, 'rb')",
    ),
}
PEER, FREEZEFS, ROMFS, DICT, TABLE, MOUNTED_DICT, MOUNTED_TABLE = WAYS
MOUNTED = (MOUNTED_DICT, MOUNTED_TABLE)

# The first lookup and a later miss, at most so many times the peer's ticks.
FIRST, MISS = 5, 4

# How PAGE is opened where it is compressed.
INFLATING = {
    "bin2res --gzip '*=10'": "pkgres.resource_stream('zip', 'page.html')",
    "gzip(1), read by pkgres": "pkgres.resource_stream('zip', 'gzip1.html')",
    "gzip(1), read by DeflateIO": (
        "DeflateIO(pkgres.resource_stream('zip', 'gzip1.html.gz'), deflate_gzip)"
    ),
}
SMALL_WINDOW = next(iter(INFLATING))

_METER = """\
import gc
from machine import mem32
mem32[0xE000E014] = 0xFFFFFF
mem32[0xE000E018] = 0
mem32[0xE000E010] = 5
def ram():
    gc.collect()
    return gc.mem_alloc()
def ticks(f, x):
    t = mem32[0xE000E018]
    f(x)
    return (t - mem32[0xE000E018]) & 0xFFFFFF
mount = ''
stream = before = None
objects = [bytearray(8) for _ in range(50)]
def nothing(x):
    pass
ticks(nothing, 0)
idle = ticks(nothing, 0)
ram()
"""


def main() -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        manifest = stage(folder)
        firmwares = [build.cortex_m3(with_names(manifest, i * 25)) for i in range(FIRMWARES)]
    except source.Missing as missing:
        sys.exit(str(missing))
    firmware = firmwares[0]
    found: dict[str, Any] = {
        "runs on": f"Cortex-M3 (QEMU mps2-an385), 140 KiB of heap, {version(firmware)}",
        "ways": {way: medians([measure(each, way) for each in firmwares]) for way in WAYS},
        "inflating": {way: measure_inflating(firmware, opens) for way, opens in INFLATING.items()},
        "pkg_resources": int(
            run(firmware, "before = ram()\nimport pkg_resources\nprint(ram() - before)")
        ),
        "core": flash(folder),
        "page": len(PAGE),
    }
    print(found["runs on"])
    keep("frozen", found)
    promises = budgets(found["ways"], found["pkg_resources"], found["core"])
    promises += inflating_budgets(found["inflating"])
    failed = [line for line, holds in promises if not holds]
    print("budgets: " + ("all hold" if not failed else "NOT met: " + "; ".join(failed)))
    shutil.rmtree(folder)
    sys.exit(bool(failed))


def stage(folder: Path) -> Path:
    """Lay out what is frozen below *folder*; return the manifest."""
    code = folder / "code"
    code.mkdir()
    (code / "peer_pkg_resources.py").write_bytes(peers.pkg_resources())
    names = {}
    for n in COUNTS:
        files = folder / f"files{n}"
        (files / "data").mkdir(parents=True)
        names[n] = [f"data/file{i:03}.html" for i in range(n)]
        for i, name in enumerate(names[n]):
            (files / name).write_bytes((b"<p>%03d " % i * SIZE)[:SIZE])
        module = peers.mpy_bin2res(source.source(), files, names[n])
        write(code / f"peer{n}/R.py", module)
        peers.freezefs(files, code / f"freezefs{n}.py", f"/fz{n}")
        peers.romfs(files, folder / "image")
        write(code / f"romfs{n}.py", b"IMAGE = %a\n" % (folder / "image").read_bytes())
        for kind, form in (("dict", bin2res.Form()), ("table", bin2res.Form(table=True))):
            (code / f"{kind}{n}").mkdir()
            output = str(code / f"{kind}{n}/R.py")
            bin2res.bundle(["data"], directory=str(files), output=output, form=form)
        for kind in ("peer", "dict", "table"):
            write(code / f"{kind}{n}/__init__.py", b"")
    write(code / "names.py", f"NAMES = {names!r}\n".encode())
    add_big(folder, code)
    add_compressed(folder, code)
    manifest = folder / "manifest.py"
    ours = HERE.parent / "manifest.py"
    manifest.write_text(f"include({str(ours)!r})\nfreeze('code')\n")
    return manifest


def with_names(manifest: Path, number: int) -> Path:
    """Return a manifest that freezes so many names more, which nothing uses.

    MicroPython numbers names in the order of the alphabet: these are all over it.
    """
    letters = random.Random(number).choices(string.ascii_letters, k=3 * number)
    starts = ["".join(letters[i : i + 3]) for i in range(0, len(letters), 3)]
    names = "".join(f"{start}_unrelated_{i} = {i}\n" for i, start in enumerate(starts))
    folder = manifest.parent / f"with{number}"
    write(folder / "code/unrelated.py", names.encode())
    path = folder / "manifest.py"
    path.write_text(f"include({str(manifest)!r})\nfreeze('code')\n")
    return path


def medians(figures: list[dict[str, int]]) -> dict[str, int]:
    """Return the median of each figure over several firmwares."""
    return {key: statistics.median_low([found[key] for found in figures]) for key in figures[0]}


def add_big(folder: Path, code: Path) -> None:
    """Add one file of 4 KiB, in packages and mounts named with "big" for a number."""
    files = folder / "filesbig"
    files.mkdir()
    (files / "big").write_bytes(bytes(range(256)) * (BIG // 256))
    write(code / "peerbig/R.py", peers.mpy_bin2res(source.source(), files, ["big"]))
    peers.freezefs(files, code / "freezefsbig.py", "/fzbig")
    peers.romfs(files, folder / "image")
    write(code / "romfsbig.py", b"IMAGE = %a\n" % (folder / "image").read_bytes())
    add_module(code / "dictbig", files, ["big"])
    add_module(code / "tablebig", files, ["big"], bin2res.Form(table=True))
    write(code / "peerbig/__init__.py", b"")


def add_module(
    package: Path, files: Path, names: list[str], form: bin2res.Form | None = None
) -> None:
    """Add a package with the files of these names in its resource module."""
    write(package / "__init__.py", b"")
    output = str(package / "R.py")
    bin2res.bundle(names, directory=str(files), output=output, form=form or bin2res.Form())


def add_compressed(folder: Path, code: Path) -> None:
    """Add PAGE as bin2res compresses it, and as gzip(1) does, in the package "zip"."""
    files = folder / "fileszip"
    files.mkdir()
    for name in ("page.html", "gzip1.html"):
        (files / name).write_bytes(PAGE)
    subprocess.run(["gzip", "-9", "-n", "gzip1.html"], cwd=files, check=True)
    write(code / "zip/__init__.py", b"")
    names = ["page.html", "gzip1.html.gz"]
    output = str(code / "zip/R.py")
    bin2res.bundle(names, directory=str(files), output=output, gzip=["*.html=10"])


def write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def measure(firmware: Path, way: str) -> dict[str, int]:
    """Return the figures of one way; ticks to open are the mean over a sample of names."""
    figures: dict[str, int] = {}
    for n in COUNTS:
        size = min(n, SAMPLE)
        prepare, imports, opens = (part.format(n=n) for part in WAYS[way])
        package = imports.rpartition(".R")[0] if imports.endswith(".R") else ""
        code = f"""
{prepare}
{package}
import names
names = names.NAMES[{n}]
before = ram()
{imports}
print(ram() - before)
def opened(name):
    return {opens}
name = mount + names[0]
first = ticks(opened, name)
sample = [mount + names[i * {n} // {size}] for i in range({size})]
for name in sample:
    opened(name)
spent = [0] * {size}
gc.collect()
for i in range({size}):
    spent[i] = ticks(opened, sample[i]) - idle
print(first - idle, sum(spent) // {size})
before = ram()
stream = opened(sample[0])
print(ram() - before)
def missing(name):
    try:
        opened(name)
    except (OSError, KeyError):
        return
    raise ValueError
missing(mount + 'data/none.html')
gc.collect()
print(ticks(missing, mount + 'data/none.html') - idle)
"""
        imported, first, again, held, miss = map(int, run(firmware, code).split())
        figures[f"import {n}"], figures[f"open {n}"], figures[f"first {n}"] = imported, again, first
        figures["held"] = held
        if n == 100:
            figures["miss"] = miss
            if "mount = " in prepare:
                figures["list"] = measure_list(firmware, prepare, imports)
    prepare, imports, opens = (part.format(n="big") for part in WAYS[way])
    code = f"""
{prepare}
{imports}
buffer = bytearray(512)
def read(name):
    with {opens} as stream:
        n = total = stream.readinto(buffer)
        while n:
            n = stream.readinto(buffer)
            total += n
    assert total == {BIG}
big = mount + 'big'
read(big)
gc.collect()
print(ticks(read, big) - idle)
gc.collect()
gc.disable()
before = gc.mem_alloc()
read(big)
print(gc.mem_alloc() - before)
"""
    figures["read"], figures["read RAM"] = map(int, run(firmware, code).split())
    return figures


def measure_list(firmware: Path, prepare: str, imports: str) -> int:
    """Return the ticks to list the folder of 100 resources of a mount."""
    code = f"""
import os
{prepare}
{imports}
assert len(os.listdir(mount + 'data')) == 100
gc.collect()
print(ticks(os.listdir, mount + 'data') - idle)
"""
    return int(run(firmware, code))


def measure_inflating(firmware: Path, opens: str) -> dict[str, int]:
    """Return the RAM that a stream over PAGE holds, and the ticks to read it."""
    code = f"""
import pkgres
from deflate import DeflateIO, GZIP as deflate_gzip
buffer = bytearray(512)
def read(stream):
    n = total = stream.readinto(buffer)
    while n:
        n = stream.readinto(buffer)
        total += n
    assert total == {len(PAGE)}, total
pkgres.resource_stream("zip", "gzip1.html.gz")
before = ram()
stream = {opens}
stream.close()
stream = None
code = ram() - before
before = ram()
stream = {opens}
first = stream.readinto(buffer)
held = ram() - before
stream = None
gc.collect()
stream = {opens}
print(held, code, ticks(read, stream) - idle)
"""
    held, code_ram, spent = map(int, run(firmware, code).split())
    return {"held": held, "code": code_ram, "ticks": spent}


def inflating_budgets(figures: dict[str, dict[str, int]]) -> list[tuple[str, bool]]:
    """Return the promises of the small window, with whether they hold."""
    found = figures[SMALL_WINDOW]
    data = Compressed("page.html", len(PAGE), compress(PAGE, 10))
    foretold = Stored("page.html", data).ram_to_read()
    return [
        ("window of 1 KiB: 3 KiB of RAM, code and all", found["held"] + found["code"] <= 3072),
        ("RAM to inflate: as bin2res says, to 64 B", abs(found["held"] - foretold) <= 64),
    ]


def run(firmware: Path, code: str) -> str:
    return qemu.run(firmware, _METER + code)


def version(firmware: Path) -> str:
    code = "import sys; print(*sys.implementation.version[:3], sep='.')"
    return f"MicroPython {qemu.run(firmware, code).strip()}"


def flash(folder: Path) -> int:
    """Return the bytes of flash of the frozen core: firmware with it, less without."""
    sizes = []
    for name, content in (
        (
            "with",
            "package('pkgres', base_path={0!r}, files=('__init__.py',))\n"
            "module('pkg_resources.py', base_path={0!r} + '/pkgres')\n",
        ),
        ("without", ""),
    ):
        manifest = folder / name / "manifest.py"
        write(manifest, content.format(str(HERE.parent)).encode())
        elf = build.cortex_m3(manifest)
        output = subprocess.run(["size", str(elf)], capture_output=True, text=True, check=True)
        text, data = output.stdout.splitlines()[1].split()[:2]
        sizes.append(int(text) + int(data))
    return sizes[0] - sizes[1]


def budgets(figures: dict[str, dict[str, int]], ram: int, flash: int) -> list[tuple[str, bool]]:
    """Return each promise with whether it holds."""
    peer, romfs, dict_, table = (figures[way] for way in (PEER, ROMFS, DICT, TABLE))
    found = [
        ("import pkg_resources: 480 B", ram <= 480),
        ("frozen core: 3 KiB", flash <= 3072),
        ("--table, 400 resources: 0.22 of ROMFS", table["open 400"] <= 0.22 * romfs["open 400"]),
        ("--table, 10 resources: as ROMFS", table["open 10"] <= romfs["open 10"]),
    ]
    for n in COUNTS:
        imported, first = f"import {n}", f"first {n}"
        found += [
            (f"dict, import {n}: peer + 32 B", dict_[imported] <= peer[imported] + 32),
            (f"dict, first {n}: {FIRST} of the peer", dict_[first] <= FIRST * peer[first]),
            (f"--table, import {n}: 256 B", table[imported] <= 256),
            (f"import {n}: as pkgres says", abs(dict_[imported] - ram_of_dict(n)) <= 32),
        ]
    # Over all counts: of so few ticks one is 0.014 of the peer's.
    ours, theirs = (sum(way[f"open {n}"] for n in COUNTS) for way in (dict_, peer))
    found.append(("dict, open: 0.5 of the peer", ours <= 0.5 * theirs))
    for way in (DICT, TABLE):
        miss = figures[way]["miss"] <= MISS * peer["miss"]
        found.append((f"{way}, a miss: {MISS} of the peer", miss))
    for way in MOUNTED:
        mounted, freezefs, table_ram = figures[way], figures[FREEZEFS], 0
        if way == MOUNTED_TABLE:
            table_ram = 240
        for n in COUNTS:
            opened = f"open {n}"
            found += [
                (f"{way} {n}: 640 B", mounted[f"import {n}"] <= 640 + table_ram),
                (f"{way} {n}, open: 0.5 of freezefs", mounted[opened] <= 0.5 * freezefs[opened]),
            ]
        found += [
            (f"{way} 400, open: less than ROMFS", mounted["open 400"] < romfs["open 400"]),
            (f"{way} 100, listdir: as freezefs", mounted["list"] <= freezefs["list"]),
        ]
    found += [(f"{way}: stream 32 B", figures[way]["held"] <= 32) for way in (DICT, TABLE)]
    return found


if __name__ == "__main__":
    main()
