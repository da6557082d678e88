"""The example, shipped by the command, and the MicroPython that receives it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import firmware.build
import runtimes
import test_example
import web_app
from firmware.source import source

EXAMPLE = test_example.EXAMPLES / "my_app"
DEPENDENCIES = next(
    line
    for line in (EXAMPLE / "pyproject.toml").read_text().splitlines()
    if line.startswith("dependencies")
)
"""The line of its pyproject.toml that has Microdot, to be replaced in a copy."""

WAYS = {"image": "board", "freeze": "frozen", "mip": "site", "romfs": "app.romfs", "sdist": "dist"}
"""All ways to ship, and a name for what each makes."""


def command(*arguments: str, cwd: Path = EXAMPLE) -> subprocess.CompletedProcess[str]:
    """Run ``pkgres ARGUMENTS`` as a user does, by default in the example's folder."""
    program = [sys.executable, "-m", "bin2res.ship", *arguments]
    return subprocess.run(program, cwd=cwd, capture_output=True, text=True, check=False)


def run_python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python *code* with *arguments*."""
    program = [sys.executable, "-c", code, *arguments]
    return subprocess.run(program, capture_output=True, text=True, check=False)


def ship(*arguments: str, cwd: Path = EXAMPLE) -> dict[str, Any]:
    """Run ``pkgres ARGUMENTS`` and return what it reports for machines."""
    result = command(*arguments, "--json", cwd=cwd)
    assert (result.returncode, result.stderr) == (0, "")
    found = json.loads(result.stdout)
    assert isinstance(found, dict)
    return found


def copied(folder: Path, changes: dict[str, str] | None = None) -> Path:
    """Copy the example, with texts in its pyproject.toml replaced by others."""
    ignored = shutil.ignore_patterns("__pycache__", "R.py")
    shutil.copytree(EXAMPLE, folder, ignore=ignored)
    file = folder / "pyproject.toml"
    text = file.read_text()
    for old, new in (changes or {}).items():
        assert old in text
        text = text.replace(old, new)
    file.write_text(text)
    return folder


def receiver(folder: Path) -> Path:
    """Return the unix port with mip, requests, asyncio and Microdot, without pkgres."""
    web_app.put_microdot(folder / "code")
    library = source().resolve() / "lib/micropython-lib"
    manifest = folder / "manifest.py"
    manifest.write_text(
        f"package('mip', base_path={str(library / 'python-ecosys/mip')!r})\n"
        f"package('requests', base_path={str(library / 'micropython/requests')!r})\n"
        'include("$(MPY_DIR)/extmod/asyncio")\n'
        "freeze('code')\n"
    )
    return firmware.build.unix(manifest)


def check_app(binary: Path, folder: Path, path: str = "") -> None:
    """Run the example on MicroPython in *folder*, with ``sys.path`` of *path* and .frozen."""
    result = runtimes.run(
        [str(binary), "-m", "my_app"], folder, f"{path}:.frozen" if path else ".frozen"
    )
    assert (result.returncode, result.stdout) == (0, test_example.expected()), result.stderr


def check_web(binary: Path, folder: Path, path: str = "", *arguments: str) -> None:
    """Serve the example's web UI likewise, and ask for what a browser asks for."""
    started = [str(binary), *(arguments or ("-m", "my_app.web"))]
    search = f"{path}:.frozen" if path else ".frozen"
    with web_app.serving(started, folder, search) as server:
        for name in (*web_app.TEXTS, web_app.IMAGE):
            answer = web_app.ask(server, name, {"Accept-Encoding": "gzip"})
            assert answer.status == 200
            assert answer.body == (EXAMPLE / "data" / name).read_bytes()
            assert answer.compressed == (name in web_app.TEXTS)
            again = web_app.ask(server, name, {})
            assert (again.body, again.compressed) == (answer.body, False)
