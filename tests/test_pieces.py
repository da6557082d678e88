"""Resources of more than 100 KiB: stored in pieces, read as one; whole where that is asked for."""

from __future__ import annotations

import ast
import random
import subprocess
from collections.abc import Callable
from pathlib import Path

import app
import pytest
import runtimes
from conftest import Bin2res, resources

import bin2res
from bin2res import Form
from bin2res.encode import compress
from bin2res.module import PIECE, WHOLE

Run = Callable[[Path, str], "subprocess.CompletedProcess[str]"]
BIG = b"".join(b"%d of a long text\n" % n for n in range(9000))
# Compressed more than 100 KiB.
PACKED = b"".join(b"%016x\n" % random.Random(n).getrandbits(64) for n in range(14_000))

EXPECTED = f"""\
data/small.txt 5 True
True
True
True False
data/big.txt {len(BIG)} True
True
True
True False
data/packed.txt {len(PACKED)} True
True
True
True False
data/packed.txt.gz GZ True
True
True
True False
17 True b'ong text\\n'
SAME
True True
['big.txt', 'packed.txt.gz', 'small.txt']
['big.txt', 'packed.txt', 'small.txt'] {len(BIG)}
{len(PACKED)}
200 True None
200 True gzip
"""
MOUNTED = f"""\
('big.txt', 32768, 0, {len(BIG)})
('packed.txt', 32768, 0, {len(PACKED)})
('small.txt', 32768, 0, 5)
{len(BIG)}
{len(BIG)}
{len(PACKED)}
{len(PACKED)}
GZ
GZ
17 20000 {len(BIG) - 17 - 20000}
"""


@pytest.fixture
def files(tmp_path: Path) -> Path:
    files = tmp_path / "app/data"
    files.mkdir(parents=True)
    (files / "small.txt").write_bytes(b"small")
    (files / "big.txt").write_bytes(BIG)
    (files / "packed.txt").write_bytes(PACKED)
    return files


@pytest.mark.parametrize("form", [Form(), Form(table=True), Form(mpy=True, package="app")])
@pytest.mark.parametrize("run", [runtimes.cpython, runtimes.micropython])
def test_read_as_one(files: Path, tmp_path: Path, form: Form, run: Run) -> None:
    if form.mpy and run is runtimes.cpython:
        form = form._replace(mpy=False)
    package = files.parent
    made = bin2res.bundle(["data"], directory=str(package), gzip=["packed.*=11"], form=form)
    assert made.sizes["data/packed.txt.gz"] > WHOLE
    for file in files.iterdir():
        file.unlink()
    files.rmdir()
    app.install_pkgres(tmp_path)
    (package / "__init__.py").write_bytes(b"")
    (tmp_path / "main.py").write_bytes((app.HERE / "pieces.py").read_bytes())
    result = run(tmp_path, "main.py")
    assert result.stderr == ""
    expected = EXPECTED + (MOUNTED if run is runtimes.micropython else "")
    size = made.sizes["data/packed.txt.gz"]
    assert result.stdout == expected.replace("GZ", str(size)).replace("SAME", "True")


def test_io_on_cpython(files: Path, tmp_path: Path) -> None:
    """There a stream over pieces is one of io's, which its wrappers take."""
    bin2res.bundle(["data"], directory=str(files.parent))
    (files / "big.txt").unlink()
    (files.parent / "__init__.py").touch()
    app.install_pkgres(tmp_path)
    (tmp_path / "main.py").write_text(
        "import io, pkgres\n"
        "text = io.TextIOWrapper(pkgres.resource_stream('app', 'data/big.txt'))\n"
        "print(next(text), text.seekable())\n"
    )
    result = runtimes.cpython(tmp_path, "main.py")
    assert (result.stdout, result.stderr) == ("0 of a long text\n True\n", "")


def test_the_module(files: Path, bin2res: Bin2res) -> None:
    package = files.parent
    result = bin2res("data", "--gzip", "packed.*=11", cwd=package)
    assert result.returncode == 0
    assert f"{len(BIG):,}  data/big.txt, in 11 pieces" in result.stderr.decode()
    tree = ast.parse((package / "R.py").read_text("ascii"))
    found = ast.literal_eval(next(n.value for n in tree.body if isinstance(n, ast.Assign)))
    assert found["data/small.txt"] == b"small"
    assert b"".join(found["data/big.txt"]) == BIG
    assert [len(piece) for piece in found["data/big.txt"][:-1]] == [PIECE] * 10
    assert b"".join(found["data/packed.txt.gz"]) == compress(PACKED, 11)
    for options in ([], ["--table"]):
        assert bin2res("data", *options, cwd=package).returncode == 0
        assert bin2res("data", *options, "--check", cwd=package).returncode == 0
        (files / "big.txt").write_bytes(BIG[:-1] + b"!")
        check = bin2res("data", *options, "--check", cwd=package)
        assert check.stderr == b"R.py: 'data/big.txt' has changed\n"
        (files / "big.txt").write_bytes(BIG)


@pytest.mark.parametrize(("size", "in_pieces"), [(WHOLE, False), (WHOLE + 1, True)])
def test_what_is_in_pieces(files: Path, bin2res: Bin2res, size: int, in_pieces: bool) -> None:
    (files / "big.txt").write_bytes(BIG[:size])
    assert bin2res("data/big.txt", cwd=files.parent).returncode == 0
    found = resources(files.parent / "R.py")["data/big.txt"]
    assert isinstance(found, tuple) == in_pieces
    assert bin2res("data/big.txt", "--whole", "*.txt", cwd=files.parent).returncode == 0
    assert resources(files.parent / "R.py")["data/big.txt"] == BIG[:size]


def test_whole_in_the_description(files: Path, bin2res: Bin2res) -> None:
    project = "[project]\nname = 'app'\nversion = '1'\n[tool.pkgres]\nresources = ['data/b*']\n"
    (files.parents[1] / "pyproject.toml").write_text(project + "whole = ['big.*']\n")
    assert bin2res(cwd=files).returncode == 0
    assert resources(files.parent / "R.py") == {"data/big.txt": BIG}
    (files.parents[1] / "pyproject.toml").write_text(project + "whole = ['huge.*']\n")
    result = bin2res(cwd=files)
    assert result.returncode == 2
    assert b"[tool.pkgres] whole huge.*: matches no resource; fix or drop it" in result.stderr


def test_many_that_are_fairly_large(files: Path, bin2res: Bin2res) -> None:
    """Whole are those for which a build takes few seconds together."""
    for number in range(42):
        (files / f"picture{number}.bin").write_bytes(bytes([number]) * 100_000)
    assert bin2res("data", "--whole", "picture7.bin", cwd=files.parent).returncode == 0
    found = resources(files.parent / "R.py")
    assert [name for name in found if "picture" in name and isinstance(found[name], bytes)] == [
        "data/picture7.bin"
    ]
    assert bin2res("data", "-x", "picture[2-4]*", cwd=files.parent).returncode == 0
    found = resources(files.parent / "R.py")
    assert all(isinstance(found[name], bytes) for name in found if "picture" in name)
