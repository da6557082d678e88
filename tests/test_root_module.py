"""A top-level R that is no resource module: an app's own module or folder of this name.

Lookups in packages have nothing to do with it and must not meet it; the case table has
the R at the top that bin2res made.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import app
import firmware.build
import folders
import node
import pytest
import runtimes
import test_frozen
from conftest import needing

Run = Callable[[Path], "subprocess.CompletedProcess[str]"]

# What there is at the top -> its files.
OTHERS = {
    "nothing": {},
    "no dict": {"R.py": "X = 1\n"},
    "a number": {"R.py": "R = 8.314\n"},
    "a class": {"R.py": "class R:\n    pass\n"},
    "another dict": {"R.py": "R = {1: 'x'}\n"},
    "a module that cannot be imported": {"R.py": "import nothing_of_this_name\n"},
    "a folder": {"R/x.txt": ""},
    "a package": {"R/__init__.py": "R = {'my_app/none': b''}\n", "R/x.py": ""},
    "a package with a module R": {"R/__init__.py": "import R.R\n", "R/R.py": "R = 1\n"},
}

_PROGRAM = """\
import errno
import pkg_resources
from pkgres.static import respond

def at_the_root():
    try:
        pkg_resources.resource_string(None, "none")
    except ImportError:
        return "ImportError"
    except OSError as e:
        return "ENOENT" if e.errno == errno.ENOENT else repr(e)

def in_a_package():
    print(pkg_resources.resource_string("my_app", "x.txt"))
    for name in ("none", "data/none"):
        try:
            pkg_resources.resource_stream("my_app", name)
        except OSError as e:
            print(e.errno == errno.ENOENT, pkg_resources.resource_exists("my_app", name))
    print(pkg_resources.resource_listdir("my_app", "data"))
    print(*[respond("my_app", name)[1] for name in ("data/y.txt", "data", "none")])

in_a_package()
if ASKS_AT_THE_ROOT:
    print(at_the_root())
    in_a_package()
    pkg_resources.invalidate_caches()
    print(at_the_root())
"""
_IN_A_PACKAGE = "b'own'\nTrue False\nTrue False\n['y.txt']\n200 404 404\n"
_RESOURCES = {"x.txt": "own", "data/y.txt": "also"}


def _files(run: Run) -> Run:
    def run_files(folder: Path) -> subprocess.CompletedProcess[str]:
        app.install_pkgres(folder)
        folders.write(folder / "my_app", {"__init__.py": "", **_RESOURCES})
        return run(folder)

    return run_files


def _frozen(folder: Path) -> subprocess.CompletedProcess[str]:
    # The app is frozen; what there is at the top lies in the folder, which comes first.
    stage = folder.parent / "frozen"
    folders.write(stage / "code/my_app", {"__init__.py": "", **_RESOURCES})
    test_frozen.bundle(stage / "code/my_app", "-q", *_RESOURCES)
    for name in _RESOURCES:
        (stage / "code/my_app" / name).unlink()
    shutil.rmtree(stage / "code/my_app/data")
    manifest = test_frozen.freeze(stage)
    binary = needing(lambda: firmware.build.unix(manifest))
    return runtimes.unix_firmware(binary, folder, "main.py")


RUNTIMES = {
    "cpython": _files(lambda folder: runtimes.cpython(folder, "main.py")),
    "micropython": _files(lambda folder: runtimes.micropython(folder, "main.py")),
    "npm": _files(lambda folder: needing(lambda: node.run(node.OLDEST, ["main.py"], folder))),
    "frozen": _frozen,
}


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_packages_do_not_meet_it(tmp_path: Path, runtime: str, other: str) -> None:
    result = _run(tmp_path, runtime, other, asks_at_the_root=False)
    assert (result.stdout, result.stderr) == (_IN_A_PACKAGE, "")


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_at_the_root_it_is_damaged(tmp_path: Path, runtime: str) -> None:
    """Whoever asks first, a package or the root."""
    result = _run(tmp_path, runtime, "no dict", asks_at_the_root=True)
    error = "ImportError\n"
    assert (result.stdout, result.stderr) == (
        _IN_A_PACKAGE + error + _IN_A_PACKAGE + error,
        "",
    )


def _run(
    tmp_path: Path, runtime: str, other: str, *, asks_at_the_root: bool
) -> subprocess.CompletedProcess[str]:
    folder = tmp_path / "run"
    folders.write(folder, OTHERS[other])
    folders.write(folder, {"main.py": f"ASKS_AT_THE_ROOT = {asks_at_the_root}\n{_PROGRAM}"})
    return RUNTIMES[runtime](folder)
