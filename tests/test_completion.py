"""Completion in the shell, as docs/ci.md has it set up."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import app
import pytest

PAGE = (app.HERE.parent / "docs/ci.md").read_text("utf-8")

# Bash itself, with the lines of the page; what would be offered, a line each.
_OFFERED = """
{lines}
COMP_WORDS=({words}) COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
compopt() {{ echo compopt "$@"; }}
_{command}_completion {command} "${{COMP_WORDS[COMP_CWORD]}}"
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("bin2res da", "compopt -o default"),
        ("bin2res -o x", "compopt -o default"),
        ("bin2res -C x", "compopt -o default"),
        ("bin2res --che", "--check"),
        ("pkgres im", "image"),
        ("pkgres image -o x", "compopt -o default"),
        ("pkgres size --svg x", "compopt -o default"),
        ("pkgres size --wa", "--way"),
        ("pkgres size --way ro", "romfs"),
    ],
)
def test_bash(tmp_path: Path, words: str, offered: str) -> None:
    (lines,) = re.findall(r"(?s)```sh\n(eval.*?)```", PAGE)
    code = _OFFERED.format(lines=lines, words=words, command=words.split()[0])
    command = ["bash", "--norc", "-c", code]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert offered in result.stdout.splitlines()


@pytest.mark.parametrize("shell", ["zsh", "fish"])
@pytest.mark.parametrize("name", ["bin2res", "pkgres"])
def test_the_others_get_a_script(shell: str, name: str) -> None:
    assert f"{shell}_source" in PAGE
    environment = {**os.environ, f"_{name.upper()}_COMPLETE": f"{shell}_source"}
    result = subprocess.run([name], env=environment, capture_output=True, text=True, check=True)
    assert f"{shell}_complete" in result.stdout
