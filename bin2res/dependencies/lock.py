"""pkgres.lock: which versions and which bytes the dependencies are, for every later build."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from typing import Any

from ..errors import Bin2resError, shown
from ..output import replacing
from ..read import content_of
from . import fetch
from .addresses import HOSTS
from .graph import key_of
from .index import Index
from .resolve import File, Found, Package, gather, here, is_ours, package_of, resolve
from .untrusted import checked_path, is_hash, object_of
from .wanted import Dependency, is_archive, is_installed, is_local, is_named

LOCK = "pkgres.lock"
_FORMAT = 1


def write(wanted: Sequence[Dependency], folder: str, index: Sequence[str]) -> list[Package]:
    """Resolve the dependencies anew, write what was found to the lock in *folder*, return it.

    Raises Bin2resError like `resolve`, and where the lock cannot be written.
    """
    found = gather(wanted, folder, index)
    named = any(is_named(package.source) for package in found)
    packages = [_entry(package) for package in found]
    lock = {
        "pkgres-lock": _FORMAT,
        "index": _names(Index(index, folder)) if named else "",
        "dependencies": _wanted(wanted),
        "packages": packages,
    }
    with replacing(os.path.join(folder, LOCK)) as stream:
        stream.write(json.dumps(lock, indent=1).encode() + b"\n")
    return [package_of(package, wanted, folder) for package in found]


def locked(wanted: Sequence[Dependency], folder: str, index: Sequence[str]) -> list[Package]:
    """Return the packages that the lock in *folder* names; without a lock, `resolve`.

    What was fetched before is not fetched again; what is must have the bytes of the lock.

    Raises Bin2resError for a lock of other dependencies, for a damaged one, and where
    what is on this host is not what was locked.
    """
    file = os.path.join(folder, LOCK)
    if not os.path.lexists(file):
        return resolve(wanted, folder, index)
    try:
        lock = object_of(content_of(file))
        found = [_locked(entry) for entry in _expected(lock.get("packages"), list)]
    except ValueError as error:
        raise Bin2resError(f"{shown(file)}: is damaged: {error}; run pkgres lock") from None
    source = Index(index, folder)
    if lock.get("dependencies") != _wanted(wanted) or lock.get("index") not in ("", _names(source)):
        raise Bin2resError(f"{shown(file)}: is out of date; run pkgres lock")
    own = {key_of(w.source, folder): w for w in wanted}
    missing = set(own) - {key_of(package.source, folder) for package in found}
    if missing:
        raise Bin2resError(f"{shown(file)}: is damaged: {min(missing)} is missing; run pkgres lock")
    packages = []
    for package in found:
        dependency = own.get(key_of(package.source, folder))
        if is_local(package.source) or is_installed(package.source):
            if dependency is None:
                why = f"{package.source} is not one of the app's"
                raise Bin2resError(f"{shown(file)}: is damaged: {why}; run pkgres lock")
            packages.append(_from_here(package, dependency, folder, source, file))
        else:
            is_one = dependency is not None and len(package.files) == (not is_ours(package.name))
            if is_archive(package.source) and not is_one:
                why = f"{package.source} is not an archive of the app's"
                raise Bin2resError(f"{shown(file)}: is damaged: {why}; run pkgres lock")
            fetched = _fetched(package, source, file)
            files = {name: File(path) for name, path in fetched.files.items()}
            packages.append(package_of(package._replace(files=files), wanted, folder))
    return packages


def moving(wanted: Iterable[Dependency]) -> list[str]:
    """Return a note for each repository whose files may change, as no tag is named."""
    return [
        f"{w.source}: names no tag; the locked files are gone when the branch moves; write"
        f" {w.source.rstrip('/')}@TAG"
        for w in wanted
        if w.source.startswith(HOSTS) and not w.version
    ]


def _wanted(wanted: Sequence[Dependency]) -> list[list[Any]]:
    """Return the dependencies as a lock names them: in any order they are the same."""
    return sorted([w.source, w.version, list(w.files)] for w in wanted)


def _entry(package: Found) -> dict[str, Any]:
    files = {}
    is_source = is_local(package.source)  # what is on this host may change
    for path, file in sorted(package.files.items()):
        if is_source and not file.url:
            continue
        files[path] = {"sha256": file.sha256, "url": file.url}
        if not file.url:
            del files[path]["url"]
    if is_source:
        more = {"files": files} if files else {}
        return {"name": package.name, "source": package.source, **more}
    return {
        "name": package.name,
        "version": package.version,
        "source": package.source,
        "files": files,
    }


def _locked(entry: object) -> Found:
    """Return what an entry of a lock says. Raises ValueError for what it cannot."""
    package: dict[str, Any] = _expected(entry, dict)
    files = {}
    for path, file in _expected(package.get("files", {}), dict).items():
        url, sha256 = _expected(file, dict).get("url", ""), file.get("sha256")
        if not is_hash(sha256, range(64, 65)):
            raise ValueError(f"{path!a} has no SHA-256")
        files[checked_path(path)] = File("", sha256, _expected(url, str))
    return Found(_text(package, "name"), _text(package, "version"), _text(package, "source"), files)


def _fetched(package: Found, index: Index, file: str) -> Package:
    paths = {}
    for path, locked in package.files.items():
        try:
            address = index.from_lock(locked.url)
        except ValueError as error:
            raise Bin2resError(f"{shown(file)}: is damaged: {error}; run pkgres lock") from None
        try:
            paths[path] = fetch.kept(address, locked.sha256)
        except Bin2resError as error:
            raise Bin2resError(
                f"{package.source}: {path}: {error}; to take what is there now: pkgres lock"
            ) from error
    return Package(package.name, package.version, package.source, paths)


def _names(index: Index) -> str | list[str]:
    return index.names[0] if len(index.names) == 1 else index.names


def _from_here(
    package: Found, dependency: Dependency, folder: str, index: Index, file: str
) -> Package:
    if is_installed(dependency.source) and is_ours(package.name):
        return package_of(package._replace(files={}))
    version, files, elsewhere = here(dependency, folder)
    if is_local(dependency.source):
        if not package.files.keys() >= {*elsewhere}:
            raise Bin2resError(f"{shown(file)}: is out of date; run pkgres lock")
        there = package._replace(files={path: package.files[path] for path in elsewhere})
        found = {path: f.path for path, f in files.items()} | _fetched(there, index, file).files
        return Package(package.name, version, dependency.source, found)
    name = dependency.source.partition(":")[2]
    if version != package.version:
        raise Bin2resError(
            f"{dependency.source}: {version} is installed, {package.version} is locked;"
            f" pip install {name}=={package.version}, or run pkgres lock"
        )
    for path in sorted({*files, *package.files}):
        now, then = files.get(path), package.files.get(path)
        if now is None or then is None or now.sha256 != then.sha256:
            raise Bin2resError(
                f"{dependency.source}: {path} is not as it was locked;"
                f" pip install --force-reinstall {name}=={version}, or run pkgres lock"
            )
    return package_of(Found(package.name, version, dependency.source, files))


def _expected(value: Any, kind: type) -> Any:
    if not isinstance(value, kind):
        raise ValueError(f"{type(value).__name__} in the place of {kind.__name__}")
    return value


def _text(entry: dict[str, Any], key: str) -> str:
    value = entry.get(key, "")
    if not isinstance(value, str) or not value.isprintable():
        raise ValueError(f"{key} is not text")
    return value
