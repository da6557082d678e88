"""Fixtures for the tests of the host tool."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import board
import folders
import pytest
from firmware.source import Missing
from kills import Bench, Forks

# A line each would be longer than the rest of this file.
SLOW = """
    code_or_resource.py::test_frozen depfile.py::test_nothing depfile.py::test_rules
    project.py::test_what_vite
    archives.py::test_from_pypi
    block_reads buffer.py::test_frozen by_path case_insensitive cases.py::test_case[cortex
    device_streams root_view threads
    cases.py::test_case[unix coming completion contributing.py::test_one
    damaged.py::test_damaged_with_little_memory dependencies.py::test_installed_by_pip
    dependencies.py::test_installed_editable[ docs editors failed_import fast
    files.py::test_frozen firmware_page frameworks frozen gz_uzlib lock.py::test_installed
    manifest.py::test_ matrix mount.py::test_after_a_memory_error mount.py::test_copies
    mount.py::test_files mount.py::test_on_ mount.py::test_sync mount.py::test_threads
    mount.py::test_where mpy mutate native.py::test_copied
    native.py::test_frozen native.py::test_what_firmware names.py::test_python
    output.py::test_killed packaging peer pre_commit properties readme requests
    root_module.py::test_at_the_root_it_is_damaged[frozen
    root_module.py::test_at_the_root_it_is_damaged[npm
    root_module.py::test_packages_do_not_meet_it[frozen
    root_module.py::test_packages_do_not_meet_it[npm ship_apps ship_board
    ship_dependencies.py::test_freeze ship_flat ship_freeze.py::test_big
    ship_freeze.py::test_on_ ship_include.py::test_two_apps_in_one ship_interrupted ship_start site
    size.py::test_the_names_of_firmware size.py::test_the_picture size.py::test_what_ small
    start through updates.py::test_copied updates.py::test_the_lines
    updates.py::test_installed_by_mpremote web workflows
""".split()  # noqa: SIM905
"""The start of the names, after ``test_``, of tests that need firmware, a board, a browser,
another interpreter or the network, that kill what they run, or that take minutes."""
LONG = """
    cases.py::test_case[micropython-table gzip.py::test_a_window gzip.py::test_best
    gzip.py::test_header gzip.py::test_progress gzip.py::test_the_cache native pieces
    ship_dependencies.py::test_locked ship_include ship_mip.py::test_an_interrupted ship_outputs
    ship_refusals ship_report.py::test_a_dry_run size.py
""".split()  # noqa: SIM905
"""Those of tests that need nothing of this, but take too long for the fast lane."""

T = TypeVar("T")
Bin2res = Callable[..., "subprocess.CompletedProcess[bytes]"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--pictures", action="store_true", help="make those of the web example anew")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark a test as fast unless it is named above: a new one is fast, that is."""
    for item in items:
        name = item.nodeid.rpartition("tests/test_")[2]
        if not name.startswith(tuple(SLOW)) and "receiver" not in getattr(item, "fixturenames", ()):
            item.add_marker("long" if name.startswith(tuple(LONG)) else "fast")


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
    files = {
        "__init__.py": b"",
        "data/page.html": b"<p>page",
        "data/image.png": b"\x89PNG\r\n",
        "data/sub/deep.txt": b"deep",
        "data/sub/code.py": b"pass",
        "data/.hidden": b"hidden",
        "data/.git/config": b"hidden",
        "data/__pycache__/code.pyc": b"code",
        "data/code.mpy": b"M\x06\x00\x1f",
        "data/code.py": b"pass",
    }
    return folders.write(tmp_path / "my_app", files)


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


@pytest.fixture
def march() -> str:
    """The architecture of the unix port, for native code."""
    import runtimes

    return runtimes.unix_architecture() or pytest.skip("mpy-cross has no code for this machine")


@pytest.fixture(scope="module")
def forks() -> Iterator[Forks]:
    """An interpreter from which runs of pkgres are forked."""
    with Forks() as forks:
        yield forks


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """An app, and folders of its own for what ships it."""
    yield Bench(tmp_path)
    # pytest's own way to clean up ends at the stack's limit.
    subprocess.run(["rm", "-rf", tmp_path / "project"], check=True)


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


@pytest.fixture
def device(tmp_path: Path) -> Iterator[board.Board]:
    """A Cortex-M3 in QEMU with a filesystem, for mpremote."""
    (tmp_path / "firmware").mkdir()
    elf = needing(lambda: board.build(tmp_path / "firmware"))
    with board.running(elf) as device:
        yield device
