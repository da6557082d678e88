"""tests/mutate.py: what a test would notice is found, and what none notices is printed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import app

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


def mutate(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    (root / "toy.py").write_text(_CODE)
    (root / "test_toy.py").write_text(_TEST)
    (root / "pytest.ini").write_text("[pytest]\n")
    program = [sys.executable, str(app.HERE / "mutate.py"), "--root", str(root), "-n", "99"]
    command = [*program, "-j", "2", *arguments, str(root / "toy.py")]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_toy(tmp_path: Path) -> None:
    result = mutate(tmp_path, "--tests", "test_toy.py")
    *survivors, figure = result.stdout.splitlines()
    assert (sorted(survivors), figure, result.stderr) == (
        ["toy.py:6:12: len(text) > 80 -> (len(text) >= 80)", "toy.py:6:24: 80 -> (81)"],
        "4 of 6 faults found",
        "",
    )
    assert (tmp_path / "toy.py").read_text() == _CODE


def test_tests_that_fail_by_themselves(tmp_path: Path) -> None:
    result = mutate(tmp_path, "--tests", "test_toy.py -k nothing")
    assert result.returncode == 1
    assert "no tests ran" in result.stderr or "deselected" in result.stderr
    assert result.stderr.endswith("pytest test_toy.py -k nothing: fails without a fault\n")
