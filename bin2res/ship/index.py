"""The index of a site for mip: which packages and versions there are.

The layout is that of micropython-lib's tools/build.py.
"""

from __future__ import annotations

import json
import os
import re
from typing import Any

from packaging.version import InvalidVersion, Version

from ..errors import Bin2resError, shown

INDEX = "index.json"
FORMS = ("6", "py")  # .mpy of the version that MicroPython 1.19 and later load; source
_NAME = r"[A-Za-z0-9]([\w.-]*[A-Za-z0-9])?"


class Index:
    """The packages of index.json."""

    def __init__(self, content: bytes | None, site: str) -> None:
        """Read *content*, None for a new one; *site* is its folder, for messages.

        Raises Bin2resError for what is not an index for mip.
        """
        self._packages: dict[str, dict[str, Any]] = {}
        if content is None:
            return
        try:
            packages = json.loads(content)["packages"]
            if not isinstance(packages, list):
                raise TypeError("packages")
            for package in packages:
                self._packages[package["name"]] = _checked(package)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise Bin2resError(f"{shown(site)}: its {INDEX} is not an index for mip") from None

    def versions(self, name: str, form: str) -> list[str]:
        """Return the versions of a package in a form, lowest first."""
        package = self._packages.get(name)
        found = package["versions"].get(form, []) if package else []
        return sorted(found, key=Version)

    def latest(self, name: str, form: str) -> str | None:
        """Return the highest version; a pre-release only where there is no other."""
        versions = self.versions(name, form)
        released = [version for version in versions if not Version(version).is_prerelease]
        return (released or versions or [None])[-1]  # type: ignore[list-item]

    def add(self, name: str, version: str, about: dict[str, str]) -> None:
        """Add a version in both forms; *about* describes the package, as of its latest version."""
        package = self._packages.setdefault(name, {"name": name, "versions": {}})
        for form in FORMS:
            listed = {*package["versions"].get(form, ()), version}
            package["versions"][form] = sorted(listed, key=Version)
        if self.latest(name, "py") == version:
            package.update(about, author="", path="", version=version)

    def content(self) -> bytes:
        """Return the bytes of index.json. They contain no time of this run."""
        index = {
            "v": 2,
            "updated": int(os.environ.get("SOURCE_DATE_EPOCH", "0")),
            "packages": [self._packages[name] for name in sorted(self._packages)],
        }
        return json.dumps(index, indent=2, sort_keys=True).encode() + b"\n"


def _checked(package: dict[str, Any]) -> dict[str, Any]:
    """Return a package of an index, if it is one. Raises ValueError, TypeError, KeyError."""
    if not re.fullmatch(_NAME, package["name"], re.ASCII):
        raise ValueError("name")
    for text in (*package, *package["versions"]):
        text.encode()  # a lone surrogate cannot be written
    for form, versions in package["versions"].items():
        if not isinstance(form, str) or not isinstance(versions, list):
            raise TypeError("versions")
        for version in versions:
            check_version(version)
    for key, value in package.items():
        if key != "versions" and not isinstance(value, str):
            raise TypeError(key)
        str(value).encode()
    return package


def check_version(version: object) -> None:
    """Raise ValueError or TypeError for what is not a version, or cannot be in a file name."""
    if not isinstance(version, str):
        raise TypeError("version")
    try:
        Version(version)
    except InvalidVersion:
        raise ValueError("version") from None
    if not re.fullmatch(r"[\w.!+-]+", version, re.ASCII):
        raise ValueError("version")
