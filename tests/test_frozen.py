"""Apps frozen into the unix port: the example, overrides that come and go, 10 MB."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import app
import firmware.build
import pytest
import runtimes
import test_example
from conftest import needing
from firmware import qemu

_PROGRAM = """\
import os
import pkgres

def show():
    try:
        print(pkgres.resource_string("my_app", "x.txt"), end=" ")
    except OSError as e:
        print("errno", e.errno, end=" ")

show()
os.mkdir("lib/my_app")
with open("lib/my_app/x.txt", "w") as f:
    f.write("on flash")
with open("lib/my_app/y.txt", "w") as f:
    f.write("new")
show()
pkgres.invalidate_caches()
show()
print(pkgres.resource_listdir("my_app", ""), pkgres.resource_filename("my_app", "x.txt"), end=" ")
os.remove("lib/my_app/x.txt")
show()
os.remove("lib/my_app/y.txt")
os.rmdir("lib/my_app")
pkgres.invalidate_caches()
show()
"""
_HIDDEN = """\
import pkgres
try:
    import my_app.R
except ImportError as e:
    print(e)
try:
    pkgres.resource_string("my_app", "x.txt")
except OSError as e:
    print(e.errno)
"""


def freeze(folder: Path, *more: str) -> Path:
    """Return a manifest that freezes what is below ``folder/code``, and *more*."""
    manifest = folder / "manifest.py"
    lines = [f"include({str(app.MANIFEST)!r})", "freeze('code')", *more]
    manifest.write_text("\n".join(lines) + "\n")
    return manifest


def bundle(folder: Path, *options: str) -> str:
    """Run bin2res as a user does; return what it told."""
    command = [sys.executable, "-m", "bin2res", *options]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return result.stderr


@pytest.mark.parametrize("options", [(), ("--table",)])
def test_override_that_comes_and_goes(tmp_path: Path, options: tuple[str, ...]) -> None:
    code = tmp_path / "code/my_app"
    code.mkdir(parents=True)
    (code / "x.txt").write_text("frozen")
    bundle(code, "-q", *options, "x.txt")
    (code / "x.txt").unlink()
    binary = needing(lambda: firmware.build.unix(freeze(tmp_path)))
    folder = tmp_path / "run"
    (folder / "lib").mkdir(parents=True)
    (folder / "main.py").write_text(_PROGRAM)
    result = runtimes.unix_firmware(binary, folder, "main.py", f".frozen:{folder}/lib")
    assert result.stderr == ""
    assert result.stdout == (
        "b'frozen' b'frozen' b'on flash' "
        f"['x.txt', 'y.txt'] {folder}/lib/my_app/x.txt b'frozen' b'frozen' "
    )
    # A folder that comes before .frozen hides the package: see docs/errors.md.
    (folder / "lib/my_app").mkdir()
    (folder / "main.py").write_text(_HIDDEN)
    result = runtimes.unix_firmware(binary, folder, "main.py", f"{folder}/lib:.frozen")
    assert result.stdout == "no module named 'my_app.R'\n2\n", result.stderr


@pytest.mark.parametrize("mpy", [False, True])
def test_example_frozen(tmp_path: Path, mpy: bool) -> None:
    test_example.build(tmp_path / "code", "R.py")
    package = tmp_path / "code/my_app"
    for path in app.library_code():
        (tmp_path / "code" / path).unlink()
    more = []
    if mpy:
        shutil.copytree(test_example.EXAMPLES / "my_app/data", package / "data")
        (package / "R.py").unlink()
        compiled = tmp_path / "compiled/my_app"
        compiled.mkdir(parents=True)
        bundle(package, "-q", "--mpy", "data", "-o", str(compiled / "R.mpy"))
        shutil.rmtree(package / "data")
        more = ["freeze_mpy('compiled')"]
    binary = needing(lambda: firmware.build.unix(freeze(tmp_path, *more)))
    empty = tmp_path / "empty"
    empty.mkdir()
    result = runtimes.unix_firmware(binary, empty, "my_app/__main__.py")
    assert (result.returncode, result.stdout) == (0, test_example.expected()), result.stderr


def test_10_megabytes(tmp_path: Path) -> None:
    """What bin2res says of resources that are too big, done: R.mpy and freeze_mpy()."""
    package = tmp_path / "code/big_app"
    (package / "data").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    for number in range(200):
        content = bytes([number]) + os.urandom(50_000)
        (package / f"data/{number}.bin").write_bytes(content)
    told = bundle(package, "data")
    assert "too big for a firmware build" in told
    assert "--mpy" in told
    assert "freeze_mpy()" in told
    (package / "R.py").unlink()
    compiled = tmp_path / "compiled/big_app"
    compiled.mkdir(parents=True)
    told = bundle(package, "--mpy", "--table", "data", "-o", str(compiled / "R.mpy"))
    assert "warning" not in told
    expected = (package / "data/137.bin").read_bytes()
    shutil.rmtree(package / "data")
    binary = needing(lambda: firmware.build.unix(freeze(tmp_path, "freeze_mpy('compiled')")))
    folder = tmp_path / "empty"
    folder.mkdir()
    (folder / "main.py").write_text(
        "import pkg_resources, hashlib, binascii\n"
        "content = pkg_resources.resource_string('big_app', 'data/137.bin')\n"
        "print(len(pkg_resources.resource_listdir('big_app', 'data')))\n"
        "print(binascii.hexlify(content).decode())\n"
    )
    result = runtimes.unix_firmware(binary, folder, "main.py")
    assert result.stdout.split() == ["200", expected.hex()], result.stderr


_RAM = """\
import gc
def ram():
    gc.collect()
    return gc.mem_alloc()
import {name}
before = ram()
import {name}.R
print(ram() - before)
"""


def test_hashes_take_no_ram(tmp_path: Path) -> None:
    """Frozen, a module with HASHES takes the RAM of one without: see bin2res/module.py."""
    forms = {"dict": (), "table": ("--table",)}
    for form, options in forms.items():
        for count in (3, 100):
            package = tmp_path / f"code/{form}{count}"
            (package / "data").mkdir(parents=True)
            (package / "__init__.py").write_text("")
            for number in range(count):
                (package / f"data/{number}.txt").write_bytes(b"%d" % number * 100)
            bundle(package, "-q", *options, "data")
            shutil.rmtree(package / "data")
            without = shutil.copytree(package, package.with_name(f"{package.name}_without"))
            lines = (without / "R.py").read_bytes().splitlines(keepends=True)
            kept = [line for line in lines if not line.startswith((b"HASHES = ", b"globals()"))]
            assert len(kept) == len(lines) - 2
            (without / "R.py").write_bytes(b"".join(kept))
    elf = needing(lambda: firmware.build.cortex_m3(freeze(tmp_path)))
    for form in forms:
        for count in (3, 100):
            name = f"{form}{count}"
            ram, least = (
                int(qemu.run(elf, _RAM.format(name=package)))
                for package in (name, f"{name}_without")
            )
            assert ram <= least, name


@pytest.mark.parametrize("options", [(), ("--table",), ("--compat", "1.22")])
def test_compiled_module_on_the_filesystem(tmp_path: Path, options: tuple[str, ...]) -> None:
    """What --mpy makes by default loads on the MicroPython that the firmware is of."""
    (tmp_path / "code").mkdir()
    binary = needing(lambda: firmware.build.unix(freeze(tmp_path)))
    folder = tmp_path / "run"
    test_example.build(folder, "files")
    bundle(folder / "my_app", "-q", "--mpy", *options, "data")
    shutil.rmtree(folder / "my_app/data")
    shutil.rmtree(folder / "pkgres")
    result = runtimes.unix_firmware(binary, folder, "my_app/__main__.py")
    assert (result.returncode, result.stdout) == (0, test_example.expected()), result.stderr
