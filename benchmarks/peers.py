"""The other ways to bundle files, each got from where its users get it, at the time of the run."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from pypi_simple import PyPISimple


def pkg_resources() -> bytes:
    """Return micropython-lib's pkg_resources.py, from its package (which pip cannot load)."""
    with tempfile.TemporaryDirectory() as folder, PyPISimple() as client:
        archive = Path(folder, "peer.tar.gz")
        package = client.get_project_page("micropython-pkg_resources").packages[-1]
        client.download_package(package, archive, verify=bool(package.digests))
        with tarfile.open(archive) as tar:
            member = next(m for m in tar.getmembers() if m.name.endswith("/pkg_resources.py"))
            stream = tar.extractfile(member)
            assert stream is not None
            return stream.read()


def mpy_bin2res(micropython: Path, folder: Path, names: list[str]) -> bytes:
    """Return what MicroPython's own tools/mpy_bin2res.py makes of files below *folder*."""
    tool = micropython / "tools/mpy_bin2res.py"
    command = [sys.executable, str(tool.resolve()), *names]
    return subprocess.run(command, cwd=folder, capture_output=True, check=True).stdout


def freezefs(folder: Path, output: Path, target: str) -> None:
    """Write freezefs' module of a folder, which mounts itself at *target*."""
    options = ["--target", target, "--on-import", "mount", "--silent"]
    command = [sys.executable, "-m", "freezefs", str(folder), str(output), *options]
    subprocess.run(command, capture_output=True, check=True)


def romfs(folder: Path, output: Path) -> None:
    """Write a ROMFS image of a folder with mpremote."""
    command = [sys.executable, "-m", "mpremote", "romfs", "-o", str(output), "build", str(folder)]
    subprocess.run(command, capture_output=True, check=True)
