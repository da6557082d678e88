"""Files and folders as Windows and macOS have them: read-only, busy, without numbers."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import types
from pathlib import Path

import pytest
import shipping
from conftest import Bin2res, resources

from bin2res import output, system
from bin2res.dependencies import local
from bin2res.select import select
from bin2res.ship import nested, staging


def test_files_without_numbers_are_told_apart(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()

    def unnumbered(path: Path) -> os.stat_result:
        """The status of a file as some shared folders give it."""
        values = list(os.stat(path))
        values[stat.ST_INO] = 0
        return os.stat_result(values)

    found = system.identity(str(one), unnumbered(one))
    assert found != system.identity(str(other), unnumbered(other))
    (tmp_path / "link").symlink_to(one)
    link = tmp_path / "link"
    assert found == system.identity(str(link), unnumbered(link))


def test_a_junction_is_a_link() -> None:
    tag = 0xA0000003
    assert system.is_junction(types.SimpleNamespace(st_reparse_tag=tag))  # type: ignore[arg-type]
    assert not system.is_junction(os.lstat(os.curdir))


def windows_unlink(path: str) -> None:
    """Remove a file by the rule of Windows, which keeps those that are read-only."""
    if not os.lstat(path).st_mode & stat.S_IWUSR:
        raise PermissionError(13, "Access is denied", path)
    os.remove(path)


def test_read_only_files_are_removed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "file").write_bytes(b"")
    (folder / "file").chmod(0o444)
    monkeypatch.setattr(os, "unlink", windows_unlink)
    with pytest.raises(PermissionError):
        nested.remove_tree(str(folder))
    monkeypatch.setattr(system, "IS_WINDOWS", True)
    nested.remove_tree(str(folder))
    assert not folder.exists()


def test_a_file_that_another_program_reads_is_moved_later(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "new").write_bytes(b"new")
    replace, refusals = os.replace, [1, 1, 1]

    def busy(source: str, target: str) -> None:
        if refusals and refusals.pop():
            raise PermissionError(13, "Access is denied", source)
        replace(source, target)

    monkeypatch.setattr(os, "replace", busy)
    paths = str(tmp_path / "new"), str(tmp_path / "old")
    with pytest.raises(PermissionError):
        system.move(*paths)
    monkeypatch.setattr(system, "IS_WINDOWS", True)
    system.move(*paths)
    assert (tmp_path / "old").read_bytes() == b"new"


def test_output_without_unnamed_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    target = tmp_path / "R.py"
    for content in (b"one", b"two"):
        with output.replacing(str(target)) as stream:
            stream.write(content)
        assert target.read_bytes() == content
    assert os.listdir(tmp_path) == ["R.py"]


def test_notes_of_file_managers_are_no_ones(tmp_path: Path) -> None:
    app = shipping.copied(tmp_path / "app", {shipping.DEPENDENCIES: "dependencies = []"})
    out = tmp_path / "out"
    shipping.ship("image", "-o", str(out), cwd=app)
    for note in (".DS_Store", "lib/.DS_Store", "lib/Thumbs.db"):
        (out / note).write_bytes(b"note")
    (app / "utils.py").write_text("changed = 1\n")
    shipping.ship("image", "-o", str(out), cwd=app)
    assert not list(out.rglob("*.DS_Store"))
    # A user writes this one, to give a folder its icon.
    (out / "lib/desktop.ini").write_bytes(b"mine")
    assert "desktop.ini: was not made" in shipping.command("image", "-o", str(out), cwd=app).stderr
    (out / "lib/desktop.ini").unlink()
    (out / "lib/mine.txt").write_bytes(b"mine")
    assert "mine.txt: was not made" in shipping.command("image", "-o", str(out), cwd=app).stderr


def test_notes_in_a_dependency_are_left(tmp_path: Path) -> None:
    (tmp_path / "drivers").mkdir()
    for name in ("lcd.py", "Thumbs.db", "desktop.ini", ".DS_Store"):
        (tmp_path / "drivers" / name).write_bytes(b"")
    (tmp_path / "app").mkdir()
    found = local.files_at("../drivers", str(tmp_path / "app"))
    assert list(found) == ["drivers/lcd.py"]


def test_accents_as_git_has_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "drivers").mkdir()
    (tmp_path / "drivers/e\u0301.txt").write_bytes(b"")
    (tmp_path / "app").mkdir()
    assert list(local.files_at("../drivers", str(tmp_path / "app"))) == ["drivers/e\u0301.txt"]
    monkeypatch.setattr(system, "IS_MAC", True)
    (name,), (path,) = zip(
        *local.files_at("../drivers", str(tmp_path / "app")).items(), strict=True
    )
    assert name == "drivers/\u00e9.txt"
    assert os.path.exists(path)


def test_locks_of_one_output_by_two_spellings(tmp_path: Path) -> None:
    """On systems that ignore case these are one output; elsewhere the second waits in vain."""
    code = (
        "import sys\nfrom bin2res.ship.staging import locked\n"
        "with locked(sys.argv[1]): print('locked', flush=True)"
    )
    with (
        staging.locked(str(tmp_path / "Out")),
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path / "out")],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process,
    ):
        assert process.stderr is not None
        assert process.stderr.readline().startswith(b"waiting for another run")
        process.kill()


def test_notes_of_file_managers_are_no_resources(package: Path, bin2res: Bin2res) -> None:
    (package / "data/Thumbs.db").write_bytes(b"note")
    (package / "data/sub/desktop.ini").write_bytes(b"note")
    assert bin2res("data").returncode == 0
    assert sorted(resources(package / "R.py")) == [
        "data/image.png",
        "data/page.html",
        "data/sub/deep.txt",
    ]


def test_accents_of_resources(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "e\u0301.txt").write_bytes(b"")
    assert list(select(["*.txt"], str(tmp_path))) == ["e\u0301.txt"]
    monkeypatch.setattr(system, "IS_MAC", True)
    assert list(select(["*.txt"], str(tmp_path))) == ["\u00e9.txt"]
