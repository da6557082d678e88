"""An index of packages in the layout of mip's: on the web, or a folder."""

from __future__ import annotations

import os
from urllib.parse import urlsplit
from urllib.request import url2pathname

from ..errors import Bin2resError, shown
from .addresses import is_url, rewritten

_FILE = "file:"


class Index:
    """Where names of packages are looked up. A relative folder is below *folder*."""

    def __init__(self, index: str, folder: str) -> None:
        self.name = index.rstrip("/") or index
        """What a lock calls it: the same on every machine where it can be."""
        if is_url(index):
            try:
                self._base = rewritten(self.name)
            except ValueError as error:
                raise Bin2resError(f"index: {error}; write an address or a folder") from None
            return
        if index.startswith(_FILE):
            index = url2pathname(urlsplit(index).path)
        if not index or not index.isprintable():
            raise Bin2resError(f"index: {index!a} is not a folder; write an address or a folder")
        folder = os.path.abspath(folder)
        self._base = os.path.normpath(os.path.join(folder, index)).replace(os.sep, "/")
        try:
            self.name = os.path.relpath(self._base, folder).replace(os.sep, "/")
        except ValueError:  # on another drive of Windows
            self.name = self._base

    def listing(self, name: str, version: str) -> str:
        """Return the address of the list of the files of a package, as source."""
        if not is_url(self._base) and not os.path.isdir(self._base):
            raise Bin2resError(f"index: {shown(self._base)} is not a folder; pkgres mip makes one")
        return f"{self._base}/package/py/{name}/{version or 'latest'}.json"

    def file(self, short_hash: str) -> str:
        """Return the address of a file by the start of its SHA-256."""
        return f"{self._base}/file/{short_hash[:2]}/{short_hash}"

    def to_lock(self, address: str) -> str:
        """Return an address as a lock says it, without where this folder is."""
        return address if is_url(address) else address.removeprefix(self._base + "/")

    def from_lock(self, url: str) -> str:
        """Return the address that a lock means. Raises ValueError for another."""
        if is_url(url):
            return rewritten(url)
        if is_url(self._base) or not url or {"", ".", ".."} & set(url.split("/")) or "\\" in url:
            raise ValueError(f"{url!a} is not an address")
        return f"{self._base}/{url}"
