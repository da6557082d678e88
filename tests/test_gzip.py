"""bin2res --gzip: what is compressed, who can read it, what is told and refused."""

from __future__ import annotations

import gzip
import hashlib
import itertools
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import app
import pytest
import runtimes
import zopfli.zlib
from conftest import Bin2res, needing, resources
from firmware.source import need

from bin2res import bundle
from bin2res.encode import WINDOWS, Window, compress

PAGE = b"".join(b"<p>line %d of a page that goes on for a while</p>\n" % i for i in range(900))
HASH = 32  # bytes in front of what is kept
RANDOM = random.Random(1).randbytes(40_000)
DIGEST_OF = """
import pkgres, hashlib, binascii
digest = hashlib.sha256(pkgres.resource_string(None, "{name}")).digest()
print(binascii.hexlify(digest).decode())
"""


class Inflater(Protocol):
    """What zlib.decompressobj returns."""

    @property
    def unconsumed_tail(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


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
    ram = 1440 + (1 << found["data/page.html.gz"][16])
    told = f"{size:,}  data/page.html.gz, {len(PAGE):,} inflated, with {ram:,} of RAM"
    assert told in result.stderr.decode()
    described = json.loads(bin2res("data", "--gzip", "*", "--json").stdout)
    expected = {"name": "data/page.html.gz", "size": size, "inflated": len(PAGE)}
    expected |= {"ram": ram, "pieces": 1}
    assert expected in described["resources"]
    assert bin2res("data", "--gzip", "*", "--check").returncode == 0
    assert bin2res("data", "--check").returncode == 1


def test_patterns(pages: Path, bin2res: Bin2res) -> None:
    (pages / "data/page.css").write_bytes(PAGE)
    assert bin2res("data", "--gzip", "data/*.html", "--gzip", "data/page.css").returncode == 0
    assert "data/page.css.gz" in resources(pages / "R.py")
    assert bin2res("data", "--gzip", "*", "--gzip", "!*.css").returncode == 0
    assert "data/page.css" in resources(pages / "R.py")


@pytest.mark.parametrize("window", [*range(9, 16), "best"])
def test_header_and_window(window: Window) -> None:
    far = b"".join(PAGE[i : i + 500] + RANDOM[i : i + 500] for i in range(0, 40_000, 500))
    for content in (PAGE, far, far[:3000], b"x"):
        data = compress(content, window)
        assert data == compress(content, window)
        # RFC 1952: method, FEXTRA, no time, the length of the extra field, W, B, 1, the bits.
        assert data[:8] == b"\x1f\x8b\x08\x04\0\0\0\0"
        assert data[10:16] == b"\x05\0WB\x01\0"
        assert 8 <= data[16] <= (15 if window == "best" else window)
        inflater = zlib.decompressobj(-data[16])  # fails if a larger window was used
        assert b"".join(bytewise(inflater, data[17:-8])) == content
        assert zlib.decompress(data, wbits=31) == content


def bytewise(inflater: Inflater, data: bytes) -> Iterator[bytes]:
    """Inflate so that zlib has no more than its window to copy from."""
    for i in range(len(data)):
        yield inflater.decompress(data[i : i + 1], 1)
        while inflater.unconsumed_tail:
            yield inflater.decompress(inflater.unconsumed_tail, 1)
    while more := inflater.decompress(b"", 1):
        yield more


@pytest.mark.parametrize(
    ("content", "bits"),
    [
        (RANDOM[:256] * 2, 8),
        (RANDOM[:257] * 2, 9),
        (RANDOM[:2048] * 2, 11),
        (RANDOM[:2049] * 2, 12),
        (RANDOM[:300] * 200, 9),
        (RANDOM[:3000], 8),
        (RANDOM[:32000] * 2, 15),
    ],
    ids=["256", "257", "2048", "2049", "period", "noise", "32000"],
)
def test_window_as_small_as_the_content_allows(content: bytes, bits: int, tmp_path: Path) -> None:
    data = compress(content, "best")
    assert data[16] == bits
    app.install_pkgres(tmp_path)
    (tmp_path / "far.bin.gz").write_bytes(data)
    (tmp_path / "main.py").write_text(DIGEST_OF.format(name="far.bin"))
    for run in (runtimes.cpython, runtimes.micropython):
        result = run(tmp_path, "main.py")
        assert result.stdout == hashlib.sha256(content).hexdigest() + "\n", result.stderr


def test_best_is_the_smallest() -> None:
    beside = 25  # bytes of header and trailer
    readme = (app.HERE.parent / "README.md").read_bytes()
    for content in (PAGE, readme, RANDOM[:2000].hex().encode()):
        best = compress(content, "best")
        others = {window: compress(content, window) for window in WINDOWS}
        for window, memory, strategy in itertools.product(WINDOWS, range(1, 10), range(5)):
            zipper = zlib.compressobj(9, zlib.DEFLATED, -window, memory, strategy)
            by_zlib = zipper.compress(content) + zipper.flush()
            assert len(best) - beside <= len(by_zlib)
            assert len(others[window]) - beside <= len(by_zlib)
        assert len(best) - beside <= len(zopfli.zlib.compress(content)) - 6


def test_a_window_of_its_own(pages: Path, bin2res: Bin2res) -> None:
    for name in ("page.js", "page.min.js", "page.json", "page.css"):
        (pages / "data" / name).write_bytes(PAGE)
    given = ["*.js=best", "*.json=10", "*.css", "!*.min.js"]
    options = [word for pattern in given for word in ("--gzip", pattern)]
    assert bin2res("data", *options, "--gzip-window", "12").returncode == 0
    found = resources(pages / "R.py")
    assert {name: found[f"data/{name}.gz"] for name in ("page.js", "page.json", "page.css")} == {
        "page.js": compress(PAGE, "best"),
        "page.json": compress(PAGE, 10),
        "page.css": compress(PAGE, 12),
    }
    assert found["data/page.min.js"] == PAGE
    # The last one that matches counts.
    assert bin2res("data", "--gzip", "*.js=9", "--gzip", "*.js=14").returncode == 0
    assert resources(pages / "R.py")["data/page.js.gz"] == compress(PAGE, 14)
    again = bundle(["data"], directory=str(pages), gzip=["*.js=9", "*.js=14"], cache=False)
    assert again.ram["data/page.js.gz"] == 1440 + (1 << compress(PAGE, 14)[16])


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache/pkgres/gzip"


def test_the_cache(pages: Path, bin2res: Bin2res, cache: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("the cache is elsewhere")
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache.parents[1])}
    options = ["data", "--gzip", "*", "-q"]
    first = bin2res(*options, env=environment)
    assert first.returncode == 0, first.stderr
    made = (pages / "R.py").read_bytes()
    kept = sorted(path for path in cache.rglob("*") if path.is_file())
    assert len(kept) == 4  # what was compressed, made smaller or not
    times = {path: path.stat().st_mtime_ns for path in kept}
    assert bin2res(*options, "--check", env=environment).returncode == 0
    assert {path: path.stat().st_mtime_ns for path in kept} == times

    page = next(path for path in kept if is_page(path))
    whole = page.read_bytes()
    window = bytearray(whole)
    window[HASH + 16] ^= 4
    other = hashlib.sha256(b"other").digest() + compress(PAGE + b"another", "best")
    for damaged in (
        *(b"", whole[:-9], whole + b"\0", whole[:-8] + b"XYZ" + whole[-8:]),
        *(other, bytes(window), b"\x1f" * 99, whole[:HASH]),
    ):
        page.write_bytes(damaged)
        assert bin2res(*options, "--check", env=environment).returncode == 0
        assert page.read_bytes() == whole
    shutil.rmtree(cache)
    cache.write_bytes(b"in the way")
    assert bin2res(*options, "--check", env=environment).returncode == 0
    cache.unlink()
    assert bin2res(*options, "--no-cache", env=environment).returncode == 0
    assert (pages / "R.py").read_bytes() == made
    assert not cache.exists()


def is_page(path: Path) -> bool:
    return gzip.decompress(path.read_bytes()[HASH:]) == PAGE


def test_a_content_is_compressed_once(pages: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []

    def counted(content: bytes, window: Window) -> bytes:
        calls.append(len(content))
        return compress(content, window)

    for i in range(5):
        (pages / f"data/same{i}.html").write_bytes(PAGE)
    monkeypatch.setattr("bin2res.compress.compress", counted)
    made = bundle(["data"], directory=str(pages), gzip=["*.html"], cache=False)
    assert len(made.inflated) == 6
    assert sorted(calls) == [0, len(PAGE)]


def test_progress_on_a_terminal(package: Path) -> None:
    """Shown while it takes long; gone in the end, with the cursor back, at Ctrl-C as well."""
    pty = pytest.importorskip("pty")
    (package / "data/big.txt").write_bytes(RANDOM * 20)
    (package / "data/large.txt").write_bytes(RANDOM[1:] * 20)
    options = ["data/big.txt", "data/large.txt", "--gzip", "*", "--no-cache"]
    command = [sys.executable, "-m", "bin2res", *options]
    environment = {n: v for n, v in os.environ.items() if n != "PYTHONUNBUFFERED"}
    for interrupted in (False, True):
        ours, theirs = pty.openpty()
        with subprocess.Popen(
            command, cwd=package, env=environment, stdout=theirs, stderr=theirs
        ) as process:
            os.close(theirs)
            said = b""
            try:
                while piece := os.read(ours, 4096):
                    said += piece
                    if interrupted and b"compressing" in said:
                        process.send_signal(signal.SIGINT)
            except OSError:  # how Linux says that the other side is closed
                pass
            os.close(ours)
        assert b"compressing" in said
        assert said.rindex(b"\x1b[?25h") > said.rindex(b"\x1b[?25l")
        assert process.returncode == (-signal.SIGINT if interrupted else 0), said
        if not interrupted:
            assert b"saved" in said
            assert b"large.txt" in said


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
        (["--gzip", "*", "--gzip-window", "8"], "'8' is not one of 'best', '9', "),
        (["--gzip", "*=8"], "--gzip *=8: write PATTERN=best, PATTERN=9 to PATTERN=15, or !PATTERN"),
        (["--gzip", "!*=9"], "--gzip !*=9: write PATTERN=best"),
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
    (tmp_path / "main.py").write_text(DIGEST_OF.format(name="far.txt"))
    for run in (runtimes.cpython, runtimes.micropython):
        result = run(tmp_path, "main.py")
        assert result.stdout == hashlib.sha256(content).hexdigest() + "\n", result.stderr
