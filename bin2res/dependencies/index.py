"""Indexes of packages in the layout of mip's: on the web, or folders."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from urllib.parse import urlsplit
from urllib.request import url2pathname

from ..errors import Bin2resError, shown
from .addresses import is_url, rewritten

_FILE = "file:"


class Index:
    """Where names of packages are looked up, in order. Relative folders are below *folder*."""

    def __init__(self, indexes: Sequence[str], folder: str) -> None:
        self._sites = [_Site(index, folder) for index in indexes]
        self.names = [site.name for site in self._sites]
        """What a lock calls them: the same on every machine if that can be."""

    def listings(self, name: str, version: str) -> list[str]:
        """Return the addresses at which the files of a package may be listed, as source."""
        return [site.listing(name, version) for site in self._sites]

    def file(self, short_hash: str, listed_at: str = "") -> str:
        """Return the address of a file by the start of its SHA-256.

        It is in the index that has the list of the package, at the address *listed_at*.
        """
        base = re.split(r"/package/(?:py|\d+)/[^/]+/[^/]+\.json$", listed_at)[0]
        if base == listed_at:  # no address in an index
            base = self._sites[0].base
        if is_url(base):
            base = rewritten(base)
        return f"{base}/file/{short_hash[:2]}/{short_hash}"

    def to_lock(self, address: str) -> str:
        """Return an address as a lock has it, without the path of this folder."""
        if is_url(address):
            return address
        for number, site in enumerate(self._sites):
            if address.startswith(site.base + "/"):
                below = address.removeprefix(site.base + "/")
                return below if len(self._sites) == 1 else f"{number}:{below}"
        return address

    def from_lock(self, url: str) -> str:
        """Return the address that a lock means. Raises ValueError for another."""
        if is_url(url):
            return rewritten(url)
        number, colon, below = url.rpartition(":")
        try:
            site = self._sites[int(number) if colon else 0]
        except (ValueError, IndexError):
            raise ValueError(f"{url!a} is not an address") from None
        if is_url(site.base) or not below or {"", ".", ".."} & set(below.split("/")) or "\\" in url:
            raise ValueError(f"{url!a} is not an address")
        return f"{site.base}/{below}"


class _Site:
    """One index; `base` is its address, or the path of its folder."""

    def __init__(self, index: str, folder: str) -> None:
        self.name = index.rstrip("/") or index
        if is_url(index):
            try:
                self.base = rewritten(self.name)
            except ValueError as error:
                raise Bin2resError(f"index: {error}; write an address or a folder") from None
            return
        if index.startswith(_FILE):
            index = url2pathname(urlsplit(index).path)
        if not index or not index.isprintable():
            raise Bin2resError(f"index: {index!a} is not a folder; write an address or a folder")
        folder = os.path.abspath(folder)
        self.base = os.path.normpath(os.path.join(folder, index)).replace(os.sep, "/")
        try:
            self.name = os.path.relpath(self.base, folder).replace(os.sep, "/")
        except ValueError:  # on another drive of Windows
            self.name = self.base

    def listing(self, name: str, version: str) -> str:
        if not is_url(self.base) and not os.path.isdir(self.base):
            raise Bin2resError(f"index: {shown(self.base)} is not a folder; pkgres mip makes one")
        return f"{self.base}/package/py/{name}/{version or 'latest'}.json"
