"""How an app starts with the board: `start`, and the main.py that it makes."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import textwrap
from pathlib import Path

import firmware.build
import folders
import pytest
import runtimes
import shipping
import test_example
from conftest import needing
from firmware import qemu
from folders import served
from test_ship_mip import install

STARTED = {"[tool.pkgres]": '[tool.pkgres]\nstart = "my_app"'}
_MOUNT = """\
import sys, vfs
from images import IMAGES
for path, image in IMAGES:
    vfs.mount(vfs.VfsRom(image), path)
sys.path[:] = ["", ".frozen", "/lib", "/rom", "/rom/lib"]
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """The example, which says what starts."""
    return shipping.copied(tmp_path / "source", STARTED)


def booted(folder: Path, *mounted: tuple[str, Path], manifest: Path | None = None) -> list[str]:
    """Start and reset the Cortex-M3; return what it prints each time.

    Its filesystems are the ROMFS images *mounted*; *manifest* is frozen as well.
    """
    code = folder / "code"
    code.mkdir()
    images = [(path, image.read_bytes()) for path, image in mounted]
    (code / "images.py").write_text(f"IMAGES = {images!r}\n")
    (code / "boot.py").write_text(_MOUNT)
    included = f"include({str(manifest)!r})\n" if manifest else ""
    (folder / "manifest.py").write_text(f"{included}freeze('code')\n")
    elf = needing(lambda: firmware.build.cortex_m3_that_boots(folder / "manifest.py"))
    return qemu.boot(elf, 2)


def romfs(folder: Path, image: Path) -> Path:
    """Write a ROMFS image of a folder, as a filesystem that stays when the board is reset."""
    command = [sys.executable, "-m", "mpremote", "romfs", "--no-mpy", "-o", str(image)]
    subprocess.run([*command, "build", str(folder)], check=True, capture_output=True)
    return image


def test_frozen(source: Path, tmp_path: Path) -> None:
    shipping.ship("freeze", "-C", str(source), "-o", str(tmp_path / "out"))
    printed = booted(tmp_path, manifest=tmp_path / "out/manifest.py")
    assert printed == [test_example.expected()] * 2


def flash_after(command: str, folder: Path) -> Path:
    """Return a filesystem with the files that ``mpremote exec CODE`` writes."""
    program, verb, code = shlex.split(command)
    assert (program, verb) == ("mpremote", "exec")
    (folder / "flash").mkdir()
    subprocess.run([sys.executable, "-c", code], cwd=folder / "flash", check=True)
    return romfs(folder / "flash", folder / "flash.romfs")


@pytest.mark.parametrize("options", [(), ("--mpy",)])
def test_image(source: Path, tmp_path: Path, options: tuple[str, ...]) -> None:
    made = shipping.ship("image", "-C", str(source), "-o", str(tmp_path / "out"), *options)
    copied = shlex.split(made["next"][0])[3:-1]
    assert copied == [f"{tmp_path}/out/lib", f"{tmp_path}/out/main.py"]
    flash = romfs(tmp_path / "out", tmp_path / "flash")
    assert booted(tmp_path, ("/", flash)) == [test_example.expected()] * 2


def test_romfs(source: Path, tmp_path: Path) -> None:
    made = shipping.ship("romfs", "-C", str(source), "-o", str(tmp_path / "app.romfs"))
    deploy, write, reset = made["next"]
    assert (deploy, reset) == (f"mpremote romfs deploy {tmp_path}/app.romfs", "mpremote reset")
    flash = flash_after(write, tmp_path)
    images = (("/", flash), ("/rom", tmp_path / "app.romfs"))
    assert booted(tmp_path, *images) == [test_example.expected()] * 2


def test_mip(receiver: Path, source: Path, tmp_path: Path) -> None:
    site, board = tmp_path / "site", tmp_path / "board"
    made = shipping.ship("mip", "-C", str(source), "-o", str(site))
    assert made["next"][2:] == [
        "mpremote mip install --target / http://127.0.0.1:8000/my_app/main.py",
        "mpremote reset",
    ]
    with served(site) as url:
        install(receiver, board, "'my_app'", f"index='{url}'")
        install(receiver, board, f"'{url}/my_app/main.py'", f"target='{board}'")
    result = runtimes.run([str(receiver), "main.py"], board, f"{board}/lib:.frozen")
    assert (result.stdout, result.stderr) == (test_example.expected(), "")


def test_what_runs(tmp_path: Path) -> None:
    """A module runs when it is imported; of a package that is __main__; a function is called."""
    for start, expected in (
        ("my_app", "import my_app.__main__\n"),
        ("my_app.utils", "import my_app.utils\n"),
        ("my_app.utils:image", "from my_app.utils import image\n\nimage()\n"),
        ("my_app.web:app.run", "from my_app.web import app\n\napp.run()\n"),
    ):
        name = re.sub(r"\W", "_", start)
        source = shipping.copied(
            tmp_path / name, {"[tool.pkgres]": f'[tool.pkgres]\nstart = "{start}"'}
        )
        shipping.ship("image", "-C", str(source), "-o", str(tmp_path / f"{name}.out"))
        assert (tmp_path / f"{name}.out/main.py").read_text() == expected


def test_without_it_there_is_none(tmp_path: Path) -> None:
    shipping.ship("image", "-o", str(tmp_path / "out"))
    assert not (tmp_path / "out/main.py").exists()


LAMP = "import asyncio\nasync def run():\n    await asyncio.sleep(0)\n    print('lit')\n"
CLASS = "class App:\n    async def run(self):\n        print('lit')\n"
ASYNC = {
    "a function": ("lamp:run", {"lamp.py": LAMP}),
    "imported": ("lamp:run", {"lamp.py": "from bulb import run\n", "bulb.py": LAMP}),
    "under another name": ("lamp:go", {"lamp.py": "from bulb import run as go\n", "bulb.py": LAMP}),
    "all imported": ("lamp:run", {"lamp.py": "from bulb import *\n", "bulb.py": LAMP}),
    "another name": ("lamp:go", {"lamp.py": f"{LAMP}go = run\n"}),
    "of a module": ("lamp:bulb.run", {"lamp.py": "import bulb\n", "bulb.py": LAMP}),
    "of a submodule": ("lamp:a.bulb.run", {"lamp.py": "import a.bulb\n", "a/bulb.py": LAMP}),
    "in a package": (
        "a.lamp:run",
        {"a/__init__.py": "", "a/lamp.py": "from .bulb import run\n", "a/bulb.py": LAMP},
    ),
    "of a package": (
        "a:run",
        {"a/__init__.py": "from .bulb import run\n", "a/bulb.py": LAMP},
    ),
    "in a try": (
        "lamp:run",
        {"lamp.py": f"try:\n    x\nexcept NameError:\n{textwrap.indent(LAMP, '    ')}"},
    ),
    "a method": ("lamp:app.run", {"lamp.py": f"{CLASS}app = App()\n"}),
    "inherited": ("lamp:app.run", {"lamp.py": f"{CLASS}class My(App):\n    pass\napp = My()\n"}),
    "of a dependency": (
        "lamp:app.run",
        {"lamp.py": "from web import App\napp = App()\n", "../web.py": CLASS},
    ),
    "in lib": ("lamp:run", {"lamp.py": "from bulb import run\n", "lib/bulb.py": LAMP}),
    "old": ("lamp:run", {"lamp.py": LAMP.replace("import asyncio", "import uasyncio as asyncio")}),
    "last": ("lamp:run", {"lamp.py": f"def run():\n    pass\n{LAMP}"}),
    "plain": ("lamp:run", {"lamp.py": "def run():\n    print('lit')\n"}),
    "plain at last": ("lamp:run", {"lamp.py": f"{LAMP}def run():\n    print('lit')\n"}),
    "unknown": ("lamp:run", {"lamp.py": "run = eval('lambda: print(\"lit\")')\n"}),
    "of itself": (
        "lamp:run",
        {"lamp.py": "def run():\n    print('lit')\nif not run:\n    run = run\n"},
    ),
}


@pytest.mark.parametrize("case", ASYNC)
def test_async(tmp_path: Path, case: str) -> None:
    """A function with ``async def`` runs, wherever it comes from."""
    start, files = ASYNC[case]
    needed = 'dependencies = ["../web.py"]\n' if "../web.py" in files else ""
    described = (
        '[project]\nname = "x"\n[tool.pkgres]\npackage = "."\nresources = []\n'
        f'start = "{start}"\n{needed}'
    )
    folders.write(tmp_path / "app", {"pyproject.toml": described, **files})
    shipping.ship("image", "-o", str(tmp_path / "board"), cwd=tmp_path / "app")
    board = tmp_path / "board"
    command = [sys.executable, "-m", "micropython_unix", "main.py"]
    result = runtimes.run(command, board, f"{board}/lib:.frozen")
    assert (result.stdout, result.stderr) == ("lit\n", "")
    shipping.ship("freeze", "-o", str(tmp_path / "frozen"), cwd=tmp_path / "app")
    manifest = (tmp_path / "frozen/manifest.py").read_text()
    is_plain = "plain" in case or case in ("unknown", "of itself")
    assert ('include("$(MPY_DIR)/extmod/asyncio")' in manifest) >= (not is_plain)
    is_old = b"import uasyncio" in (board / "main.py").read_bytes()
    assert is_old == (case == "old")
