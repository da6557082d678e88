"""Where the archive of a package for MicroPython is, in the index that pip is set to.

The index has a page for each project: https://peps.python.org/pep-0503/
"""

from __future__ import annotations

import functools
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from typing import NamedTuple
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from packaging.utils import InvalidSdistFilename, canonicalize_name, parse_sdist_filename
from packaging.version import InvalidVersion, Version

from ..errors import Bin2resError, shown
from . import fetch
from .addresses import rewritten
from .untrusted import is_hash
from .wanted import PYPI, Dependency

_SET = "PIP_INDEX_URL"


class Archive(NamedTuple):
    """The archive of a release."""

    version: str
    name: str
    """The name of the file."""
    address: str
    sha256: str


def find_archive(wanted: Dependency) -> Archive:
    """Return the archive of the version that is *wanted*, by default the newest final one.

    Raises Bin2resError if there is none.
    """
    name = wanted.source.removeprefix(PYPI)
    try:
        page = rewritten(f"{_index()}/{canonicalize_name(name)}/")
        content = fetch.text(page)
    except (Bin2resError, ValueError) as error:
        raise Bin2resError(f"{wanted}: {error}") from error
    if content is None:
        raise Bin2resError(f"{wanted}: is not found at {shown(page)}; check the name")
    releases = _releases(name, content, page)
    if wanted.version:
        try:
            version = Version(wanted.version)
        except InvalidVersion:
            raise Bin2resError(f"{wanted}: is not a version; use one such as 1.8.2") from None
        found = [release for release in releases if release.version == version]
    else:
        found = [r for r in releases if not r.is_yanked and not r.version.is_prerelease]
    if not found:
        versions = ", ".join(str(release.version) for release in sorted(releases)[-5:])
        fix = f"choose one of {versions}" if versions else f"try pip install {name}, and pip:{name}"
        which = " of this version" if wanted.version else ""
        raise Bin2resError(f"{wanted}: has no .tar.gz{which} at {shown(page)}; {fix}")
    version, _, file, address = max(found)
    address, fragment = urldefrag(address)
    sha256 = fragment.removeprefix("sha256=")
    try:
        if not is_hash(sha256, range(64, 65)):
            raise ValueError("the index has no SHA-256 of it")
        return Archive(str(version), file, rewritten(address), sha256)
    except ValueError as error:
        raise Bin2resError(f"{wanted}: {file}: {error}; ask who published it") from None


class _Release(NamedTuple):
    version: Version
    is_yanked: bool
    file: str
    address: str


def _releases(name: str, content: bytes, page: str) -> list[_Release]:
    links = _Links()
    links.feed(content.decode("utf-8", "replace"))
    releases = []
    for address, is_yanked in links.found:
        file = unquote(urlsplit(address).path.rpartition("/")[2])
        try:
            project, version = parse_sdist_filename(file)
        except (InvalidSdistFilename, InvalidVersion):
            continue
        if project == canonicalize_name(name) and file.endswith(".tar.gz"):
            releases.append(_Release(version, is_yanked, file, urljoin(page, address)))
    return releases


class _Links(HTMLParser):
    """The addresses on a page, and whether each is yanked."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "a" and values.get("href"):
            self.found.append((values["href"] or "", "data-yanked" in values))


def _index() -> str:
    """Return the address of the index of pip, which its files or the environment set."""
    url = os.environ.get(_SET) or _index_of_pip()
    if "@" in urlsplit(url).netloc:
        token = fetch.token_of(url)
        raise Bin2resError(f"the index of pip has a user name in its address; set {token} instead")
    return url.rstrip("/")


@functools.cache
def _index_of_pip() -> str:
    # Its help shows the address in use, and is the only place that shows the default.
    result = subprocess.run(
        [sys.executable, "-m", "pip", "download", "--help"],
        env={**os.environ, "COLUMNS": "1000"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    found = re.search(r"--index-url <url>.*?\(default (\S+)\)", result.stdout)
    if not found:
        raise Bin2resError(f"pip does not name an index; set {_SET} to the address of one")
    return found[1]
