"""Compressed resources on MicroPython without deflate, where uzlib inflates them.

Releases up to 1.20 have uzlib, later ones deflate: the same programs run on one of each.
"""

from __future__ import annotations

import gzip
import hashlib
import os
from pathlib import Path

import app
import node
import pytest
import test_damaged
from conftest import needing

import bin2res
from bin2res.encode import compress

LINES = b"".join([b"<p>line %d of a page that goes on for a while\n" % i for i in range(900)])
NOISE = os.urandom(20_000)

# Name of a resource -> what is stored as NAME.gz, and what is in it.
RESOURCES = {
    "small_window.html": (compress(LINES, 10), LINES),
    "largest_window.bin": (compress(NOISE + NOISE, 15), NOISE + NOISE),
    "no_field.html": (gzip.compress(LINES, mtime=0), LINES),
    "padded.html": (gzip.compress(LINES, mtime=0) + bytes(20), LINES),
    "empty.txt": (compress(b"", 10), b""),
}
_PACKED = compress(LINES, 10)
_EMPTY = compress(b"", 10)
DAMAGED = {
    "nothing": b"",
    "no_gzip": b"this is not gzip, and longer than a header",
    "another_method": _PACKED[:2] + b"\7" + _PACKED[3:],
    "cut_in_the_header": _PACKED[:8],
    "cut_in_the_field": _PACKED[:14],
    "cut_behind_the_header": _PACKED[:17],
    "cut_in_the_data": _PACKED[:200],
    "cut_in_the_sum": _PACKED[:-6],
    "cut_in_the_sum_of_nothing": _EMPTY[:-6],
    "wrong_sum": _PACKED[:-8] + bytes([_PACKED[-8] ^ 1]) + _PACKED[-7:],
    "wrong_sum_of_nothing": _EMPTY[:-8] + b"\1" + _EMPTY[-7:],
    "more_behind_the_end": _PACKED + b"more",
    "window_too_small": compress(NOISE + NOISE, 15).replace(b"WB\1\0\17", b"WB\1\0\10", 1),
}

_PROGRAM = """\
import binascii, errno, hashlib, pkg_resources

def digest(data):
    return binascii.hexlify(hashlib.sha256(data).digest()).decode()

def readinto(name):
    with pkg_resources.resource_stream("my_app", name) as stream:
        found, buffer = hashlib.sha256(), bytearray(100)
        while True:
            n = stream.readinto(buffer)
            if not n:
                return binascii.hexlify(found.digest()).decode()
            found.update(buffer[:n])

def lines(name):
    with pkg_resources.resource_stream("my_app", name) as stream:
        return digest(b"".join([line for line in stream]))

def string(name):
    return digest(pkg_resources.resource_string("my_app", name))

def closed(name):
    stream = pkg_resources.resource_stream("my_app", name)
    stream.close()
    stream.close()
    try:
        return stream.read(1)
    except (OSError, ValueError):
        return True

for name in NAMES:
    for call in (readinto, lines, string, closed):
        try:
            print(name, call.__name__, call(name))
        except OSError as e:
            print(name, call.__name__, "damaged" if e.errno == errno.EIO else repr(e))
"""


@pytest.mark.parametrize("storage", ["files", "R.py"])
@pytest.mark.parametrize("version", [node.OLDEST, node.WITH_DEFLATE])
def test_reads(tmp_path: Path, version: str, storage: str) -> None:
    stored = {name: data for name, (data, _) in RESOURCES.items()}
    inside = {name: content for name, (_, content) in RESOURCES.items()}
    expected = []
    for name in RESOURCES:
        digest = hashlib.sha256(inside[name]).hexdigest()
        expected += [f"{name} {way} {digest}" for way in ("readinto", "lines", "string")]
        expected.append(f"{name} closed True")
    assert outcome(tmp_path, version, storage, stored) == expected


@pytest.mark.parametrize("storage", ["files", "R.py"])
@pytest.mark.parametrize("version", [node.OLDEST, node.WITH_DEFLATE])
def test_damaged_resources(tmp_path: Path, version: str, storage: str) -> None:
    found = outcome(tmp_path, version, storage, DAMAGED)
    ways = ("readinto", "lines", "string")
    expected = [f"{name} {way} damaged" for name in DAMAGED for way in ways]
    assert [line for line in found if " closed " not in line] == expected


@pytest.mark.parametrize("version", [node.OLDEST, node.WITH_DEFLATE])
def test_damaged_at_random(tmp_path: Path, version: str) -> None:
    folder = lay_out(tmp_path, "files", {})
    for name, (data, content) in test_damaged.FILES.items():
        (folder / name).write_bytes(data)
        (folder / name.removesuffix(".gz")).write_bytes(content)
    (folder / "damaged.py").write_bytes((app.HERE / "damaged.py").read_bytes())
    arguments = f"{test_damaged.TIMES}, {tuple(test_damaged.FILES)}"
    (folder / "main.py").write_text(f"import damaged\ndamaged.run({arguments})\n")
    test_damaged.check(needing(lambda: node.run(version, ["main.py"], folder)))


def test_the_window_is_the_recorded_one(tmp_path: Path) -> None:
    """1 KiB where that is recorded, else 32 KiB for a content of this size."""
    names = ("small_window.html", "no_field.html")
    folder = lay_out(tmp_path, "files", {name: RESOURCES[name][0] for name in names})
    (folder / "main.py").write_text(
        "import gc, pkg_resources\n"
        "def ram(name):\n"
        "    before = gc.mem_alloc()\n"
        "    with pkg_resources.resource_stream('my_app', name) as stream:\n"
        "        stream.readinto(buffer)\n"
        "        return gc.mem_alloc() - before\n"
        "buffer = bytearray(8)\n"
        f"ram({names[0]!r})\n"  # loads the code
        f"print(*[ram(name) for name in {names!r}])\n"
    )
    result = needing(lambda: node.run(node.OLDEST, ["main.py"], folder))
    assert result.stderr == ""
    small, large = map(int, result.stdout.split())
    assert large - small > 30 << 10


def outcome(folder: Path, version: str, storage: str, stored: dict[str, bytes]) -> list[str]:
    """What the program prints for each of the resources *stored*, in lines."""
    root = lay_out(folder, storage, stored)
    (root / "main.py").write_text(f"NAMES = {list(stored)!r}\n{_PROGRAM}")
    result = needing(lambda: node.run(version, ["main.py"], root))
    assert (result.returncode, result.stderr) == (0, "")
    return result.stdout.splitlines()


def lay_out(folder: Path, storage: str, stored: dict[str, bytes]) -> Path:
    """Put the device library and the package my_app below *folder*, with resources NAME.gz."""
    root = folder / "root"
    app.install_pkgres(root)
    package = root / "my_app"
    package.mkdir()
    (package / "__init__.py").write_text("")
    files = [package / f"{name}.gz" for name in stored]
    for path, data in zip(files, stored.values(), strict=True):
        path.write_bytes(data)
    if storage == "R.py":
        names = [path.name for path in files]
        bin2res.bundle(names, directory=str(package), output=str(package / "R.py"))
        for path in files:
            path.unlink()
    return root
