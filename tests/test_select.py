"""Which files bin2res takes, and under which names."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from conftest import Bin2res, resources

FOUND = ["data/image.png", "data/page.html", "data/sub/deep.txt"]


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (["data"], FOUND),
        (["data/"], FOUND),
        (["./data/../data"], FOUND),
        (["."], FOUND),
        (["data", "data/page.html"], FOUND),
        (["data/*"], FOUND),
        (["data/**"], FOUND),
        (["**/*.html"], ["data/page.html"]),
        (["data/*.html", "data/sub"], ["data/page.html", "data/sub/deep.txt"]),
        (["data/[ip]*.*"], ["data/image.png", "data/page.html"]),
        (["data/page.html"], ["data/page.html"]),
        (["data/code.py", "data/.hidden"], ["data/.hidden", "data/code.py"]),
        (["data/.git"], ["data/.git/config"]),
        (["data", "-x", "*.png"], ["data/page.html", "data/sub/deep.txt"]),
        (["data", "-x", "/data/sub/"], ["data/image.png", "data/page.html"]),
        (["data", "-x", "sub", "-x", "*.png"], ["data/page.html"]),
        (["data", "-x", "data/**", "-x", "!data/page.html"], ["data/page.html"]),
        (["data/*", "-x", "page.html"], ["data/image.png", "data/sub/deep.txt"]),
        (["data/page.html", "-x", "page.html"], ["data/page.html"]),
    ],
)
def test_what_is_taken(
    package: Path, bin2res: Bin2res, arguments: list[str], names: list[str]
) -> None:
    result = bin2res(*arguments)
    assert result.returncode == 0, result.stderr
    assert list(resources(package / "R.py")) == names


def test_file_whose_name_is_a_pattern(package: Path, bin2res: Bin2res) -> None:
    (package / "data/a[1].txt").write_bytes(b"1")
    (package / "data/a1.txt").write_bytes(b"2")
    assert bin2res("data/a[1].txt").returncode == 0
    assert resources(package / "R.py") == {"data/a[1].txt": b"1"}


def test_output_is_left_out(package: Path, bin2res: Bin2res) -> None:
    for _ in range(2):
        assert bin2res("data", "-o", "data/bundle.bin").returncode == 0
        assert list(resources(package / "data/bundle.bin")) == FOUND


@pytest.mark.parametrize("path", ["data", "my_app/data", "{package}/data"])
def test_directory(package: Path, bin2res: Bin2res, path: str) -> None:
    path = path.format(package=package)
    result = bin2res("-C", "my_app", path, cwd=package.parent)
    assert result.returncode == 0, result.stderr
    assert list(resources(package / "R.py")) == FOUND


def test_directory_reached_by_a_link(package: Path, bin2res: Bin2res) -> None:
    link = package.parent / "link"
    link.symlink_to(package)
    assert bin2res("-C", str(link), str(package / "data"), cwd=package.parent).returncode == 0
    assert list(resources(package / "R.py")) == FOUND


def test_output_is_relative_to_the_current_folder(package: Path, bin2res: Bin2res) -> None:
    assert bin2res("-C", "my_app", "data", "-o", "out.py", cwd=package.parent).returncode == 0
    assert list(resources(package.parent / "out.py")) == FOUND


def test_links_are_taken_for_what_they_lead_to(package: Path, bin2res: Bin2res) -> None:
    outside = package.parent / "assets"
    outside.mkdir()
    (outside / "font.bin").write_bytes(b"font")
    (package / "data/assets").symlink_to(outside)
    (package / "data/font").symlink_to(outside / "font.bin")
    assert bin2res("data").returncode == 0
    found = resources(package / "R.py")
    assert found["data/assets/font.bin"] == found["data/font"] == b"font"


def test_names_are_the_bytes_on_disk_in_any_locale(package: Path, bin2res: Bin2res) -> None:
    (package / "data/ü🎉.txt").write_bytes(b"x")
    results = []
    for locale in ("C", "C.UTF-8", "POSIX"):
        environment = {
            **os.environ,
            "LC_ALL": locale,
            "PYTHONUTF8": "0",
            "PYTHONCOERCECLOCALE": "0",
        }
        assert bin2res("data", env=environment).returncode == 0
        results.append((package / "R.py").read_bytes())
    assert len(set(results)) == 1
    assert resources(package / "R.py")["data/ü🎉.txt"] == b"x"


def test_package_folder_whose_name_is_a_pattern(package: Path, bin2res: Bin2res) -> None:
    folder = package.parent / "my[1]"
    package.rename(folder)
    (package.parent / "my1/data").mkdir(parents=True)
    (package.parent / "my1/data/other.html").write_bytes(b"")
    assert bin2res("data/*.html", cwd=folder).returncode == 0
    assert list(resources(folder / "R.py")) == ["data/page.html"]


def test_pattern_passes_by_folders_that_are_left_out(package: Path, bin2res: Bin2res) -> None:
    for folder in ("__pycache__", ".git"):
        (package / "data" / folder / "x.html").write_bytes(b"")
    assert bin2res("**/*.html").returncode == 0
    assert list(resources(package / "R.py")) == ["data/page.html"]


def test_what_is_named_is_what_is_taken(package: Path, bin2res: Bin2res) -> None:
    outside = package.parent / "outside/folder"
    outside.mkdir(parents=True)
    (outside.parent / "page.html").write_bytes(b"foreign")
    (package / "data/link").symlink_to(outside)
    assert bin2res("data/link/../page.html").returncode == 0
    assert resources(package / "R.py") == {"data/page.html": b"<p>page"}
