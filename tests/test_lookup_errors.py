"""Errors that are not "not found", and names that must not be found."""

from __future__ import annotations

import gzip
import random
import subprocess
from collections.abc import Callable
from pathlib import Path

import app
import folders
import pytest
import runtimes

from bin2res.module import Resource
from bin2res.table import TableModule

Run = Callable[[Path, str], "subprocess.CompletedProcess[str]"]
BOTH = pytest.mark.parametrize("run", [runtimes.cpython, runtimes.micropython])

# Nothing can be opened any more: the file is there all the same.
_TOO_MANY_OPEN = """\
import errno, resource
import pkgres

pkgres.resource_string("my_app", "page.html")
resource.setrlimit(resource.RLIMIT_NOFILE, (3, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
try:
    pkgres.resource_string("my_app", "page.html")
except OSError as e:
    print(e.errno == errno.EMFILE)
"""

# The same for a request: it is not said that there is no such page.
_TOO_MANY_OPEN_TO_RESPOND = """\
import errno, resource
from pkgres.static import respond

respond("my_app", "page.html")[0].close()
resource.setrlimit(resource.RLIMIT_NOFILE, (3, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
try:
    print(respond("my_app", "page.html")[1])
except OSError as e:
    print(e.errno == errno.EMFILE)
"""

# A flash that is worn out: what is there cannot be opened.
_WORN_OUT = """\
import errno, vfs, sys

class Worn:
    def mount(self, readonly, mkfs):
        pass

    def stat(self, path):
        if path in ("/my_app", "my_app"):
            return (0x4000,) + 9 * (0,)
        if path.endswith(("page.html", "__init__.py")):
            return (0x8000,) + 9 * (0,)
        raise OSError(errno.ENOENT)

    def open(self, path, mode):
        if "__init__" in path:
            import io
            return io.StringIO("")
        raise OSError(errno.EIO if "page" in path else errno.ENOENT)

vfs.mount(Worn(), "/worn", readonly=True)
import pkgres
sys.modules["my_app"] = type("my_app", (), {"__path__": "/worn/my_app", "__name__": "my_app"})
for name in ("page.html", "none"):
    try:
        pkgres.resource_stream("my_app", name)
    except OSError as e:
        print(e.errno == (errno.EIO if name == "page.html" else errno.ENOENT))
"""

# A card that is pulled out while a compressed resource is read from it.
_PULLED_OUT = """\
import errno, io, vfs, sys

DATA = open("packed.gz", "rb").read()

class File(io.IOBase):
    at = got = 0

    def readinto(self, buffer):
        self.got += len(buffer)
        if self.got > 1000:
            raise OSError(errno.ETIMEDOUT)
        part = DATA[self.at : self.at + len(buffer)]
        buffer[: len(part)] = part
        self.at += len(part)
        return len(part)

    def read(self, size):
        buffer = bytearray(size)
        return bytes(buffer[: self.readinto(buffer)])

    def ioctl(self, request, argument):
        return 0

    def seek(self, offset, whence=0):
        self.at = offset + (0, self.at, len(DATA))[whence]
        return self.at

class Card:
    def mount(self, readonly, mkfs):
        pass

    def stat(self, path):
        if path.endswith(".gz"):
            return (0x8000,) + 9 * (0,)
        raise OSError(errno.ENOENT)

    def open(self, path, mode):
        if path.endswith(".gz"):
            return File()
        raise OSError(errno.ENOENT)

vfs.mount(Card(), "/card", readonly=True)
import pkgres
sys.modules["my_app"] = type("my_app", (), {"__path__": "/card/my_app", "__name__": "my_app"})
stream = pkgres.resource_stream("my_app", "page.html")
try:
    while stream.read(100):
        pass
except OSError as e:
    print(e.errno == errno.ETIMEDOUT, e)
"""

_ILLEGAL = """\
import pkgres

print(pkgres.resource_string("my_app", "data/x"))
for name in ("../x", "a\\\\b", "data/../x", "nul\\0"):
    try:
        print(pkgres.resource_string("my_app", name))
    except ValueError:
        print("refused")
"""

_LIES = """\
import gc
import pkgres

pkgres.resource_string("my_app", "small.txt")
try:
    stream = pkgres.resource_stream("my_app", "lies.txt")
    before = gc.mem_alloc()
    stream.read(1)
    print(gc.mem_alloc() - before)
except OSError as e:
    print(gc.mem_alloc() - before)
"""


def put(folder: Path, program: str, files: dict[str, bytes]) -> None:
    """Write pkgres, *program* as main.py, and the files of a package my_app."""
    app.install_pkgres(folder)
    (folder / "main.py").write_text(program)
    folders.write(folder / "my_app", {"__init__.py": b"", **files})


@pytest.mark.parametrize("program", [_TOO_MANY_OPEN, _TOO_MANY_OPEN_TO_RESPOND])
def test_too_many_open_files(tmp_path: Path, program: str) -> None:
    put(tmp_path, program, {"page.html": b"<p>"})
    result = runtimes.cpython(tmp_path, "main.py")
    assert (result.stdout, result.stderr) == ("True\n", "")


def test_a_worn_out_flash(tmp_path: Path) -> None:
    app.install_pkgres(tmp_path)
    (tmp_path / "main.py").write_text(_WORN_OUT)
    result = runtimes.micropython(tmp_path, "main.py")
    assert (result.stdout, result.stderr) == ("True\nTrue\n", "")


def test_a_card_that_is_pulled_out(tmp_path: Path) -> None:
    """It is not said that the data are damaged."""
    app.install_pkgres(tmp_path)
    (tmp_path / "main.py").write_text(_PULLED_OUT)
    (tmp_path / "packed.gz").write_bytes(gzip.compress(random.Random(1).randbytes(5000)))
    result = runtimes.micropython(tmp_path, "main.py")
    assert (result.stdout[:5], result.stderr) == ("True ", ""), result.stdout


@BOTH
def test_illegal_names_in_a_module_of_another_tool(tmp_path: Path, run: Run) -> None:
    """They are refused at the second lookup as at the first, though the dict has them."""
    names = ["data/x", "../x", "a\\b", "data/../x", "nul\0"]
    module = f"R = {dict.fromkeys(names, b'found')!r}\n"
    put(tmp_path, _ILLEGAL, {"R.py": module.encode()})
    result = run(tmp_path, "main.py")
    assert result.stderr == ""
    assert result.stdout.splitlines() == ["b'found'", *["refused"] * 4]


def test_no_window_for_a_size_that_lies(tmp_path: Path) -> None:
    """Its last bytes say four gigabytes: a window as large as can be would be 32 KiB."""
    packed = gzip.compress(b"a line\n", mtime=0)
    files = {"small.txt.gz": packed, "lies.txt.gz": packed[:-4] + b"\xff" * 4}
    put(tmp_path, _LIES, files)
    result = runtimes.micropython(tmp_path, "main.py")
    assert result.stderr == ""
    assert 256 < int(result.stdout) < 8192


def test_a_table_of_many_names_has_many_buckets() -> None:
    names = [f"data/{i:04}.html" for i in range(1000)]
    text = b"".join(TableModule([Resource(name, b"") for name in names]))
    module: dict[str, tuple[tuple[str, ...], ...]] = {}
    exec(text, {"__builtins__": __builtins__}, module)
    buckets = [bucket[::2] for bucket in module["N"]]
    assert sorted(name for bucket in buckets for name in bucket) == names
    assert len(buckets) > 300
    assert max(map(len, buckets)) <= 8
