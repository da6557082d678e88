"""The page on editors, typed as it stands, with the stubs and the type checkers from PyPI."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import test_docs
import test_readme
from conftest import needing
from firmware.source import need

LAMP = "hello/lamp.py"
WRONG = [9, 10, 11, 12]  # lines


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The app, with all that the page installs, and its settings."""
    folder = tmp_path_factory.mktemp("editors")
    test_readme.clone(folder / "clone")
    project = folder / "project"
    project.mkdir()
    test_docs.shell(test_docs.blocks("quickstart", "sh")[1], project)
    install = test_docs.blocks("editors", "sh")[0]
    assert "pip install pkgres " in install
    # pip has no release to install yet.
    install = install.replace("python3", sys.executable).replace(
        "install pkgres ", "install ../clone "
    )
    test_docs.shell(install, project, PIP_QUIET="1")
    with (project / "pyproject.toml").open("a") as stream:
        stream.writelines("\n" + block for block in test_docs.blocks("editors", "toml"))
    return project


def checked(checker: str, project: Path) -> tuple[int, dict[str, list[int]], str]:
    """Run a type checker as the page does; return its status, lines with errors, and output."""
    (command,) = [b for b in test_docs.blocks("editors", "sh") if b.strip() == checker]
    result = subprocess.run(
        ["bash", "-c", f". .venv/bin/activate && {command}"],
        cwd=project,
        env={**os.environ, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    found: dict[str, list[int]] = {}
    for file, line in re.findall(r"^\s*(\S+\.pyi?):(\d+):.* error", result.stdout, re.MULTILINE):
        name = os.path.relpath(project / file, project)
        found.setdefault(name, []).append(int(line))
    return result.returncode, found, result.stdout


@pytest.mark.parametrize("checker", ["pyright", "mypy"])
def test_wrong_calls_are_found_and_right_ones_pass(checker: str, project: Path) -> None:
    if checker == "pyright":
        needing(lambda: need("node"))
    lamp = project / LAMP
    lamp.unlink(missing_ok=True)
    status, found, said = checked(checker, project)
    assert (status, found) == (0, {}), said
    (code,) = test_docs.blocks("editors", "python")
    lamp.write_text(code)
    status, found, said = checked(checker, project)
    assert (status, found) == (1, {LAMP: WRONG}), said
    if checker == "mypy":
        assert said in test_docs.blocks("editors", "")
    right = [line for number, line in enumerate(code.splitlines(), 1) if number not in WRONG]
    lamp.write_text("\n".join(right) + "\n")
    status, found, said = checked(checker, project)
    assert (status, found) == (0, {}), said


def test_without_the_alias_nothing_is_known(project: Path) -> None:
    alias = project / "typings/pkg_resources.pyi"
    content = alias.read_text()
    alias.unlink()
    (project / LAMP).write_text("import pkg_resources\n")
    try:
        status, found, _ = checked("mypy", project)
        assert (status, found) == (1, {LAMP: [1]})
    finally:
        alias.write_text(content)


def test_nothing_of_it_is_shipped(project: Path) -> None:
    result = test_docs.shell("pkgres image -n -o ../out --json", project)
    names = [file["name"] for file in json.loads(result)["files"]]
    assert "lib/hello/__init__.py" in names
    assert not [name for name in names if "typings" in name or name.endswith(".pyi")]


def test_settings_of_vs_code(project: Path) -> None:
    (text,) = test_docs.blocks("editors", "json")
    settings = json.loads(text)
    assert (project / settings["python.defaultInterpreterPath"]).exists()


def test_types_are_those_of_the_code() -> None:
    """By mypy's stubtest, which compares a stub with what is imported."""
    command = [sys.executable, "-m", "mypy.stubtest", "pkgres"]
    command += ["--mypy-config-file", "pyproject.toml"]
    root = test_docs.DOCS.parent
    result = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert "checked" in result.stdout, result.stdout + result.stderr
    # These are no stubs: what they have for MicroPython alone is reported.
    assert (
        re.findall(r"^error: pkgres\.(?!(?:gz|pieces|ranges)\.).*", result.stdout, re.MULTILINE)
        == []
    )
