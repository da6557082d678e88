"""A flat app, main.py and modules beside each other, by all ways, with its real receivers."""

from __future__ import annotations

from pathlib import Path

import firmware.build
import folders
import pytest
import runtimes
import shipping
from conftest import needing, resources
from firmware import qemu
from folders import served
from test_ship_freeze import build
from test_ship_mip import install
from test_ship_sdist import unpack
from test_ship_start import booted, flash_after, romfs

FILES = {
    "pyproject.toml": '[project]\nname = "station"\nversion = "1.0"\n[tool.pkgres]\n'
    'resources = ["www", "pages", "lib/part"]\ngzip = ["*.html"]\n',
    "main.py": "import screen\nif __name__ == '__main__':\n    screen.show()\n",
    "screen.py": "import pkg_resources, pages.home, driver, part\n"
    "def show():\n"
    "    with pkg_resources.resource_stream(None, 'www/index.html') as page:\n"
    "        print(page.read())\n"
    "    print(pkg_resources.resource_listdir('', 'www'), driver.NAME, pages.home.text())\n"
    "    print(part.text(), part.same())\n",
    # A folder without __init__.py, with resources of its own.
    "pages/home.py": "import pkg_resources\n"
    "def text():\n"
    "    return pkg_resources.resource_string(__name__, 'home.txt')\n",
    "pages/home.txt": "home",
    "www/index.html": "<p>" * 100,
    "www/logo.png": "\x89PNG",
    "lib/driver.py": "NAME = 'driver in lib'\n",
    "lib/part/__init__.py": "import pkg_resources\n"
    "def text():\n"
    "    return pkg_resources.resource_string(__name__, 'page.txt')\n"
    "def same():\n"
    "    return pkg_resources.resource_string(None, 'lib/part/page.txt')\n",
    "lib/part/page.txt": "part",
    "README.md": "not for a board",
    "tests/test_it.py": "import pytest\n",
    "venv/pyvenv.cfg": "",
    "venv/lib/site.py": "",
}
_LISTED = "['index.html.gz', 'logo.png']"
EXPECTED = f"{b'<p>' * 100!r}\n{_LISTED} driver in lib b'home'\nb'part' b'part'\n"


@pytest.fixture
def app(tmp_path: Path) -> Path:
    return folders.write(tmp_path / "station", FILES)


def check(receiver: Path, board: Path, *arguments: str) -> None:
    """Start the app in the root of a board."""
    command = [str(receiver), *(arguments or ("main.py",))]
    result = runtimes.run(command, board, f"{board}/lib:.frozen")
    assert (result.stdout, result.stderr) == (EXPECTED, "")


@pytest.mark.parametrize("options", [(), ("--mpy",)])
def test_image(receiver: Path, app: Path, tmp_path: Path, options: tuple[str, ...]) -> None:
    board = tmp_path / "board"
    made = shipping.ship("image", "-o", str(board), *options, cwd=app)
    code = ".mpy" if options else ".py"
    assert sorted(file["name"] for file in made["files"]) == [
        f"lib/driver{code}",
        f"lib/part/__init__{code}",
        "lib/part/page.txt",
        f"lib/pkg_resources{code}",
        f"lib/pkgres/__init__{code}",
        f"lib/pkgres/gz{code}",
        f"lib/pkgres/info{code}",
        f"lib/pkgres/modules{code}",
        f"lib/pkgres/stream_calls{code}",
        f"lib/pkgres/streams{code}",
        "main.py",  # a board looks for no main.mpy
        f"pages/home{code}",
        "pages/home.txt",
        f"screen{code}",
        "www/index.html.gz",
        "www/logo.png",
    ]
    assert made["left_out"] == [
        {"name": "tests/", "why": "not for a board"},
        {"name": "venv/", "why": "a virtual environment"},
    ]
    check(receiver, board)
    assert booted(tmp_path, ("/", romfs(board, tmp_path / "flash"))) == [EXPECTED] * 2


@pytest.mark.parametrize("options", [(), ("--table",)])
def test_frozen(app: Path, tmp_path: Path, options: tuple[str, ...]) -> None:
    needing(firmware.source.source)
    made = shipping.ship("freeze", "-o", str(tmp_path / "out"), *options, cwd=app)
    empty = tmp_path / "empty"
    empty.mkdir()
    binary = build("unix", made["next"][0], "micropython", tmp_path / "build")
    result = runtimes.run([str(binary), "-m", "main"], empty)
    assert (result.stdout, result.stderr) == (EXPECTED, "")
    code = "import part; print(part.text() is part.same())"  # it is in flash once
    assert runtimes.run([str(binary), "-c", code], empty).stdout == "True\n"


def test_frozen_on_a_board(app: Path, tmp_path: Path) -> None:
    shipping.ship("freeze", "-o", str(tmp_path / "out"), cwd=app)
    manifest = tmp_path / "out/manifest.py"
    elf = needing(lambda: firmware.build.cortex_m3_that_boots(manifest))
    assert qemu.boot(elf, 2) == [EXPECTED] * 2


def test_romfs(app: Path, tmp_path: Path) -> None:
    made = shipping.ship("romfs", "-o", str(tmp_path / "app.romfs"), cwd=app)
    flash = flash_after(made["next"][1], tmp_path)
    images = (("/", flash), ("/rom", tmp_path / "app.romfs"))
    assert booted(tmp_path, *images) == [EXPECTED] * 2


@pytest.mark.parametrize("mpy", [True, False])
def test_mip(receiver: Path, app: Path, tmp_path: Path, mpy: bool) -> None:
    site, board = tmp_path / "site", tmp_path / "board"
    made = shipping.ship("mip", "-o", str(site), cwd=app)
    assert made["next"][1:] == [
        "mpremote mip install --index http://127.0.0.1:8000 --target / station",
        "mpremote reset",
    ]
    with served(site) as url:
        arguments = ("'station'", f"index='{url}'", f"target='{board}'", f"mpy={mpy}")
        assert install(receiver, board, *arguments).endswith("Done\n")
    check(receiver, board)


def test_sdist(receiver: Path, app: Path, tmp_path: Path) -> None:
    shipping.ship("sdist", "-o", str(tmp_path / "dist"), cwd=app)
    board = tmp_path / "board"
    unpack(receiver, tmp_path / "dist/station-1.0.tar.gz", board)
    check(receiver, board, "lib/main.py")


def test_it_is_found_without_the_key(app: Path, tmp_path: Path) -> None:
    """A project is flat if it has code, and no folder of its name; else that is the package."""
    described = (app / "pyproject.toml").read_text()
    found = shipping.ship("image", "-n", "-o", str(tmp_path / "out"), cwd=app)["files"]
    (app / "pyproject.toml").write_text(described + 'package = "."\n')
    assert shipping.ship("image", "-n", "-o", str(tmp_path / "out"), cwd=app)["files"] == found
    (app / "station").mkdir()
    (app / "station/__init__.py").write_text("")
    (app / "station/www").mkdir()
    (app / "station/www/x").write_text("x")
    (app / "pyproject.toml").write_text(
        described.replace(', "pages", "lib/part"', "").split("gzip")[0]
    )
    found = shipping.ship("image", "-n", "-o", str(tmp_path / "out"), cwd=app)["files"]
    assert {file["name"] for file in found} == {"lib/station/__init__.py", "lib/station/www/x"}
    assert not (tmp_path / "out").exists()


def test_a_main_py_of_its_own_is_what_starts(app: Path, tmp_path: Path) -> None:
    with open(app / "pyproject.toml", "a") as file:
        file.write('start = "screen:show"\n')
    result = shipping.command("image", "-o", str(tmp_path / "out"), cwd=app)
    assert result.returncode == 2
    assert "start: main.py starts already; remove one of the two" in result.stderr
    (app / "main.py").unlink()
    shipping.ship("image", "-o", str(tmp_path / "out"), cwd=app)
    assert (tmp_path / "out/main.py").read_text() == "from screen import show\n\nshow()\n"


def test_a_part_that_is_a_dependency_as_well(app: Path, tmp_path: Path) -> None:
    """Its module R has the resources of both, each once."""
    folders.write(tmp_path / "others", {"part/more.py": "", "part/other.txt": "other"})
    with open(app / "pyproject.toml", "a") as file:
        file.write('dependencies = ["../others/part"]\n')
    shipping.ship("freeze", "-o", str(tmp_path / "out"), cwd=app)
    code = tmp_path / "out/code"
    assert resources(code / "part/R.py") == {"other.txt": b"other", "page.txt": b"part"}
    assert "lib/part/page.txt" not in resources(code / "R.py")
    (tmp_path / "others/part/page.txt").write_text("of others")
    result = shipping.command("freeze", "-o", str(tmp_path / "out"), cwd=app)
    assert result.returncode == 2
    assert "lib/part/page.txt: " in result.stderr
    assert result.stderr.endswith("have this name; leave one out\n")
