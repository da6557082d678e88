"""A release: the wheel and the source archive, as those get them who install it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import app
import pytest
import test_example
import test_manifest
import test_readme
from conftest import needing
from firmware.source import source
from pypi import FILTER

ROOT = app.HERE.parent
_TYPES = """\
import bin2res
import pkgres

made: bin2res.Bundle = bin2res.bundle(["data"])
found: bytes = pkgres.resource_string("my_app", "data/page.html")
bin2res.bundle(1)
"""


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with both archives, built from a copy of the repository."""
    folder = tmp_path_factory.mktemp("dist")
    test_readme.clone(folder / "clone")
    shutil.copytree(ROOT / ".ci", folder / "clone/.ci")
    command = [sys.executable, "-m", "build", "-o", str(folder / "dist"), str(folder / "clone")]
    subprocess.run(command, check=True, capture_output=True)
    return folder / "dist"


@pytest.fixture(scope="module")
def unpacked(dist: Path) -> Path:
    """The folder in the source archive."""
    (archive,) = dist.glob("*.tar.gz")
    with tarfile.open(archive) as tar:
        tar.extractall(dist.parent, **FILTER)
    return dist.parent / archive.name.removesuffix(".tar.gz")


@pytest.fixture(scope="module", params=["*.whl", "*.tar.gz"])
def installed(request: pytest.FixtureRequest, dist: Path) -> Path:
    """The folder of the commands of a fresh environment with one of the archives."""
    (archive,) = dist.glob(request.param)
    folder = dist.parent / f"with-{archive.suffix[1:]}"
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    subprocess.run([folder / "bin/pip", "install", "-q", str(archive)], check=True)
    return folder / "bin"


def run(command: list[str | Path], cwd: Path) -> str:
    """Run a command without what is installed here; return what it prints."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    result = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=True
    )
    return result.stdout


def test_the_index_would_take_them(dist: Path) -> None:
    files = [str(path) for path in dist.iterdir()]
    assert len(files) == 2
    run([sys.executable, "-m", "twine", "check", "--strict", *files], dist)


def test_links_of_the_readme_lead_somewhere_on_the_index(dist: Path) -> None:
    """Of the repository; the section links stay what they are."""
    (wheel,) = dist.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith("/METADATA")]
        text = archive.read(name).decode()
    urls = re.findall(r"^Project-URL: \w+, (\S+)$", text, re.MULTILINE)
    links = re.findall(r"\]\(([^)]+)\)|src=\"([^\"]+)\"", text.split("\n\n", 1)[1])
    found = [one or other for one, other in links]
    assert len(found) > 30
    relative = re.findall(r"\]\(([^)]+)\)|src=\"([^\"]+)\"", test_readme.README)
    assert len(found) == len(relative)
    for link in found:
        if link.startswith("#") or not link.startswith(urls[0]):
            assert link.startswith(("#", "https://")), link
            continue
        kind, _, path = link.removeprefix(f"{urls[0]}/").partition("/main/")
        assert (ROOT / path.partition("#")[0]).exists(), link
        assert kind == ("raw" if path.endswith((".png", ".svg")) else "blob")


def test_what_is_in_the_wheel(dist: Path) -> None:
    (wheel,) = dist.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    suffixes = (".py", ".pyi", ".txt", ".typed")
    assert names == {
        str(path.relative_to(ROOT))
        for package in ("bin2res", "pkgres")
        for path in (ROOT / package).rglob("*")
        if path.suffix in suffixes
    }


def test_what_is_in_the_source_archive(unpacked: Path) -> None:
    for folder in (".ci", "benchmarks", "bin2res", "docs", "examples", "pkgres", "tests"):
        for path in (ROOT / folder).rglob("*"):
            is_made = path.name in ("R.py", "R.mpy") or "__pycache__" in path.parts
            if path.is_file() and not is_made:
                copy = unpacked / path.relative_to(ROOT)
                assert copy.read_bytes() == path.read_bytes(), path


def test_the_tests_run_from_it(unpacked: Path) -> None:
    (unpacked / ".cache").symlink_to(ROOT / ".cache")
    tests = ["tests/test_cli.py", "tests/test_static.py", "tests/test_properties.py"]
    tests += ["tests/test_site.py", "tests/test_figures.py"]
    environment = {**os.environ, "PYTHONPATH": str(unpacked), "PYTEST_ADDOPTS": ""}
    command = [sys.executable, "-m", "pytest", "-q", *tests]
    result = subprocess.run(
        command, cwd=unpacked, env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout[-3000:]


def test_first_command_of_the_example(installed: Path, unpacked: Path, tmp_path: Path) -> None:
    """From where pip has installed it, on the example of the source archive."""
    command = test_readme.commands()[0].split("pip install .\n")[1]
    command = command.replace("examples/", f"{unpacked}/examples/")
    path = f"{installed}:{os.environ['PATH']}"
    result = run(["env", f"PATH={path}", "bash", "-ec", command], tmp_path)
    assert result.endswith(test_example.expected())


def test_manifest_of_what_is_installed(installed: Path, tmp_path: Path) -> None:
    manifest = Path(run([installed / "pkgres", "manifest"], tmp_path).strip())
    assert manifest.is_relative_to(installed.parent)
    needing(source)
    parts = dict.fromkeys(test_manifest.PARTS, True)
    assert sorted(test_manifest.files(tmp_path, "", manifest)) == test_manifest.expected([*parts])


def test_types_are_found(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(_TYPES)
    python = ["--python-executable", str(installed / "python")]
    command = [sys.executable, "-m", "mypy", *python, "--strict", "program.py"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    lines = [line for line in result.stdout.splitlines() if ": error:" in line]
    assert len(lines) == 1, result.stdout
    assert lines[0].startswith("program.py:6: error: Argument 1")


def test_one_version(installed: Path, tmp_path: Path) -> None:
    version = json.loads((ROOT / "package.json").read_text())["version"]
    assert f'version = "{version}"' in (ROOT / "pyproject.toml").read_text()
    code = "import bin2res, pkgres; print(bin2res.__version__, pkgres.__version__)"
    assert run([installed / "python", "-c", code], tmp_path) == f"{version} {version}\n"
    for command in ("bin2res", "pkgres"):
        assert version in run([installed / command, "--version"], tmp_path)
    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text()
