"""A new version on a board that only ever adds files: the board shows the new version."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import board
import pytest
import runtimes
import shipping
from folders import contents, served
from test_ship_mip import install

from bin2res import record

CODE = """
import pkgres

version = {version!r}


def show():
    return version, pkgres.resource_string("app", "www/index.html").strip()
"""
FORGET = (
    "import sys\nfor m in list(sys.modules):\n if m[:3] in ('app', 'pkg'): del sys.modules[m]\n"
)
SHOW = "import app, pkgres; pkgres.invalidate_caches(); v, w = app.show(); print(v, w[:1], len(w))"


def write(folder: Path, version: int, length: int, keys: str = "") -> Path:
    """Write an app whose page has *length* characters: from some hundred on it is compressed."""
    (folder / "app/www").mkdir(parents=True, exist_ok=True)
    (folder / "app/__init__.py").write_text(CODE.format(version=version))
    (folder / "app/www/index.html").write_text(str(version) * length)
    (folder / "pyproject.toml").write_text(
        f'[project]\nname = "app"\nversion = "{version}"\n[tool.pkgres]\ngzip = ["*.html"]\n{keys}'
    )
    return folder


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """The first version: its page is too small to compress."""
    return write(tmp_path / "project", 1, 5)


def ship(app: Path, *arguments: str) -> dict[str, Any]:
    return shipping.ship(*arguments, cwd=app)


def gone(app: Path) -> list[str]:
    return list(json.loads((app / "img" / record.FILE).read_text()).get("gone", []))


def test_copied_over_an_older_one(device: board.Board, app: Path) -> None:
    (app / "app/old").mkdir()
    (app / "app/old/it's.txt").write_text("old")
    ship(app, "image", "-o", "img")
    device.mpremote("mpremote cp -r img/lib :", app)
    assert device.run(SHOW) == "1 b'1' 5\n"
    (app / "app/old/it's.txt").unlink()
    write(app, 2, 500)
    for _ in range(2):  # the second time the older files are gone
        made = ship(app, "image", "--mpy", "-o", "img")
        assert len(made["next"]) == 2
        for line in made["next"]:
            device.mpremote(line, app)
        assert device.run(FORGET + SHOW) == "2 b'2' 500\n"
    names = device.run("import os; print(os.listdir('lib/app'), os.listdir('lib/app/www'))")
    assert sorted(names.split("[")[1].split("'")[1::2]) == ["__init__.mpy", "www"]
    assert "['index.html.gz']" in names


def test_the_lines_run_on_an_empty_board(device: board.Board, app: Path) -> None:
    ship(app, "image", "-o", "img")
    write(app, 2, 500)
    for line in ship(app, "image", "--mpy", "-o", "img")["next"]:
        device.mpremote(line, app)
    assert device.run(SHOW) == "2 b'2' 500\n"


def test_what_is_gone_is_remembered(app: Path) -> None:
    (first,) = ship(app, "image", "-o", "img")["next"]
    assert gone(app) == []
    write(app, 2, 500)
    dry = ship(app, "image", "-n", "-o", "img")
    assert gone(app) == []
    made = ship(app, "image", "-o", "img")
    removed, copied = made["next"]
    assert copied == first
    assert "lib/app/www/index.html" in removed
    assert (dry["next"], dry["notes"]) == (made["next"], made["notes"])
    assert any("lib/app/www/index.html" in note for note in made["notes"])
    assert gone(app) == ["lib/app/www/index.html"]
    # A run that changes nothing has the same lines.
    before = (app / "img" / record.FILE).read_bytes()
    assert ship(app, "image", "-o", "img") == made
    assert (app / "img" / record.FILE).read_bytes() == before
    assert ship(app, "image", "-o", "img", "--force")["next"] == made["next"]
    # Another one adds to them, and what is there again is no longer gone.
    write(app, 3, 5)
    removed, _ = ship(app, "image", "--mpy", "-o", "img")["next"]
    assert "lib/app/__init__.py" in removed
    assert "lib/app/www/index.html.gz" in removed
    assert "lib/app/www/index.html.gz" in gone(app)
    assert "lib/app/www/index.html" not in gone(app)


def test_many_names_are_in_several_lines(app: Path) -> None:
    for number in range(100):
        (app / f"app/www/{number}.txt").write_text("x")
    ship(app, "image", "-o", "img")
    for number in range(100):
        (app / f"app/www/{number}.txt").unlink()
    made = ship(app, "image", "-o", "img")
    assert len(made["next"]) == 6
    assert max(map(len, made["next"])) < 2000
    (note,) = made["notes"]
    assert note.startswith("no longer in the image: lib/app/www/0.txt, ")
    assert "and 95 more" in note


NATIVE = """
import micropython


@micropython.native
def version():
    return {version}
"""
SHOW_NATIVE = f"{SHOW}; import app.fast; print(app.fast.version())"
STAYS = [
    "app/fast.py stays as in version 1: on a board that has it, it would hide app/fast.mpy",
    "app/www/index.html stays as in version 1: on a board that has it, it would hide"
    " app/www/index.html.gz",
]


def write_native(folder: Path, version: int, length: int, keys: str = "") -> Path:
    write(folder, version, length, keys)
    (folder / "app/fast.py").write_text(NATIVE.format(version=version))
    return folder


def listed(app: Path, version: int, form: str = "6") -> set[str]:
    file = app / f"site/package/{form}/app/{version}.json"
    paths = {path for path, _ in json.loads(file.read_text())["hashes"]}
    return {path for path in paths if path.startswith("app/")}


def test_installed_over_an_older_one(receiver: Path, app: Path, march: str) -> None:
    write_native(app, 1, 5)
    board = app.parent / "board"

    def shown() -> str:
        with served(app / "site") as url:
            assert install(receiver, board, "'app'", f"index='{url}'").endswith("Done\n")
        result = runtimes.run([str(receiver), "-c", SHOW_NATIVE], board, f"{board}/lib")
        assert result.stderr == ""
        return result.stdout

    assert ship(app, "mip", "-o", "site")["notes"][1:] == []
    assert shown() == "1 b'1' 5\n1\n"
    write_native(app, 2, 500, f"march = '{march}'\n")
    assert ship(app, "mip", "-o", "site")["notes"] == STAYS
    assert shown() == "2 b'2' 500\n2\n"
    # Back, and forth again.
    with served(app / "site") as url:
        install(receiver, board, "'app'", f"index='{url}'", "version='1'")
    assert shown() == "2 b'2' 500\n2\n"


def test_installed_by_mpremote_over_an_older_one(device: board.Board, app: Path) -> None:
    (app / "site").mkdir()
    with served(app / "site") as url:
        for version, length, keys in ((1, 5, ""), (2, 500, "march = 'armv7m'\n")):
            write_native(app, version, length, keys)
            made = ship(app, "mip", "-o", "site", "--url", url)
            device.mpremote(made["next"][0], app)
            shown = device.run(FORGET + SHOW_NATIVE)
            assert shown == f"{version} b'{version}' {length}\n{version}\n"


def test_what_any_earlier_version_has_plain_stays_plain(app: Path) -> None:
    write_native(app, 1, 5)
    ship(app, "mip", "-o", "site")
    for version in (2, 3):
        write_native(app, version, 500 + version, "march = 'armv7m'\n")
        before = sum(1 for _ in app.rglob("*"))
        dry = ship(app, "mip", "-n", "-o", "site")
        assert sum(1 for _ in app.rglob("*")) == before
        made = ship(app, "mip", "-o", "site")
        assert (made["notes"], made["warnings"]) == (STAYS, [])
        assert (dry["notes"], dry["files"]) == (made["notes"], made["files"])
        sizes = {file["name"]: file["size"] for file in made["files"]}
        assert sizes["lib/app/www/index.html"] == 500 + version
        names = {"app/fast.py", "app/www/index.html"}
        assert listed(app, version) == {"app/__init__.mpy", *names}
        assert listed(app, version, "py") == {"app/__init__.py", *names}
        urls = json.loads((app / f"site/app/{version}/package.json").read_text())["urls"]
        assert "app/www/index.html" in dict(urls)
        # A version that is published stays as it is.
        site = contents(app / "site")
        again = ship(app, "mip", "-o", "site")
        assert again["files"] == made["files"]
        assert contents(app / "site") == site


def test_a_version_that_was_published_compressed_stays_so(app: Path) -> None:
    """Even if an older one, published later, has it plain."""
    write(app, 2, 500)
    made = ship(app, "mip", "-o", "site")
    assert "app/www/index.html.gz" in listed(app, 2)
    write(app, 1, 5)
    ship(app, "mip", "-o", "site")
    site = contents(app / "site")
    write(app, 2, 500)
    assert ship(app, "mip", "-o", "site")["files"] == made["files"]
    assert contents(app / "site") == site


def test_a_budget_counts_what_is_plain(app: Path) -> None:
    ship(app, "mip", "-o", "site")
    write(app, 2, 100_000)
    arguments = ("mip", "-o", "site", "--max-size", "60 kB")
    before = contents(app / "site")
    for options in ([], ["-n"]):
        result = shipping.command(*arguments, *options, cwd=app)
        assert result.returncode == 1
        assert "lib/app/www/index.html\n" in result.stderr
    assert contents(app / "site") == before
    assert shipping.command("mip", "-o", "new", "--max-size", "60 kB", cwd=app).returncode == 0


def test_what_stays_hidden_is_told(app: Path) -> None:
    (app / "app/data").mkdir()
    (app / "app/data/x.txt").write_text("x")
    (app / "app/note.txt").write_text("x")
    ship(app, "mip", "-o", "site")
    (app / "app/data/x.txt").unlink()
    (app / "app/data").rmdir()
    (app / "app/data.py").write_text("x = 1\n")
    (app / "app/note.txt").rename(app / "app/note.txt.gz")
    write(app, 2, 5)
    result = shipping.command("mip", "-o", "site", cwd=app)
    told = [line for line in result.stderr.splitlines() if "hides it" in line]
    assert told == [
        "pkgres: warning: app/data.mpy: on boards that have an earlier version the folder"
        " app/data hides it; rename it",
        "pkgres: warning: app/note.txt.gz: on boards that have version 1 its app/note.txt hides"
        " it; rename it",
    ]
