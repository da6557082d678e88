"""The README's commands and programs, and those of the pages on the example and on bin2res."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path

import app
import runtimes
import test_example
import test_frameworks
import web_app
from conftest import resources
from folders import write
from test_docs import FLAGS, micropython, shell

__all__ = ["micropython"]  # a fixture

README = (app.HERE.parent / "README.md").read_text("utf-8")
EXAMPLE = (app.HERE.parent / "docs/example.md").read_text("utf-8")
QUICKSTART = (app.HERE.parent / "docs/quickstart.md").read_text("utf-8")
BIN2RES = (app.HERE.parent / "docs/bin2res.md").read_text("utf-8")


def clone(folder: Path) -> None:
    """Copy the repository, without what is made from it."""
    ignored = shutil.ignore_patterns(".*", "build", "*.egg-info", "__pycache__")
    shutil.copytree(app.HERE.parent, folder, ignore=ignored)


def blocks(page: str, language: str) -> list[str]:
    """Return the blocks of code in a language, in order."""
    return re.findall(rf"(?ms)^```{language}\n(.*?)^```$", page)


def commands() -> list[str]:
    """Return what the page on the example has typed: to run it, and to serve it."""
    return blocks(EXAMPLE, "sh")


def test_the_example_from_a_clone(tmp_path: Path) -> None:
    """The README's first command: sizes, an address, and the dashboard from R.py alone."""
    command = blocks(README, "sh")[0]
    clone(tmp_path / "clone")
    command = command.replace("python3", sys.executable, 1)
    # The server in place of the shell, whose process is watched.
    command = re.sub(r"\((cd .* && )(python .*)\)", r'\1exec \2 "$0"', command)
    with web_app.serving(["bash", "-ec", command], tmp_path / "clone") as server:
        code = tmp_path / "clone/build/firmware/code"
        assert (code / "my_app/R.py").exists()
        assert not (code / "my_app/data").exists()
        for name in (*web_app.TEXTS, web_app.IMAGE):
            answer = web_app.ask(server, name, {})
            assert answer.body == (test_example.EXAMPLES / "my_app/data" / name).read_bytes()
        printed = (tmp_path / "clone/output.txt").read_text()
    assert re.search(r"(?m)^ *[\d,]+  my_app/data/page\.html\.gz$", printed)
    assert f"Open {server.url}" in printed


def test_ci_runs_the_tests_as_the_readme_does() -> None:
    """The script takes the README's command, and adds only what makes skips fail."""
    script = (app.HERE.parent / ".ci/run").read_text("utf-8")
    (line,) = re.findall(r"(?m)^command=\$\((.*)\)$", script)
    result = subprocess.run(
        ["bash", "-c", line], cwd=app.HERE.parent, capture_output=True, text=True, check=True
    )
    assert result.stdout == blocks(README, "sh")[1]
    assert re.findall(r"(?m)^export (\w+)=", script) == ["PKGRES_SKIP_NOTHING"]


def test_the_command_for_an_index_is_that_of_the_page() -> None:
    assert blocks(README, "sh")[2].strip() in QUICKSTART


def test_frozen_from_the_description(tmp_path: Path, micropython: str) -> None:
    """The README's app, description and commands make a MicroPython that prints the page."""
    write(
        tmp_path,
        {
            "my_app/__init__.py": programs()[0],
            "my_app/data/page.html": "<p>page",
            "pyproject.toml": blocks(README, "toml")[0],
        },
    )
    command = blocks(README, "sh")[3].replace("~/micropython", micropython)
    assert "MPY my_app/__init__.py" in shell(command, tmp_path, MAKEFLAGS=FLAGS)
    # What has not changed is not compiled again.
    assert "MPY" not in shell(command, tmp_path, MAKEFLAGS=FLAGS)
    (tmp_path / "my_app/data/page.html").write_text("<p>page")
    assert "MPY" not in shell(command, tmp_path, MAKEFLAGS=FLAGS)
    binary = Path(micropython, "ports/unix/build-standard/micropython")
    result = runtimes.run([str(binary), "-c", "import my_app"], Path("/"), ".frozen")
    assert (result.stdout, result.stderr) == ("b'<p>page'\n", "")


def test_first_command(tmp_path: Path) -> None:
    command = commands()[0]
    clone(tmp_path / "clone")
    # The interpreter of this run, whatever python3 is here.
    command = command.replace("python3", sys.executable, 1)
    result = subprocess.run(
        ["bash", "-ec", command], cwd=tmp_path / "clone", capture_output=True, text=True, check=True
    )
    assert result.stdout.endswith(test_example.expected())
    assert not (tmp_path / "clone/build/my_app/data").exists()
    shown = EXAMPLE.split("bundle alone:\n\n```\n")[1].split("```")[0]
    told = [line for line in result.stderr.splitlines() if "  " in line]
    assert shown.splitlines() == told[-6:] + result.stdout.splitlines()[-2:]


def test_web_command(tmp_path: Path) -> None:
    command = commands()[1]
    clone(tmp_path / "clone")
    command = command.replace("python3", sys.executable, 1)
    command = command.replace("python -m my_app.web", 'exec python -m my_app.web "$0"')
    with web_app.serving(["bash", "-ec", command], tmp_path / "clone") as server:
        page = (test_example.EXAMPLES / "my_app/data/page.html").read_bytes()
        assert urllib.request.urlopen(server.url).read() == page


def test_web_code_is_that_of_the_example() -> None:
    code = EXAMPLE.split("requests for resources:\n\n```python\n")[1].split("```")[0]
    assert code in (test_example.EXAMPLES / "my_app/web.py").read_text("utf-8")


def test_python_example(package: Path) -> None:
    code = BIN2RES.split("## From Python\n\n```python\n")[1].split("```")[0]
    command = [sys.executable, "-c", code]
    result = subprocess.run(command, cwd=package.parent, capture_output=True, text=True, check=True)
    assert result.stdout == "my_app/R.py 17 bytes in 3 resources\n"


def test_by_hand(package: Path) -> None:
    """The command that makes the module."""
    (command,) = re.findall(r"(?m)^    (cd my_app && .*)$", BIN2RES)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path}
    subprocess.run(["bash", "-c", command], cwd=package.parent, env=environment, check=True)
    assert list(resources(package / "R.py")) == [
        "data/image.png",
        "data/page.html",
        "data/sub/deep.txt",
    ]


def programs() -> list[str]:
    return blocks(README, "python")


def test_frozen_example(package: Path) -> None:
    """Its line reads the page, from the file and from the module, in any module of the package."""
    code = programs()[0]
    (package / "__init__.py").write_text("")
    (package / "utils.py").write_text(code)
    (package.parent / "pkgres").symlink_to(app.PKGRES)
    command = [sys.executable, "-m", "micropython_unix", "-c", "import my_app.utils"]
    for take_away in (False, True):
        if take_away:
            subprocess.run([sys.executable, "-m", "bin2res", "-q", "data"], cwd=package, check=True)
            shutil.rmtree(package / "data")
        result = runtimes.run(command, package.parent, f"{package.parent}:.frozen")
        assert (result.stdout, result.stderr) == ("b'<p>page'\n", "")


def test_web_example(tmp_path: Path) -> None:
    code = programs()[1].replace("port=80", "port=int(sys.argv[-1])")
    test_frameworks.put(tmp_path)
    (tmp_path / "pkgres").symlink_to(app.PKGRES)
    (tmp_path / "served.py").write_text(f"import sys\n{code}")
    with web_app.serving([sys.executable, "served.py"], tmp_path) as server:
        files = {"": test_frameworks.FILES["index.html"], **test_frameworks.FILES}
        for name, content in files.items():
            answer = test_frameworks.ask(server, "/" + name.replace(" ", "%20"))
            assert (answer.status, answer.body) == (200, content)
