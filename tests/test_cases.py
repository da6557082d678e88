"""The case table, on every runtime."""

from __future__ import annotations

import functools
import hashlib
import subprocess
from collections.abc import Callable
from pathlib import Path

import app
import cases
import pytest
import runtimes

Program = Callable[[Path, str], "subprocess.CompletedProcess[str]"]

RUNTIMES: dict[str, tuple[Program, str]] = {
    "cpython-files": (runtimes.cpython, "files"),
    "cpython-R": (runtimes.cpython, "R.py"),
    "micropython-files": (runtimes.micropython, "files"),
    "micropython-R.py": (runtimes.micropython, "R.py"),
    "micropython-R.mpy": (runtimes.micropython, "R.mpy"),
}


class Outcomes:
    """What each case gave on each runtime; an app is built and a program run once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.app = functools.cache(self._app)
        self.of = functools.cache(self._of)

    def _app(self, storage: str) -> Path:
        root = self.folder / storage
        app.build(root, storage)
        return root

    def _of(self, runtime: str, program: str) -> dict[int, str]:
        run, storage = RUNTIMES[runtime]
        result = run(self.app(storage), program)
        lines = result.stdout.splitlines()
        assert result.returncode == 0, result.stderr
        assert lines[-1:] == [f"END {program}"], result.stdout + result.stderr
        return {int(n): outcome for n, _, outcome in (line.partition(" ") for line in lines[:-1])}


@pytest.fixture(scope="session")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    return Outcomes(tmp_path_factory.mktemp("cases"))


def expected_text(expected: object, storage: str) -> str:
    """The form in which the observer prints what a case expects."""
    if expected == "big":
        expected = cases.big()
    if expected == "path" and storage != "files":
        return "NotImplementedError"
    if isinstance(expected, bytes):
        return f"{len(expected)} {hashlib.sha256(expected).hexdigest()}"
    return expected if isinstance(expected, str) else repr(expected)


def applies(case: tuple[object, ...], storage: str) -> bool:
    """A case that needs a resource module is none for an app of files."""
    return not (case[-1] == cases.MODULE and storage == "files")


PARAMETERS = [
    pytest.param(runtime, number, id=f"{runtime}-{number}-{case[1]}-{case[2]}-{case[3]!a:.40}")
    for runtime, (_, storage) in RUNTIMES.items()
    for number, case in enumerate(cases.CASES)
    if applies(case, storage)
]


@pytest.mark.parametrize(("runtime", "number"), PARAMETERS)
def test_case(outcomes: Outcomes, runtime: str, number: int) -> None:
    program, _, _, _, expected, _ = cases.CASES[number]
    storage = RUNTIMES[runtime][1]
    assert outcomes.of(runtime, program)[number] == expected_text(expected, storage)
