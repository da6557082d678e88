"""What a dependency of an app is, as its developer writes it in pyproject.toml."""

from __future__ import annotations

import re
from typing import NamedTuple

from .addresses import HOSTS, is_url, rewritten

DEFAULT_INDEX = "https://micropython.org/pi/v2"
"""The index that mip asks for names where none is given."""

INSTALLED = "pip:"
"""In front of the name of a package that pip installed."""

PYPI = "pypi:"
"""In front of the name of a package whose archive is in the index of pip."""

_NEWEST = "latest"
_FORMS = (
    '"name", "name@version", "github:org/repo", an http address, "../folder", "pip:name" or'
    ' "pypi:name"'
)


class Dependency(NamedTuple):
    """A package that an app needs."""

    source: str
    """Its name in the index, its address, ``pip:NAME``, ``pypi:NAME``, or a path on this host."""
    version: str = ""
    """``""`` for the newest, or for the default branch."""
    files: tuple[str, ...] = ()
    """Patterns of the files to take of it, in gitignore syntax; () for all."""

    def __str__(self) -> str:
        return f"{self.source}@{self.version}" if self.version else self.source


def parsed(value: object) -> Dependency:
    """Return what an item of the list ``dependencies`` means.

    Raises ValueError with the fix in its text.
    """
    if not isinstance(value, dict):
        return _without_files(value)
    unknown = sorted(str(key) for key in set(value) - {"from", "files"})
    if unknown:
        raise ValueError(f"{unknown[0]!a} is not a key of it; they are from and files")
    if "from" not in value:
        raise ValueError(f"has no key from; write {_FORMS}")
    patterns = value.get("files", [])
    if not isinstance(patterns, list) or not all(_is_pattern(item) for item in patterns):
        raise ValueError('files is not a list of patterns; write ["NAME/**/*.py"] or similar')
    if "files" in value and not patterns:
        raise ValueError("files is empty; drop it to take all files")
    return _without_files(value["from"])._replace(files=tuple(patterns))


def is_local(source: str) -> bool:
    """Return whether *source* is a path on this host."""
    return source.startswith(("./", "../", "/"))


def is_installed(source: str) -> bool:
    """Return whether *source* is a package that pip installed."""
    return source.startswith(INSTALLED)


def is_archive(source: str) -> bool:
    """Return whether *source* is an archive in the index of pip."""
    return source.startswith(PYPI)


def is_named(source: str) -> bool:
    """Return whether *source* is a name in an index."""
    return not (is_local(source) or source.startswith((INSTALLED, PYPI)) or is_url(source))


def name_of(source: str) -> str:
    """Return the name of a package in any index."""
    return source.removeprefix(INSTALLED).removeprefix(PYPI)


def _without_files(value: object) -> Dependency:
    if isinstance(value, str):
        source, version = _split(value)
        if source != value and not version:
            raise ValueError(f"{value!a} has no version after the @; write one, or drop the @")
    elif isinstance(value, list) and len(value) == 2 and all(isinstance(v, str) for v in value):
        source, version = value
        if _split(source)[1]:
            raise ValueError(f"{value!a} has two versions; write one")
    else:
        raise ValueError(f"{value!a} is not a dependency; write {_FORMS}")
    if not _is_source(source):
        raise ValueError(f"{value!a} is not a dependency; write {_FORMS}")
    if version and is_local(source):
        raise ValueError(f"{value!a}: a path has no version; drop it")
    if not re.fullmatch(r"(\w[\w.+!/-]*)?", version, re.ASCII) or ".." in version:
        raise ValueError(f'{version!a} is not a version; write one such as "1.0.0"')
    if "/" in version and not source.startswith(HOSTS):
        raise ValueError(f'{version!a} is not a version; write one such as "1.0.0"')
    if version == _NEWEST and not source.startswith(HOSTS):
        version = ""
    return Dependency(source, version)


def _split(text: str) -> tuple[str, str]:
    """Return what is before and behind the @ of a version."""
    if is_local(text) or text.startswith(("http://", "https://")):
        return text, ""  # an @ is part of many addresses
    is_of_pip = is_installed(text) or is_archive(text)
    source, at, version = text.partition("==" if is_of_pip and "==" in text else "@")
    return (source, version) if at else (text, "")


def _is_source(source: str) -> bool:
    if not source.isprintable() or not _is_utf8(source):
        return False
    if is_local(source):
        return "\\" not in source
    if is_url(source):
        try:
            rewritten(source)
        except ValueError:
            return False
        return " " not in source
    name = name_of(source)
    return re.fullmatch(r"\w([\w.-]*\w)?", name, re.ASCII) is not None


def _is_pattern(value: object) -> bool:
    return isinstance(value, str) and value.strip() != "" and value.isprintable()


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
