"""The fast lane: what tests/conftest.py says of it is so."""

from __future__ import annotations

import functools
import os
import subprocess
import sys

import app
import conftest
import pytest


@functools.cache
def collected(marked: str) -> list[str]:
    """The tests that carry a marker, by what follows ``test_`` of the file's name."""
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "-m", marked],
        cwd=app.HERE.parent,
        env={**os.environ, "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    lines = result.stdout.splitlines()
    return [line.removeprefix("tests/test_") for line in lines if "::" in line]


@pytest.mark.parametrize(("marked", "starts"), [("long", conftest.LONG), ("", conftest.SLOW)])
def test_names_are_those_of_tests(marked: str, starts: list[str]) -> None:
    """What is renamed would be in the fast lane unnoticed."""
    names = collected(marked)
    assert [start for start in starts if not any(name.startswith(start) for name in names)] == []


def test_the_others_are_fast() -> None:
    fast, others = collected("fast"), (*conftest.SLOW, *conftest.LONG)
    assert [name for name in fast if name.startswith(others)] == []
    assert any(name.startswith("cases.py::test_case[cpython") for name in fast)
    assert not any(name.startswith("ship_image.py::test_runs") for name in fast)  # the receiver
