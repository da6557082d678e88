"""pkgres.lock: later builds take the same bytes, without the network."""

from __future__ import annotations

import copy
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import folders
import pytest
import test_dependencies
from test_dependencies import NOBODY, add_package, contents, pip_install, served

from bin2res.dependencies.lock import LOCK, locked, write
from bin2res.dependencies.resolve import Package, merged, resolve
from bin2res.dependencies.wanted import parsed
from bin2res.errors import Bin2resError

cache, site = test_dependencies.cache, test_dependencies.site


@pytest.fixture
def app(tmp_path: Path) -> Path:
    return folders.write(tmp_path / "app", {"pyproject.toml": "", "own/x.py": "x = 1"})


def write_lock(folder: Path, index: str, *items: object) -> list[Package]:
    return write([parsed(item) for item in items], str(folder), [index])


def by_lock(folder: Path, index: str, *items: object) -> list[Package]:
    return locked([parsed(item) for item in items], str(folder), [index])


def refused(folder: Path, index: str, *items: object) -> str:
    """Return why a lock is refused: one line."""
    with pytest.raises(Bin2resError) as info:
        merged(by_lock(folder, index, *items))
    text = str(info.value)
    assert text.isprintable()
    return text


def test_without_the_network(app: Path, site: Path) -> None:
    with served(site) as (url, asked):
        items = ("three", f"{url}/other.py", "./own", {"from": "round", "files": ["round.py"]})
        packages = write_lock(app, url, *items)
        assert packages == resolve([parsed(item) for item in items], str(app), [url])
        asked.clear()
        assert by_lock(app, url, *items) == packages
        assert not asked
    # Nobody serves it any more; the order of the list says nothing.
    assert by_lock(app, url, *reversed(items)) == packages
    assert list(contents(packages)) == [
        *("about.py", "one.py", "one_data/a b.txt", "other.py", "own/x.py", "round.py"),
        *("three.py", "two/__init__.py"),
    ]


def test_without_a_lock_all_is_resolved(app: Path, site: Path) -> None:
    assert by_lock(app, str(site), "one") == resolve([parsed("one")], str(app), [str(site)])
    assert not (app / LOCK).exists()
    (app / LOCK).symlink_to("nothing")
    assert "cannot be read" in refused(app, str(site), "one")


def test_what_was_locked_stays(app: Path, site: Path, cache: Path) -> None:
    with served(site) as (url, asked):
        items = ("one", f"{url}/other.py")
        before = contents(write_lock(app, url, *items))
        add_package(site, "one", "3.0", {"one.py": b"newest = 1\n"})
        shutil.rmtree(cache)
        asked.clear()
        assert contents(by_lock(app, url, *items)) == before
        # Each file once, and no list of files.
        assert len(asked) == len(set(asked)) == 3
        assert not [path for path in asked if path.endswith(".json")]
        # A new lock takes what is there now.
        assert [package.version for package in write_lock(app, url, *items)] == ["3.0", ""]
        # One that has changed is refused, whether the length is the same or not.
        for content in ("o = 2", "", "o = 1\n"):
            shutil.rmtree(cache)
            (site / "other.py").write_text(content)
            text = refused(app, url, *items)
            assert text.startswith(f"{url}/other.py: other.py: {url}/other.py: has the SHA-256")
            assert text.endswith("pkgres lock")
        (site / "other.py").unlink()
        assert "does not exist" in refused(app, url, *items)
    assert "cannot be downloaded" in refused(app, url, *items)


def test_a_damaged_download_is_fetched_again(app: Path, site: Path, cache: Path) -> None:
    with served(site) as (url, asked):
        before = contents(write_lock(app, url, "one"))
        for damage in (b"", b"other"):
            for file in cache.rglob("files/*/*"):
                file.write_bytes(damage)
            asked.clear()
            assert contents(by_lock(app, url, "one")) == before
            assert len(asked) == 2
    for file in cache.rglob("files/*/*"):
        file.write_bytes(b"other")
    assert "cannot be downloaded" in refused(app, url, "one")


def test_reproducible(app: Path, site: Path, tmp_path: Path) -> None:
    write_lock(app, "../site", "three", "one", "./own")
    first = (app / LOCK).read_bytes()
    assert str(tmp_path).encode() not in first
    write_lock(app, str(site), "one", "./own", "three")
    assert (app / LOCK).read_bytes() == first
    for entry in ("app", "site"):
        shutil.copytree(tmp_path / entry, tmp_path / "elsewhere/deep" / entry)
    other = tmp_path / "elsewhere/deep/app"
    shutil.rmtree(tmp_path / "home")
    shutil.rmtree(site)
    assert contents(by_lock(other, "../site", "three", "one", "./own"))
    write_lock(other, "../site", "three", "one", "./own")
    assert (other / LOCK).read_bytes() == first


def test_out_of_date(app: Path, site: Path) -> None:
    items: tuple[object, ...] = ("two", "one@1.0", "./own")
    write_lock(app, str(site), *items)
    for other in (
        ("two", "one@1.0"),
        ("two", "./own"),
        ("two", "one@2.0", "./own"),
        ("two", {"from": "one@1.0", "files": ["one.py"]}, "./own"),
        (*items, "three"),
        (),
    ):
        assert refused(app, str(site), *other).endswith(f"{LOCK}: is out of date; run pkgres lock")
    assert "is out of date" in refused(app, NOBODY, *items)
    assert by_lock(app, f"{site}/", *items)
    # Where no name is looked up, no index counts.
    write_lock(app, str(site), "./own")
    assert by_lock(app, NOBODY, "./own")


def test_sources_of_ones_own_may_change(app: Path) -> None:
    write_lock(app, NOBODY, "./own")
    (app / "own/x.py").write_text("x = 2")
    (app / "own/y.py").write_text("y = 1")
    assert contents(by_lock(app, NOBODY, "./own")) == {"own/x.py": b"x = 2", "own/y.py": b"y = 1"}
    shutil.rmtree(app / "own")
    assert "does not exist" in refused(app, NOBODY, "./own")


def test_ours_are_not_taken(app: Path, site: Path) -> None:
    theirs = {"pkg_resources.py": b"theirs", "useful.py": b"1"}
    add_package(site, "pkgutil", "1", theirs, [["pkg_resources", "latest"]])
    items = ("pkgutil", "pip:pkgres")
    before = merged(write_lock(app, str(site), *items))
    assert merged(by_lock(app, str(site), *items)) == before
    assert list(before[0]) == ["useful.py"]
    assert len(before[1]) == 3


def test_installed_by_pip(app: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "target"
    monkeypatch.syspath_prepend(target)

    def install(version: str, **files: str) -> None:
        shutil.rmtree(target, ignore_errors=True)
        pip_install(tmp_path / "project", version, "--target", str(target), **files)

    install("1.5")
    items = ("pip:some-thing",)
    packages = write_lock(app, NOBODY, *items)
    assert str(tmp_path) not in (app / LOCK).read_text()
    assert by_lock(app, NOBODY, *items) == packages
    (target / "alone.py").write_text("alone = 2")
    text = refused(app, NOBODY, *items)
    assert text.startswith("pip:some-thing: alone.py is not as it was locked; pip install --force")
    install("1.5", some_thing__more="more = 1")
    assert "some_thing/more.py is not as it was locked" in refused(app, NOBODY, *items)
    install("1.6")
    assert refused(app, NOBODY, *items) == (
        "pip:some-thing: 1.6 is installed, 1.5 is locked; pip install some-thing==1.5,"
        " or run pkgres lock"
    )
    shutil.rmtree(target)
    assert "is not installed" in refused(app, NOBODY, *items)


NO_LOCKS = [
    *(b"", b"[]", b"{", b"{}", b"\xff", b"null", b"1" * 10_000, b"[" * 100_000),
    *(b'{"a":' * 100_000, b'{"packages": ' + b"[" * 90_000 + b"]" * 90_000 + b"}"),
]


@pytest.mark.parametrize("content", NO_LOCKS, ids=lambda content: ascii(content[:20]))
def test_no_lock_at_all(app: Path, site: Path, content: bytes) -> None:
    (app / LOCK).write_bytes(content)
    text = refused(app, str(site), "one")
    assert LOCK in text
    assert text.endswith("run pkgres lock")


STRANGE: list[Any] = [
    *(None, True, 0, 10**400, 1.5, "", "x", "\ud800", "a\nb", "\0", [], [[]], {}, {"x": 1}),
    *("/etc/passwd", "../../etc/passwd", "./own", "pip:microdot", "file:///etc/passwd"),
    *("http://", "http://h:x", "github:org", "0" * 64, "..", "a\\b"),
]


def damages(value: Any) -> Iterator[Any]:
    """Yield *value* with each of its parts replaced by something strange, or left out."""
    yield from STRANGE
    keys: list[Any] = list(value) if isinstance(value, dict) else []
    for key in keys or range(len(value) if isinstance(value, list) else 0):
        without = copy.copy(value)
        del without[key]
        yield without
        for damaged in damages(value[key]):
            changed = copy.copy(value)
            changed[key] = damaged
            yield changed
    if isinstance(value, dict):
        for name in (name for name in STRANGE if isinstance(name, str)):
            for key in list(value)[:1]:
                yield {**value, name: value[key]}


def test_a_damaged_lock_is_refused_or_harmless(app: Path, site: Path) -> None:
    """Whatever is changed in it, no other bytes come in, and no path leaves lib."""
    microdot = {"from": "pip:microdot", "files": ["__init__.py"]}
    items = ({"from": "two", "files": ["*"]}, microdot, "./own")
    before = contents(write_lock(app, "../site", *items))
    lock = json.loads((app / LOCK).read_text())
    shutil.rmtree(site)
    refusals: list[str] = []
    for damaged in damages(lock):
        (app / LOCK).write_text(json.dumps(damaged))
        try:
            files, _ = merged(by_lock(app, "../site", *items))
        except Bin2resError as error:
            refusals.append(str(error))
            continue
        for path, file in files.items():
            assert not path.startswith(("/", "."))
            assert Path(file).read_bytes() in before.values()
    assert all(text.isprintable() for text in refusals)
    assert len(refusals) > 100
    (app / LOCK).write_text(json.dumps(lock))
    assert contents(by_lock(app, "../site", *items)) == before


def test_runs_at_once(app: Path, site: Path, tmp_path: Path) -> None:
    big = {f"big{number}.bin": os.urandom(300_000) for number in range(10)}
    add_package(site, "big", "1", big)
    code = (
        "import sys\n"
        "from bin2res.dependencies.lock import write\n"
        "from bin2res.dependencies.wanted import Dependency\n"
        "write([Dependency('big')], sys.argv[1], sys.argv[2:])\n"
    )
    with served(site) as (url, _):
        command = [sys.executable, "-c", code, str(app), url]
        runs = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(6)]
        for run in runs:
            assert (run.communicate()[1], run.returncode) == (b"", 0)
    assert contents(by_lock(app, url, "big")) == big
    kept = [path for path in (tmp_path / "home").rglob("*") if path.is_file()]
    assert len([path for path in kept if path.name != ".lock"]) == len(big)


def test_a_package_is_missing(app: Path, site: Path) -> None:
    write_lock(app, str(site), "one", "about")
    lock = json.loads((app / LOCK).read_text())
    lock["packages"] = [entry for entry in lock["packages"] if entry["name"] != "one"]
    (app / LOCK).write_text(json.dumps(lock))
    assert "is damaged: one is missing" in refused(app, str(site), "one", "about")


def test_a_lock_that_cannot_be_written(app: Path, site: Path) -> None:
    (app / LOCK).mkdir()
    with pytest.raises(Bin2resError, match=LOCK):
        write_lock(app, str(site), "one")


def test_what_fails_leaves_the_lock(app: Path, site: Path) -> None:
    write_lock(app, str(site), "one")
    before = (app / LOCK).read_bytes()
    with pytest.raises(Bin2resError):
        write_lock(app, str(site), "one", "none")
    assert (app / LOCK).read_bytes() == before
    assert sorted(path.name for path in app.iterdir()) == sorted([LOCK, "own", "pyproject.toml"])
