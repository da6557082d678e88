"""tests/mutate.py: what a test would notice is found, and what none notices is printed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import app
from folders import write

_CODE = """\
def is_positive(number):
    return number > 0


def is_long(text):
    return len(text) > 80
"""
_TEST = """\
from toy import is_long, is_positive

def test_numbers():
    assert [is_positive(number) for number in (-1, 0, 1)] == [False, False, True]

def test_texts():
    assert is_long("a" * 100)
    assert not is_long("a")
"""


def write_toy(root: Path) -> Path:
    return write(root, {"toy.py": _CODE, "test_toy.py": _TEST, "pytest.ini": "[pytest]\n"})


def command(root: Path, *arguments: str) -> list[str]:
    program = [sys.executable, str(app.HERE / "mutate.py"), "--root", str(root), "-n", "99"]
    return [*program, "-j", "2", *arguments, str(root / "toy.py")]


def mutate(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(root, *arguments), capture_output=True, text=True, check=False)


def test_a_toy(tmp_path: Path) -> None:
    result = mutate(write_toy(tmp_path), "--tests", "test_toy.py")
    *survivors, figure = result.stdout.splitlines()
    assert (sorted(survivors), figure, result.stderr) == (
        ["toy.py:6:12: len(text) > 80 -> (len(text) >= 80)", "toy.py:6:24: 80 -> (81)"],
        "4 of 6 faults found",
        "",
    )
    assert (tmp_path / "toy.py").read_text() == _CODE


def test_tests_that_fail_by_themselves(tmp_path: Path) -> None:
    result = mutate(write_toy(tmp_path), "--tests", "test_toy.py -k nothing")
    assert result.returncode == 1
    assert "no tests ran" in result.stderr or "deselected" in result.stderr
    assert result.stderr.endswith("pytest test_toy.py -k nothing: fails without a fault\n")


def test_ctrl_c(tmp_path: Path) -> None:
    """The figure so far, and nothing is left."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    toy = write_toy(tmp_path / "toy")
    (toy / "test_toy.py").write_text(_TEST + "\ndef test_slow():\n    import time; time.sleep(3)\n")
    with subprocess.Popen(
        command(toy, "--tests", "test_toy.py"),
        stdout=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(temporary)},
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("toy.py:6:")
        process.send_signal(signal.SIGINT)
        *_, figure = process.stdout.read().splitlines()
    assert re.fullmatch(r"\d of [1-6] faults found", figure)
    assert list(temporary.iterdir()) == []
