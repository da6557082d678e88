"""Which packages an app needs, with those that they need, and where their files are."""

from __future__ import annotations

import os
import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ..errors import Bin2resError, shown
from . import fetch
from .addresses import is_file, is_url, joined, last_part, listing, rewritten
from .index import Index
from .local_package import listing_at
from .pypi import find_archive
from .repository import code_in_repository
from .untrusted import Listing, checked_path, listing_of
from .wanted import Dependency, is_archive, is_installed, is_local, is_named, name_of, parsed

_MOST = 1000  # packages: a chain without an end is ended


class Remote(NamedTuple):
    """A file that is elsewhere."""

    address: str
    sha256: str = ""
    """What its SHA-256 starts with, ``""`` where that is not known."""


class Node(NamedTuple):
    """A package that is needed."""

    wanted: Dependency
    """How it is wanted; the version is the one that was chosen."""
    name: str
    version: str
    """What the package says of itself, else what was chosen."""
    files: Mapping[str, Remote]
    """The files by path below lib; none of those that are on this host."""


class _Wish(NamedTuple):
    dependency: Dependency
    by: str
    """``""`` for the app itself."""

    def __str__(self) -> str:
        return f"{self.dependency} (needed by {self.by})" if self.by else str(self.dependency)


def walked(
    wanted: Sequence[Dependency], folder: str, index: Index, is_ours: Callable[[str], bool]
) -> list[Node]:
    """Return each package once that the app in *folder* needs.

    A version that one of them names is taken by those that name none. Of those that
    *is_ours* names nothing is fetched.

    Raises Bin2resError for what is not found, and for two versions of one package.
    """
    walk = _Walk(folder, index, is_ours)
    wishes = [_Wish(dependency, "") for dependency in wanted]
    for wish in wishes:
        walk.pin(wish)
    while True:
        pinned = len(walk.pins)
        nodes = list(walk.nodes(wishes))
        if len(walk.pins) == pinned:
            return nodes
        # One is needed in a version that was not known when it was met: again, with that.


def key_of(source: str, folder: str) -> str:
    """Return what is the same for each way to write the source of one package."""
    if is_local(source):
        return os.path.realpath(os.path.join(folder, source))
    if is_installed(source) or is_archive(source):
        return re.sub(r"[-_.]+", "-", source).lower()
    return source if is_named(source) or is_file(source) else listing(source)


class _Walk:
    def __init__(self, folder: str, index: Index, is_ours: Callable[[str], bool]) -> None:
        self.folder = folder
        self.index = index
        self.is_ours = is_ours
        self.pins: dict[str, _Wish] = {}
        """Who named a version of a package first, by key."""
        self._read: dict[str, Listing] = {}

    def nodes(self, wishes: Sequence[_Wish]) -> Iterator[Node]:
        """Yield each package once, from those of the app outwards."""
        met: dict[str, _Wish] = {}
        queue = deque(wishes)
        while queue:
            wish = queue.popleft()
            self.pin(wish)
            key = key_of(wish.dependency.source, self.folder)
            first = met.setdefault(key, wish)
            if first is not wish:
                if not wish.by and wish.dependency.files != first.dependency.files:
                    raise Bin2resError(f"{wish}: is listed twice with other files; drop one")
                continue
            if len(met) > _MOST:
                raise Bin2resError(f"{wish}: is one of more than {_MOST} packages; drop it")
            if key in self.pins:
                version = self.pins[key].dependency.version
                wish = wish._replace(dependency=wish.dependency._replace(version=version))
            node, needed = self._node(wish)
            yield node
            queue.extend(_Wish(dependency, str(wish.dependency)) for dependency in needed)

    def pin(self, wish: _Wish) -> None:
        """Note the version that is named. Raises Bin2resError where that is another one."""
        if not wish.dependency.version:
            return
        first = self.pins.setdefault(key_of(wish.dependency.source, self.folder), wish)
        if first.dependency.version != wish.dependency.version:
            raise Bin2resError(
                f"{wish.dependency.source}: {first.by or 'the app'} needs version"
                f" {first.dependency.version}, {wish.by or 'the app'} {wish.dependency.version};"
                " choose one that both take"
            )

    def _node(self, wish: _Wish) -> tuple[Node, list[Dependency]]:
        dependency = wish.dependency
        source, version = dependency.source, dependency.version
        if is_local(source):
            return self._local(wish)
        name = last_part(source) if is_url(source) else name_of(source)
        if is_installed(source) or self.is_ours(name):
            return Node(dependency, name, version, {}), []
        if is_archive(source):
            found = find_archive(dependency)
            files = {found.name: Remote(found.address, found.sha256)}
            return Node(dependency, name, found.version, files), []
        try:
            if is_url(source) and is_file(source):
                path = checked_path(source.rpartition("/")[2])
                return Node(
                    dependency, name, version, {path: Remote(rewritten(source, version))}
                ), []
            address, listed = self._listing(wish)
            files = {
                path: Remote(_address(address, url, version)) for path, url in listed.urls.items()
            } | {path: Remote(self.index.file(h, address), h) for path, h in listed.hashes.items()}
            needed = [_needed(name, version) for name, version in listed.needed]
        except ValueError as error:
            raise Bin2resError(f"{wish}: its package.json: {error}; ask who published it") from None
        return Node(dependency, name, listed.version or version, files), needed

    def _local(self, wish: _Wish) -> tuple[Node, list[Dependency]]:
        """Return a package on this host: of its files those that are elsewhere, and its needs."""
        dependency = wish.dependency
        name = os.path.basename(os.path.normpath(dependency.source))
        name = name.removesuffix(".py").removesuffix("/package.json")
        found = listing_at(dependency.source, self.folder)
        if found is None:
            return Node(dependency, name, "", {}), []
        file, listed = found
        if name == os.path.basename(file):
            name = os.path.basename(os.path.dirname(file))
        files = {path: Remote(rewritten(u)) for path, u in listed.urls.items() if is_url(u)}
        hashed = {path: Remote(self.index.file(h), h) for path, h in listed.hashes.items()}
        try:
            needed = [_needed(name, version) for name, version in listed.needed]
        except ValueError as error:
            raise Bin2resError(f"{shown(file)}: {error}") from None
        return Node(dependency, name, listed.version, files | hashed), needed

    def _listing(self, wish: _Wish) -> tuple[str, Listing]:
        """Return where a package is listed, and what. Raises ValueError for what is wrong in it."""
        source, version = wish.dependency.source, wish.dependency.version
        addresses = [listing(source)] if is_url(source) else self.index.listings(source, version)
        webs = [rewritten(a, version) if is_url(a) else a for a in addresses]
        for address, web in zip(addresses, webs, strict=True):
            if web not in self._read:
                try:
                    content = fetch.text(web)
                except Bin2resError as error:
                    raise Bin2resError(f"{wish}: {error}") from error
                if content is None:
                    continue
                self._read[web] = listing_of(content)
            return address, self._read[web]
        where = " or ".join(shown(web) for web in webs)
        hint = code_in_repository(source, version) or "check the name"
        raise Bin2resError(f"{wish}: is not found at {where}; {hint}")


def _address(listed_at: str, url: str, version: str) -> str:
    """Return where a file is. Raises ValueError for what is no place for one."""
    address = joined(listed_at, url)
    if is_url(address):
        return rewritten(address, version)
    if {"", ".", ".."} & set(url.split("/")) or not url.isprintable():
        raise ValueError(f"{url!a} is not in the index")
    return address


def _needed(name: str, version: str) -> Dependency:
    """Return what a package.json needs. Raises ValueError for what another cannot ask for."""
    dependency = parsed([name, version])
    if not (is_named(name) or is_url(name)):
        raise ValueError(f"deps: {name!a} is not in an index")
    return dependency
