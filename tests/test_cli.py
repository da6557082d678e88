"""What bin2res tells: the report, JSON, --check, standard output, a terminal."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

from conftest import Bin2res, resources


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
