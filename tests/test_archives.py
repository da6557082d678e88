"""Dependencies that are archives for upip in the index of pip, ``pypi:NAME``."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import sys
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import folders
import pypi
import pytest
import runtimes
import shipping
from folders import write
from test_dependencies import cache, contents, refused, resolved

from bin2res.dependencies import pypi as pypi_index
from bin2res.dependencies.lock import locked
from bin2res.dependencies.resolve import Package, merged
from bin2res.dependencies.wanted import parsed

__all__ = ["cache"]  # a fixture

LAMP = {
    "lamp/__init__.py": "import pkg_resources\n"
    "def page():\n    return pkg_resources.resource_string(__name__, 'www/page.html')\n",
    "lamp/www/page.html": "<p>lamp",
    "bulb.py": "volts = 12\n",
}
METADATA = {
    "lamp.egg-info/PKG-INFO": "Name: lamp\n",
    "lamp.egg-info/requires.txt": "pycopy-uasyncio\npycopy-pkg_resources\nwire\n[test]\npytest\n",
    "setup.py": "raise SystemExit('nothing of it is run')\n",
    "PKG-INFO": "Name: lamp\n",
    "README.md": "",
    "tests/test_lamp.py": "",
    ".hidden/x.py": "",
    "lamp/__pycache__/x.pyc": "",
}


def archive(files: Mapping[str, str | bytes], top: str = "lamp-1.0") -> bytes:
    """Return a .tar.gz of files in a folder."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in files.items():
            data = content if isinstance(content, bytes) else content.encode()
            member = tarfile.TarInfo(f"{top}/{name}" if top else name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


def publish(site: Path, name: str, releases: Mapping[str, bytes], attributes: str = "") -> None:
    """Put archives into an index, by the names of the files."""
    links = ""
    for file, content in releases.items():
        write(site, {f"files/{file}": content})
        digest = hashlib.sha256(content).hexdigest()
        links += f'<a href="../../files/{file}#sha256={digest}"{attributes}>{file}</a>\n'
    page = site / f"simple/{name}/index.html"
    before = page.read_text() if page.exists() else ""
    write(site, {f"simple/{name}/index.html": f"{before}{links}"})


@pytest.fixture(autouse=True)
def _ask_pip() -> None:
    pypi_index._index_of_pip.cache_clear()


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An index that pip is set to."""
    publish(tmp_path / "site", "lamp", {"lamp-1.0.tar.gz": archive({**LAMP, **METADATA})})
    with folders.served(tmp_path / "site") as url:
        monkeypatch.setenv("PIP_INDEX_URL", f"{url}/simple/")
        yield tmp_path / "site"


def expected(files: Mapping[str, str | bytes]) -> dict[str, bytes]:
    return {n: c if isinstance(c, bytes) else c.encode() for n, c in files.items()}


def files_of(packages: list[Package]) -> dict[str, bytes]:
    return {path: Path(file).read_bytes() for path, file in merged(packages)[0].items()}


@pytest.mark.parametrize("item", ["pypi:lamp", "pypi:Lamp==1.0", "pypi:lamp@1.0.0"])
def test_what_is_taken(tmp_path: Path, site: Path, item: str) -> None:
    packages = resolved(tmp_path, ".", item)
    assert [package.version for package in packages] == ["1.0"]
    assert files_of(packages) == expected(LAMP)
    # pkgres has the one that it requires, MicroPython the other.
    assert merged(packages)[1] == [
        f"{item.partition('=')[0].partition('@')[0]}: requires pypi:wire;"
        " add what the app uses of them"
    ]
    publish(site, "wire", {"wire-1.tar.gz": archive({"wire.py": ""})})
    assert contents(resolved(tmp_path, ".", item, "pypi:wire")) == expected({**LAMP, "wire.py": ""})


def test_versions(tmp_path: Path, site: Path) -> None:
    for version in ("1.9", "1.10", "2.0rc1", "1.2.post1"):
        file = f"lamp-{version}.tar.gz"
        publish(site, "lamp", {file: archive({"lamp.py": f"'{version}'"})})
    publish(site, "lamp", {"lamp-3.0.tar.gz": archive({"lamp.py": ""})}, ' data-yanked=""')
    publish(site, "lamp", {"lamp-4.0.zip": b"", "lamp-4.0-py3-none-any.whl": b"", "x.tar.gz": b""})
    publish(site, "lamp", {"lamp-extra-5.0.tar.gz": b""})
    for item, version in (("", "1.10"), ("==2.0rc1", "2.0rc1"), ("@1.2.post1", "1.2.post1")):
        (package,) = resolved(tmp_path, ".", f"pypi:lamp{item}")
        assert package.version == version
        assert files_of([package]) == {"lamp.py": f"'{version}'".encode()}
    assert refused(tmp_path, ".", "pypi:lamp==7").endswith(
        "; choose one of 1.2.post1, 1.9, 1.10, 2.0rc1, 3.0"
    )
    publish(site, "wheel", {"wheel-1.0-py3-none-any.whl": b""})
    said = refused(tmp_path, ".", "pypi:wheel")
    assert said.endswith("; try pip install wheel, and pip:wheel")
    assert "pypi:none: is not found at " in refused(tmp_path, ".", "pypi:none")
    said = refused(tmp_path, ".", "pypi:lamp==1.9", "pypi:lamp==1.10")
    assert "the app needs version 1.9, the app 1.10" in said


def test_resources_in_a_module(tmp_path: Path, site: Path) -> None:
    """R.py of upip or of pkgres, with or without the files; one with other code stays."""
    made = b"# Made by bin2res: resources for pkgres.\nR = {\n'a.txt': b'a',\n}\nDIGEST = ''\n"
    table = (
        b"# Made by bin2res --table: resources for pkgres.\nV = (\nb'b',\n)\nN = (\n'b.txt',\n)\n"
    )
    files: dict[str, str | bytes] = {
        "one/R.py": "R = {\n'www/x.txt': b'x',\n'both.txt': b'of R',\n}\n",
        "one/both.txt": "of the file",
        "two/R.py": made,
        "three/R.py": table,
        "four/R.py": "R = {'x': b''}\nprint(R)\n",
    }
    publish(site, "lamp", {"lamp-2.0.tar.gz": archive(files)})
    assert files_of(resolved(tmp_path, ".", "pypi:lamp")) == {
        "four/R.py": b"R = {'x': b''}\nprint(R)\n",
        "one/both.txt": b"of the file",
        "one/www/x.txt": b"x",
        "three/b.txt": b"b",
        "two/a.txt": b"a",
    }


def test_an_archive_of_setuptools(tmp_path: Path, site: Path) -> None:
    """The list of what is imported says what of it is code."""
    files = {
        "lamp.egg-info/top_level.txt": "lamp\nbulb\n",
        "src/lamp/__init__.py": "1",
        "src/lamp/x.txt": "x",
        "bulb.py": "2",
        "tools/x.py": "",
        "other.py": "",
    }
    publish(site, "lamp", {"lamp-2.0.tar.gz": archive(files)})
    assert files_of(resolved(tmp_path, ".", "pypi:lamp")) == {
        "bulb.py": b"2",
        "lamp/__init__.py": b"1",
        "lamp/x.txt": b"x",
    }


def test_locked(tmp_path: Path, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Builds take the archive of the lock, without a network, and what `files` names of it."""
    table = 'dependencies = [{ from = "pypi:lamp", files = ["lamp/"] }]\n'
    app = write(
        tmp_path / "app",
        {
            "pyproject.toml": f'[project]\nname = "app"\nversion = "1"\n[tool.pkgres]\n{table}',
            "app/__init__.py": "",
        },
    )
    made = shipping.ship("lock", cwd=app)
    assert made["packages"] == [{"name": "lamp", "version": "1.0", "source": "pypi:lamp"}]
    publish(site, "lamp", {"lamp-2.0.tar.gz": archive({"lamp.py": "2"})})
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    (site / "files/lamp-1.0.tar.gz").unlink()
    shipping.ship("image", "-o", "out", cwd=app)
    taken = {name: content for name, content in LAMP.items() if name != "bulb.py"}
    board = folders.contents(app / "out/lib")
    assert {n: c for n, c in board.items() if n.startswith("lamp")} == expected(taken)
    assert "bulb.py" not in board
    lock = app / "pkgres.lock"
    for damaged in (
        lock.read_text().replace('"pypi:lamp",\n   "files"', '"pypi:other",\n   "files"'),
        lock.read_text().replace("lamp-1.0.tar.gz", "../lamp-1.0.tar.gz"),
    ):
        lock.write_text(damaged)
        assert "is damaged" in shipping.command("image", "-o", "out", cwd=app).stderr


def test_ours_are_not_taken(tmp_path: Path, site: Path) -> None:
    item = parsed("pypi:pkgres")
    assert merged(locked([item], str(tmp_path), ["."]))[0] == {}
    publish(site, "lamp", {"lamp-2.0.tar.gz": archive({"pkg_resources.py": "", "lamp.py": ""})})
    files, notes = merged(resolved(tmp_path, ".", "pypi:lamp"))
    assert list(files) == ["lamp.py"]
    assert notes == ["pypi:lamp: pkg_resources.py is not taken; pkgres has its own"]


def _link() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE):
            member = tarfile.TarInfo("lamp-1/lamp.py")
            member.type, member.linkname = kind, "/etc/passwd"
            tar.addfile(member)
    return buffer.getvalue()


HOSTILE = {
    "no archive": (b"nothing", "cannot be read"),
    "empty": (b"", "cannot be read"),
    "no tar": (gzip.compress(b"x" * 5000), "cannot be read"),
    "cut off": (archive({"lamp.py": os.urandom(5000)})[:3000], "cannot be read"),
    "above": (archive({"lamp/../../x.py": ""}), "has no code for MicroPython"),
    "absolute": (archive({"/x.py": ""}), "is hidden or not below lib"),
    "backslash": (archive({"a\\b.py": ""}), "is not a path below lib"),
    "links": (_link(), "has no code for MicroPython"),
    "no code": (archive({"x.txt": "", "setup.py": ""}), "has no code for MicroPython"),
    "no folder": (archive({"lamp.py": ""}, ""), "has no code for MicroPython"),
    "a bomb": (archive({f"{n}.py": bytes(9 << 20) for n in range(8)}), "is larger than any board"),
    "a name in R": (archive({"x/R.py": "R = {'../x': b''}\n", "y.py": ""}), "not below lib"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile(tmp_path: Path, site: Path, case: str) -> None:
    content, message = HOSTILE[case]
    publish(site, "lamp", {"lamp-9.tar.gz": content})
    said = refused(tmp_path, ".", "pypi:lamp")
    assert said.startswith("pypi:lamp: its archive ")
    assert message in said


def test_another_file(tmp_path: Path, site: Path) -> None:
    (site / "files/lamp-1.0.tar.gz").write_bytes(archive({"lamp.py": "bad = 1"}))
    assert "it was changed or damaged" in refused(tmp_path, ".", "pypi:lamp")
    page = site / "simple/lamp/index.html"
    page.write_text(page.read_text().replace("#sha256=", "#md5="))
    assert "the index has no SHA-256 of it" in refused(tmp_path, ".", "pypi:lamp")


def test_the_index_of_pip(tmp_path: Path, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be in a file of pip. A password is not shown."""
    with folders.served(site) as url:
        monkeypatch.delenv("PIP_INDEX_URL")
        config = write(tmp_path, {"pip.conf": f"[global]\nindex-url = {url}/simple\n"}) / "pip.conf"
        monkeypatch.setenv("PIP_CONFIG_FILE", str(config))
        item = {"from": "pypi:lamp", "files": ["bulb.py"]}
        assert list(merged(resolved(tmp_path, ".", item))[0]) == ["bulb.py"]
    monkeypatch.setenv("PIP_INDEX_URL", "https://me:secret@packages.example.org/simple")
    assert refused(tmp_path, ".", "pypi:lamp") == (
        "pypi:lamp: the index of pip has a user name in its address;"
        " set PKGRES_TOKEN_PACKAGES_EXAMPLE_ORG instead"
    )


def test_an_archive_of_pkgres(tmp_path: Path, site: Path) -> None:
    """What `pkgres sdist` writes, published, is a dependency whose resources are found."""
    files = {**LAMP, "pyproject.toml": '[project]\nname = "lamp"\nversion = "3"\n[tool.pkgres]\n'}
    shipping.ship("sdist", "-o", str(tmp_path / "dist"), cwd=write(tmp_path / "lamp", files))
    publish(site, "lamp", {"lamp-3.tar.gz": (tmp_path / "dist/lamp-3.tar.gz").read_bytes()})
    described = '[project]\nname = "app"\nversion = "1"\n[tool.pkgres]\nstart = "app:run"\n'
    app = {
        "pyproject.toml": described + 'dependencies = ["pypi:lamp"]\n',
        "app/__init__.py": "import lamp\ndef run():\n    print(lamp.page())\n",
    }
    shipping.ship("image", "-o", str(tmp_path / "board"), cwd=write(tmp_path / "app", app))
    command = [sys.executable, "-m", "micropython_unix", "main.py"]
    result = runtimes.run(command, tmp_path / "board", f"{tmp_path}/board/lib:.frozen")
    assert (result.stdout, result.stderr) == ("b'<p>lamp'\n", "")


def test_compiled_for_another(tmp_path: Path, site: Path) -> None:
    """A download has no suffix in the cache, and is checked by its name."""
    publish(site, "lamp", {"lamp-2.tar.gz": archive({"lamp.mpy": b"C\5\0\0", "x.py": ""})})
    described = '[project]\nname = "app"\nversion = "1"\n[tool.pkgres]\n'
    app = {
        "pyproject.toml": described + 'dependencies = ["pypi:lamp"]\n',
        "app/__init__.py": "",
    }
    said = shipping.command("image", "-o", "out", cwd=write(tmp_path / "app", app)).stderr
    assert said.startswith("pkgres: lamp.mpy: is compiled for CircuitPython; ")


@pytest.mark.parametrize(
    ("item", "name", "version", "package"),
    [
        ("pypi:picoweb==1.8.2", "picoweb", "1.8.2", "picoweb"),
        ("pypi:utemplate@1.4.1", "utemplate", "1.4.1", "utemplate"),
        ("pypi:micropython-phew==0.0.3", "micropython-phew", "0.0.3", "phew"),
    ],
)
def test_from_pypi(tmp_path: Path, item: str, name: str, version: str, package: str) -> None:
    """From the index that pip is set to here."""
    pypi.put(name, version, package, tmp_path / "code")
    (found,) = resolved(tmp_path, ".", item)
    assert files_of([found]) == folders.contents(tmp_path / "code")
    assert found.version == version
