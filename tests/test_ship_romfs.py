"""The ROMFS image, mounted by MicroPython with vfs.VfsRom."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import runtimes
import shipping
import test_example

_MOUNT = """\
import sys, vfs
with open("app.romfs", "rb") as file:
    image = file.read()
vfs.mount(vfs.VfsRom(image), "/rom")
sys.path[:] = ["/rom/lib", ".frozen"]
"""
_READ = """\
import gc, io
import pkgres as pkg_resources
buffer = bytearray(64)
def read():
    with pkg_resources.resource_stream("my_app", "data/big.bin") as stream:
        total = n = stream.readinto(buffer)
        while n:
            n = stream.readinto(buffer)
            total += n
    return total
read()
gc.collect()
gc.disable()
before = gc.mem_alloc()
total = read()
print(total, gc.mem_alloc() - before)
"""
BIG = 100_000  # bytes


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with an image of the example and a large resource, and programs."""
    source = shipping.copied(tmp_path / "source")
    (source / "data/big.bin").write_bytes(bytes(BIG))
    folder = tmp_path / "run"
    folder.mkdir()
    shipping.ship("romfs", "-C", str(source), "-o", str(folder / "app.romfs"))
    shutil.rmtree(source)
    (folder / "main.py").write_text(_MOUNT + "import my_app.__main__\n")
    (folder / "read.py").write_text(_MOUNT + _READ)
    web = "import my_app.web\nmy_app.web.app.run(port=int(sys.argv[1]))\n"
    (folder / "web.py").write_text(_MOUNT + web)
    return folder


def check_read(output: str) -> None:
    total, allocated = map(int, output.split())
    assert total == BIG
    assert allocated < 1000


def test_the_name_of_a_folder_is_refused(tmp_path: Path) -> None:
    result = shipping.command("romfs", "-o", f"{tmp_path}/out/")
    assert result.returncode == 2
    assert result.stderr.endswith("out/: is the name of a folder; name a file with -o\n")
    assert list(tmp_path.iterdir()) == []


def test_on_1_27(folder: Path) -> None:
    result = runtimes.micropython(folder, "main.py")
    assert (result.stdout, result.stderr) == (test_example.expected(), "")
    check_read(runtimes.micropython(folder, "read.py").stdout)


def test_on_1_25(receiver: Path, folder: Path) -> None:
    version = runtimes.run([str(receiver), "-c", "import sys; print(sys.version)"], folder)
    assert "v1.25" in version.stdout
    result = runtimes.run([str(receiver), "main.py"], folder)
    assert (result.stdout, result.stderr) == (test_example.expected(), "")
    check_read(runtimes.run([str(receiver), "read.py"], folder).stdout)
    shipping.check_web(receiver, folder, "", "web.py")


def test_reproducible(tmp_path: Path) -> None:
    copy = shipping.copied(tmp_path / "another place")
    shipping.ship("romfs", "-o", str(tmp_path / "one"))
    shipping.ship("romfs", "-C", str(copy), "-o", str(tmp_path / "two"))
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_refused(tmp_path: Path) -> None:
    source = shipping.copied(tmp_path / "source")
    (source / "data/ümlaut").write_text("x")
    (tmp_path / "app.romfs").write_text("old")
    result = shipping.command("romfs", "-C", str(source), "-o", str(tmp_path / "app.romfs"))
    assert result.returncode == 2
    assert "ROMFS takes names in ASCII only; rename it" in result.stderr
    assert (tmp_path / "app.romfs").read_text() == "old"
