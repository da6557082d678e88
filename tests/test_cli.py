"""What bin2res tells: the report, JSON, --check, standard output, a terminal."""

from __future__ import annotations

import json
import os
import pty
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from conftest import Bin2res, resources

from bin2res.module import DictModule, Resource


def test_report(package: Path, bin2res: Bin2res) -> None:
    result = bin2res("data")
    size = (package / "R.py").stat().st_size
    assert result.stdout == b""
    assert result.stderr.decode().splitlines() == [
        "  6  data/image.png",
        "  7  data/page.html",
        "  4  data/sub/deep.txt",
        " 17  in 3 resources: goes to flash when frozen",
        f"{size}  in R.py",
    ]


def test_quiet(bin2res: Bin2res) -> None:
    result = bin2res("-q", "data")
    assert (result.returncode, result.stdout, result.stderr) == (0, b"", b"")


def test_json(package: Path, bin2res: Bin2res) -> None:
    result = bin2res("data", "--json")
    assert result.stderr == b""
    assert json.loads(result.stdout) == {
        "output": "R.py",
        "output_size": (package / "R.py").stat().st_size,
        "digest": (package / "R.py").read_text().split("DIGEST = '")[1][:16],
        "total": 17,
        "resources": [
            {"name": "data/image.png", "size": 6, "inflated": 6, "ram": 0, "pieces": 1},
            {"name": "data/page.html", "size": 7, "inflated": 7, "ram": 0, "pieces": 1},
            {"name": "data/sub/deep.txt", "size": 4, "inflated": 4, "ram": 0, "pieces": 1},
        ],
        "warnings": [],
    }


def test_standard_output(package: Path, bin2res: Bin2res) -> None:
    result = bin2res("data", "-o", "-")
    assert not (package / "R.py").exists()
    bin2res("data")
    assert result.stdout == (package / "R.py").read_bytes()


def test_reader_that_has_seen_enough(package: Path) -> None:
    (package / "data/big").write_bytes(os.urandom(1 << 20))
    command = f"{sys.executable} -m bin2res data -o - | head -c 10"
    result = subprocess.run(command, shell=True, cwd=package, capture_output=True, check=False)
    assert result.stderr == b""


def test_check(package: Path, bin2res: Bin2res) -> None:
    result = bin2res("data", "--check")
    assert (result.returncode, result.stderr) == (1, b"R.py: does not exist\n")
    assert not (package / "R.py").exists()
    bin2res("data")
    result = bin2res("data", "--check")
    assert (result.returncode, result.stdout, result.stderr) == (0, b"", b"")

    (package / "data/new.txt").write_bytes(b"new")
    (package / "data/page.html").write_bytes(b"<p>pagf")
    (package / "data/sub/deep.txt").unlink()
    before = (package / "R.py").read_bytes()
    result = bin2res("data", "--check")
    assert result.returncode == 1
    assert result.stderr.decode().splitlines() == [
        "R.py: lacks 'data/new.txt'",
        "R.py: 'data/page.html' has changed",
        "R.py: holds 'data/sub/deep.txt', which does not exist any more",
    ]
    assert (package / "R.py").read_bytes() == before
    assert bin2res("data", "--check", "-q").stderr == b""
    assert len(json.loads(bin2res("data", "--check", "--json").stdout)["differences"]) == 3


def test_check_sees_every_byte(package: Path, bin2res: Bin2res) -> None:
    bin2res("data")
    module = (package / "R.py").read_bytes()
    for changed in (
        module.replace(b"Made", b"made"),
        module + b"X = 1\n",
        module.replace(b"DIGEST = '", b"DIGEST = '0"),
        module.replace(b"<p>", b"<q>"),
        module.replace(b"b'<p>page'", b'b"<p>page"'),
        b"".join(sorted(module.splitlines(keepends=True))),
        module[:-1],
        b"R = {\n'\xc3\xbc': b'x',\n}\n",
        b"R = {\n'\\x': b'x',\n}\n",
        b"",
    ):
        (package / "R.py").write_bytes(changed)
        result = bin2res("data", "--check")
        assert result.returncode == 1, changed
        assert result.stderr


RUFF = [sys.executable, "-m", "ruff"]


@pytest.mark.parametrize("form", [[], ["--table"]])
def test_formatters_and_linters_leave_the_module_alone(
    package: Path, bin2res: Bin2res, form: list[str]
) -> None:
    (package / "data/long.txt").write_bytes(b"'\"" * 200)
    for number in range(30):
        (package / f"data/{number}.txt").write_bytes(b'"')
    assert bin2res("data", *form).returncode == 0
    module = (package / "R.py").read_bytes()
    for arguments in (["format"], ["check", "--select", "ALL", "--ignore", "PGH004", "--fix"]):
        subprocess.run([*RUFF, *arguments, "--isolated", "R.py"], cwd=package, check=True)
        assert (package / "R.py").read_bytes() == module
    assert bin2res("data", *form, "--check").returncode == 0


@pytest.mark.parametrize("form", [[], ["--table"]])
def test_check_of_a_reformatted_module(package: Path, bin2res: Bin2res, form: list[str]) -> None:
    for number in range(30):
        (package / f"data/{number}.txt").write_bytes(b'"')
    bin2res("data", *form)
    module = (package / "R.py").read_bytes()
    for keeps_comment in (True, False):
        # As a formatter does that does not know the comment, or an old module is.
        (package / "R.py").write_bytes(module.replace(b"# fmt: off", b"# fmt off"))
        subprocess.run([*RUFF, "format", "--isolated", "-q", "R.py"], cwd=package, check=True)
        text = (package / "R.py").read_bytes()
        if keeps_comment:
            text = text.replace(b"# fmt off", b"# fmt: off")
        (package / "R.py").write_bytes(text)
        result = bin2res("data", *form, "--check")
        assert result.returncode == 1
        assert result.stderr.startswith(b"R.py: was reformatted")
        assert result.stderr.count(b"\n") == 1
    (package / "data/page.html").write_bytes(b"<p>other")
    told = bin2res("data", *form, "--check").stderr
    assert told == b"R.py: 'data/page.html' has changed\n"
    assert bin2res("data", *form).returncode == 0
    assert bin2res("data", *form, "--check").returncode == 0


def test_check_of_windows_line_endings(package: Path, bin2res: Bin2res) -> None:
    """core.autocrlf of git."""
    bin2res("data")
    module = (package / "R.py").read_bytes()
    (package / "R.py").write_bytes(module.replace(b"\n", b"\r\n"))
    result = bin2res("data", "--check")
    assert result.returncode == 1
    assert result.stderr == (
        b"R.py: has Windows line endings; write `R.py text eol=lf` to .gitattributes,"
        b" and run bin2res\n"
    )


@pytest.mark.parametrize("window", ["10", "best"])
def test_check_of_data_of_another_zlib(package: Path, bin2res: Bin2res, window: str) -> None:
    """Other gzip bytes of the same content, in a smaller window or the same, are no difference."""
    text = b"".join(b"line %d of many\n" % (i * i) for i in range(300))
    (package / "data/page.html").write_bytes(text)
    arguments = ("data", "--gzip", "*.html", "--gzip-window", window)
    bin2res(*arguments)
    held = resources(package / "R.py")
    packed = held["data/page.html.gz"]
    for bits, status in ((9, 0), (15, window == "10")):
        other = packed[:16] + bytes([bits]) + deflate_again(text, bits)
        assert other != packed
        held["data/page.html.gz"] = other
        (package / "R.py").write_bytes(
            b"".join(DictModule(Resource(name, found) for name, found in held.items()))
        )
        result = bin2res(*arguments, "--check")
        assert result.returncode == status, result.stderr
        assert (b"'data/page.html.gz' has changed" in result.stderr) == bool(status)
    damaged = {**held, "data/page.html.gz": packed[:20] + bytes(20) + packed[40:]}
    (package / "R.py").write_bytes(
        b"".join(DictModule(Resource(name, found) for name, found in damaged.items()))
    )
    assert bin2res(*arguments, "--check").returncode == 1


def deflate_again(content: bytes, bits: int) -> bytes:
    """Return deflate data and trailer for a window, as another encoder makes them."""
    compressor = zlib.compressobj(1, zlib.DEFLATED, -bits, 1)
    deflated = compressor.compress(content) + compressor.flush()
    return deflated + struct.pack("<2I", zlib.crc32(content), len(content))


def test_progress_on_a_terminal(package: Path) -> None:
    for number in range(200):
        (package / f"data/{number}.txt").write_bytes(b"x")
    leader, follower = pty.openpty()
    command = [sys.executable, "-m", "bin2res", "data"]
    with subprocess.Popen(command, cwd=package, stderr=follower) as process:
        os.close(follower)
        shown = b""
        while True:
            try:
                shown += os.read(leader, 65536)
            except OSError:
                break
    os.close(leader)
    assert process.returncode == 0
    assert b"100%" in shown
    assert len(resources(package / "R.py")) == 203


def test_names_that_a_terminal_cannot_show(package: Path, bin2res: Bin2res) -> None:
    (package / "data/a\x1b[31m\nb").write_bytes(b"x")
    result = bin2res("data")
    assert result.returncode == 0
    assert "1  data/a\\x1b[31m\\nb" in result.stderr.decode()


def test_help_and_version(bin2res: Bin2res) -> None:
    for option in ("-h", "--help"):
        assert b"bin2res [OPTIONS] [PATHS]..." in bin2res(option).stdout
    assert b"bin2res, version " in bin2res("--version").stdout


def test_streams_that_are_closed(package: Path) -> None:
    command = (
        f"{sys.executable} -m bin2res data 2>&- && {sys.executable} -m bin2res data --check 2>&-"
    )
    subprocess.run(command, shell=True, cwd=package, check=True)


def test_check_of_another_form(bin2res: Bin2res) -> None:
    bin2res("data")
    result = bin2res("data", "--table", "--check")
    assert result.returncode == 1
    assert result.stderr == b"R.py: holds the same resources in another form\n"
