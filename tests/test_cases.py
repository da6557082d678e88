"""The case table, on every runtime."""

from __future__ import annotations

import functools
import hashlib
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import app
import app_files
import cases
import firmware.build
import pytest
import respond_cases
import runtimes
from conftest import needing

from bin2res.encode import compress

CASES: list[tuple[Any, ...]] = [*cases.CASES, *respond_cases.CASES]
"""The whole table, in the order in which the observer counts."""
Run = Callable[["Outcomes", str], "subprocess.CompletedProcess[str]"]


class Outcomes:
    """What each case gave on each runtime; an app is built and a program run once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.app = functools.cache(self._app)
        self.manifest = functools.cache(self._manifest)
        self.of = functools.cache(self._of)

    def empty_folder(self, name: str) -> Path:
        """A folder with the script and nothing else."""
        app.put_script(self.folder / name)
        return self.folder / name

    def _app(self, storage: str) -> Path:
        root = self.folder / storage
        app.build(root, storage)
        return root

    def _manifest(self, storage: str) -> Path:
        return app.build_frozen(self.folder / f"frozen-{storage}", storage)

    def _of(self, runtime: str, program: str) -> dict[int, str] | Exception:
        # An error is kept too: the next case would only run into it again.
        try:
            result = RUNTIMES[runtime].run(self, program)
        except Exception as error:
            return error
        lines = result.stdout.splitlines()
        if result.returncode or lines[-1:] != [f"END {program}"]:
            return RuntimeError(result.stdout + result.stderr)
        return {int(n): outcome for n, _, outcome in (line.partition(" ") for line in lines[:-1])}


class Runtime(NamedTuple):
    """How a program runs, and which cases it can have."""

    run: Run
    has_files: bool = True  # a filesystem, on which files lie beside the code
    has_modules: bool = True  # resources are in modules
    has_m: bool = True  # modules are run by -m


def _cpython(storage: str) -> Run:
    return lambda outcomes, program: runtimes.cpython(outcomes.app(storage), program)


def _micropython(storage: str) -> Run:
    return lambda outcomes, program: runtimes.micropython(outcomes.app(storage), program)


def _unix(storage: str) -> Run:
    def run(outcomes: Outcomes, program: str) -> subprocess.CompletedProcess[str]:
        binary = needing(lambda: firmware.build.unix(outcomes.manifest(storage)))
        return runtimes.unix_firmware(binary, outcomes.empty_folder("empty"), program)

    return run


def _unix_overridden(outcomes: Outcomes, program: str) -> subprocess.CompletedProcess[str]:
    binary = needing(lambda: firmware.build.unix(outcomes.manifest("R.py")))
    folder = outcomes.empty_folder("overridden")
    app.put_overrides(folder / "lib")
    return runtimes.unix_firmware(binary, folder, program, f".frozen:{folder}/lib")


def _unix_frozen_and_files(outcomes: Outcomes, program: str) -> subprocess.CompletedProcess[str]:
    # The whole app lies before .frozen as well: it is the one that is imported.
    binary = needing(lambda: firmware.build.unix(outcomes.manifest("R.py")))
    return runtimes.unix_firmware(binary, outcomes.app("files"), program)


def _cortex_m3(storage: str) -> Run:
    def run(outcomes: Outcomes, program: str) -> subprocess.CompletedProcess[str]:
        elf = needing(lambda: firmware.build.cortex_m3(outcomes.manifest(storage)))
        return runtimes.cortex_m3(elf, program)

    return run


RUNTIMES = {
    "cpython-files": Runtime(_cpython("files"), has_modules=False),
    "cpython-R": Runtime(_cpython("R.py")),
    "cpython-table": Runtime(_cpython("table.py")),
    "micropython-files": Runtime(_micropython("files"), has_modules=False),
    "micropython-R.py": Runtime(_micropython("R.py")),
    "micropython-R.mpy": Runtime(_micropython("R.mpy")),
    "micropython-table.py": Runtime(_micropython("table.py")),
    "micropython-table.mpy": Runtime(_micropython("table.mpy")),
    "unix-frozen": Runtime(_unix("R.py"), has_files=False),
    "unix-frozen-table": Runtime(_unix("table.py"), has_files=False),
    "unix-frozen-overridden": Runtime(_unix_overridden),
    "unix-frozen-and-files": Runtime(_unix_frozen_and_files, has_modules=False),
    "cortex-m3-frozen": Runtime(_cortex_m3("R.py"), has_files=False, has_m=False),
    "cortex-m3-frozen-table": Runtime(_cortex_m3("table.py"), has_files=False, has_m=False),
}


@pytest.fixture(scope="session")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    return Outcomes(tmp_path_factory.mktemp("cases"))


def expected_text(case: tuple[object, ...], runtime: Runtime) -> str:
    """The form in which the observer prints what a case expects."""
    expected = case[4]
    if isinstance(expected, tuple):
        return answer_text("HEAD" in str(case[3]), *expected)
    if expected == "big":
        expected = app_files.big()
    if expected == "path" and runtime.has_modules:
        return "NotImplementedError"
    if isinstance(expected, bytes):
        return f"{len(expected)} {hashlib.sha256(expected).hexdigest()}"
    return expected if isinstance(expected, str) else repr(expected)


def answer_text(
    is_head: bool,
    status: int,
    kind: str,
    how: str,
    body: bytes,
    more: Mapping[str, str] = {},
) -> str:
    """The form in which the observer prints an answer to a request."""
    if how in ("gzip", "stored"):
        body = compress(body, 10)
    headers = {"Content-Type": kind}
    if status < 400:
        headers |= {"Cache-Control": "no-cache", "ETag": "given", "Last-Modified": "given"}
    if status in (200, 206) and how != "inflated":
        headers["Accept-Ranges"] = "bytes"
    if how in ("gzip", "inflated"):
        headers["Vary"] = "Accept-Encoding"
    if how == "gzip":
        headers["Content-Encoding"] = "gzip"
    if how != "inflated" and status != 304:
        headers["Content-Length"] = str(len(body))
    headers |= more
    lines = "; ".join(sorted(f"{name}: {value}" for name, value in headers.items() if value))
    if is_head or status == 304:
        body = b""
    return f"{status} {lines} {len(body)} {hashlib.sha256(body).hexdigest()}"


def applies(case: tuple[object, ...], runtime: Runtime) -> bool:
    """Whether a runtime has what a case needs."""
    program, *_, needs = case
    if needs == cases.FILES and not runtime.has_files:
        return False
    if needs == cases.MODULE and not runtime.has_modules:
        return False
    return runtime.has_m or program == app_files.SCRIPT


PARAMETERS = [
    pytest.param(name, number, id=f"{name}-{number}-{case[1]}-{case[2]}-{case[3]!a:.40}")
    for name, runtime in RUNTIMES.items()
    for number, case in enumerate(CASES)
    if applies(case, runtime)
]


@pytest.mark.parametrize(("name", "number"), PARAMETERS)
def test_case(outcomes: Outcomes, name: str, number: int) -> None:
    case = CASES[number]
    found = outcomes.of(name, str(case[0]))
    if isinstance(found, Exception):
        pytest.fail(str(found), pytrace=False)
    assert found[number] == expected_text(case, RUNTIMES[name])
