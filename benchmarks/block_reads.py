"""How often a lookup reads the board's flash, against a plain open of the same file.

    python benchmarks/block_reads.py    # writes benchmarks/figures/block_reads.json

The unix port of MicroPython, with pkgres and an app frozen in, mounts a LittleFS on a
block device in RAM that counts its reads. A lookup on the filesystem should read what
the open does, and no more; a frozen resource should read nothing.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests"))

from figures import keep  # noqa: E402
from firmware import build, source  # noqa: E402

import bin2res  # noqa: E402

_PROGRAM = """\
import os, sys, vfs

class Counting:
    def __init__(self, blocks):
        self.data = bytearray(blocks * 4096)
        self.reads = 0
    def readblocks(self, n, buffer, offset=0):
        self.reads += 1
        start = n * 4096 + offset
        buffer[:] = self.data[start : start + len(buffer)]
    def writeblocks(self, n, buffer, offset=0):
        start = n * 4096 + offset
        self.data[start : start + len(buffer)] = buffer
    def ioctl(self, op, arg):
        return {4: len(self.data) // 4096, 5: 4096}.get(op, 0)

device = Counting(128)
vfs.VfsLfs2.mkfs(device)
vfs.mount(device, "/flash")
os.mkdir("/flash/on_flash")
os.mkdir("/flash/on_flash/data")
with open("/flash/on_flash/__init__.py", "w") as f:
    f.write("")
for i in range(20):
    with open("/flash/on_flash/data/file%d.html" % i, "w") as f:
        f.write("<p>%d" % i * 100)
sys.path[:] = [".frozen", "/flash"]
import pkgres

def reads(f, *arguments):
    # The second time: what was learned is known, and LittleFS has read what it caches.
    for _ in range(2):
        before = device.reads
        try:
            f(*arguments).close()
        except OSError:
            pass
    return device.reads - before

def lookup(package, name):
    return reads(pkgres.resource_stream, package, name)

def plain(path):
    return reads(open, "/flash/" + path, "rb")

hit, miss = "data/file7.html", "data/none.html"
print("hit", lookup("on_flash", hit), plain("on_flash/" + hit))
print("miss", lookup("on_flash", miss), plain("on_flash/" + miss))
print("frozen", lookup("frozen_app", hit), 0)
os.mkdir("/flash/frozen_app")
os.mkdir("/flash/frozen_app/data")
with open("/flash/frozen_app/data/file3.html", "w") as f:
    f.write("overridden")
pkgres.invalidate_caches()
print("overridden", lookup("frozen_app", "data/file3.html"), plain("frozen_app/data/file3.html"))
print("beside", lookup("frozen_app", hit), plain("frozen_app/" + hit))

import pkgres.mount
import frozen_app
vfs.umount("/flash")
vfs.umount("/")
vfs.mount(vfs.VfsLfs2(device), "/")
os.chdir("/")
files = "/on_flash/" + hit, "/frozen_app/" + hit
before = [reads(open, file, "rb") for file in files]
pkgres.mount.root()
for case, file, plain in zip(("view", "below"), files, before):
    print(case, reads(open, file, "rb"), plain)
"""
_TITLES = {
    "hit": "app on flash, a file that is there",
    "miss": "app on flash, no such file",
    "frozen": "frozen app, no override folder",
    "overridden": "frozen app, a file that overrides",
    "beside": "frozen app with an override folder, a frozen resource",
    "view": "`pkgres.mount.root()`, a file that is there",
    "below": "`pkgres.mount.root()`, a frozen resource in a folder that is there",
}


def main() -> None:
    try:
        figures = measure()
    except source.Missing as missing:
        sys.exit(str(missing))
    keep("block_reads", {"reads": {_TITLES[case]: found for case, found in figures.items()}})


def measure() -> dict[str, tuple[int, int]]:
    """Return the block reads of the lookup, and of the plain open, of each case."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        package = folder / "code/frozen_app"
        (package / "data").mkdir(parents=True)
        (package / "__init__.py").write_text("")
        for number in range(20):
            (package / f"data/file{number}.html").write_text(f"<p>{number}" * 100)
        bin2res.bundle(["data"], directory=str(package))
        manifest = folder / "manifest.py"
        ours = str(HERE.parent / "manifest.py")
        manifest.write_text(f"include({ours!r})\nfreeze('code')\n")
        (folder / "main.py").write_text(_PROGRAM)
        binary = build.unix(manifest)
        command = [str(binary), "main.py"]
        result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    lines = [line.split() for line in result.stdout.splitlines()]
    return {case: (int(ours), int(plain)) for case, ours, plain in lines}


if __name__ == "__main__":
    main()
