"""A site for mip: installed from by the real mip, on MicroPython, over HTTP."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
import runtimes
import shipping
from folders import contents, served

from bin2res import record


def install(receiver: Path, folder: Path, *arguments: str) -> str:
    """Call ``mip.install(ARGUMENTS)`` in *folder*, with lib in ``sys.path``; return the output."""
    folder.mkdir(exist_ok=True)
    code = f"import mip; mip.install({', '.join(arguments)})"
    result = runtimes.run([str(receiver), "-c", code], folder, f"{folder}/lib:.frozen")
    assert (result.returncode, result.stderr) == (0, "")
    return result.stdout


@pytest.fixture
def site(tmp_path: Path) -> Path:
    shipping.ship("mip", "-o", str(tmp_path / "site"))
    return tmp_path / "site"


@pytest.mark.parametrize("mpy", [True, False])
@pytest.mark.parametrize("version", ["", ", version='1.0.0'"])
def test_by_name(receiver: Path, tmp_path: Path, site: Path, mpy: bool, version: str) -> None:
    board = tmp_path / "board"
    with served(site) as url:
        arguments = ("'my_app'", f"index='{url}'", f"mpy={mpy}{version}")
        assert install(receiver, board, *arguments).endswith("Done\n")
        suffix = ".mpy" if mpy else ".py"
        assert (board / f"lib/my_app/utils{suffix}").exists()
        assert (board / f"lib/pkgres/static{suffix}").exists()
        assert not (board / f"lib/pkgres/info{suffix}").exists()  # nothing uses it
        # R has nothing but the names of the key immutable.
        assert all(path.stat().st_size < 500 for path in board.rglob("R.*"))
        shipping.check_app(receiver, board, f"{board}/lib")
        shipping.check_web(receiver, board, f"{board}/lib")
        again = install(receiver, board, *arguments)
    assert "Copying" not in again
    assert again.count("Exists:") == len([f for f in board.rglob("lib/**/*") if f.is_file()])


def test_with_target(receiver: Path, tmp_path: Path, site: Path) -> None:
    board = tmp_path / "board"
    with served(site) as url:
        install(receiver, board, "'my_app'", f"index='{url}/'", "target='third-party'")
    assert not (board / "lib").exists()
    shipping.check_app(receiver, board, "third-party")


@pytest.mark.parametrize("path", ["my_app/", "my_app/package.json", "my_app/1.0.0/"])
def test_by_url(receiver: Path, tmp_path: Path, path: str) -> None:
    board, site = tmp_path / "board", tmp_path / "site"
    site.mkdir()
    with served(site) as url:
        shipping.ship("mip", "-o", str(site), "--url", url + "/")
        assert install(receiver, board, f"'{url}/{path}'").endswith("Done\n")
    shipping.check_app(receiver, board, f"{board}/lib")
    shipping.check_web(receiver, board, f"{board}/lib")


def test_relative_urls_name_what_is_there(site: Path) -> None:
    for folder in (site / "my_app", site / "my_app/1.0.0"):
        listed = json.loads((folder / "package.json").read_text())
        assert {path for path, _ in listed["urls"]} >= {"my_app/data/image.png", "pkgres/gz.py"}
        for path, url in listed["urls"]:
            assert (folder / url).read_bytes() == (site / "my_app/1.0.0" / path).read_bytes()


def test_two_versions(receiver: Path, tmp_path: Path, site: Path) -> None:
    old = contents(site)
    new = shipping.copied(tmp_path / "new", {"1.0.0": "1.10.0"})
    (new / "data/image.png").write_bytes(b"\x89PNG\r\n\x1a\n of the new version")
    shipping.ship("mip", "-C", str(new), "-o", str(site))
    # Published later, but older: latest stays what it is.
    between = shipping.copied(tmp_path / "between", {"1.0.0": "1.9.0"})
    shipping.ship("mip", "-C", str(between), "-o", str(site))
    now = contents(site)
    for path, content in old.items():
        if not path.endswith(("latest.json", "index.json", "my_app/package.json", record.FILE)):
            assert now[path] == content
    (index,) = json.loads(now["index.json"])["packages"]
    assert index["versions"] == {form: ["1.0.0", "1.9.0", "1.10.0"] for form in ("6", "py")}
    assert index["version"] == "1.10.0"
    images = {"1.0.0": False, "1.9.0": False, "1.10.0": True, "latest": True}
    with served(site) as url:
        for version, is_new in images.items():
            board = tmp_path / version
            install(receiver, board, "'my_app'", f"index='{url}'", f"version='{version}'")
            image = (board / "lib/my_app/data/image.png").read_bytes()
            assert image.endswith(b"new version") == is_new
            if not is_new:
                shipping.check_app(receiver, board, f"{board}/lib")


def test_two_apps(receiver: Path, tmp_path: Path, site: Path) -> None:
    other = tmp_path / "other"
    (other / "other_app").mkdir(parents=True)
    (other / "other_app/__init__.py").write_text(
        "import pkg_resources\nprint(pkg_resources.resource_string(__name__, 'ä b.txt'))\n"
    )
    (other / "other_app/ä b.txt").write_text("text")
    (other / "pyproject.toml").write_text(
        '[project]\nname = "other-app"\nversion = "2"\n[tool.pkgres]\n'
        'dependencies = [["my_app", "1.0.0"]]\n'
    )
    with served(site) as url:
        shipping.ship("mip", "-C", str(other), "-o", str(site), "--url", url, "--index", str(site))
        for number, arguments in enumerate(
            [("'other-app'", f"index='{url}'"), (f"'{url}/other-app/'", f"index='{url}'")]
        ):
            board = tmp_path / f"board{number}"
            install(receiver, board, *arguments)
            shipping.check_app(receiver, board, f"{board}/lib")
            code = [str(receiver), "-c", "import other_app"]
            assert runtimes.run(code, board, f"{board}/lib").stdout == "b'text'\n"


def test_a_lost_file_is_told(receiver: Path, tmp_path: Path, site: Path) -> None:
    for path in site.rglob("file/*/*"):
        if path.read_bytes().startswith(b"\x89PNG"):
            path.unlink()
    with served(site) as url:
        told = install(receiver, tmp_path / "board", "'my_app'", f"index='{url}'")
    assert "Error 404 requesting" in told
    assert told.endswith("Package may be partially installed\n")
    # Made again, it is there again.
    shipping.ship("mip", "-o", str(site))
    with served(site) as url:
        told = install(receiver, tmp_path / "board", "'my_app'", f"index='{url}'")
    assert told.endswith("Done\n")


def test_a_version_never_changes(tmp_path: Path, site: Path) -> None:
    before = contents(site)
    changed = shipping.copied(tmp_path / "changed")
    (changed / "data/image.png").write_bytes(b"another")
    result = shipping.command("mip", "-C", str(changed), "-o", str(site))
    assert result.returncode == 2
    assert "holds my_app 1.0.0 with other files; raise the version" in result.stderr
    assert contents(site) == before


def test_reproducible(tmp_path: Path, site: Path) -> None:
    copy = shipping.copied(tmp_path / "another place/copy")
    shipping.ship("mip", "-C", str(copy), "-o", str(tmp_path / "again"))
    assert contents(tmp_path / "again") == contents(site)
    shipping.ship("mip", "-C", str(copy), "-o", str(site))
    assert contents(tmp_path / "again") == contents(site)


def test_an_interrupted_run_leaves_a_whole_site(tmp_path: Path, site: Path) -> None:
    """Stopped after any number of files, each version that is listed is complete."""
    new = shipping.copied(tmp_path / "new", {"1.0.0": "2.0.0"})
    (new / "data/image.png").write_bytes(b"new")
    code = (
        "import os, sys\n"
        "left, replace = int(sys.argv.pop(1)), os.replace\n"
        "def counted(*paths):\n"
        "    global left\n"
        "    left -= 1\n"
        "    if left < 0: os._exit(9)\n"
        "    replace(*paths)\n"
        "os.replace = counted\n"
        "from bin2res import commands\n"
        "commands.pkgres()\n"
    )
    for left in range(100):
        copy = tmp_path / "copy"
        shutil.copytree(site, copy)
        result = shipping.run_python(code, str(left), "mip", "-C", str(new), "-o", str(copy))
        for path in copy.rglob("package/*/*/*.json"):
            for _, digest in json.loads(path.read_text())["hashes"]:
                assert (copy / "file" / digest[:2] / digest).exists()
        for path in copy.glob("my_app/**/package.json"):
            for _, url in json.loads(path.read_text())["urls"]:
                assert (path.parent / url).exists()
        for package in json.loads((copy / "index.json").read_text())["packages"]:
            for form, versions in package["versions"].items():
                for version in versions:
                    assert (copy / f"package/{form}/{package['name']}/{version}.json").exists()
        shutil.rmtree(copy)
        if result.returncode == 0:
            break
        assert result.returncode == 9
    assert left > 15


@pytest.mark.parametrize("broken", [b"", b"[]", b"\xff", b"{}", b'{"packages": [{"name": "x"}]}'])
def test_refuses_another_index(site: Path, broken: bytes) -> None:
    (site / "index.json").write_bytes(broken)
    result = shipping.command("mip", "-o", str(site))
    assert result.returncode == 2
    assert "index.json: was changed by hand" in result.stderr
    result = shipping.command("mip", "-o", str(site), "--force")
    assert result.returncode == 2
    assert "index.json is not an index for mip" in result.stderr


def test_refuses_a_file_with_other_bytes(site: Path) -> None:
    file = next(site.rglob("file/*/*"))
    file.write_bytes(b"other")
    result = shipping.command("mip", "-o", str(site))
    assert result.returncode == 2
    assert f"{file.relative_to(site)}: was changed by hand" in result.stderr
    assert os.fspath(site) in result.stderr


@pytest.mark.parametrize("name", ["file", "package"])
def test_refuses_names_that_the_site_has(tmp_path: Path, name: str) -> None:
    copy = shipping.copied(tmp_path / "copy", {'name = "my_app"': f'name = "{name}"'})
    result = shipping.command("mip", "-C", str(copy), "-o", str(tmp_path / "site"))
    assert result.returncode == 2
    assert f"[project] name: {name} is taken; rename it" in result.stderr
    assert not (tmp_path / "site").exists()
