"""A package for mip in a folder on this host: a package.json with the files beside it."""

from __future__ import annotations

import os

from ..errors import Bin2resError, shown
from ..read import content_of
from .addresses import is_url
from .untrusted import Listing, listing_of, object_of

_FILE = "package.json"
_KEYS = ("urls", "hashes", "deps")  # npm's package.json has none of them


def listing_at(source: str, folder: str) -> tuple[str, Listing] | None:
    """Return the path and the content of the package.json of a dependency, None without one.

    *source* is a path relative to *folder*, that of the app: a package.json, or its folder. Raises
    Bin2resError for one that mip cannot read.
    """
    path = os.path.normpath(os.path.join(os.path.abspath(folder), source))
    is_named = os.path.basename(path) == _FILE and not os.path.isdir(path)
    file = path if is_named else os.path.join(path, _FILE)
    if not os.path.isfile(file):
        return None
    try:
        content = content_of(file)
        if not any(isinstance(object_of(content).get(key), list) for key in _KEYS):
            if not is_named:
                return None
            raise ValueError("lists no urls; name the folder or the file of the code")
        return file, listing_of(content)
    except ValueError as error:
        raise Bin2resError(f"{shown(file)}: {error}") from None


def files_beside(file: str, listing: Listing) -> dict[str, str]:
    """Return the path of each file that is on this host, by its path below lib."""
    folder = os.path.dirname(file)
    return {
        target: os.path.normpath(os.path.join(folder, url))
        for target, url in listing.urls.items()
        if not is_url(url)
    }
