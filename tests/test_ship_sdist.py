"""The archive for upip: unpacked on MicroPython with 64 KiB of heap, and run."""

from __future__ import annotations

import gzip
import shutil
import subprocess
import tarfile
import zlib
from pathlib import Path

import app
import pytest
import runtimes
import shipping

ARCHIVE = "my_app-1.0.0.tar.gz"


def unpack(receiver: Path, archive: Path, board: Path) -> str:
    """Unpack on MicroPython; return what it printed and what is required."""
    board.mkdir()
    shutil.copy(app.HERE / "upip.py", board)
    code = f"import upip; print(upip.unpack({str(archive)!r}, 'lib/'))"
    result = runtimes.run([str(receiver), "-X", "heapsize=64k", "-c", code], board)
    assert (result.returncode, result.stderr) == (0, "")
    return result.stdout


def test_unpacked_and_run(receiver: Path, tmp_path: Path) -> None:
    made = shipping.ship("sdist", "-o", str(tmp_path))
    archive, board = tmp_path / ARCHIVE, tmp_path / "board"
    assert made["output"] == str(archive)
    assert unpack(receiver, archive, board) == "b''\n"
    assert not (board / "lib/my_app/data").exists()
    shipping.check_app(receiver, board, f"{board}/lib")
    shipping.check_web(receiver, board, f"{board}/lib")


def test_dependencies_are_in_it(receiver: Path, tmp_path: Path) -> None:
    """upip looks for names in an index of its own only, so nothing is left to it."""
    (tmp_path / "drivers").mkdir()
    (tmp_path / "drivers/one.py").write_text("print('one')\n")
    dependencies = 'dependencies = ["../drivers/one.py"]'
    source = shipping.copied(tmp_path / "source", {shipping.DEPENDENCIES: dependencies})
    shipping.ship("sdist", "-C", str(source), "-o", str(tmp_path / "dist"))
    board = tmp_path / "board"
    assert unpack(receiver, tmp_path / "dist" / ARCHIVE, board) == "b''\n"
    result = runtimes.run([str(receiver), "-c", "import one"], board, f"{board}/lib")
    assert result.stdout == "one\n"


def test_host_tools_read_it(tmp_path: Path) -> None:
    made = shipping.ship("sdist", "-o", str(tmp_path))
    (listing,) = made["next"]
    result = subprocess.run(["bash", "-c", listing], capture_output=True, text=True, check=True)
    names = result.stdout.split()
    assert names == sorted(names)
    assert "my_app-1.0.0/my_app/R.py" in names
    assert not [name for name in names if "data/" in name or "pyproject" in name]
    with tarfile.open(tmp_path / ARCHIVE) as tar:
        for member in tar.getmembers():
            assert (member.mtime, member.uid, member.gid, member.uname) == (0, 0, 0, "")
    data = (tmp_path / ARCHIVE).read_bytes()
    # Reads with a window of 4 KiB: the header, with its extra field, has 17 bytes.
    inflater = zlib.decompressobj(-12)
    assert inflater.decompress(data[17:-8]) == gzip.decompress(data)


def test_reproducible(tmp_path: Path) -> None:
    copy = shipping.copied(tmp_path / "another place")
    shipping.ship("sdist", "-o", str(tmp_path / "one"))
    shipping.ship("sdist", "-C", str(copy), "-o", str(tmp_path / "two"))
    assert (tmp_path / "one" / ARCHIVE).read_bytes() == (tmp_path / "two" / ARCHIVE).read_bytes()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({'version = "1.0.0"': ""}, "[project] version: is '', no version"),
        ({"1.0.0": "first"}, "[project] version: is 'first', no version"),
        ({'name = "my_app"': f'name = "a{"b" * 90}"'}, "upip cannot unpack it"),
    ],
)
def test_refused(tmp_path: Path, changes: dict[str, str], message: str) -> None:
    copy = shipping.copied(tmp_path / "copy", changes)
    result = shipping.command("sdist", "-C", str(copy), "-o", str(tmp_path / "dist"))
    assert result.returncode == 2
    assert message in result.stderr
    assert not (tmp_path / "dist").exists()
