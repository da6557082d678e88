"""The description of an app: the table [tool.pkgres] of its pyproject.toml."""

from __future__ import annotations

import keyword
import os
import re
import sys
from collections.abc import Mapping
from typing import Any, NamedTuple

from .choice import Choice, Rules
from .dependencies.wanted import DEFAULT_INDEX, Dependency, parsed
from .encode import BEST, Window
from .errors import Bin2resError, reason, shown
from .keys import KEYS, gzip_choices, max_sizes

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FILE = "pyproject.toml"
EVERYTHING = (".",)
_NAME = r"[A-Za-z0-9]([\w.-]*[A-Za-z0-9])?"


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
    """The folder of the package or, of a flat app, of its modules, a path. Key ``package``."""
    package: str
    """The name that the package is imported by, ``""`` of a flat app."""
    resources: tuple[str, ...] = EVERYTHING
    """Files, folders and patterns, relative to the package folder."""
    exclude: tuple[str, ...] = ()
    """Patterns of what to leave out, in gitignore syntax, relative to the package folder."""
    gzip: tuple[Choice, ...] = ()
    """Which resources to compress."""
    gzip_window: Window = BEST
    """The window of a choice that has none. Key ``gzip-window``."""
    whole: tuple[str, ...] = ()
    """Patterns of the resources that are kept as one object in a resource module, however large."""
    immutable: tuple[str, ...] = ()
    """Patterns of the resources that never change under their names."""
    max_size: Mapping[str, int] = {}
    """Bytes of flash that the app may take, by the command that ships it, ``""`` for each."""
    start: str = ""
    """What runs when the board starts: ``"module"``, or ``"module:function"`` to call."""
    dependencies: tuple[Dependency, ...] = ()
    """What else the app needs."""
    index_at: str = DEFAULT_INDEX
    """Where dependencies are looked up by name: the address or the folder of an index."""
    micropython: str = ""
    """The folder of a checkout of MicroPython, relative to that of pyproject.toml."""
    parts: tuple[str, ...] = ()
    """Parts of pkgres to ship in addition to those that the code imports."""

    @property
    def is_flat(self) -> bool:
        """Whether the app is modules in one folder, not a package."""
        return not self.package

    @property
    def is_project(self) -> bool:
        """Whether the code is in the folder of pyproject.toml."""
        return os.path.realpath(self.directory) == os.path.realpath(self.folder)

    @property
    def folder(self) -> str:
        """The folder of pyproject.toml."""
        return os.path.dirname(self.file) or os.curdir

    @property
    def rules(self) -> Rules:
        """How the resources are to be stored."""
        gzip, whole, immutable = map(self.key, ("gzip", "whole", "immutable"))
        rules = Rules(self.gzip, self.gzip_window, self.whole, gzip, whole)
        return rules._replace(immutable=self.immutable, immutable_from=immutable)

    def limit(self, way: str) -> int | None:
        """Return the bytes of flash that the app may take when *way* ships it, None for any."""
        return self.max_size.get(way, self.max_size.get(""))

    def key(self, name: str) -> str:
        """Return a key of the table with its file, for messages."""
        return f"{shown(self.file)}: [tool.pkgres] {name}"


def find(folder: str) -> str | None:
    """Return the path of the nearest description, in *folder* or one above it.

    That is a pyproject.toml with a table [tool.pkgres]. Raises Bin2resError for one
    that cannot be read, and for what is not a folder.
    """
    if not os.path.isdir(folder):
        raise Bin2resError(f"-C {shown(folder)}: is not a folder; name the one of the app")
    path = folder
    for _ in os.path.abspath(folder).split(os.sep):
        file = os.path.normpath(os.path.join(path, FILE))
        if os.path.isfile(file) and _table(_parsed(file)) is not None:
            return file
        path = os.path.join(path, os.pardir)
    return None


def read(file: str) -> Config:
    """Return what the description in *file* says.

    Raises Bin2resError, naming the file and the key, for what is missing or wrong.
    """
    content = _parsed(file)
    table = _table(content)
    if table is None:
        raise Bin2resError(f"{shown(file)}: has no table [tool.pkgres]; add it, if only empty")
    project = content.get("project")
    if not isinstance(project, dict):
        raise Bin2resError(f"{shown(file)}: has no table [project]; add it with a name and version")

    def fail(key: str, fix: str) -> Bin2resError:
        return Bin2resError(f"{shown(file)}: {key}: {fix}")

    name = project.get("name")
    if not isinstance(name, str) or not re.fullmatch(_NAME, name, re.ASCII):
        raise fail("[project] name", "is missing or no name of a package; give it one")
    unknown = sorted(set(table) - set(KEYS))
    if unknown:
        raise fail(f"[tool.pkgres] {unknown[0]}", f"is not a key; the keys are {', '.join(KEYS)}")
    for key, (is_right, what) in KEYS.items():
        if key in table and not is_right(table[key]):
            raise fail(f"[tool.pkgres] {key}", f"is {table[key]!a}; {what}")

    directory, imported = _package(file, table.get("package"), re.sub(r"[-.]", "_", name))
    if "resources" not in table and os.path.normpath(os.path.dirname(file)) == directory:
        # All files of the project are in the folder of the code.
        raise fail(
            "[tool.pkgres] resources",
            "is missing; name the files, folders or patterns, or write [] for none",
        )
    try:
        max_size = max_sizes(table.get("max-size", {}))
    except ValueError as error:
        raise fail("[tool.pkgres] max-size", str(error)) from error
    wanted = []
    for item in table.get("dependencies", ()):
        try:
            wanted.append(parsed(item))
        except ValueError as error:
            raise fail("[tool.pkgres] dependencies", str(error)) from error
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
        gzip=gzip_choices(table.get("gzip", ()), f"{shown(file)}: [tool.pkgres] gzip"),
        gzip_window=table.get("gzip-window", BEST),
        whole=tuple(table.get("whole", ())),
        immutable=tuple(table.get("immutable", ())),
        max_size=max_size,
        start=table.get("start", ""),
        dependencies=tuple(wanted),
        index_at=table.get("index", DEFAULT_INDEX),
        micropython=table.get("micropython", ""),
        parts=tuple(table.get("parts", ())),
    )


def _package(file: str, key: str | None, imported: str) -> tuple[str, str]:
    """Return the folder of the code, and the name that it is imported by, ``""`` if flat.

    *key* is what the description says, *imported* the project's name as a package's.
    """

    def fail(fix: str) -> Bin2resError:
        return Bin2resError(f"{shown(file)}: [tool.pkgres] package: {fix}")

    project = os.path.normpath(os.path.dirname(file))
    if key is None:
        beside = os.path.join(project, imported)
        key = imported if os.path.isdir(beside) or not _holds_code(project) else "."
    if os.path.isabs(key) or key.startswith("/"):  # on Windows the latter has no drive
        raise fail(f"{key!a} is absolute; write it relative to pyproject.toml")
    directory = os.path.normpath(os.path.join(project, key))
    if not os.path.isdir(directory):
        raise fail(f"{shown(directory)} is not a folder; name the one with the code")
    if directory == project and not os.path.exists(os.path.join(directory, "__init__.py")):
        return directory, ""
    if os.path.normpath(key) not in (".", ".."):
        imported = os.path.basename(directory)
    if not imported.isidentifier() or not imported.isascii() or keyword.iskeyword(imported):
        raise fail(f"{imported!a} cannot be imported; rename it")
    if imported in ("pkgres", "pkg_resources"):
        raise fail(f"{imported!a} is the name of what is shipped with it; rename it")
    return directory, imported


def _holds_code(folder: str) -> bool:
    try:
        return any(entry.endswith(".py") for entry in os.listdir(folder or os.curdir))
    except OSError as error:
        raise Bin2resError(f"{shown(folder)}: cannot be read: {reason(error)}") from error


def _parsed(file: str) -> dict[str, Any]:
    try:
        with open(file, "rb") as stream:
            return tomllib.load(stream)
    except OSError as error:
        raise Bin2resError(f"{shown(file)}: cannot be read: {reason(error)}") from error
    except ValueError as error:  # of TOML, or of UTF-8
        raise Bin2resError(f"{shown(file)}: is not TOML: {error}") from error
    except RecursionError:
        raise Bin2resError(f"{shown(file)}: is nested too deep; write it flat") from None


def _table(content: Mapping[str, Any]) -> dict[str, Any] | None:
    tool = content.get("tool")
    table = tool.get("pkgres") if isinstance(tool, dict) else None
    return table if isinstance(table, dict) else None


def _text(project: Mapping[str, Any], key: str) -> str:
    value = project.get(key)
    return value if isinstance(value, str) else ""
