"""From the dependencies that an app names to the files that go to the board with it."""

from __future__ import annotations

import filecmp
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from packaging.utils import canonicalize_name

from ..errors import Bin2resError, shown
from ..patterns import spec_of
from . import fetch
from .archive import unpack
from .graph import Node, key_of, walked
from .index import Index
from .installed import installed, refuse_machine_code
from .local import files_at
from .local_package import files_beside, listing_at
from .untrusted import is_outside
from .wanted import Dependency, is_archive, is_installed, is_local

OURS = ("pkgres", "pkg_resources")


class File(NamedTuple):
    """A file of a dependency."""

    path: str
    """Where it is on this host."""
    sha256: str = ""
    """``""`` for a source of the developer's own, which may change."""
    url: str = ""
    """Where it was fetched from, ``""`` for a file of this host."""


class Found(NamedTuple):
    """A dependency with all that a lock says of it."""

    name: str
    version: str
    source: str
    files: dict[str, File]
    """By path below lib; of ``pypi:NAME`` the archive, by its name."""


class Package(NamedTuple):
    """A dependency as it goes to the board."""

    name: str
    version: str
    source: str
    files: dict[str, str]
    """Path of each file on this host, by its path below lib, with ``/``."""
    needed: tuple[str, ...] = ()
    """The names of packages that it requires, and that are not fetched."""


def resolve(wanted: Sequence[Dependency], folder: str, index: Sequence[str]) -> list[Package]:
    """Return the packages that an app needs, and those that they need, sorted.

    *folder* is that of the app: local paths, and each *index* that is a folder, are relative
    to it. Files from elsewhere are fetched, and checked where a hash is known.

    Raises Bin2resError for what cannot be had, and for two versions of one package.
    """
    return [package_of(found, wanted, folder) for found in gather(wanted, folder, index)]


def merged(packages: Iterable[Package]) -> tuple[dict[str, str], list[str]]:
    """Return the files of all packages by path below lib, and notes, a line each.

    What has the name of our own files is left out. Raises Bin2resError where two packages
    have another file of the same path.
    """
    files: dict[str, str] = {}
    owners: dict[str, tuple[Package, str]] = {}
    notes: dict[str, None] = {}
    packages = list(packages)
    names = {canonicalize_name(package.name) for package in packages}
    for package in packages:
        missing = [n for n in package.needed if canonicalize_name(n) not in names]
        if missing:
            listed = ", ".join(f"pypi:{name}" for name in missing)
            notes[f"{package.source}: requires {listed}; add what the app uses of them"] = None
        if is_ours(package.name) and not package.files:
            notes[f"{package.source}: is not taken; pkgres has its own"] = None
        for path, file in package.files.items():
            top = path.split("/")[0]
            if is_ours(top.removesuffix(".py").removesuffix(".mpy")):
                notes[f"{package.source}: {top} is not taken; pkgres has its own"] = None
                continue
            owner, its = owners.setdefault(_importable(path), (package, path))
            if its != path or not filecmp.cmp(files.get(path, file), file, shallow=False):
                raise _conflict(owner, its, package, path)
            files[path] = file
    for path in files:
        for end in range(len(path)):
            if path[end] == "/" and path[:end] in files:
                above, _ = owners[_importable(path[:end])]
                raise _conflict(above, path[:end], owners[_importable(path)][0], path)
    return dict(sorted(files.items())), list(notes)


def gather(wanted: Sequence[Dependency], folder: str, index: Sequence[str]) -> list[Found]:
    """Return the packages as `resolve`, with all that a lock says of them."""
    source = Index(index, folder)
    found = [_found(node, folder, source) for node in walked(wanted, folder, source, is_ours)]
    return sorted(found, key=lambda package: (package.name, package.source))


def package_of(found: Found, wanted: Iterable[Dependency] = (), folder: str = "") -> Package:
    """Return a package as it goes to the board: what only a lock says of it is left out.

    An archive is unpacked: the files that *wanted* takes of it, for the app in *folder*.
    """
    files = {path: file.path for path, file in found.files.items()}
    if not files or not is_archive(found.source):
        return Package(found.name, found.version, found.source, files)
    key = key_of(found.source, folder)
    dependency = next(w for w in wanted if key_of(w.source, folder) == key)
    (archive,) = files.values()
    unpacked = unpack(archive, found.source)
    files = {path: unpacked.files[path] for path in of_files(dependency, unpacked.files)}
    needed = tuple(name for name in unpacked.needed if not is_in_firmware(name))
    return Package(found.name, found.version, found.source, files, needed)


def is_in_firmware(name: str) -> bool:
    """Return whether a package of upip is pkgres's own, or a part of MicroPython since."""
    bare = re.sub(r"^(micropython|pycopy)[-_]", "", name)
    return is_ours(bare) or bare in ("asyncio", "uasyncio")


def is_ours(name: str) -> bool:
    """Return whether a package, a folder or a module has a name of our own."""
    return name.lower().replace("-", "_") in OURS


def of_files(wanted: Dependency, paths: Iterable[str]) -> list[str]:
    """Return the paths that a dependency takes, sorted.

    Of several patterns the last one that matches tells; where the first starts with ``!``,
    all is taken but what that leaves out.

    Raises Bin2resError for a pattern that matches nothing.
    """
    if not wanted.files:
        return _below_lib(wanted, sorted(paths))
    option, first = f"{wanted.source}: files", wanted.files[0]
    taken = {path: first.startswith("!") for path in sorted(paths)}
    for pattern in wanted.files:
        matches = spec_of(option, [pattern.removeprefix("!")]).match_file
        matched = [path for path in taken if matches(path)]
        if not matched:
            raise Bin2resError(f"{option}: {pattern!a} matches nothing; fix or drop it")
        taken |= dict.fromkeys(matched, not pattern.startswith("!"))
    if not any(taken.values()):
        raise Bin2resError(f"{option}: nothing is left to take; fix them")
    return _below_lib(wanted, [path for path, is_taken in taken.items() if is_taken])


def _below_lib(wanted: Dependency, paths: list[str]) -> list[str]:
    for path in paths:
        if is_outside(path):
            raise Bin2resError(
                f"{wanted}: its package.json: {path!a} leads out of lib; leave it out:"
                f' {{ from = "{wanted.source}", files = ["!{path}"] }}'
            )
    return paths


def here(wanted: Dependency, folder: str) -> tuple[str, dict[str, File], list[str]]:
    """Return the version and the files of a dependency that is on this host.

    Last are the paths below lib of files that are elsewhere: a package for mip may list some.
    Raises Bin2resError if it is not there.
    """
    if is_local(wanted.source):
        listed = listing_at(wanted.source, folder)
        if listed is None:
            return "", _taken(wanted, files_at(wanted.source, folder)), []
        files = files_beside(*listed)
        taken = of_files(wanted, {*listed[1].urls, *listed[1].hashes})
        for path in taken:
            if path in files and not os.path.isfile(files[path]):
                raise Bin2resError(
                    f"{shown(files[path])}: is listed in {shown(listed[0])} and is no file; fix"
                    " the path there"
                )
        there = [path for path in taken if path not in files]
        return "", {path: File(files[path]) for path in taken if path in files}, there
    version, files = installed(wanted.source)
    if wanted.version not in ("", version):
        raise Bin2resError(
            f"{wanted}: {version} is installed; pip install {wanted.source[4:]}=={wanted.version}"
        )
    installed_files = _taken(wanted, files)
    refuse_machine_code(wanted.source, installed_files)
    return (
        version,
        {path: File(f.path, fetch.digest(f.path)) for path, f in installed_files.items()},
        [],
    )


def _found(node: Node, folder: str, index: Index) -> Found:
    wanted = node.wanted
    if is_local(wanted.source) or (is_installed(wanted.source) and not is_ours(node.name)):
        version, files, elsewhere = here(wanted, folder)
        files |= _fetched(node, elsewhere, index)
        return Found(node.name, version, wanted.source, files)
    if is_ours(node.name):
        return Found(node.name, "", wanted.source, {})
    if not node.files:
        return Found(node.name, node.version, wanted.source, {})
    paths = node.files if is_archive(wanted.source) else of_files(wanted, node.files)
    fetched = _fetched(node, paths, index)
    return Found(node.name, node.version, wanted.source, fetched)


def _fetched(node: Node, paths: Iterable[str], index: Index) -> dict[str, File]:
    wanted = node.wanted
    fetched = {}
    for path in paths:
        address, sha256 = node.files[path]
        try:
            file = fetch.kept(address, sha256)
        except Bin2resError as error:
            raise Bin2resError(f"{wanted}: {path}: {error}") from error
        fetched[path] = File(file, fetch.digest(file), index.to_lock(address))
    return fetched


def _taken(wanted: Dependency, files: Mapping[str, str]) -> dict[str, File]:
    return {path: File(files[path]) for path in of_files(wanted, files)}


def _importable(path: str) -> str:
    """Return what is the same for source and .mpy, of which a board takes only one."""
    return path[:-4] + ".py" if path.endswith(".mpy") else path


def _conflict(one: Package, its: str, other: Package, path: str) -> Bin2resError:
    what = "with other bytes" if its == path else f"where the other has {its}"
    return Bin2resError(
        f"{other.source}: {path}: {one.source} has it, too, {what}; take one of them by files"
    )
