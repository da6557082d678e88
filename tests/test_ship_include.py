"""Several manifests in one firmware: each file once, and conflicts by name."""

from __future__ import annotations

import functools
import itertools
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import app
import firmware.build
import pytest
import runtimes
import shipping
from conftest import needing
from firmware import source
from folders import contents, write
from test_docs import blocks

DOCUMENTED = blocks("freeze", "python")[0]
"""The manifest of two apps in docs/freeze.md."""
_PUMP = """\
import pkg_resources, pkgres.static, driver
print(pkg_resources.resource_string(__name__, "page.txt"), driver.NAME)
print(pkgres.static.respond(__name__, "page.txt")[1])
"""
_LAMP = """\
import pkg_resources, driver, requests
print(pkg_resources.resource_listdir(__name__, ""), driver.NAME, requests.get.__name__)
"""
_PRINTED = "b'of the pump' driver\n200\n['page.txt'] driver get\n"
_LIST = """\
import sys
sys.path[0] = sys.argv[1]
import manifestfile
manifest = manifestfile.ManifestFile(manifestfile.MODE_FREEZE, {"MPY_LIB_DIR": sys.argv[2]})
try:
    manifest.execute(sys.argv[3])
except manifestfile.ManifestFileError as error:
    sys.exit(str(error))
print(*[file.target_path for file in manifest.files()], sep="\\n")
"""


@functools.cache
def tools() -> Path:
    """The folder of MicroPython's tool that reads manifests."""
    return needing(source.source).resolve() / "tools"


def write_app(folder: Path, code: str, keys: str = "", name: str = "") -> Path:
    name = name or folder.name
    head = f'[project]\nname = "{name}"\nversion = "1.0"\n[tool.pkgres]\n{keys}\n'
    page = f"of the {folder.name}"
    files = {"pyproject.toml": head, f"{name}/__init__.py": code, f"{name}/page.txt": page}
    return write(folder, files)


@pytest.fixture
def apps(tmp_path: Path) -> Path:
    """A folder with two apps that use different parts of pkgres, and share a dependency."""
    write(tmp_path, {"driver.py": "NAME = 'driver'\n"})
    write_app(tmp_path / "pump", _PUMP, "dependencies = ['../driver.py']")
    write_app(tmp_path / "lamp", _LAMP, "dependencies = ['../driver.py']")
    return tmp_path


def freeze(project: Path, *arguments: str) -> dict[str, Any]:
    return shipping.ship("freeze", "-o", "frozen", *arguments, cwd=project)


def refusal(project: Path, *arguments: str) -> str:
    """The message of a freeze that fails, which writes nothing."""
    before = contents(project)
    result = shipping.command("freeze", "-o", "frozen", *arguments, cwd=project)
    assert (result.returncode, result.stdout) == (2, "")
    assert contents(project) == before
    (line,) = result.stderr.splitlines()
    return line


def run_tool(manifest: Path, library: Path | str = "") -> subprocess.CompletedProcess[str]:
    """Read a manifest with MicroPython's tool; the names of the frozen files are printed."""
    command = [sys.executable, "-c", _LIST, str(tools()), str(library), str(manifest)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def frozen(manifest: Path, library: Path | str = "") -> list[str]:
    result = run_tool(manifest, library)
    assert result.returncode == 0, result.stderr
    return sorted(result.stdout.splitlines())


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """MicroPython's tool with a port, and a library with a package `mqtt.simple`."""
    tool = tools() / "manifestfile.py"
    monkeypatch.delenv("MICROPY_DIR", raising=False)
    monkeypatch.delenv("PORT_DIR", raising=False)
    monkeypatch.delenv("BOARD_DIR", raising=False)
    top = write(
        tmp_path / "micropython",
        {
            "lib/micropython-lib/micropython/mqtt.simple/manifest.py": (
                'metadata(version="1.4.0")\npackage("mqtt")\n'
            ),
            "lib/micropython-lib/micropython/mqtt.simple/mqtt/simple.py": "NAME = 'mqtt'\n",
            "ports/esp/modules/port.py": "",
            "ports/esp/boards/manifest.py": 'freeze("$(PORT_DIR)/modules")\n',
            "ports/esp/boards/BIG/manifest.py": (
                'include("$(PORT_DIR)/boards/manifest.py")\nrequire("mqtt.simple")\n'
                'module("big.py", base_path="$(BOARD_DIR)")\n'
            ),
            "ports/esp/boards/BIG/big.py": "",
        },
    )
    (top / "tools").mkdir()
    shutil.copy(tool, top / "tools")
    return top


@pytest.fixture
def client(tmp_path: Path) -> Path:
    """An app that needs the package of the checkout, as the index has it."""
    tagged = "NAME = 'mqtt'\n\n\n__version__ = '1.4.0'\n"
    write(tmp_path / "index", {"mqtt/simple.py": tagged})
    code = "import pkg_resources, mqtt.simple\n"
    return write_app(tmp_path / "client", code, "dependencies = ['../index/mqtt']")


def test_two_apps_in_one_firmware(apps: Path) -> None:
    """The board has a package that one of them needs, and pkgres is included by hand, too."""
    needing(lambda: firmware.source.need("make", "gcc"))
    top = needing(source.source).resolve()
    (code,) = (top / "lib/micropython-lib").rglob("requests/requests/__init__.py")
    write(
        apps / "index/requests",
        {"__init__.py": code.read_bytes() + b"\n\n__version__ = '0.10.0'\n"},
    )
    text = (apps / "lamp/pyproject.toml").read_text()
    text = text.replace("'../driver.py'", "'../driver.py', '../index/requests'")
    (apps / "lamp/pyproject.toml").write_text(text)
    for name in ("pump", "lamp"):
        freeze(apps / name)
    board, *others = DOCUMENTED.splitlines(keepends=True)
    assert board == 'include("$(PORT_DIR)/boards/manifest.py")\n'
    assert others[0] == 'require("requests")\n'
    others.insert(2, f"include({str(app.MANIFEST)!r})\n")
    (apps / "board.py").write_text("".join(others))
    binary = firmware.build.unix(apps / "board.py")
    empty = apps / "empty"
    empty.mkdir()
    result = runtimes.run([str(binary), "-c", "import pump, lamp"], empty)
    assert (result.stdout, result.stderr) == (_PRINTED, "")


def test_each_file_is_frozen_once(apps: Path) -> None:
    made = {name: freeze(apps / name) for name in ("pump", "lamp")}
    manifests = [str(app.MANIFEST), "pump/frozen/manifest.py", "lamp/frozen/manifest.py"]
    board = apps / "board.py"
    for order in itertools.permutations(manifests):
        board.write_text("".join(f"include({path!r})\n" for path in order))
        found = frozen(board)
        assert found == sorted(set(found))
        assert {"driver.py", "pump/R.py", "lamp/R.py", "pkgres/mount.py"} < set(found)
    # Without the manifest of pkgres it is what both use.
    board.write_text("".join(f"include({path!r})\n" for path in manifests[1:]))
    found = frozen(board)
    names = {file["name"] for one in made.values() for file in one["files"]}
    modules = {name.removesuffix(".mpy") + ".py" for name in names if name.endswith(".mpy")}
    assert found == sorted(modules | {"pump/R.py", "lamp/R.py"})
    assert {"pkgres/static.py", "pkgres/info.py"} < set(found)
    assert "pkgres/mount.py" not in found


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("pkgres/__init__.py", "pkgres/__init__.py"),
        ("driver.py", "driver.py"),
        ("pump/__init__.py", "pump/R.py"),
    ],
)
def test_files_that_differ_are_named(apps: Path, name: str, other: str) -> None:
    """Of two versions of pkgres, or of a dependency, and of two apps with one name."""
    if name.startswith("pump"):
        write_app(apps / "lamp", _PUMP, "dependencies = ['../driver.py']", "pump")
    for project in ("pump", "lamp"):
        freeze(apps / project)
    if not name.startswith("pump"):
        with open(apps / "lamp/frozen/code" / name, "a") as code:
            code.write("NEWER = 1\n")
    (apps / "board.py").write_text(
        "include('pump/frozen/manifest.py')\ninclude('lamp/frozen/manifest.py')\n"
    )
    result = run_tool(apps / "board.py")
    assert result.returncode == 1
    (line,) = result.stderr.splitlines()
    one, two = (apps / project / "frozen/code" / other for project in ("pump", "lamp"))
    end = "use one version of it, or rename or remove one"
    assert line.endswith(f": {other}: {one} and {two} differ; {end}")


def test_a_dependency_that_the_board_has(checkout: Path, client: Path) -> None:
    """The versions that micropython-lib's index and firmware builds add are no difference."""
    freeze(client)
    board = client / "board.py"
    board.write_text("require('mqtt.simple')\ninclude('frozen/manifest.py')\n")
    assert frozen(board, checkout / "lib/micropython-lib").count("mqtt/simple.py") == 1
    theirs = checkout / "lib/micropython-lib/micropython/mqtt.simple/mqtt/simple.py"
    theirs.write_text("NAME = 'newer'\n")
    said = run_tool(board, checkout / "lib/micropython-lib").stderr
    assert f": mqtt/simple.py: {theirs} and {client}/frozen/code/mqtt/simple.py differ;" in said


def test_include_is_relative_to_the_current_folder(apps: Path, tmp_path: Path) -> None:
    """The manifest has the same bytes wherever the project is."""
    write(apps, {"boards/own/board.py": "module('own.py')\n", "boards/own/own.py": ""})
    (apps / "link").symlink_to("pump")
    expected = "include('../../boards/own/board.py')\n"
    for cwd, arguments in (
        (apps / "pump", ("--include", "../boards/own/board.py")),
        (apps, ("-C", "pump", "-o", "pump/frozen", "--include", "boards/own/board.py")),
        (apps, ("-C", "pump", "-o", "link/frozen", "--include", "boards/own/board.py")),
        (apps / "boards", ("-C", "../pump", "-o", "../pump/frozen", "--include", "own/board.py")),
        (apps, ("-C", "pump", "-o", "pump/frozen", "--include", f"{apps}/boards/own/board.py")),
    ):
        freeze(cwd, *arguments)
        manifest = (apps / "pump/frozen/manifest.py").read_text()
        assert manifest.startswith(expected), manifest
        assert "own.py" in frozen(apps / "pump/frozen/manifest.py")
    (apps / "boards/own/board.py").rename(apps / "boards/own/manifest.py")
    freeze(apps / "pump", "--include", "../boards/own")
    manifest = (apps / "pump/frozen/manifest.py").read_text()
    assert manifest.startswith("include('../../boards/own/manifest.py')\n")


@pytest.mark.parametrize("path", ["$(PORT_DIR)/boards/manifest.py", "$(MPY_DIR)/extmod/asyncio"])
def test_paths_that_the_build_knows_stay(
    apps: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.delenv("MICROPY_DIR", raising=False)
    freeze(apps / "pump", "--include", path)
    assert (apps / "pump/frozen/manifest.py").read_text().startswith(f"include({path!r})\n")


def test_include_of_nothing(apps: Path) -> None:
    for name in ("board.py", "", "pump"):
        said = refusal(apps / "pump", "--include", name)
        assert f"--include {name}: does not exist; name a manifest" in said
    freeze(apps / "pump")
    said = refusal(apps / "pump", "--include", "frozen/manifest.py")
    assert "--include frozen/manifest.py: is in the output" in said


@pytest.mark.parametrize("known", ["environment", "key", "path"])
def test_what_the_board_freezes_is_left_out(
    checkout: Path, client: Path, monkeypatch: pytest.MonkeyPatch, known: str
) -> None:
    manifest = checkout / "ports/esp/boards/BIG/manifest.py"
    theirs = checkout / "lib/micropython-lib/micropython/mqtt.simple/mqtt/simple.py"
    if known != "path":
        (client / "board.py").write_text("require('mqtt.simple')\n")
        manifest = client / "board.py"
    if known == "environment":
        monkeypatch.setenv("MICROPY_DIR", str(checkout))
    elif known == "key":
        with open(client / "pyproject.toml", "a") as description:
            description.write("micropython = '../micropython'\n")
    before = freeze(client)
    made = freeze(client, "--include", os.path.relpath(manifest, client))
    assert made["left_out"] == [{"name": "mqtt/simple.py", "why": f"frozen by {theirs}"}]
    assert made["notes"] == before["notes"]
    assert "mqtt/simple.mpy" in {file["name"] for file in before["files"]}
    assert "mqtt/simple.mpy" not in {file["name"] for file in made["files"]}
    assert made["total"] < before["total"]
    assert not (client / "frozen/code/mqtt").exists()
    assert "mqtt" not in (client / "frozen/manifest.py").read_text()

    theirs.write_text("NAME = 'newer'\n")
    said = refusal(client, "--include", str(manifest))
    ours = client.parent / "index/mqtt/simple.py"
    assert f"mqtt/simple.py: {theirs} and {ours} differ; use one version of it" in said


def test_two_apps_by_include(checkout: Path, apps: Path) -> None:
    """The second app does without what the first one froze, though both may be built alone."""
    write(apps, {"tool/__init__.py": "", "tool/data.txt": "data"})
    for name in ("pump", "lamp"):
        file = apps / name / "pyproject.toml"
        file.write_text(file.read_text().replace("['../dr", "['../tool', '../dr"))
    freeze(apps / "pump")
    names = {file["name"] for file in freeze(apps / "lamp")["files"]}
    with open(apps / "lamp/pyproject.toml", "a") as description:
        description.write("\nmicropython = '../micropython'\n")
    made = freeze(apps / "lamp", "--include", "../pump/frozen/manifest.py")
    left = {item["name"] for item in made["left_out"]}
    assert {"driver.py", "pkgres/__init__.py", "pkg_resources.py", "tool/R.py"} <= left
    assert "pkgres/info.py" not in left
    gone = {name[:-3] + ".mpy" for name in left} | {"tool/data.txt"}
    assert {file["name"] for file in made["files"]} == names - gone
    assert not (apps / "lamp/frozen/code/tool").exists()
    found = frozen(apps / "lamp/frozen/manifest.py")
    assert found == sorted(set(found))
    assert {"pkgres/info.py", "pkgres/static.py", "pump/R.py", "lamp/R.py", "tool/R.py"} < {*found}
    (apps / "tool/data.txt").write_text("newer")
    said = refusal(apps / "lamp", "--include", "../pump/frozen/manifest.py")
    assert f"tool/R.py: {apps}/pump/frozen/code/tool/R.py and the app's differ; use one" in said


@pytest.mark.parametrize("start", [False, True])
def test_names_of_the_app_that_the_board_has(checkout: Path, apps: Path, start: bool) -> None:
    """Two apps with one name, and two that start."""
    if start:
        for name in ("pump", "lamp"):
            with open(apps / name / "pyproject.toml", "a") as description:
                description.write(f"\nstart = '{name}'\n")
    else:
        write_app(apps / "lamp", "import driver\n", "dependencies = ['../driver.py']", "pump")
    freeze(apps / "pump")
    with open(apps / "lamp/pyproject.toml", "a") as description:
        description.write("\nmicropython = '../micropython'\n")
    said = refusal(apps / "lamp", "--include", "../pump/frozen/manifest.py")
    theirs = apps / "pump/frozen/code"
    if start:
        assert f"main.py: {theirs}/main.py and the app's differ; use one version of it" in said
    else:
        assert f"pump: {theirs}/pump/" in said
        assert said.endswith("is in a package of that name; rename one of the two")


def test_the_output_does_not_count(checkout: Path, client: Path) -> None:
    """A manifest that includes the output as well, as it was before."""
    (client / "board.py").write_text("include('frozen/manifest.py')\nrequire('mqtt.simple')\n")
    with open(client / "pyproject.toml", "a") as description:
        description.write("\nmicropython = '../micropython'\n")
    freeze(client)
    made = freeze(client, "--include", "board.py")
    assert [item["name"] for item in made["left_out"]] == ["mqtt/simple.py"]
    found = frozen(client / "frozen/manifest.py", checkout / "lib/micropython-lib")
    assert found == sorted(set(found))
    assert {"client/__init__.py", "mqtt/simple.py", "pkgres/__init__.py"} < set(found)


def test_manifests_that_only_the_build_can_read(
    checkout: Path, client: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The app is frozen as if they were not there, and a note says why."""
    by_port = "$(PORT_DIR)/boards/manifest.py"
    before = freeze(client)
    (note,) = set(freeze(client, "--include", by_port)["notes"]) - set(before["notes"])
    assert note.startswith(f"{by_port} was not read: no checkout of MicroPython is known; set")
    monkeypatch.setenv("MICROPY_DIR", str(checkout))
    (client / "board.py").write_text("require('mqtt.simple')\nfreeze('$(BOARD_DIR)/modules')\n")
    made = freeze(client, "--include", by_port, "--include", "board.py")
    assert made["files"] == before["files"]
    unknown = "is not known; set it in the environment"
    assert set(made["notes"]) - set(before["notes"]) == {
        f"{by_port} was not read: PORT_DIR {unknown}",
        f"{client}/board.py was not read: BOARD_DIR {unknown}",
    }
    (client / "board.py").write_text("freeze('modules/$(MCU_CORE)')\n")
    assert (
        f"{client}/board.py was not read: MCU_CORE is not known"
        in freeze(client, "--include", "board.py")["notes"]
    )
    monkeypatch.setenv("PORT_DIR", str(checkout / "ports/esp"))
    assert freeze(client, "--include", by_port)["notes"] == before["notes"]
    (client / "board.py").write_text("require('mqtt.simple')\n")
    shutil.rmtree(checkout / "lib")
    (note,) = set(freeze(client, "--include", "board.py")["notes"]) - set(before["notes"])
    assert note.endswith("the checkout is without lib/micropython-lib; make submodules there")


def test_manifests_that_no_build_can_read(
    checkout: Path, client: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MICROPY_DIR", str(checkout))
    board = client / "board.py"
    for text, why in (
        ("require('nothing')\n", "nothing"),
        ("module('nothing.py')\n", f"Cannot stat {client}/nothing.py"),
        ("print('{}')\nraise ValueError('one\\ntwo')\n", "one\\ntwo"),
    ):
        board.write_text(text)
        said = refusal(client, "--include", "board.py")
        start = f"pkgres: --include {board}: MicroPython cannot read it: Error in manifest file: "
        assert said.startswith(start)
        assert why in said.removeprefix(f"{start}{board}")
    board.write_text("import sys\nsys.exit('enough')\n")
    said = refusal(client, "--include", "board.py")
    assert said.endswith(f"{checkout}/tools/manifestfile.py failed: enough")
    shutil.rmtree(checkout / "tools")
    fix = f"{checkout} has no tools/manifestfile.py; name a checkout of MicroPython 1.20 or later"
    assert refusal(client, "--include", "board.py") == f"pkgres: MICROPY_DIR: {fix}"
    freeze(client)  # it is not needed here


def test_conflicts_among_included_manifests(
    checkout: Path, client: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MICROPY_DIR", str(checkout))
    for name in ("one", "two"):
        write(client, {f"{name}/board.py": "module('own.py')\n", f"{name}/own.py": name})
    both = ("--include", "one/board.py", "--include", "two/board.py")
    said = refusal(client, *both)
    own = f"own.py: {client}/one/own.py and {client}/two/own.py differ; use one"
    assert said.startswith(f"pkgres: {own}")
    (client / "two/own.py").write_text("one")
    freeze(client, *both)
    assert frozen(client / "frozen/manifest.py").count("own.py") == 1
