"""An output is replaced if a record says that it was made here, and nothing else ever is."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
import shipping
from kills import WAYS, Bench, Forks, Tree, refuse, tree

from bin2res import record


def ship(forks: Forks, bench: Bench, *arguments: str) -> str:
    ended = forks.run(bench, *arguments)
    assert ended.status == 0, ended.said
    return ended.said


def describe(bench: Bench, table: str, project: str = 'name = "app"\nversion = "1"') -> None:
    (bench.project / "pyproject.toml").write_text(f"[project]\n{project}\n[tool.pkgres]\n{table}\n")


FOLDERS = ("image", "freeze")


@pytest.mark.parametrize("way", WAYS)
def test_what_was_made_and_is_unchanged_is_replaced(forks: Forks, bench: Bench, way: str) -> None:
    ship(forks, bench, way, "-o", WAYS[way])
    old = tree(bench.output)
    bench.write_app("2", "2" if way == "mip" else "1")
    ship(forks, bench, way, "-o", WAYS[way])
    new = tree(bench.output)
    assert new != old
    ship(forks, bench, way, "-o", WAYS[way])
    assert tree(bench.output) == new
    found = record.read(str(bench.output))
    assert found is not None
    assert record.foreign(str(bench.output), found) == []
    assert {n for n, content in new.items() if content is not None} == {*found.files, record.FILE}


def times(folder: Path) -> dict[str, tuple[int, int]]:
    """Return inode and time of all below a folder."""
    return {
        str(path.relative_to(folder)): (path.stat().st_ino, path.stat().st_mtime_ns)
        for path in folder.rglob("*")
    }


@pytest.mark.parametrize("way", WAYS)
def test_a_run_that_changes_nothing_writes_nothing(forks: Forks, bench: Bench, way: str) -> None:
    ship(forks, bench, way, "-o", WAYS[way])
    before = times(bench.output)
    report = ship(forks, bench, way, "-o", WAYS[way])
    assert times(bench.output) == before
    assert "on the board, in" in report


@pytest.mark.parametrize("way", FOLDERS)
def test_unchanged_files_keep_their_times(forks: Forks, bench: Bench, way: str) -> None:
    """Unless a file goes: a build that compares times would not see that."""
    (bench.project / "app/other.py").write_text("other = 1\n")
    ship(forks, bench, way, "-o", "out")
    names = [n for n in tree(bench.output) if n.endswith(".py")]
    for name in names:
        os.utime(bench.output / name, (1, 1))

    def is_old() -> dict[str, bool]:
        return {n: (bench.output / n).stat().st_mtime == 1 for n in names if "manifest" not in n}

    (bench.project / "app/__init__.py").write_text("content = 'new'\n")
    ship(forks, bench, way, "-o", "out")
    assert {n for n, old in is_old().items() if not old} == {
        n for n in names if n.endswith("app/__init__.py")
    }
    (bench.project / "app/other.py").unlink()
    names = [n for n in names if not n.endswith("other.py")]
    ship(forks, bench, way, "-o", "out")
    assert not any(is_old().values())


@pytest.mark.parametrize("way", [*FOLDERS, "mip"])
@pytest.mark.parametrize(
    "place", ["mine.py", "code/mine.py", "lib/app/secrets.py", "compiled/m.mpy"]
)
def test_a_file_of_the_users_in_an_output(forks: Forks, bench: Bench, way: str, place: str) -> None:
    ship(forks, bench, way, "-o", "out")
    mine = bench.output / place
    mine.parent.mkdir(parents=True, exist_ok=True)
    mine.write_text("mine")
    said = refuse(forks, bench, way, "-o", "out")
    assert f"out/{place}: was not made by pkgres" in said
    ship(forks, bench, way, "-o", "out", "--force")
    assert mine.read_text() == "mine"
    # It is still not ours.
    assert place in refuse(forks, bench, way, "-o", "out")


@pytest.mark.parametrize("way", WAYS)
def test_what_was_changed_by_hand(forks: Forks, bench: Bench, way: str) -> None:
    ship(forks, bench, way, "-o", WAYS[way])
    new = tree(bench.output)
    for name in sorted(record.read(str(bench.output)).files):  # type: ignore[union-attr]
        changed = bench.output / name
        content = changed.read_bytes()
        changed.write_bytes(content + b" ")
        said = refuse(forks, bench, way, "-o", WAYS[way])
        assert f"out/{name}: was changed by hand" in said
        if name == "index.json":
            changed.write_bytes(content)
            continue
        ship(forks, bench, way, "-o", WAYS[way], "--force")
        assert tree(bench.output) == new


@pytest.mark.parametrize("way", WAYS)
def test_an_output_without_a_record(forks: Forks, bench: Bench, way: str) -> None:
    ship(forks, bench, way, "-o", WAYS[way])
    new = tree(bench.output)
    (bench.output / record.FILE).unlink()
    assert "was not made by pkgres" in refuse(forks, bench, way, "-o", WAYS[way])
    ship(forks, bench, way, "-o", WAYS[way], "--force")
    assert tree(bench.output) == new


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "damaged",
    [
        *(b"", b"[]", b"\xff", b"{", b"null", b'{"files": []}', b'{"files": {}}', b"[" * 100_000),
        *(b'{"files": {"../x": ["0"]}, "whole": true}', b'{"files": {"/x": []}, "whole": true}'),
        b'{"files": {"a": 1}, "whole": true}',
        b'{"files": {}, "whole": true, "site": true, "adding": {"../app/__init__.py": "0"}}',
        b'{"files": {}, "whole": true, "adding": {"a//b": "0"}}',
        b'{"files": {"a\\u0000": ["0"]}, "whole": true}',
    ],
)
def test_a_damaged_record(forks: Forks, bench: Bench, way: str, damaged: bytes) -> None:
    ship(forks, bench, way, "-o", WAYS[way])
    new = tree(bench.output)
    (bench.output / record.FILE).write_bytes(damaged)
    said = refuse(forks, bench, way, "-o", WAYS[way])
    assert f"{record.FILE}: is damaged; remove it" in said
    ship(forks, bench, way, "-o", WAYS[way], "--force")
    assert tree(bench.output) == new


def test_links_and_fifos_of_the_users(forks: Forks, bench: Bench) -> None:
    ship(forks, bench, "image", "-o", "out")
    precious = bench.project / "precious"
    precious.mkdir()
    (precious / "file").write_text("precious")
    (bench.output / "link").symlink_to("../precious")
    (bench.output / "dangling").symlink_to("nowhere")
    os.mkfifo(bench.output / "fifo")
    (bench.output / "lib/b\udcff").write_text("mine")
    os.link(precious / "file", bench.output / "hard")
    assert "dangling: was not made by pkgres (and 4 more)" in refuse(
        forks, bench, "image", "-o", "out"
    )
    bench.write_app("2")
    ship(forks, bench, "image", "-o", "out", "--force")
    assert os.readlink(bench.output / "link") == "../precious"
    assert os.readlink(bench.output / "dangling") == "nowhere"
    assert (bench.output / "fifo").is_fifo()
    assert (bench.output / "lib/b\udcff").read_text() == "mine"
    assert (bench.output / "hard").samefile(precious / "file")
    assert (precious / "file").read_text() == "precious"
    assert bench.litter() == ["project/precious"]


@pytest.mark.parametrize(
    ("kind", "name"), [("file", "lib"), ("link", "lib"), ("folder", "main.py")]
)
def test_force_takes_no_name_from_others(forks: Forks, bench: Bench, kind: str, name: str) -> None:
    """What is in the way of a new folder or file is refused, whatever was said."""
    bench.output.mkdir()
    (bench.project / "elsewhere").mkdir()
    describe(bench, 'start = "app"')
    if kind == "file":
        (bench.output / name).write_text("mine")
    elif kind == "link":
        (bench.output / name).symlink_to("../elsewhere")
    else:
        (bench.output / name).mkdir()
        (bench.output / name / "mine").write_text("mine")
    assert "move it away" in refuse(forks, bench, "image", "-o", "out", "--force")


def test_force_that_is_killed(forks: Forks, bench: Bench, tmp_path: Path) -> None:
    """At each step, with a file of the user's and one changed by hand: the next run succeeds."""
    ship(forks, bench, "image", "-o", "out")
    (bench.output / "mine").write_text("mine")
    (bench.output / "link").symlink_to("mine")
    (bench.output / "lib/app/__init__.py").write_text("changed")
    before = tmp_path / "before"
    shutil.copytree(bench.output, before, symlinks=True)
    for exchange in (True, False):
        step = 0
        while True:
            step += 1
            shutil.rmtree(bench.output)
            shutil.copytree(before, bench.output, symlinks=True)
            arguments = ("image", "-o", "out", "--force")
            ended = forks.run(bench, *arguments, step=step, by="exit", exchange=exchange)
            after = forks.run(bench, *arguments, exchange=exchange)
            assert after.status == 0, after.said
            assert (bench.output / "mine").read_text() == "mine"
            assert os.readlink(bench.output / "link") == "mine"
            assert (bench.output / "lib/app/__init__.py").read_text() == "content = '1'\n"
            assert bench.litter() == []
            if ended.steps < step:
                break
        assert step > 10


def test_a_file_that_comes_while_the_output_is_replaced(bench: Bench) -> None:
    """It is kept where it is told, and the next run waits until it was moved."""
    code = (
        "import sys\n"
        "from bin2res import commands\n"
        "from bin2res.ship.staging import Staging\n"
        "put = Staging.put\n"
        "def later(place):\n"
        "    open(place.output + '/lib/mine', 'w').write('mine')\n"
        "    put(place)\n"
        "Staging.put = later\n"
        "commands.pkgres()\n"
    )
    arguments = ("image", "-C", str(bench.project), "-o", str(bench.output))
    assert shipping.command(*arguments).returncode == 0
    bench.write_app("2")
    result = shipping.run_python(code, *arguments)
    kept = bench.project / ".out.pkgres/old/lib/mine"
    for again in (result, shipping.command(*arguments)):
        assert again.returncode == 2
        assert again.stderr == (
            f"pkgres: {kept}: was put into the output while it was replaced; move it away\n"
        )
        assert kept.read_text() == "mine"
    kept.rename(bench.project / "app/mine")
    assert shipping.command(*arguments).returncode == 0
    assert bench.litter() == []
    assert (bench.output / "lib/app/mine").read_text() == "mine"


def test_what_other_commands_made_is_not_replaced(forks: Forks, bench: Bench) -> None:
    """Versions of a site, and archives, are not made again: --force takes none of them."""
    for first, others in {"mip": FOLDERS, "sdist": (*FOLDERS, "mip"), "image": ("mip",)}.items():
        ship(forks, bench, first, "-o", first)
        for other in others:
            for force in ((), ("--force",)):
                assert "name another folder" in refuse(forks, bench, other, "-o", first, *force)
    assert "was made by pkgres; name a file elsewhere" in refuse(
        forks, bench, "romfs", "-o", "mip/app.romfs"
    )


def test_other_folders_with_names_of_ours(forks: Forks, bench: Bench) -> None:
    theirs = bench.project / ".out.pkgres"
    theirs.mkdir()
    (theirs / "mine").write_text("mine")
    assert ".out.pkgres: was not made by pkgres; rename it" in refuse(
        forks, bench, "image", "-o", "out"
    )
    theirs.rename(bench.project / "elsewhere")
    for make in (
        lambda: theirs.symlink_to("elsewhere"),
        lambda: theirs.write_text("mine"),
    ):
        make()
        assert "was not made by pkgres; rename it" in refuse(forks, bench, "mip", "-o", "out")
        theirs.unlink()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("output", ["", ".", "..", "app", "app/data", "app/out", "link", "link/x"])
def test_output_and_source_apart(forks: Forks, bench: Bench, way: str, output: str) -> None:
    (bench.project / "link").symlink_to("app")
    for given in (output, output and str(bench.project / output)):
        refuse(forks, bench, way, "-o", given)
    refuse(forks, bench, way, "-o", output, "--force")


@pytest.mark.parametrize("way", WAYS)
def test_a_package_in_the_output(forks: Forks, bench: Bench, way: str) -> None:
    (bench.project / "board/lib").mkdir(parents=True)
    (bench.project / "app").rename(bench.project / "board/lib/app")
    describe(bench, 'package = "board/lib/app"')
    assert "holds sources" in refuse(forks, bench, way, "-o", "board")
    assert "holds sources" in refuse(forks, bench, way, "-o", "board", "--force")
    assert "holds sources" in refuse(forks, bench, way, "-o", "board/lib")
    (bench.project / "way").symlink_to("board/lib")
    assert "holds sources" in refuse(forks, bench, way, "-o", "way")
    (bench.project / "board/lib/app").rename(bench.project / "real")
    (bench.project / "board/lib/app").symlink_to("../../real")
    refuse(forks, bench, way, "-o", "real")
    refuse(forks, bench, way, "-o", "board/lib/app")


def test_an_output_is_no_source(forks: Forks, bench: Bench) -> None:
    """Neither as the package, nor by the name of a folder, a file, or a pattern in it."""
    ship(forks, bench, "freeze", "-o", "out")
    describe(bench, 'package = "out/code/app"')
    assert "out/code/app: was made by pkgres" in refuse(forks, bench, "freeze", "-o", "out")
    assert "out/code/app: was made by pkgres" in refuse(forks, bench, "freeze", "-o", "other")
    bench.write_app("1")
    ship(forks, bench, "image", "-o", "app_image")
    shutil.move(bench.project / "app_image", bench.project / "app/made")
    for named in ("made", "made/lib", "made/lib/app/data/page.html.gz", "made/**/*.gz"):
        describe(bench, f"resources = [{named!r}]")
        said = refuse(forks, bench, "image", "-o", "other")
        assert "was made by pkgres; leave it out" in said or "matches no resource" in said
    describe(bench, "")
    ship(forks, bench, "image", "-o", "other")
    assert not [name for name in tree(bench.project / "other") if "made" in name]


@pytest.mark.parametrize("resources", ["**/*.html", "."])
def test_what_an_earlier_run_made_is_not_input(forks: Forks, bench: Bench, resources: str) -> None:
    """With the code beside pyproject.toml, ten runs make the same as one."""
    for path in list((bench.project / "app").iterdir()):
        path.rename(bench.project / path.name)
    (bench.project / "app").rmdir()
    describe(bench, f'package = "."\nresources = ["{resources}"]')
    found: dict[str, Tree] = {}
    for _ in range(2):
        for way, output in WAYS.items():
            name = f"{way}.romfs" if way == "romfs" else f"made_{way}"
            ship(
                forks, bench, way, "-o", output.replace("out/app.romfs", name).replace("out", name)
            )
        now = {p.name: tree(p) for p in bench.project.glob("made_*")}
        now["romfs"] = {"": (bench.project / "romfs.romfs").read_bytes()}
        assert found in ({}, now)
        found = now


def test_an_output_beside_the_modules_of_a_flat_app(forks: Forks, bench: Bench) -> None:
    shutil.rmtree(bench.project / "app")
    (bench.project / "main.py").write_text("print('main')")
    (bench.project / "page.html").write_text("<p>")
    describe(bench, 'package = "."\nresources = ["*.html"]')
    for output in ("", ".", "..", "main.py", "page.html"):
        for way in WAYS:
            refuse(forks, bench, way, "-o", output)
    ship(forks, bench, "image", "-o", "out")
    assert (bench.output / "main.py").exists()


def test_an_output_through_links(forks: Forks, bench: Bench) -> None:
    """The folder that a link leads to is replaced, and the link stays."""
    real = bench.project / "real"
    (bench.project / "out").symlink_to("real/deep")
    for content in ("1", "2"):
        bench.write_app(content)
        ship(forks, bench, "image", "-o", "out")
        assert (bench.project / "out").is_symlink()
        assert f"content = '{content}'\n" == (real / "deep/lib/app/__init__.py").read_text()
    assert [path.name for path in real.iterdir()] == ["deep"]
    (bench.project / "circle").symlink_to("circle")
    assert "circle: " in refuse(forks, bench, "image", "-o", "circle")


def test_a_file_through_links(forks: Forks, bench: Bench) -> None:
    (bench.project / "real").mkdir()
    (bench.project / "app.romfs").symlink_to("real/app.romfs")
    for content in ("1", "2"):
        bench.write_app(content)
        ship(forks, bench, "romfs", "-o", "app.romfs")
        assert (bench.project / "app.romfs").is_symlink()
    assert sorted(path.name for path in (bench.project / "real").iterdir()) == [
        record.FILE,
        "app.romfs",
    ]


def test_permissions_are_kept(forks: Forks, bench: Bench) -> None:
    for way in ("image", "romfs"):
        shutil.rmtree(bench.output, ignore_errors=True)
        ship(forks, bench, way, "-o", WAYS[way])
        made = bench.project / WAYS[way]
        assert made.stat().st_mode & 0o044 == 0o044
        made.chmod(0o700)
        bench.write_app(way)
        ship(forks, bench, way, "-o", WAYS[way])
        assert made.stat().st_mode & 0o777 == 0o700


def test_folders_above_the_output(forks: Forks, bench: Bench) -> None:
    """They are made, and are gone again where nothing was written."""
    for way in WAYS:
        output = WAYS[way].replace("out", f"{way}/a/b")
        ship(forks, bench, way, "-o", output)
        assert (bench.project / output).exists()
    (bench.project / ".out.pkgres").write_text("mine")
    (bench.project / "app/__init__.py").write_text("x = ")
    for way in ("romfs", "mip"):
        refuse(forks, bench, way, "-o", WAYS[way].replace("out", "x/y/z"))
    # Found when the file is written, and not before.
    (bench.project / "app/__init__.py").write_text("x = 1")
    long = "n" * 250
    refuse(forks, bench, "image", "-o", f"x/y/{long}")


def test_pre_releases_are_not_the_latest(forks: Forks, bench: Bench) -> None:
    latest: list[str] = []
    for version in ("1.0rc1", "1.0", "2.0b1", "1.1", "2.0.dev3"):
        bench.write_app(version, version)
        ship(forks, bench, "mip", "-o", "out")
        found = {
            json.loads((bench.output / file).read_bytes())["version"]
            for file in ("package/py/app/latest.json", "package/6/app/latest.json")
        }
        found.add(json.loads((bench.output / "app/package.json").read_bytes())["version"])
        (package,) = json.loads((bench.output / "index.json").read_bytes())["packages"]
        assert found == {package["version"]}
        latest += found
    assert latest == ["1.0rc1", "1.0", "1.0", "1.1", "1.1"]


def test_hidden_files_at_the_top_of_a_site(forks: Forks, bench: Bench) -> None:
    """Such as .git or .nojekyll: they are left alone."""
    ship(forks, bench, "mip", "-o", "out")
    (bench.output / ".git").mkdir()
    (bench.output / ".git/config").write_text("mine")
    (bench.output / ".nojekyll").write_text("")
    bench.write_app("2", "2")
    ship(forks, bench, "mip", "-o", "out")
    assert (bench.output / ".git/config").read_text() == "mine"


def test_a_site_that_is_killed_before_it_is_one(forks: Forks, bench: Bench) -> None:
    """A run that is refused cleans up after it."""
    step = 40
    assert forks.run(bench, "mip", "-o", "x/out", step=step, by="exit").status == 9
    (bench.project / "x/out/app").mkdir(exist_ok=True)
    (bench.project / "x/out/app/mine").write_text("mine")
    ended = forks.run(bench, "mip", "-o", "x/out")
    assert "app/mine: was not made by pkgres" in ended.said
    assert set(tree(bench.project / "x")) == {"out", "out/app", "out/app/mine"}
