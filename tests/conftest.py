"""Fixtures for the tests of the host tool."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import pytest
from firmware.source import Missing

T = TypeVar("T")
Bin2res = Callable[..., "subprocess.CompletedProcess[bytes]"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--pictures", action="store_true", help="make those of the web example anew")


@pytest.hookimpl(tryfirst=True, optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Side by side run files, not tests: what one builds is built once.

    The page of the matrix is compared with what the tests of the matrix saw before.
    """
    # Not --dist loadgroup: pytest 9.2 takes no notice of what pytest-xdist 3.8 does to the names.
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            return "test_matrix" if "test_matrix" in file else file

    return ByFile(config, log)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package folder with a few files."""
    folder = tmp_path / "my_app"
    for name, content in {
        "__init__.py": b"",
        "data/page.html": b"<p>page",
        "data/image.png": b"\x89PNG\r\n",
        "data/sub/deep.txt": b"deep",
        "data/sub/code.py": b"pass",
        "data/.hidden": b"hidden",
        "data/.git/config": b"hidden",
        "data/__pycache__/code.pyc": b"code",
        "data/code.mpy": b"M",
        "data/code.py": b"pass",
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


@pytest.fixture
def bin2res(package: Path) -> Bin2res:
    """The command, run as a user runs it, in the package folder."""

    def run(
        *arguments: str | bytes,
        cwd: Path = package,
        before: Sequence[str] = (),
        env: Mapping[str, str] | None = None,
        umask: int = -1,
    ) -> subprocess.CompletedProcess[bytes]:
        command = [*before, sys.executable, "-m", "bin2res", *arguments]
        return subprocess.run(
            command, cwd=cwd, env=env, umask=umask, capture_output=True, check=False
        )

    return run


@pytest.fixture(scope="session")
def receiver(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A MicroPython to which apps are shipped: the unix port, without pkgres."""
    import shipping

    return needing(lambda: shipping.receiver(tmp_path_factory.mktemp("receiver")))


def needing(what: Callable[[], T]) -> T:
    """Return what *what* gives, or skip the test, saying what to install.

    With PKGRES_SKIP_NOTHING in the environment it fails instead.
    """
    try:
        return what()
    except Missing as missing:
        if os.environ.get("PKGRES_SKIP_NOTHING"):
            raise
        pytest.skip(str(missing))


def resources(module: Path) -> dict[str, bytes]:
    """What a resource module holds, as Python reads it."""
    namespace: dict[str, dict[str, bytes]] = {}
    exec(module.read_text("ascii"), namespace)
    return namespace["R"]
