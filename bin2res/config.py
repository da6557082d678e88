"""The description of an app: the table [tool.pkgres] of its pyproject.toml."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from .compress import DEFAULT_WINDOW
from .errors import Bin2resError, reason, shown

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FILE = "pyproject.toml"
EVERYTHING = (".",)
_WINDOWS = range(9, 16)


class Config(NamedTuple):
    """An app as its developer describes it."""

    file: str
    """The path of the pyproject.toml."""
    name: str
    """``[project] name``: what the app is installed by."""
    version: str
    """``[project] version``, ``""`` if there is none."""
    description: str
    """``[project] description``."""
    license: str
    """``[project] license``, an SPDX expression, ``""`` if it is not given as such."""
    directory: str
    """The package folder, a path. Key ``package``."""
    package: str
    """The name that the package is imported by."""
    resources: tuple[str, ...] = EVERYTHING
    """Files, folders and patterns, relative to the package folder."""
    exclude: tuple[str, ...] = ()
    """Patterns of what to leave out, in gitignore syntax, relative to the package folder."""
    gzip: tuple[str, ...] = ()
    """Patterns of the resources to compress, likewise."""
    gzip_window: int = DEFAULT_WINDOW
    """Bits of the window to compress for. Key ``gzip-window``."""
    dependencies: tuple[tuple[str, str], ...] = ()
    """Name and version of the packages that mip is to install with it."""

    def key(self, name: str) -> str:
        """Return a key of the table, and where it is, for messages."""
        return f"{shown(self.file)}: [tool.pkgres] {name}"


def find(folder: str) -> str | None:
    """Return the path of the nearest description, in *folder* or one above it.

    That is a pyproject.toml with a table [tool.pkgres]. Raises Bin2resError for one
    that cannot be read.
    """
    path = folder
    for _ in os.path.abspath(folder).split(os.sep):
        file = os.path.normpath(os.path.join(path, FILE))
        if os.path.isfile(file) and _table(_parsed(file)) is not None:
            return file
        path = os.path.join(path, os.pardir)
    return None


def read(file: str) -> Config:
    """Return what the description in *file* says.

    Raises Bin2resError, naming the file and the key, for what is missing or mistaken.
    """
    parsed = _parsed(file)
    table = _table(parsed)
    if table is None:
        raise Bin2resError(f"{shown(file)}: has no table [tool.pkgres]; add it, if only empty")
    project = parsed.get("project")
    if not isinstance(project, dict):
        raise Bin2resError(f"{shown(file)}: has no table [project]; add it with a name and version")

    def fail(key: str, mend: str) -> Bin2resError:
        return Bin2resError(f"{shown(file)}: {key}: {mend}")

    name = project.get("name")
    if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z0-9]([\w.-]*[A-Za-z0-9])?", name):
        raise fail("[project] name", "is missing or no name of a package; give it one")
    unknown = sorted(set(table) - set(KEYS))
    if unknown:
        raise fail(f"[tool.pkgres] {unknown[0]}", f"is no key; they are {', '.join(KEYS)}")
    for key, (is_right, what) in KEYS.items():
        if key in table and not is_right(table[key]):
            raise fail(f"[tool.pkgres] {key}", f"is {table[key]!a}; {what}")

    imported = re.sub(r"[-.]", "_", name)
    folder = table.get("package", imported)
    directory = os.path.normpath(os.path.join(os.path.dirname(file), folder))
    if os.path.normpath(folder) not in (".", ".."):
        imported = os.path.basename(directory)
    if not imported.isidentifier():
        raise fail("[tool.pkgres] package", f"{imported!a} cannot be imported; rename it")
    if not os.path.isdir(directory):
        raise fail("[tool.pkgres] package", f"{shown(directory)} is not a folder; name the code's")
    if "resources" not in table and os.path.normpath(folder) == ".":
        # Beside the code lie all the files of the project.
        raise fail("[tool.pkgres] resources", "is missing; name the files, folders or patterns")
    return Config(
        file=file,
        name=name,
        version=_text(project, "version"),
        description=_text(project, "description"),
        license=_text(project, "license"),
        directory=directory,
        package=imported,
        resources=tuple(table.get("resources", EVERYTHING)),
        exclude=tuple(table.get("exclude", ())),
        gzip=tuple(table.get("gzip", ())),
        gzip_window=table.get("gzip-window", DEFAULT_WINDOW),
        dependencies=tuple((name, version) for name, version in table.get("dependencies", ())),
    )


def _parsed(file: str) -> dict[str, Any]:
    try:
        with open(file, "rb") as stream:
            return tomllib.load(stream)
    except OSError as error:
        raise Bin2resError(f"{shown(file)}: cannot be read: {reason(error)}") from error
    except ValueError as error:  # of TOML, or of UTF-8
        raise Bin2resError(f"{shown(file)}: is not TOML: {error}") from error


def _table(parsed: Mapping[str, Any]) -> dict[str, Any] | None:
    tool = parsed.get("tool")
    table = tool.get("pkgres") if isinstance(tool, dict) else None
    return table if isinstance(table, dict) else None


def _text(project: Mapping[str, Any], key: str) -> str:
    value = project.get(key)
    return value if isinstance(value, str) else ""


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _is_list(value: object) -> bool:
    return isinstance(value, list) and all(_is_text(item) for item in value)


def _is_dependencies(value: object) -> bool:
    return isinstance(value, list) and all(_is_list(item) and len(item) == 2 for item in value)


_LIST = "write a list of patterns"
KEYS: dict[str, tuple[Callable[[object], bool], str]] = {
    "package": (_is_text, "write the path of the package's folder"),
    "resources": (lambda value: _is_list(value) and value != [], _LIST),
    "exclude": (_is_list, _LIST),
    "gzip": (_is_list, _LIST),
    "gzip-window": (lambda value: type(value) is int and value in _WINDOWS, "write 9 to 15"),
    "dependencies": (_is_dependencies, 'write a list of ["name", "version"]'),
}
