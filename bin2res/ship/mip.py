"""A static site from which mip installs: an index in the layout of micropython-lib's.

    index.json                          the packages and their versions
    package/{py,6}/NAME/VERSION.json    the files of a package, as source and as .mpy
    package/{py,6}/NAME/latest.json     those of the highest version
    file/xx/HASH                        the files, by the start of their SHA-256
    NAME/package.json                   the highest version again, to install by URL
    NAME/VERSION/...                    its files, with a package.json of its own

The layout is that of micropython-lib's tools/build.py; package.json is described in
MicroPython's documentation, "Package management".
"""

from __future__ import annotations

import hashlib
import json
import os
import shlex
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from packaging.version import Version

from ..app import App
from ..errors import Bin2resError, reason, shown
from ..output import replacing
from .shipment import Shipment
from .tree import Tree, code, data, library, library_version, sizes
from .version import version_of

_INDEX, _PACKAGE = "index.json", "package.json"
_SOURCE, _COMPILED = "py", "6"  # 6: the version of .mpy that MicroPython 1.19 and later load
_LIBRARY = "pkgres"
_TAKEN = (_LIBRARY, "file", "package")
_LOCAL = "http://127.0.0.1:8000"


def publish(app: App, site: str, *, url: str | None = None) -> Shipment:
    """Add the app to the *site*, a folder, and pkgres, on which it depends.

    With *url*, the address that the site will have, the urls in package.json are absolute:
    mip before 0.4, on boards up to MicroPython 1.25.0, takes no others. What is in the site
    stays as it is, but for the lists of what there is, which are written last.

    Raises Bin2resError, before anything is written, where the site holds this version with
    other files, and where it cannot be read or written.
    """
    config = app.config
    version = version_of(config)
    if config.name in _TAKEN:
        raise Bin2resError(
            f"{shown(config.file)}: [project] name: {config.name} is taken; rename it"
        )
    resources = data(app)
    source = {**code(app, mpy=False), **resources}
    compiled = {**code(app, mpy=True), **resources}
    own = {_SOURCE: library(mpy=False), _COMPILED: library(mpy=True)}
    needed = ((_LIBRARY, library_version()), *config.dependencies)
    about = {"description": config.description, "license": config.license}

    new = _Site(site)
    warnings = list(app.warnings)
    if not new.add_package(_LIBRARY, library_version(), own, (), _ABOUT_LIBRARY):
        warnings.append(f"the site keeps its {_LIBRARY} {library_version()}, which differs")
    if not new.add_package(
        config.name, version, {_SOURCE: source, _COMPILED: compiled}, needed, about
    ):
        raise Bin2resError(
            f"{shown(site)}: holds {config.name} {version} with other files; raise the version"
            f" in {shown(config.file)}"
        )
    new.add_tree(config.name, version, {**source, **own[_SOURCE]}, config.dependencies, url)
    new.write()

    for name, _ in config.dependencies:
        if ":" not in name and name not in new.packages:
            warnings.append(f"mip will look for {name} in this site, which has none; add it")
    base = shlex.quote((url or _LOCAL).rstrip("/"))
    serve = () if url else (f"python -m http.server -d {shlex.quote(site)}",)
    install = f"mpremote mip install --index {base} {shlex.quote(config.name)}"
    on_board = sizes({**compiled, **own[_COMPILED]}, "lib/")
    return Shipment(site, on_board, (*serve, install), warnings=tuple(warnings))


_ABOUT_LIBRARY = {
    "description": "Finds the resources of an app, in files and in frozen firmware",
    "license": "MIT",
}


class _Site:
    """A site, and what is to be written to it; paths are below it, with ``/``."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.files: dict[str, bytes] = {}
        """What never changes once it is there."""
        self.lists: dict[str, bytes] = {}
        """What tells of it, and is replaced."""
        self.packages: dict[str, dict[str, Any]] = {}
        """The packages of index.json, by name."""
        index = self._read(_INDEX)
        try:
            packages = json.loads(index)["packages"] if index is not None else []
            for package in packages:
                for versions in package["versions"].values():
                    versions.sort(key=Version)
                self.packages[package["name"]] = package
        except (ValueError, KeyError, TypeError, AttributeError):
            raise Bin2resError(f"{shown(path)}: its {_INDEX} is no index of mip's") from None

    def add_package(
        self,
        name: str,
        version: str,
        forms: Mapping[str, Tree],
        needed: Sequence[tuple[str, str]],
        about: Mapping[str, str],
    ) -> bool:
        """Add a version of a package; return whether it is the one that the site has then.

        *forms* are its files, as source and compiled. A version that is there stays.
        """
        same = True
        package = self.packages.setdefault(name, {"name": name, "versions": {}})
        for form, files in forms.items():
            hashes = {path: _hash(content) for path, content in sorted(files.items())}
            listed = _json(
                {
                    "v": 1,
                    "hashes": list(hashes.items()),
                    "deps": [*needed],
                    "version": version,
                }
            )
            path = f"package/{form}/{name}/{version}.json"
            old = self._read(path)
            if old in (None, listed):
                for hashed in files.values():
                    self._add(f"file/{_hash(hashed)[:2]}/{_hash(hashed)}", hashed)
                self._add(path, listed)
            elif form == _SOURCE:  # another mpy-cross may compile the same source otherwise
                same = False
            versions = sorted({*package["versions"].get(form, ()), version}, key=Version)
            package["versions"][form] = versions
            if versions[-1] == version:
                self.lists[f"package/{form}/{name}/latest.json"] = old or listed
                package.update(about, author="", path="", version=version)
        return same

    def add_tree(
        self,
        name: str,
        version: str,
        files: Tree,
        needed: Sequence[tuple[str, str]],
        url: str | None,
    ) -> None:
        """Add the files of a version by their own names, and package.json to install by URL."""
        for path, content in files.items():
            self._add(f"{name}/{version}/{path}", content)

        def listed(base: str) -> bytes:
            urls = [(path, base + quote(path)) for path in sorted(files)]
            return _json({"urls": urls, "deps": [*needed], "version": version})

        absolute = f"{url.rstrip('/')}/{quote(name)}/{version}/" if url else ""
        self.lists[f"{name}/{version}/{_PACKAGE}"] = listed(absolute)
        if self.packages[name]["version"] == version:
            self.lists[f"{name}/{_PACKAGE}"] = listed(absolute or f"{version}/")

    def write(self) -> None:
        """Write it all, what refers to others after them. Raises Bin2resError."""
        packages = [self.packages[name] for name in sorted(self.packages)]
        # No time of this run: the same packages make the same index.
        updated = int(os.environ.get("SOURCE_DATE_EPOCH", "0"))
        index = {"v": 2, "updated": updated, "packages": packages}
        self.lists[_INDEX] = json.dumps(index, indent=2, sort_keys=True).encode() + b"\n"
        for path, content in [*self.files.items(), *self.lists.items()]:
            file = os.path.join(self.path, *path.split("/"))
            if self._read(path) == content:
                continue
            try:
                os.makedirs(os.path.dirname(file), exist_ok=True)
            except OSError as error:
                raise Bin2resError(f"{shown(file)}: cannot be made: {reason(error)}") from error
            with replacing(file) as stream:
                stream.write(content)

    def _add(self, path: str, content: bytes) -> None:
        if self.files.setdefault(path, content) != content or self._read(path) not in (
            None,
            content,
        ):
            raise Bin2resError(
                f"{shown(self.path)}: {path} has other bytes than it should; remove it"
            )

    def _read(self, path: str) -> bytes | None:
        try:
            with open(os.path.join(self.path, *path.split("/")), "rb") as stream:
                return stream.read()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise Bin2resError(f"{shown(self.path)}: {path}: {reason(error)}") from error


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:8]


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode() + b"\n"
