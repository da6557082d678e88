"""The pages on the ways to a board, typed as they stand, from an empty folder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import app
import board
import firmware.build
import pytest
import runtimes
import web_app
from conftest import needing

from bin2res import config

DOCS = app.HERE.parent / "docs"
PRINTED = "<h1>Hello from a resource</h1>\n"
WAYS = ("image", "mip", "freeze", "romfs", "sdist")


def blocks(page: str, *languages: str) -> list[str]:
    """The blocks of code on a page in these languages, in order."""
    text = (DOCS / f"{page}.md").read_text("utf-8")
    found = re.findall(r"^```(\w+)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [code for language, code in found if language in languages]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder in which the app was typed."""
    folder = tmp_path / "folder"
    folder.mkdir()
    write, _install = blocks("app", "sh")
    shell(write, folder)
    return folder


def shell(code: str, folder: Path, **environment: str) -> str:
    """Type code into a shell; the programs are those of the environment of this run."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    result = subprocess.run(
        ["bash", "-ec", code],
        cwd=folder,
        env={**os.environ, "PATH": path, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.fixture
def device(tmp_path: Path) -> Iterator[board.Board]:
    (tmp_path / "firmware").mkdir()
    elf = needing(lambda: board.build(tmp_path / "firmware"))
    with board.running(elf) as device:
        yield device


def on_device(device: board.Board, code: str, folder: Path) -> str:
    return "".join([device.mpremote(line, folder) for line in code.splitlines()])


def on_micropython(receiver: Path, code: str, folder: Path) -> str:
    """Run code on a MicroPython with network and lib in ``sys.path``."""
    result = runtimes.run([str(receiver), "-c", code], folder, f"{folder}/lib:.frozen")
    assert (result.returncode, result.stderr) == (0, "")
    return result.stdout


def test_image(folder: Path, device: board.Board) -> None:
    make, copy = blocks("image", "sh")
    shell(make, folder)
    assert on_device(device, copy, folder).endswith(PRINTED)


def test_mip(folder: Path, receiver: Path, device: board.Board) -> None:
    make, serve, install, by_url = blocks("mip", "sh")
    on_board, on_board_by_url = blocks("mip", "python")
    shell(make, folder)
    command, port = serve.rsplit(maxsplit=1)
    with web_app.serving(["bash", "-c", f'exec {command} "$0"'], folder) as server:

        def here(code: str) -> str:
            return re.sub(
                rf"(192\.168\.1\.10|127\.0\.0\.1):{port}", f"127.0.0.1:{server.port}", code
            )

        assert on_micropython(receiver, here(on_board), folder).endswith(PRINTED)
        assert on_device(device, here(install), folder).endswith(PRINTED)
        shell(here(by_url), folder)
        other = folder.parent / "other"
        other.mkdir()
        told = on_micropython(receiver, here(on_board_by_url) + "import hello", other)
        assert "Done\n" in told
        assert told.endswith(PRINTED)


def test_freeze(folder: Path) -> None:
    make, build, include = blocks("freeze", "sh")
    shell(make, folder)
    needing(lambda: firmware.source.need("make", "gcc"))
    micropython = needing(firmware.source.source).resolve()
    flags = " ".join(firmware.build.OPTIONS["unix"])
    build = build.replace("~/micropython", str(micropython))
    compiler, *rest = build.splitlines(keepends=True)
    shell(compiler, folder)
    (folder / "hello").rename(folder / "elsewhere")
    assert shell("".join(rest), folder, MAKEFLAGS=flags).endswith(PRINTED)
    (folder / "elsewhere").rename(folder / "hello")
    shell(include, folder)
    first = (folder / "frozen/manifest.py").read_text().splitlines()[0]
    assert first == "include('$(PORT_DIR)/boards/manifest.py')"


def test_romfs(folder: Path, receiver: Path) -> None:
    (make,) = blocks("romfs", "sh")
    (mount,) = blocks("romfs", "python")
    shell(make, folder)
    (folder / "hello").rename(folder / "elsewhere")
    assert on_micropython(receiver, mount, folder) == PRINTED


def test_sdist(folder: Path, receiver: Path) -> None:
    (make,) = blocks("sdist", "sh")
    (unpack,) = blocks("sdist", "python")
    assert "hello-1.0.0/hello/R.py\n" in shell(make, folder)
    (folder / "hello").rename(folder / "elsewhere")
    assert on_micropython(receiver, unpack, folder) == PRINTED


def test_every_key_is_documented() -> None:
    text = (DOCS / "app.md").read_text("utf-8").split("| key |")[1]
    assert set(re.findall(r"^\| `([\w-]+)`", text, re.MULTILINE)) == set(config.KEYS)


def test_every_way_is_linked() -> None:
    for text in (
        (DOCS / "app.md").read_text("utf-8"),
        (DOCS.parent / "README.md").read_text("utf-8"),
    ):
        for way in WAYS:
            assert f"{way}.md)" in text
