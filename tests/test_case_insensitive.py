"""On a case-insensitive filesystem: exFAT, which has no links and no permissions either."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import shipping
from conftest import needing, resources
from firmware.source import need

from bin2res.dependencies import local
from bin2res.errors import Bin2resError

_SIZE = 64 << 20  # bytes


def as_root(*command: str | Path) -> str:
    """Run a command that mounts disks; return what it printed."""
    try:
        result = subprocess.run(command, capture_output=True, text=True, check=True)
    except subprocess.CalledProcessError as error:
        # In some containers nobody may mount a disk, and no package helps there.
        pytest.skip(f"no disk can be mounted here: {error}: {error.stderr.strip()}")
    return result.stdout.strip()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """The folder of a disk of its own."""
    needing(lambda: need("mkfs.exfat", "mount.exfat-fuse", "losetup"))
    folder, image = tmp_path / "disk", tmp_path / "image"
    folder.mkdir()
    image.touch()
    os.truncate(image, _SIZE)
    as_root("mkfs.exfat", image)
    device = as_root("losetup", "--find", "--show", image)
    try:
        as_root("mount.exfat-fuse", device, folder)
        try:
            yield folder
        finally:
            subprocess.run(["umount", folder], check=True)
    finally:
        subprocess.run(["losetup", "--detach", device], check=True)


def bundled(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "bin2res", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False)


def test_the_disk(disk: Path) -> None:
    (disk / "A.txt").write_bytes(b"A")
    assert (disk / "a.txt").read_bytes() == b"A"


def test_code_of_the_users_is_not_replaced(disk: Path) -> None:
    (disk / "data").mkdir()
    (disk / "data/page.html").write_bytes(b"<p>")
    (disk / "r.py").write_bytes(b"mine = 1\n")
    result = bundled(disk, "data")
    assert (result.returncode, result.stdout) == (2, b"")
    assert b"R.py: is r.py on this disk; rename that\n" in result.stderr
    assert (disk / "r.py").read_bytes() == b"mine = 1\n"
    (disk / "r.py").unlink()
    for _ in range(2):
        assert bundled(disk, "data").returncode == 0
    assert resources(disk / "R.py") == {"data/page.html": b"<p>"}
    assert sorted(os.listdir(disk)) == ["R.py", "data"]


def test_a_resource_has_the_name_on_the_disk(disk: Path) -> None:
    (disk / "data").mkdir()
    (disk / "data/page.html").write_bytes(b"<p>")
    for path in ("DATA/page.html", "data/Page.html", "Data"):
        result = bundled(disk, path)
        assert result.returncode == 2, path
        assert b" on this disk; write it that way\n" in result.stderr


def test_names_that_differ_in_case(disk: Path, tmp_path: Path) -> None:
    app = shipping.copied(tmp_path / "app", {shipping.DEPENDENCIES: "dependencies = []"})
    (app / "data/A.txt").write_bytes(b"A")
    (app / "data/a.txt").write_bytes(b"a")
    result = shipping.command("image", "-o", str(disk / "board"), cwd=app)
    assert result.returncode == 2
    same = "lib/my_app/data/A.txt, lib/my_app/data/a.txt: have one name on this disk; rename one"
    assert result.stderr == f"pkgres: {same}\n"
    assert os.listdir(disk) == []


@pytest.mark.parametrize("way", ["image", "freeze", "mip"])
def test_folders(disk: Path, way: str, tmp_path: Path) -> None:
    """Made, made again, and what others put there is kept; an app on the disk is shipped, too."""
    app = shipping.copied(disk / "app", {shipping.DEPENDENCIES: "dependencies = []"})
    out = disk / "out"
    shipping.ship(way, "-o", str(out), cwd=app)
    first = {path.relative_to(out): path.read_bytes() for path in out.rglob("*") if path.is_file()}
    shipping.ship(way, "-o", str(disk / "OUT"), cwd=app)
    again = {path.relative_to(out): path.read_bytes() for path in out.rglob("*") if path.is_file()}
    assert again == first
    elsewhere = tmp_path / "elsewhere"
    shipping.ship(way, "-o", str(elsewhere), cwd=app)
    there = {p.relative_to(elsewhere): p.read_bytes() for p in elsewhere.rglob("*") if p.is_file()}
    assert there == first
    (out / "MINE.txt").write_bytes(b"mine")
    assert shipping.command(way, "-o", str(out), cwd=app).returncode == 2
    shipping.ship(way, "-o", str(out), "--force", cwd=app)
    assert (out / "MINE.txt").read_bytes() == b"mine"
    assert sorted(os.listdir(disk)) == ["app", "out"]


@pytest.mark.parametrize("way", ["romfs", "sdist"])
def test_files(disk: Path, way: str) -> None:
    app = shipping.copied(disk / "app", {shipping.DEPENDENCIES: "dependencies = []"})
    out = disk / ("out.romfs" if way == "romfs" else "out")
    for _ in range(2):
        made = shipping.ship(way, "-o", str(out), cwd=app)
        assert Path(made["output"]).is_file()


def test_the_app_by_another_name(tmp_path: Path) -> None:
    """As on macOS, a folder is found by two names, and has one number."""
    app, other = tmp_path / "app", tmp_path / "APP"
    app.mkdir()
    other.mkdir()
    as_root("mount", "--bind", app, other)
    try:
        with pytest.raises(Bin2resError, match="holds the app itself"):
            local.files_at("../APP", str(app))
    finally:
        subprocess.run(["umount", other], check=True)
