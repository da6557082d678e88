"""bin2res.bundle(), called from Python: what it accepts, and one kind of error for the rest."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import resources
from test_refusals import WITHOUT_PRIVILEGE

import bin2res

WRONG: list[tuple[dict[str, Any], str]] = [
    ({"gzip_window": 99}, "gzip_window: is 99; give 9 to 15 or 'best'"),
    ({"gzip_window": "10"}, "gzip_window: is '10'"),
    ({"gzip_window": None}, "gzip_window: is None"),
    ({"gzip_window": True}, "gzip_window: is True"),
    ({"exclude": [1]}, "exclude: 1 is not a pattern"),
    ({"exclude": None}, "exclude: is None; give a list"),
    ({"exclude": "none"}, "exclude none: matches nothing"),
    ({"exclude": "!"}, "exclude: "),
    ({"gzip": [b"*.html"]}, "gzip: b'*.html' is not a pattern"),
    ({"gzip": "*.none"}, "gzip *.none: matches no resource"),
    ({"gzip": "*.html=99"}, "gzip *.html=99: write PATTERN=best"),
    ({"whole": 3}, "whole: is 3; give a list"),
    ({"immutable": [""]}, "immutable: '' is not a pattern"),
    ({"paths": 5}, "paths: is 5; give a list"),
    ({"paths": [5]}, "paths: is 5; give a path"),
    ({"paths": []}, "no paths"),
    ({"paths": "data\0"}, "a path has no NUL in it"),
    ({"directory": None}, "directory: is None; give a path"),
    ({"directory": "none"}, "none: is not a folder"),
    ({"output": 7}, "output: is 7; give a path"),
]


@pytest.mark.parametrize(("arguments", "message"), WRONG, ids=lambda value: ascii(value)[:40])
def test_wrong_arguments(package: Path, arguments: dict[str, Any], message: str) -> None:
    given = {"paths": ["data"], "directory": str(package), **arguments}
    with pytest.raises(bin2res.Bin2resError, match=re.escape(message)) as info:
        bin2res.bundle(given.pop("paths"), **given)
    assert str(info.value).isprintable()
    assert not (package / "R.py").exists()


def test_one_or_several(package: Path) -> None:
    """A single path or pattern need not be in a list, and paths may be Path objects."""
    one: list[dict[str, Any]] = [
        {"paths": "data", "exclude": "*.png"},
        {"paths": package / "data", "exclude": ["*.png"]},
        {"paths": [package / "data"], "exclude": ("*.png",)},
        {"paths": {"data": 1}, "exclude": dict.fromkeys(["*.png"])},
        {"paths": b"data", "exclude": {"*.png": 1}},
    ]
    for arguments in one:
        for output in (None, package / "made.py", str(package / "made.py")):
            bundle = bin2res.bundle(directory=package, output=output, **arguments)
            assert list(resources(Path(bundle.output or ""))) == [
                *("data/page.html", "data/sub/deep.txt")
            ]
    stream = io.BytesIO()
    bin2res.bundle("data", directory=package, output=stream, gzip="*.html", gzip_window=10)
    assert stream.getvalue().startswith(b"# Made by bin2res")


def test_an_error_of_a_file_names_the_file(package: Path) -> None:
    """Whatever raises it: it is not one of the output."""
    code = (
        "import sys\n"
        "from bin2res import bundling, commands\n"
        "def selected(*arguments):\n"
        "    open('data/private')\n"
        "import bin2res.cli\n"
        "bin2res.cli.selected = selected\n"
        "commands.bin2res()\n"
    )
    (package / "data/private").write_text("")
    os.chmod(package / "data/private", 0)
    command = [*WITHOUT_PRIVILEGE, sys.executable, "-c", code, "data"]
    result = subprocess.run(command, cwd=package, capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert result.stderr == "bin2res: data/private: permission denied\n"


def test_an_error_of_the_output_is_called_that(package: Path) -> None:
    command = f"{sys.executable} -m bin2res data -o - >/dev/full"
    result = subprocess.run(
        command, shell=True, cwd=package, capture_output=True, text=True, check=False
    )
    assert result.returncode != 0
    assert "no space left on device" in result.stderr
    assert len(result.stderr.splitlines()) == 1
