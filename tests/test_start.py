"""The page Start, typed by a newcomer: an empty folder, the wheel, no clone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import app
import board
import pytest
import runtimes
from test_docs import FLAGS, blocks, micropython
from test_packaging import dist

__all__ = ["dist", "micropython"]  # fixtures

PRINTED = blocks("quickstart", "")[0]
INSTALL, MAKE, ON_THE_PC, IMAGE, COPY, FREEZE, RUN = blocks("quickstart", "sh")


class Newcomer:
    """A folder, and a shell in it that knows Python and nothing of this run."""

    def __init__(self, folder: Path, wheels: Path) -> None:
        self.folder = folder
        programs = folder.parent / "programs"
        programs.mkdir()
        (programs / "python3").symlink_to(Path(sys.executable).resolve())
        kept = {name: value for name, value in os.environ.items() if name[:6] != "PYTHON"}
        kept.pop("VIRTUAL_ENV", None)
        path = f"{programs}{os.pathsep}/usr/bin{os.pathsep}/bin"
        self.environment = {**kept, "PATH": path, "PIP_FIND_LINKS": str(wheels), "PIP_QUIET": "1"}

    def type(self, code: str, **environment: str) -> str:
        """Type code; return what it printed, and what it told."""
        if (self.folder / ".venv").exists():
            code = f". .venv/bin/activate\n{code}"
        result = subprocess.run(
            ["bash", "-ec", code],
            cwd=self.folder,
            env={**self.environment, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert result.returncode == 0, result.stdout
        return result.stdout


@pytest.fixture(scope="module")
def newcomer(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Newcomer:
    """One who has installed pkgres, and made the app."""
    (wheel,) = dist.glob("*.whl")
    folder = tmp_path_factory.mktemp("start")
    (folder / "empty").mkdir()
    (folder / "wheels").mkdir()
    (folder / "wheels" / wheel.name).symlink_to(wheel)
    newcomer = Newcomer(folder / "empty", folder / "wheels")
    newcomer.type(INSTALL)
    newcomer.type(MAKE)
    return newcomer


def test_on_the_pc(newcomer: Newcomer) -> None:
    assert newcomer.type(ON_THE_PC) == PRINTED
    where = newcomer.type("python -c 'import pkgres; print(pkgres.__file__)'")
    assert Path(where).is_relative_to(newcomer.folder / ".venv")
    assert not Path(where).is_relative_to(app.HERE.parent)


def test_copied(newcomer: Newcomer, device: board.Board, tmp_path: Path) -> None:
    """To the Cortex-M3, by the mpremote that was installed; and for the unix port from pip."""
    told = newcomer.type(IMAGE)
    assert "next: mpremote cp -r board/lib :" in told
    # Its filesystem would be gone after a reset, which "resume" leaves out.
    command = f"mpremote connect {device.device} resume"
    assert newcomer.type(COPY.replace("mpremote", command)).endswith(PRINTED)
    run = [sys.executable, "-m", "micropython_unix", "-c", "import hello"]
    result = runtimes.run(run, tmp_path, f"{newcomer.folder}/board/lib:.frozen")
    assert (result.stdout, result.stderr) == (PRINTED, "")


def test_frozen(newcomer: Newcomer, micropython: str) -> None:
    newcomer.type(FREEZE.replace("~/micropython", micropython), MAKEFLAGS=FLAGS)
    assert newcomer.type(RUN.replace("~/micropython", micropython)) == PRINTED


def test_nothing_else_is_there(newcomer: Newcomer) -> None:
    """After all of the page: what it made, and no file of the repository."""
    made = {".venv", "hello", "pyproject.toml", "board", "frozen"}
    assert {path.name for path in newcomer.folder.iterdir()} <= made
