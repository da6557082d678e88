"""Workflows for GitHub, ours and the one that users are shown: as far as they run elsewhere."""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import app
import pytest
import shipping
import test_docs
import test_readme
import tomllib
import yaml
from conftest import needing
from firmware.source import need
from test_docs import micropython  # noqa: F401 - a fixture

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = app.HERE.parent
OURS = sorted((ROOT / ".github/workflows").glob("*.yml"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
BUILTINS = ("test",)  # of bash
PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"


def shown() -> str:
    """The workflow on the page for users."""
    (found,) = [block for block in test_docs.blocks("ci", "yaml") if block.startswith("name:")]
    return found


def steps(text: str) -> list[dict[str, Any]]:
    """The steps of all jobs, in order."""
    jobs = yaml.safe_load(text)["jobs"].values()
    return [step for job in jobs for step in job["steps"]]


def commands(text: str) -> list[str]:
    """What they run."""
    return [step["run"] for step in steps(text) if "run" in step]


WORKFLOWS = {**{path.name: path.read_text("utf-8") for path in OURS}, "docs/ci.md": shown()}


def test_ours_are_there() -> None:
    assert [path.name for path in OURS] == ["release.yml", "tests.yml"]


@pytest.mark.parametrize("name", WORKFLOWS)
def test_valid(name: str, tmp_path: Path) -> None:
    """By the schema that GitHub's workflows have."""
    file = tmp_path / "workflow.yml"
    file.write_text(WORKFLOWS[name], "utf-8")
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema"]
    command += ["vendor.github-workflows", str(file)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("name", WORKFLOWS)
def test_every_command_exists(name: str) -> None:
    extras = PROJECT["optional-dependencies"]
    for command in commands(WORKFLOWS[name]):
        program, *arguments = shlex.split(command)
        if program == "python":
            assert arguments[0] == "-m"
            assert importlib.util.find_spec(arguments[1]), command
        elif "/" in program and not program.startswith("micropython/"):
            assert os.access(ROOT / program, os.X_OK), command
        elif program == "make":
            needing(lambda: need("make"))
        elif program not in BUILTINS and "/" not in program:
            assert shutil.which(program, path=f"{Path(sys.executable).parent}:{os.defpath}"), (
                command
            )
        for extra in re.findall(r"\[(\w+)\]", command):
            assert extra in extras, command


def test_newest_and_oldest_python() -> None:
    versions = re.findall(r"Python :: (3\.\d+)", "\n".join(PROJECT["classifiers"]))
    matrix = yaml.safe_load(WORKFLOWS["tests.yml"])["jobs"]["fast"]["strategy"]["matrix"]
    assert matrix["python"] == [versions[0], versions[-1]]
    assert PROJECT["requires-python"] == f">={versions[0]}"


@pytest.mark.parametrize(("tag", "is_right"), [("1.0.0", True), ("1.0.1", False)])
def test_release(tag: str, is_right: bool, tmp_path: Path) -> None:
    """All that the release job runs but pip, in a clone."""
    test_readme.clone(tmp_path / "clone")
    shutil.copytree(ROOT / ".ci", tmp_path / "clone/.ci")
    lines = [line for line in commands(WORKFLOWS["release.yml"]) if " pip " not in line]
    assert len(lines) == 3
    result = subprocess.run(
        ["bash", "-ec", "\n".join(lines)],
        cwd=tmp_path / "clone",
        env={**os.environ, "PATH": PATH, "GITHUB_REF_NAME": tag},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode == 0) == is_right, result.stdout + result.stderr
    assert result.stdout.count("PASSED") == 2


def test_the_one_for_users(tmp_path: Path, micropython: str) -> None:  # noqa: F811
    """Each line in order, with MicroPython's source where it is checked out."""
    example = shipping.copied(tmp_path / "my_app")
    test_docs.shell("bin2res", example)  # R.py is in git
    # pip has no release to install yet, and Debian's source has its submodules.
    left_out = ["pip install 'pkgres[ship]'", "make -C micropython/ports/unix submodules"]
    for step in steps(shown()):
        place = step.get("with", {}).get("path")
        if place:
            (example / place).symlink_to(micropython)
        elif "run" in step and step["run"] in left_out:
            left_out.remove(step["run"])
        elif "run" in step:
            test_docs.shell(step["run"], example, MAKEFLAGS=test_docs.FLAGS)
    assert left_out == []
    (example / "data/page.html").write_text("<p>another")
    with pytest.raises(AssertionError, match="lacks 'data/page"):
        test_docs.shell("bin2res --check", example)


def test_a_clone_by_git_for_windows(tmp_path: Path) -> None:
    """It turns the ends of lines into \\r\\n where .gitattributes does not say otherwise."""
    repository = tmp_path / "repository"
    repository.mkdir()
    shutil.copy(ROOT / ".gitattributes", repository)
    shutil.copytree(ROOT / "examples/my_app/data", repository / "data")
    shutil.copytree(ROOT / "pkgres", repository / "pkgres")
    name = ["-c", "user.name=A User", "-c", "user.email=user@example.org"]
    for command in (["init", "-q"], ["add", "-A"], [*name, "commit", "-q", "-m", "All of it"]):
        subprocess.run(["git", *command], cwd=repository, check=True)
    clone = tmp_path / "clone"
    windows = ["git", "-c", "core.autocrlf=true", "clone", "-q", str(repository), str(clone)]
    subprocess.run(windows, check=True)
    for path in repository.rglob("*.*"):
        if path.is_file() and ".git/" not in str(path) and "__pycache__" not in str(path):
            assert (clone / path.relative_to(repository)).read_bytes() == path.read_bytes(), path
