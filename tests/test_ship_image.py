"""The tree to copy to a board, run by MicroPython from its lib folder."""

from __future__ import annotations

from pathlib import Path

import app
import pytest
import shipping
import web_app

from bin2res import Form, bundle, record


def listing(folder: Path) -> list[str]:
    """The files below a folder but for the record of what was made there."""
    found = (p for p in folder.rglob("*") if p.is_file() and p.name != record.FILE)
    return sorted(str(p.relative_to(folder)) for p in found)


@pytest.mark.parametrize("options", [(), ("--mpy",)])
def test_runs(receiver: Path, tmp_path: Path, options: tuple[str, ...]) -> None:
    board = tmp_path / "board"
    shipping.ship("image", "-o", str(board), *options)
    suffix = "mpy" if options else "py"
    packed = [f"{name}.gz" for name in web_app.TEXTS]
    assert listing(board) == [
        f"lib/microdot/__init__.{suffix}",
        f"lib/microdot/helpers.{suffix}",
        f"lib/microdot/microdot.{suffix}",
        f"lib/my_app/R.{suffix}",  # with nothing but the key immutable
        f"lib/my_app/__init__.{suffix}",
        f"lib/my_app/__main__.{suffix}",
        f"lib/my_app/board.{suffix}",
        *(f"lib/my_app/data/{name}" for name in sorted((web_app.IMAGE, *packed))),
        f"lib/my_app/utils.{suffix}",
        f"lib/my_app/web.{suffix}",
        f"lib/pkgres/__init__.{suffix}",
        f"lib/pkgres/gz.{suffix}",
        f"lib/pkgres/modules.{suffix}",
        f"lib/pkgres/ranges.{suffix}",
        f"lib/pkgres/static.{suffix}",
        f"lib/pkgres/stream_calls.{suffix}",
        f"lib/pkgres/streams.{suffix}",
        f"lib/pkgres/where.{suffix}",
    ]
    folder = tmp_path / "empty"
    folder.mkdir()
    shipping.check_app(receiver, folder, str(board / "lib"))
    shipping.check_web(receiver, folder, str(board / "lib"))


def test_nothing_of_an_older_image_is_left(tmp_path: Path) -> None:
    board = tmp_path / "board"
    shipping.ship("image", "-o", str(board))
    old = listing(board)
    shipping.ship("image", "-o", str(board), "--mpy")
    assert not [name for name in listing(board) if name.endswith(".py")]
    shipping.ship("image", "-o", str(board))
    assert listing(board) == old
    assert listing(tmp_path) == [f"board/{name}" for name in old]


def test_no_module_beside_the_files(tmp_path: Path) -> None:
    source = shipping.copied(tmp_path / "source", {"immutable": "whole"})
    assert bundle(["data"], directory=str(source)).output
    compile_mpy = bundle(["data"], directory=str(source), form=Form(mpy=True, package="my_app"))
    assert compile_mpy.output == str(source / "R.mpy")
    shipping.ship("image", "-C", str(source), "-o", str(tmp_path / "board"))
    assert not list((tmp_path / "board").rglob("R.*"))


@pytest.mark.parametrize("there", ["notes.txt", "lib/other.py", "lib/my_app.py", "main.py"])
def test_a_folder_with_other_files_is_refused(tmp_path: Path, there: str) -> None:
    board = tmp_path / "board"
    shipping.ship("image", "-o", str(board))
    (board / there).write_text("mine")
    before = listing(board)
    result = shipping.command("image", "-o", str(board), "--mpy")
    assert result.returncode == 2
    assert f"{there}: was not made by pkgres" in result.stderr
    assert listing(board) == before


def test_the_sources_are_not_replaced(tmp_path: Path) -> None:
    source = shipping.copied(tmp_path / "source")
    before = listing(source)
    result = shipping.command("image", "-o", ".", cwd=source)
    assert (result.returncode, listing(source)) == (2, before)
    (tmp_path / "file").write_text("")
    result = shipping.command("image", "-o", str(tmp_path / "file"))
    assert result.returncode == 2
    assert "is not a folder" in result.stderr


def test_reproducible(tmp_path: Path) -> None:
    copy = shipping.copied(tmp_path / "another place")
    for name, source in (("one", shipping.EXAMPLE), ("two", copy)):
        shipping.ship("image", "-C", str(source), "-o", str(tmp_path / name), "--mpy")
    for name in listing(tmp_path / "one"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_report(tmp_path: Path) -> None:
    source = shipping.copied(tmp_path / "source", {shipping.DEPENDENCIES: ""})
    result = shipping.command("image", "-o", "board", cwd=source)
    lines = result.stderr.splitlines()
    assert lines[0].split()[1] == f"lib/my_app/data/{web_app.SCRIPT}.gz"  # the largest resource
    assert lines[4].endswith("  resources, in 4 files")
    assert [line.split()[-1] for line in lines[5:7]] == [
        f"lib/pkgres/{name}.py"
        for name in sorted(
            ("__init__", "static"), key=lambda n: -(app.PKGRES / f"{n}.py").stat().st_size
        )
    ]
    assert lines[-2].endswith("on the board, in 18 files; made board")
    assert lines[-1] == "next: mpremote cp -r board/lib :"
    assert result.stdout == ""
    quiet = shipping.command("image", "-q", "-o", str(tmp_path / "quiet"))
    assert (quiet.stdout, quiet.stderr, quiet.returncode) == ("", "", 0)


def test_a_killed_run_leaves_the_old_image(tmp_path: Path) -> None:
    shipping.ship("image", "-o", str(tmp_path / "board"))
    before = listing(tmp_path / "board")
    code = (
        "import os\n"
        "from bin2res import commands\n"
        "from bin2res.ship.staging import Staging\n"
        "Staging.put = lambda *_: os._exit(9)\n"
        "commands.pkgres()\n"
    )
    arguments = ("image", "--mpy", "-C", str(shipping.EXAMPLE), "-o", str(tmp_path / "board"))
    assert shipping.run_python(code, *arguments).returncode == 9
    assert listing(tmp_path / "board") == before
    shipping.ship("image", "--mpy", "-o", str(tmp_path / "board"))
    assert "lib/my_app/utils.mpy" in listing(tmp_path / "board")


def test_folders_of_others_beside_it_stay(tmp_path: Path) -> None:
    for name in ("board.new", "board.old", ".board.new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "mine").write_text("")
    for _ in range(2):
        shipping.ship("image", "-o", str(tmp_path / "board"))
    assert [n for n in listing(tmp_path) if "mine" in n] == [
        ".board.new/mine",
        "board.new/mine",
        "board.old/mine",
    ]
