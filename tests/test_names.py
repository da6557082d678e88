"""Names that not every system can have, by the rules of Python's own ntpath where it knows them."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest
import runtimes
import shipping
from conftest import needing

from bin2res import names, system
from bin2res.errors import Bin2resError
from bin2res.ship.content import Made, written

RESERVED = [
    "aux.py",
    "lib/con",
    "NUL.tar.gz",
    "COM1.txt",
    "lpt¹",
    "a.",
    "b ",
    "x/y./z",
    "lib/ab:c",
    "a?",
]
FREE = ["auxiliary.py", "lib/console", "com10", "a.b", ".hidden", "ü 🎉.txt", "x y/z", "com.py"]


@pytest.mark.parametrize("name", RESERVED)
def test_reserved(name: str) -> None:
    assert names.is_reserved(name)


@pytest.mark.parametrize("name", FREE)
def test_free(name: str) -> None:
    assert not names.is_reserved(name)


def test_python_agrees(tmp_path: Path) -> None:
    """The rules of Windows are those of ntpath.isreserved(), new in Python 3.13."""
    program = f"import ntpath\nfor name in {RESERVED + FREE!a}: print(ntpath.isreserved(name))\n"
    (tmp_path / "program.py").write_text(program)
    result = needing(lambda: runtimes.other_cpython("3.13", tmp_path, "program.py"))
    found = [str(names.is_reserved(name)) for name in RESERVED + FREE]
    assert result.stdout.split() == found, result.stderr


def test_what_windows_cannot_have_is_refused_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    written({"lib/aux.py": Made(b"")}, str(tmp_path))
    assert (tmp_path / "lib/aux.py").exists()
    monkeypatch.setattr(system, "IS_WINDOWS", True)
    with pytest.raises(Bin2resError, match=r"^lib/nul.py: Windows allows no file of this name"):
        written({"lib/nul.py": Made(b"")}, str(tmp_path))


@pytest.mark.parametrize(
    ("files", "pair"),
    [
        (["a.txt", "b.txt"], None),
        (["A.txt", "a.txt"], ("A.txt", "a.txt")),
        (["lib/x.py", "Lib/y.py"], ("lib", "Lib")),
        (["lib/x.py", "lib/y.py", "lib"], None),
        (["\u00e9.txt", "e\u0301.txt"], ("\u00e9.txt", "e\u0301.txt")),
    ],
)
def test_same_but_for_case(files: list[str], pair: tuple[str, str] | None) -> None:
    assert names.same_but_for_case(files) == pair


def test_a_disk_that_ignores_case(tmp_path: Path) -> None:
    """A folder that is found by two names is what such a disk shows."""
    folder = tmp_path / "new"
    folder.mkdir()
    tree = {"A.txt": Made(b"A"), "a.txt": Made(b"a")}
    (tmp_path / "NEW").symlink_to(folder)
    with pytest.raises(Bin2resError, match=r"^A\.txt, a\.txt: have one name on this disk"):
        written(tree, str(folder))
    (tmp_path / "NEW").unlink()
    written(tree, str(folder))
    assert sorted(os.listdir(folder)) == ["A.txt", "a.txt"]


def test_accents_of_a_flat_app_on_macos(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What macOS has made is known by the names that it was asked for."""
    from bin2res.record import files_below

    decomposed = unicodedata.normalize("NFD", "é.txt")
    (tmp_path / decomposed).write_bytes(b"")
    assert [name for name, _ in files_below(str(tmp_path))] == [decomposed]
    monkeypatch.setattr(system, "IS_MAC", True)
    ((name, path),) = files_below(str(tmp_path))
    assert name == "é.txt"
    assert Path(path).exists()


def test_a_module_is_not_shipped_by_two_names(tmp_path: Path) -> None:
    """Linux has both, and boards whose disk has case take both."""
    none = "dependencies = []"
    app = shipping.copied(tmp_path / "app", {shipping.DEPENDENCIES: none})
    (app / "data/A.txt").write_bytes(b"A")
    (app / "data/a.txt").write_bytes(b"a")
    made = shipping.ship("image", "-o", str(tmp_path / "out"), cwd=app)
    found = [file["name"] for file in made["files"]]
    assert {"lib/my_app/data/A.txt", "lib/my_app/data/a.txt"} <= set(found)
