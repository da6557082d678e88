"""The hooks of .pre-commit-hooks.yaml, by pre-commit itself, in a repository of an app."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import app
import pytest
import test_readme
import yaml
from test_docs import blocks

_CONFIG = """\
repos:
  - repo: {clone}
    rev: {revision}
    hooks:
      - id: {hook}
"""
_PROJECT = '[project]\nname = "app"\nversion = "1.0"\n\n[tool.pkgres]\nresources = ["data"]\n'


def git(folder: Path, *arguments: str) -> str:
    name = ["-c", "user.name=A User", "-c", "user.email=user@example.org"]
    command = ["git", *name, *arguments]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return result.stdout.strip()


def committed(folder: Path) -> str:
    """Commit all that is in a folder; return the revision."""
    git(folder, "init", "-q")
    git(folder, "add", "-A", "-f")
    git(folder, "commit", "-q", "-m", "All of it")
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A repository of this project, and its revision."""
    folder = tmp_path_factory.mktemp("hooks") / "clone"
    test_readme.clone(folder)
    hooks = ".pre-commit-hooks.yaml"
    (folder / hooks).write_bytes((app.HERE.parent / hooks).read_bytes())
    return folder, committed(folder)


def test_hooks(clone: tuple[Path, str], tmp_path: Path) -> None:
    project, home = tmp_path / "app", tmp_path / "home"
    (project / "app/data").mkdir(parents=True)
    (project / "pyproject.toml").write_text(_PROJECT)
    (project / "app/__init__.py").write_text("")
    page = project / "app/data/page.html"
    page.write_text("<p>one")
    committed(project)
    environment = {**os.environ, "PRE_COMMIT_HOME": str(home)}

    def run(hook: str) -> tuple[bool, str]:
        config = tmp_path / "config.yaml"
        config.write_text(_CONFIG.format(clone=clone[0], revision=clone[1], hook=hook))
        command = [sys.executable, "-m", "pre_commit", "run", "-a", "-c", str(config)]
        result = subprocess.run(
            command, cwd=project, env=environment, capture_output=True, text=True, check=False
        )
        return result.returncode == 0, result.stdout + result.stderr

    passed, said = run("bin2res-check")
    assert not passed
    assert "R.py: does not exist" in said
    assert run("bin2res")[0]
    module = project / "app/R.py"
    assert b"<p>one" in module.read_bytes()
    committed(project)
    assert run("bin2res-check")[0]
    page.write_text("<p>two")
    passed, said = run("bin2res-check")
    assert not passed
    assert "'data/page.html' has changed" in said
    passed, said = run("bin2res")
    assert not passed
    assert "files were modified by this hook" in said
    assert b"<p>two" in module.read_bytes()
    assert run("bin2res-check")[0]


def test_two_apps_in_one_repository(clone: tuple[Path, str], tmp_path: Path) -> None:
    """The hooks of the page, with the arguments shown there."""
    project = tmp_path / "repository"
    for name in ("pump", "valve"):
        (project / f"apps/{name}/app/data").mkdir(parents=True)
        (project / f"apps/{name}/pyproject.toml").write_text(_PROJECT)
        (project / f"apps/{name}/app/__init__.py").write_text("")
        (project / f"apps/{name}/app/data/page.html").write_text(f"<p>{name}")
    committed(project)
    config = yaml.safe_load(_CONFIG.format(clone=clone[0], revision=clone[1], hook=""))
    (shown,) = [block for block in blocks("ci", "yaml") if block.startswith("hooks:")]
    config["repos"][0] |= yaml.safe_load(shown)
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config))
    command = [sys.executable, "-m", "pre_commit", "run", "-a", "-c", str(tmp_path / "config.yaml")]
    environment = {**os.environ, "PRE_COMMIT_HOME": str(tmp_path / "home")}
    result = subprocess.run(command, cwd=project, env=environment, check=False)
    assert result.returncode == 0
    for name in ("pump", "valve"):
        assert f"<p>{name}" in (project / f"apps/{name}/app/R.py").read_text()
