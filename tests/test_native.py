"""Native code and -O: compiled for the architecture that is named, frozen, or left as source."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import board
import firmware.build
import pytest
import runtimes
import shipping
from conftest import needing
from firmware import qemu
from folders import served
from test_ship_freeze import build
from test_ship_mip import install
from test_size import flash

from bin2res.mpy import check_architecture

PROJECT = '[project]\nname = "blink"\nversion = "1"\n[tool.pkgres]\n'
PYTHON = """
import micropython


@micropython.native
def more(x):
    def inner(y):
        return y + x
    return inner(1)


@micropython.viper
def twice(x: int) -> int:
    return x * 2
"""
THUMB = """
@micropython.asm_thumb
def seven():
    mov(r0, 7)
"""
XTENSA = """
@micropython.asm_xtensa
def seven():
    movi(a2, 7)
"""
NATIVE, ASM = "import blink; print(blink.more(2), blink.twice(4))", "print(blink.seven())"
ASSERT = """
def check():
    assert False, "checked"
    return "unchecked"
"""
CHECK = """
import blink
try:
    print(blink.check())
except AssertionError as error:
    print(error)
"""
STAYS = "stays .py: it has native code; name the board's architecture with --march"


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """A project with native code and inline assembler."""
    return write(tmp_path / "project", PYTHON + THUMB)


def write(folder: Path, code: str, keys: str = "") -> Path:
    (folder / "blink").mkdir(parents=True, exist_ok=True)
    (folder / "blink/__init__.py").write_text(code)
    (folder / "blink/plain.py").write_text("x = 1\n")
    (folder / "pyproject.toml").write_text(PROJECT + keys)
    return folder


def ship(app: Path, *arguments: str) -> dict[str, Any]:
    return shipping.ship(*arguments, cwd=app)


def names(made: dict[str, Any]) -> set[str]:
    found = {file["name"].removeprefix("lib/") for file in made["files"]}
    return {name for name in found if name.startswith("blink")}


@pytest.mark.parametrize("code", [PYTHON, "import micropython\n" + THUMB, PYTHON + XTENSA])
@pytest.mark.parametrize("way", [["image", "--mpy"], ["romfs"], ["mip"]])
def test_without_an_architecture_it_stays_source(tmp_path: Path, code: str, way: list[str]) -> None:
    app = write(tmp_path / "project", code)
    made = ship(app, *way, "-o", "out/made")
    assert names(made) == {"blink/__init__.py", "blink/plain.mpy"}
    (note,) = made["notes"]
    assert note.removeprefix("lib/") == f"blink/__init__.py {STAYS}"
    assert f"{note}\n" in shipping.command(*way, "-o", "out/made", cwd=app).stderr


@pytest.mark.parametrize("keys", ["", "march = 'armv7m'\n"])
@pytest.mark.parametrize("way", [["image", "--mpy"], ["romfs"], ["mip"]])
def test_with_an_architecture_it_is_compiled(app: Path, way: list[str], keys: str) -> None:
    options = [] if keys else ["--march", "armv7m"]
    (app / "pyproject.toml").write_text(PROJECT + keys)
    made = ship(app, *way, "-o", "out/made", *options)
    assert names(made) == {"blink/__init__.mpy", "blink/plain.mpy"}
    assert made["notes"] == []


@pytest.mark.parametrize(
    ("code", "march", "is_compiled"),
    [
        (THUMB, "armv6m", True),
        (THUMB, "x64", False),
        (THUMB, "xtensawin", False),
        (XTENSA, "xtensa", True),
        (XTENSA, "armv7m", False),
        (XTENSA, "x64", False),
        ("@micropython.asm_thumb\ndef f():\n    vadd(s0, s1, s2)\n", "armv7emsp", True),
        ("@micropython.asm_thumb\ndef f():\n    vadd(s0, s1, s2)\n", "armv7m", False),
    ],
)
def test_code_for_another_architecture_stays_source(
    tmp_path: Path, code: str, march: str, is_compiled: bool
) -> None:
    app = write(tmp_path / "project", "import micropython\n" + code, "march = 'x86'\n")
    made = ship(app, "image", "--mpy", "--march", march, "-o", "out")
    assert names(made) == {
        "blink/__init__.mpy" if is_compiled else "blink/__init__.py",
        "blink/plain.mpy",
    }
    why = f"its native code is not for {march}; name the board's architecture with --march"
    assert made["notes"] == ([] if is_compiled else [f"lib/blink/__init__.py stays .py: {why}"])


def test_the_names_of_the_page_are_known() -> None:
    page = (shipping.EXAMPLE.parents[1] / "docs/app.md").read_text("utf-8")
    section = page.split("## Native code\n")[1].split("\n## ")[0]
    found = re.findall(r"(?:`|march[ =\"]+)((?:armv|xtensa|rv32|x64)\w*)", section)
    assert len(found) > 6
    for name in found:
        check_architecture(name, "")


def refusal(app: Path, *arguments: str) -> str:
    result = shipping.command(*arguments, cwd=app)
    assert result.returncode == 2
    assert result.stderr.count("\n") == 1
    assert not (app / "out").exists()
    return result.stderr


@pytest.mark.parametrize("way", [["image", "--mpy"], ["romfs"], ["mip"], ["freeze"]])
@pytest.mark.parametrize("march", ["armv7", "host", "debug", "", "x64\n", "--help"])
def test_a_wrong_architecture_is_refused(app: Path, way: list[str], march: str) -> None:
    said = refusal(app, *way, "-o", "out/made", "--march", march)
    assert said.startswith(f"pkgres: --march {march!a}: is not an architecture; name one of x86, ")
    assert "armv7emsp, " in said


def test_a_wrong_key_is_refused(app: Path) -> None:
    (app / "pyproject.toml").write_text(PROJECT + "march = 'arm'\n")
    said = refusal(app, "romfs", "-o", "out/made")
    assert said.startswith("pkgres: pyproject.toml: [tool.pkgres] march 'arm': is not an arch")
    for keys in ("march = ''", "march = 5", "optimize = 4", "optimize = true", "optimize = '1'"):
        (app / "pyproject.toml").write_text(PROJECT + keys)
        said = refusal(app, "romfs", "-o", "out/made")
        assert said.startswith(f"pkgres: pyproject.toml: [tool.pkgres] {keys.split()[0]}: is ")


def test_an_architecture_without_compiling_is_refused(app: Path) -> None:
    result = shipping.command("image", "-o", "out", "--march", "armv7m", cwd=app)
    assert result.returncode == 2
    assert "--march goes with --mpy." in result.stderr
    # The key is for other commands, too.
    (app / "pyproject.toml").write_text(PROJECT + "march = 'armv7m'\n")
    assert names(ship(app, "image", "-o", "out")) == {"blink/__init__.py", "blink/plain.py"}


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("def f(:\n", "SyntaxError: invalid syntax"),
        ("@micropython.native\ndef f(:\n", "SyntaxError: invalid syntax"),
        ("@micropython.viper\ndef f(x: what):\n    pass\n", "unknown type 'what'"),
        ("@micropython.asm_thumb\ndef f():\n    what(r0)\n", "'what'"),
    ],
)
@pytest.mark.parametrize("way", [["image", "--mpy"], ["freeze"], ["size"]])
def test_what_no_architecture_accepts_is_refused(
    tmp_path: Path, way: list[str], code: str, why: str
) -> None:
    app = write(tmp_path / "project", "import micropython\n" + code)
    output = [] if way == ["size"] else ["-o", "out"]
    said = refusal(app, *way, *output)
    assert said.startswith("pkgres: mpy-cross refused blink/__init__.py: ")
    assert why in said


@pytest.mark.parametrize("options", [[], ["--march", "armv7m"], ["--march", "x64"]])
def test_freeze_takes_it_and_estimates_its_size(app: Path, options: list[str]) -> None:
    made = ship(app, "freeze", "-o", "frozen", *options)
    note = "has native code; its size is an estimate"
    assert [line.partition(": ")[2] for line in made["notes"]] == [note]
    assert made["notes"][0].startswith("blink/__init__.")
    frozen = (app / "frozen/code/blink/__init__.py").read_bytes()
    assert frozen == (app / "blink/__init__.py").read_bytes()
    assert not (app / "frozen/compiled").exists()


def test_size_of_each_way(app: Path) -> None:
    for options in ([], ["--march", "armv7m"]):
        found = ship(app, "size", *options)
        for way in (["image", "--mpy"], ["mip"], ["romfs"], ["freeze"]):
            made = ship(app, *way, "-o", f"out/{way[0]}{len(options)}", *options)
            assert found["ways"][" ".join(way)]["flash"] == made["total"]
        stays = [] if options else [f"lib/blink/__init__.py {STAYS}"]
        suffix = "mpy" if options else "py"
        estimate = f"blink/__init__.{suffix}: has native code; its size is an estimate"
        assert found["notes"] == [*stays, estimate]
        assert ship(app, "size", "--way", "freeze", *options)["notes"] == [estimate]
        assert ship(app, "size", "--way", "romfs", *options)["notes"] == stays
    assert STAYS in " ".join(shipping.command("size", cwd=app).stdout.split())


def test_what_firmware_grows_by(app: Path) -> None:
    base = app.parent / "base"
    base.mkdir()
    (base / "base.py").write_text("x = 1\n")
    (base / "manifest.py").write_text("module('base.py')\n")
    many = "".join(f"@micropython.native\ndef f{n}(x):\n    return x + {n}\n" for n in range(50))
    write(app, PYTHON + THUMB + many)
    made = ship(app, "freeze", "-o", "frozen", "--include", str(base / "manifest.py"))
    without = flash(needing(lambda: firmware.build.cortex_m3(base / "manifest.py")))
    grown = flash(firmware.build.cortex_m3(app / "frozen/manifest.py")) - without
    assert abs(made["total"] - grown) <= 0.03 * grown, (made["total"], grown)


def test_frozen_on_the_cortex_m3(app: Path, tmp_path: Path) -> None:
    needing(lambda: firmware.source.need("make", "arm-none-eabi-gcc", "qemu-system-arm"))
    needing(firmware.source.source)
    write(app, PYTHON + THUMB + ASSERT, "optimize = 1\n")
    made = ship(app, "freeze", "-o", "frozen")
    elf = build("qemu", made["next"][0], "firmware.elf", tmp_path / "build")
    assert qemu.run(elf, f"{NATIVE}\n{ASM}\n{CHECK}") == "3 8\n7\nunchecked\n"


@pytest.mark.parametrize(("keys", "printed"), [("", "checked"), ("optimize = 1\n", "unchecked")])
def test_frozen_on_the_unix_port(tmp_path: Path, keys: str, printed: str) -> None:
    needing(lambda: firmware.source.need("make", "gcc"))
    needing(firmware.source.source)
    march = runtimes.unix_architecture()
    app = write(tmp_path / "project", (PYTHON if march else "") + ASSERT, keys)
    made = ship(app, "freeze", "-o", "frozen")
    # This port names no architecture by itself.
    command = made["next"][0] + (f" MPY_CROSS_FLAGS=-march={march}" if march else "")
    binary = build("unix", command, "micropython", tmp_path / "build")
    code = CHECK + (NATIVE if march else "")
    result = runtimes.run([str(binary), "-c", code], tmp_path)
    assert (result.stdout, result.stderr) == (f"{printed}\n" + "3 8\n" * bool(march), "")


@pytest.mark.parametrize("march", ["", "armv7m"])
def test_copied_to_the_cortex_m3(app: Path, device: board.Board, march: str) -> None:
    made = ship(app, "image", "--mpy", "-o", "img", *(["--march", march] if march else []))
    assert (app / f"img/lib/blink/__init__.{'mpy' if march else 'py'}").exists()
    device.mpremote(made["next"][-1], app)
    assert device.run(f"{NATIVE}\n{ASM}") == "3 8\n7\n"


@pytest.mark.parametrize("is_named", [False, True])
def test_from_a_romfs(receiver: Path, tmp_path: Path, march: str, is_named: bool) -> None:
    app = write(tmp_path / "project", PYTHON)
    ship(app, "romfs", "-o", "app.romfs", *(["--march", march] if is_named else []))
    code = (
        "import sys, vfs; vfs.mount(vfs.VfsRom(open('app.romfs', 'rb').read()), '/rom')\n"
        f"sys.path[:] = ['/rom/lib']\n{NATIVE}\nprint(blink.__file__)"
    )
    result = runtimes.run([str(receiver), "-c", code], app)
    suffix = "mpy" if is_named else "py"
    assert result.stdout == f"3 8\n/rom/lib/blink/__init__.{suffix}\n", result.stderr


@pytest.mark.parametrize("is_named", [False, True])
def test_from_a_site(receiver: Path, tmp_path: Path, march: str, is_named: bool) -> None:
    app = write(tmp_path / "project", PYTHON)
    ship(app, "mip", "-o", "site", *(["--march", march] if is_named else []))
    board = tmp_path / "board"
    with served(app / "site") as url:
        assert install(receiver, board, "'blink'", f"index='{url}'").endswith("Done\n")
    assert (board / f"lib/blink/__init__.{'mpy' if is_named else 'py'}").exists()
    result = runtimes.run([str(receiver), "-c", NATIVE], board, f"{board}/lib")
    assert (result.stdout, result.stderr) == ("3 8\n", "")


@pytest.mark.parametrize(
    ("level", "printed"), [(None, "checked"), (0, "checked"), (1, "unchecked"), (3, "unchecked")]
)
def test_optimize_is_the_level_of_mpy_cross(
    tmp_path: Path, level: int | None, printed: str
) -> None:
    keys = "" if level is None else f"optimize = {level}\n"
    app = write(tmp_path / "project", ASSERT, keys)
    ship(app, "image", "--mpy", "-o", "img")
    (app / "img/lib/main.py").write_text(CHECK)
    result = runtimes.run_micropython(app / "img/lib", ["main.py"])
    assert result.stdout == f"{printed}\n", result.stderr
    made = ship(app, "freeze", "-o", "frozen")
    line, _ = (app / "frozen/manifest.py").read_text().splitlines()
    opt = "" if level is None else f", opt={level}"
    assert line == f"package('blink', base_path='code'{opt})"
    # What is compiled for the estimate is what the build compiles.
    size = subprocess.run(["pkgres", "size", "--json"], cwd=app, capture_output=True, check=True)
    assert f'"flash": {made["total"]}'.encode() in size.stdout
