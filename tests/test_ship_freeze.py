"""The app, frozen by the command that `pkgres freeze` says to type."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path

import firmware.build
import pytest
import runtimes
import shipping
import test_example
from conftest import needing
from firmware import qemu

_OWN = "module('own.py', base_path={path!r})\n"


def build(port: str, command: str, product: str, folder: Path) -> Path:
    """Type *command* in the folder of a port; what the board is comes by the environment."""
    firmware.build.mpy_cross()
    options = firmware.build.OPTIONS[port]
    environment = {**os.environ, "MAKEFLAGS": " ".join([*options, f"BUILD={folder}"])}
    result = subprocess.run(
        ["bash", "-c", command],
        cwd=firmware.source.source() / "ports" / port,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-3000:]
    return folder / product


@pytest.fixture(scope="session")
def frozen(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The command to type."""
    folder = tmp_path_factory.mktemp("freeze")
    manifest = folder / "board.py"
    manifest.write_text(_OWN.format(path=str(folder)))
    (folder / "own.py").write_text("print('of the board')\n")
    made = shipping.ship("freeze", "-o", str(folder / "app"), "--include", str(manifest))
    assert made["place"] == "the folder of the port"
    (command,) = made["next"]
    assert command == f"make FROZEN_MANIFEST={folder}/app/manifest.py"
    return str(command)


def test_on_the_unix_port(frozen: str, tmp_path: Path) -> None:
    needing(lambda: firmware.source.need("make", "gcc"))
    needing(firmware.source.source)
    binary = build("unix", frozen, "micropython", tmp_path / "build")
    empty = tmp_path / "empty"
    empty.mkdir()
    shipping.check_app(binary, empty)
    shipping.check_web(binary, empty)
    included = runtimes.run([str(binary), "-c", "import own"], empty)
    assert included.stdout == "of the board\n"


def test_on_a_board_without_a_filesystem(frozen: str, tmp_path: Path) -> None:
    needing(lambda: firmware.source.need("make", "arm-none-eabi-gcc", "qemu-system-arm"))
    needing(firmware.source.source)
    elf = build("qemu", frozen, "firmware.elf", tmp_path / "build")
    assert qemu.run(elf, "import my_app.__main__") == test_example.expected()
    answer = "from pkgres.static import respond as r\nprint(r('my_app', 'data/page.html')[:2])"
    assert "200" in qemu.run(elf, answer)


@pytest.mark.parametrize("options", [(), ("--table",)])
def test_big_resources_are_compiled_here(tmp_path: Path, options: tuple[str, ...]) -> None:
    needing(lambda: firmware.source.need("make", "gcc"))
    needing(firmware.source.source)
    source = shipping.copied(tmp_path / "source")
    content = {}
    for number in range(45):
        content[f"data/{number}.bin"] = bytes([number]) + os.urandom(50_000)
        (source / f"data/{number}.bin").write_bytes(content[f"data/{number}.bin"])
    output = tmp_path / "frozen"
    made = shipping.ship("freeze", "-C", str(source), "-o", str(output), *options)
    assert (output / "compiled/my_app/R.mpy").exists()
    assert not (output / "code/my_app/R.py").exists()
    (command,) = made["next"]
    binary = build("unix", command, "micropython", tmp_path / "build")
    code = "import my_app, pkgres as p; print(p.resource_string('my_app', 'data/7.bin'))"
    result = runtimes.run([str(binary), "-c", code], tmp_path)
    assert result.stdout == f"{content['data/7.bin']!r}\n", result.stderr


def test_manifest_is_reproducible(tmp_path: Path) -> None:
    copy = shipping.copied(tmp_path / "another")
    for name, source in (("one", shipping.EXAMPLE), ("two", copy)):
        shipping.ship("freeze", "-C", str(source), "-o", str(tmp_path / name), "--table")
    files = [p.relative_to(tmp_path / "one") for p in (tmp_path / "one").rglob("*") if p.is_file()]
    assert Path("manifest.py") in files
    for file in files:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_a_path_that_make_cannot_take_is_told(tmp_path: Path) -> None:
    result = shipping.command("freeze", "-o", str(tmp_path / "with space"))
    assert result.returncode == 0
    assert "make takes no path with a space" in result.stderr
    command = result.stderr.splitlines()[-1].partition("make ")[2]
    assert shlex.split(command) == [f"FROZEN_MANIFEST={tmp_path}/with space/manifest.py"]
