"""What an app needs goes along by all ways: a name in an index, a folder, a file, pip."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import runtimes
import shipping
from conftest import needing
from firmware import source
from folders import served, write
from test_ship_freeze import build
from test_ship_mip import install
from test_ship_sdist import unpack

APP = """\
import pkg_resources, sensor, driver, uncommon, tool.inner
print(pkg_resources.resource_string(__name__, "page.txt"), sensor.NAME, driver.NAME)
print(uncommon.NAME, pkg_resources.resource_string("tool", "data.txt"), tool.inner.NAME)
"""
EXPECTED = "b'page' sensor driver\nuncommon b'data of a tool' inner\n"


def _project(folder: Path, name: str, keys: str, files: dict[str, str]) -> Path:
    head = f'[project]\nname = "{name}"\nversion = "1.0"\n[tool.pkgres]\n{keys}'
    return write(folder, {"pyproject.toml": head, **files})


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """An app that needs a package of an index, which needs another, a file and a folder.

    The packages bring a pkg_resources of their own, which cannot do what ours does.
    """
    theirs = "raise ImportError('not ours')\n"
    index = tmp_path / "index"
    for name, keys, files in (
        ("uncommon", "", {"uncommon/__init__.py": "NAME = 'uncommon'\n"}),
        (
            "sensor",
            f"index = '{index}'\ndependencies = ['uncommon']\n",
            {"sensor/__init__.py": "NAME = 'sensor'\n"},
        ),
    ):
        made = _project(tmp_path / name, name, keys, files)
        shipping.ship("mip", "-o", str(index), cwd=made)
    write(
        tmp_path / "drivers",
        {
            "driver.py": "NAME = 'driver'\n",
            "tool/inner.py": "NAME = 'inner'\n",
            "tool/data.txt": "data of a tool",
            "pkg_resources.py": theirs,
            "pkgres/__init__.py": theirs,
        },
    )
    keys = (
        "index = '../index'\ndependencies = ['sensor@1.0', '../drivers/driver.py',"
        " '../drivers/tool', '../drivers/pkg_resources.py', '../drivers/pkgres']\n"
    )
    return _project(tmp_path / "app", "app", keys, {"app/__init__.py": APP, "app/page.txt": "page"})


def check(receiver: Path, folder: Path, path: str, before: str = "") -> None:
    """Import the app in a new folder below *folder*, with *path* in ``sys.path``."""
    empty = folder / "empty"
    empty.mkdir()
    result = runtimes.run([str(receiver), "-c", before + "import app"], empty, f"{path}:.frozen")
    assert (result.stdout, result.stderr) == (EXPECTED, "")


def ship(app: Path, *arguments: str) -> dict[str, list[str]]:
    """Ship it; the notes say whose pkg_resources goes along."""
    made = shipping.ship(*arguments, cwd=app)
    assert "pkg_resources" in "\n".join(made["notes"])
    return made


@pytest.mark.parametrize("options", [(), ("--mpy",)])
def test_image(receiver: Path, app: Path, tmp_path: Path, options: tuple[str, ...]) -> None:
    ship(app, "image", "-o", str(tmp_path / "board"), *options)
    check(receiver, tmp_path, f"{tmp_path}/board/lib")


def test_freeze(app: Path, tmp_path: Path) -> None:
    needing(source.source)
    made = ship(app, "freeze", "-o", str(tmp_path / "out"))
    binary = build("unix", made["next"][0], "micropython", tmp_path / "build")
    check(binary, tmp_path, "")


def test_romfs(receiver: Path, app: Path, tmp_path: Path) -> None:
    ship(app, "romfs", "-o", str(tmp_path / "app.romfs"))
    mount = "import vfs\nvfs.mount(vfs.VfsRom(open('../app.romfs', 'rb').read()), '/rom')\n"
    check(receiver, tmp_path, "/rom/lib", mount)


def test_mip(receiver: Path, app: Path, tmp_path: Path) -> None:
    site, board = tmp_path / "site", tmp_path / "board"
    ship(app, "mip", "-o", str(site))
    with served(site) as url:
        install(receiver, board, "'app'", f"index='{url}'")
    check(receiver, board, f"{board}/lib")


def test_sdist(receiver: Path, app: Path, tmp_path: Path) -> None:
    ship(app, "sdist", "-o", str(tmp_path / "dist"))
    unpack(receiver, tmp_path / "dist/app-1.0.tar.gz", tmp_path / "board")
    check(receiver, tmp_path / "board", f"{tmp_path}/board/lib")


def test_locked_builds_need_no_index(app: Path, tmp_path: Path) -> None:
    """With a lock the files come from the cache, the same bytes by all ways."""
    ways = (
        ("image", "board"),
        ("freeze", "frozen"),
        ("romfs", "app.romfs"),
        ("mip", "site"),
        ("sdist", "dist"),
    )
    with served(tmp_path / "index") as url:
        shipping.command("lock", "--index", url, cwd=app)
        for way, output in ways:
            ship(app, way, "-o", str(tmp_path / "one" / output), "--index", url)
    shutil.rmtree(tmp_path / "index")
    for way, output in ways:
        ship(app, way, "-o", str(tmp_path / "two" / output), "--index", url)
    for path in (tmp_path / "one").rglob("*"):
        if path.is_file():
            other = tmp_path / "two" / path.relative_to(tmp_path / "one")
            assert other.read_bytes() == path.read_bytes()


def test_a_file_of_the_app_and_of_a_dependency(app: Path, tmp_path: Path) -> None:
    write(tmp_path / "drivers", {"app/extra.py": "", "app/__init__.py": ""})
    text = (app / "pyproject.toml").read_text()
    (app / "pyproject.toml").write_text(text.replace("'../drivers/pkgres'", "'../drivers/app'"))
    for way in ("image", "freeze", "romfs", "mip", "sdist"):
        result = shipping.command(way, "-o", str(tmp_path / way), cwd=app)
        assert result.returncode == 2
        assert "app/__init__.py: is in the app, and in what it needs" in result.stderr
        assert not (tmp_path / way).exists()
