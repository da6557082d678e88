"""bin2res --gzip: what is compressed, who can read it, what is told and refused."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import subprocess
import zlib
from pathlib import Path

import app
import pytest
import runtimes
from conftest import Bin2res, needing, resources
from firmware.source import need

from bin2res.compress import compress

PAGE = b"".join(b"<p>line %d of a page that goes on for a while</p>\n" % i for i in range(900))


@pytest.fixture
def pages(package: Path) -> Path:
    """The package, with a page of 40 KB and what gzip makes no smaller."""
    (package / "data/page.html").write_bytes(PAGE)
    (package / "data/image.png").write_bytes(b"\x89PNG\r\n" + bytes(1000))
    (package / "data/noise.bin").write_bytes(os.urandom(1000))
    (package / "data/empty.html").write_bytes(b"")
    return package


def test_what_is_compressed(pages: Path, bin2res: Bin2res) -> None:
    result = bin2res("data", "--gzip", "*")
    assert result.returncode == 0, result.stderr
    found = resources(pages / "R.py")
    assert list(found) == sorted(found)
    assert set(found) == {
        "data/empty.html",
        "data/image.png",
        "data/noise.bin",
        "data/page.html.gz",
        "data/sub/deep.txt",
    }
    assert gzip.decompress(found["data/page.html.gz"]) == PAGE
    size = len(found["data/page.html.gz"])
    assert f"{size:,}  data/page.html.gz, {len(PAGE):,} inflated" in result.stderr.decode()
    told = json.loads(bin2res("data", "--gzip", "*", "--json").stdout)
    assert {"name": "data/page.html.gz", "size": size, "inflated": len(PAGE)} in told["resources"]
    assert bin2res("data", "--gzip", "*", "--check").returncode == 0
    assert bin2res("data", "--check").returncode == 1


def test_patterns(pages: Path, bin2res: Bin2res) -> None:
    (pages / "data/page.css").write_bytes(PAGE)
    assert bin2res("data", "--gzip", "data/*.html", "--gzip", "data/page.css").returncode == 0
    assert "data/page.css.gz" in resources(pages / "R.py")
    assert bin2res("data", "--gzip", "*", "--gzip", "!*.css").returncode == 0
    assert "data/page.css" in resources(pages / "R.py")


@pytest.mark.parametrize("window", range(9, 16))
def test_header_and_window(window: int) -> None:
    data = compress(PAGE, window)
    assert data == compress(PAGE, window)
    # RFC 1952: method, FEXTRA, no time, the length of the extra field, W, B, 1, the bits.
    assert data[:8] == b"\x1f\x8b\x08\x04\0\0\0\0"
    assert data[10:16] == b"\x05\0WB\x01\0"
    assert data[16] == window
    inflater = zlib.decompressobj(-window)  # fails if a larger window was used
    assert inflater.decompress(data[17:-8]) == PAGE
    assert zlib.decompress(data, wbits=31) == PAGE


@pytest.mark.parametrize(
    "command",
    [
        ["gzip", "-dc", "page.gz"],
        ["node", "-e", "process.stdout.write(zlib.gunzipSync(fs.readFileSync('page.gz')))"],
    ],
)
def test_other_readers(tmp_path: Path, command: list[str]) -> None:
    needing(lambda: need(command[0]))
    (tmp_path / "page.gz").write_bytes(compress(PAGE, 10))
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True)
    assert result.stdout == PAGE


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--gzip", "*.xml"], "--gzip *.xml: matches no resource"),
        (["--gzip", "!"], "--gzip: "),
        (["--gzip", "*", "--gzip-window", "8"], "8 is not in the range 9<=x<=15"),
        (["--gzip", "*.txt"], "data/twice.txt: compressed it has the name of "),
    ],
)
def test_refused(pages: Path, bin2res: Bin2res, arguments: list[str], message: str) -> None:
    (pages / "data/twice.txt").write_bytes(PAGE)
    (pages / "data/twice.txt.gz").write_bytes(b"another")
    (pages / "R.py").write_bytes(b"old")
    result = bin2res("data", *arguments)
    assert result.returncode == 2
    assert message in result.stderr.decode()
    assert (pages / "R.py").read_bytes() == b"old"


def test_zeros_behind_the_end_tell_no_size(tmp_path: Path) -> None:
    """The last four bytes are not the size then: the window must be the largest."""
    content = os.urandom(20_000) * 2
    app.install_pkgres(tmp_path)
    (tmp_path / "far.txt.gz").write_bytes(gzip.compress(content) + bytes(512))
    (tmp_path / "main.py").write_text(
        "import pkgres, hashlib, binascii\n"
        "digest = hashlib.sha256(pkgres.resource_string(None, 'far.txt')).digest()\n"
        "print(binascii.hexlify(digest).decode())\n"
    )
    for run in (runtimes.cpython, runtimes.micropython):
        result = run(tmp_path, "main.py")
        assert result.stdout == hashlib.sha256(content).hexdigest() + "\n", result.stderr
