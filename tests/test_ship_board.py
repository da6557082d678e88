"""What mpremote takes to a board over its serial line: the real mpremote, a Cortex-M3."""

from __future__ import annotations

from pathlib import Path

import app
import board
import pytest
import shipping
import test_example
from conftest import needing
from folders import served

RUN = "import my_app.__main__"
ASK = "from pkgres.static import respond as r\nb, s, h = r('my_app', 'data/page.html', {})\n"


@pytest.fixture(scope="session")
def elf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return needing(lambda: board.build(tmp_path_factory.mktemp("board")))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """The example, without Microdot: its source is too large for a filesystem in RAM."""
    return shipping.copied(tmp_path / "source", {shipping.DEPENDENCIES: ""})


@pytest.mark.parametrize("options", [(), ("--mpy",)])
def test_copied(elf: Path, tmp_path: Path, source: Path, options: tuple[str, ...]) -> None:
    made = shipping.ship("image", "-C", str(source), "-o", "img", *options, cwd=tmp_path)
    assert made["next"] == ["mpremote cp -r img/lib :"]
    with board.running(elf) as device:
        device.mpremote(made["next"][0], tmp_path)
        assert device.run(RUN) == test_example.expected()
        # The web UI as far as a board without a network has it.
        page = device.run(ASK + "print(s, len(b.read()))")
        size = (shipping.EXAMPLE / "data/page.html").stat().st_size
        assert page == f"200 {size}\n"


def test_installed_from_a_site(elf: Path, tmp_path: Path, source: Path) -> None:
    site = tmp_path / "site"
    site.mkdir()
    with served(site) as url, board.running(elf) as device:
        made = shipping.ship("mip", "-C", str(source), "-o", str(site), "--url", url)
        assert made["next"] == [f"mpremote mip install --index {url} my_app"]
        told = device.mpremote(made["next"][0], tmp_path)
        assert told.endswith("Done\n")
        assert device.run(RUN) == test_example.expected()
        assert "Exists: /lib/my_app/utils.mpy" in device.mpremote(made["next"][0], tmp_path)


def test_installed_by_a_relative_package_json(elf: Path, tmp_path: Path, source: Path) -> None:
    site = tmp_path / "site"
    shipping.ship("mip", "-C", str(source), "-o", str(site))
    with served(site) as url, board.running(elf) as device:
        told = device.mpremote(f"mpremote mip install {url}/my_app/", tmp_path)
        assert told.endswith("Done\n")
        assert device.run(RUN) == test_example.expected()


def test_package_json_of_this_repository(elf: Path, tmp_path: Path) -> None:
    """All of pkgres, by the file that "github:ORG/REPO" leads to."""
    with served(app.HERE.parent) as url, board.running(elf) as device:
        told = device.mpremote(f"mpremote mip install {url}/package.json", tmp_path)
        installed = {line.partition("/lib/")[2] for line in told.splitlines() if "/lib/" in line}
        assert installed == set(app.library_code())
        assert device.run("import pkg_resources as p; print(p.resource_exists('pkgres', ''))") == (
            "True\n"
        )
