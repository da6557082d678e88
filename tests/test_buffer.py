"""resource_buffer: the bytes in place, where there is a place, and read once elsewhere."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import app
import firmware.build
import folders
import pytest
import runtimes
import test_frozen as frozen
import wasi
from conftest import needing
from firmware import qemu

from bin2res.encode import compress

BIG = bytes(range(250)) * 400
TEXT = b"<p>line of a page\n" * 200

_FROZEN = """\
import gc, uctypes
import pkgres, held.R

pkgres.resource_buffer("held", "small")  # loads the code
for call in (pkgres.resource_buffer, pkgres.resource_string):
    gc.collect()
    before = gc.mem_alloc()
    found = call("held", "big")
    gc.collect()
    print(len(found), gc.mem_alloc() - before <= 64)
    print(uctypes.addressof(found) == uctypes.addressof(held.R.R["big"]))
view = pkgres.resource_buffer("held", "page.html")
print(len(view), bytes(view[:5]), type(view) is memoryview)
try:
    pkgres.resource_buffer("held", "big")[0] = 1
except TypeError:
    print("read-only")
"""

# The image lies in RAM here, in flash on a board; the file in it is where it lies.
_ROMFS = """\
import sys, vfs, uctypes
import pkgres

image = open("held.romfs", "rb").read()
vfs.mount(vfs.VfsRom(image), "/rom")
sys.path.append("/rom")
view = pkgres.resource_buffer("held", "big")
offset = uctypes.addressof(view) - uctypes.addressof(image)
print(len(view), 0 < offset < len(image), image[offset : offset + 4] == bytes(view[:4]))
print(bytes(pkgres.resource_buffer("held", "page.html"))[:5])
try:
    view[0] = 1
except TypeError:
    print("read-only")
"""

_FILES = """\
import pkgres

for name in ("big", "page.html", "empty"):
    view = pkgres.resource_buffer("held", name)
    print(len(view), sum(view) % 65536)
try:
    pkgres.resource_buffer("held", "big")[0] = 1
except TypeError:
    print("read-only")
"""


def write(package: Path) -> None:
    files = {"__init__.py": b"", "big": BIG, "page.html": TEXT, "small": b"s", "empty": b""}
    folders.write(package, files)


@pytest.mark.parametrize("form", ["dict", "table"])
def test_frozen(tmp_path: Path, form: str) -> None:
    package = tmp_path / "code/held"
    write(package)
    options = ["--table"] if form == "table" else []
    names = ("big", "page.html", "small", "empty")
    frozen.bundle(package, "-q", *names, "--gzip", "*.html", *options)
    for name in names:
        (package / name).unlink()
    elf = needing(lambda: firmware.build.cortex_m3(frozen.freeze(tmp_path)))
    expected = [f"{len(BIG)} True", "True"] * 2
    expected += [f"{len(TEXT)} {TEXT[:5]!r} True", "read-only"]
    assert qemu.run(elf, _FROZEN).splitlines() == expected


def test_on_a_romfs(tmp_path: Path) -> None:
    write(tmp_path / "rom/held")
    command = ["-m", "mpremote", "romfs", "-o", "held.romfs", "build", "rom"]
    subprocess.run([sys.executable, *command], cwd=tmp_path, capture_output=True, check=True)
    app.install_pkgres(tmp_path)
    (tmp_path / "main.py").write_text(_ROMFS)
    result = wasi.run(["main.py"], tmp_path)
    expected = [f"{len(BIG)} True True", str(TEXT[:5]), "read-only"]
    assert (result.stdout.splitlines(), result.stderr) == (expected, "")


@pytest.mark.parametrize("runtime", [runtimes.cpython, runtimes.micropython])
@pytest.mark.parametrize("is_compressed", [False, True])
def test_of_files(
    tmp_path: Path, runtime: Callable[..., subprocess.CompletedProcess[str]], is_compressed: bool
) -> None:
    package = tmp_path / "held"
    write(package)
    if is_compressed:
        (package / "page.html").unlink()
        (package / "page.html.gz").write_bytes(compress(TEXT, 10))
    app.install_pkgres(tmp_path)
    (tmp_path / "main.py").write_text(_FILES)
    result = runtime(tmp_path, "main.py")
    expected = [f"{len(c)} {sum(c) % 65536}" for c in (BIG, TEXT, b"")] + ["read-only"]
    assert (result.stdout.splitlines(), result.stderr) == (expected, "")
