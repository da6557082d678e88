"""The README's commands and what it says they print."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path

import app
import click
import test_example
import web_app

from bin2res.cli import main

README = (app.HERE.parent / "README.md").read_text("utf-8")


def clone(folder: Path) -> None:
    """Copy the repository, without what is made from it."""
    ignored = shutil.ignore_patterns(".*", "build", "*.egg-info", "__pycache__")
    shutil.copytree(app.HERE.parent, folder, ignore=ignored)


def test_first_command(tmp_path: Path) -> None:
    command = next(line for line in README.splitlines() if line.endswith("python -m my_app"))
    clone(tmp_path / "clone")
    # The interpreter of this run, whatever python3 is here.
    command = command.replace("python3", sys.executable, 1)
    result = subprocess.run(
        ["bash", "-c", command], cwd=tmp_path / "clone", capture_output=True, text=True, check=True
    )
    assert result.stdout.endswith(test_example.expected())
    assert not (tmp_path / "clone/build/my_app/data").exists()
    shown = README.split("bundle alone:\n\n```\n")[1].split("```")[0]
    told = [line for line in result.stderr.splitlines() if "  " in line]
    assert shown.splitlines() == told[-6:] + result.stdout.splitlines()[-2:]


def test_web_command(tmp_path: Path) -> None:
    command = next(line for line in README.splitlines() if line.endswith("python -m my_app.web"))
    clone(tmp_path / "clone")
    command = command.replace("python3", sys.executable, 1)
    command = command.replace("python -m my_app.web", 'exec python -m my_app.web "$0"')
    with web_app.serving(["bash", "-c", command], tmp_path / "clone") as server:
        page = (test_example.EXAMPLES / "my_app/data/page.html").read_bytes()
        assert urllib.request.urlopen(server.url).read() == page


def test_web_code_is_that_of_the_example() -> None:
    code = README.split("whose last route is\n\n```python\n")[1].split("```")[0]
    assert code in (test_example.EXAMPLES / "my_app/web.py").read_text("utf-8")


def test_options_are_those_of_the_command() -> None:
    table = README.split("| option | meaning |")[1].split("\n\n")[0]
    documented = set(re.findall(r"`(-[\w-]+)|`, `(--[\w-]+)", table.replace(" ", "` ")))
    names = {name for pair in documented for name in pair if name}
    options = [p for p in main.params if isinstance(p, click.Option)]
    assert names == {o for p in options for o in p.opts} - {"--version"}


def test_python_example(package: Path) -> None:
    code = README.split("From Python:\n\n```python\n")[1].split("```")[0]
    command = [sys.executable, "-c", code]
    result = subprocess.run(command, cwd=package.parent, capture_output=True, text=True, check=True)
    assert result.stdout == "my_app/R.py 17 bytes in 3 resources\n"
