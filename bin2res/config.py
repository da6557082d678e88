"""The description of an app: the table [tool.pkgres] of its pyproject.toml."""

from __future__ import annotations

import os
import sys
from codecs import BOM_UTF8
from collections.abc import Mapping
from typing import Any, NamedTuple

from .choice import Choice, Rules, patterns
from .dependencies.wanted import DEFAULT_INDEX, Dependency, parsed
from .encode import BEST, Window
from .errors import Bin2resError, Problems, reason, shown
from .keys import KEYS, Folder, gzip_choices, index_list, max_sizes, resource_items
from .mpy import Options
from .project import find_code, find_version, read_project
from .read import HAS_BOM

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FILE = "pyproject.toml"
EVERYTHING = (".",)


class Config(NamedTuple):
    """An app as its developer describes it."""

    file: str
    """The path of the pyproject.toml."""
    name: str
    """``[project] name``: what the app is installed by."""
    version: str
    """Key ``version``, otherwise ``[project] version``, ``""`` if there is none."""
    description: str
    """``[project] description``."""
    license: str
    """``[project] license``, an SPDX expression, ``""`` if it is not given as such."""
    directory: str
    """The folder of the package or, of a flat app, of its modules, a path. Key ``package``."""
    package: str
    """The name that the package is imported by, ``""`` of a flat app."""
    resources: tuple[str | Folder, ...] = EVERYTHING
    """Files, folders and patterns, relative to the package folder, and folders elsewhere."""
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
    indexes: tuple[str, ...] = (DEFAULT_INDEX,)
    """Where dependencies are looked up by name, in order: addresses or folders. Key ``index``."""
    has_dynamic_version: bool = False
    """Whether ``[project]`` leaves the version to another tool."""
    micropython: str = ""
    """The folder of a checkout of MicroPython, relative to that of pyproject.toml."""
    parts: tuple[str, ...] = ()
    """Parts of pkgres to ship in addition to those that the code imports."""
    compiling: Options = Options()
    """How code is compiled. Keys ``march`` and ``optimize``."""

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
        whole = patterns(self.whole, self.key("whole"))
        return Rules(
            self.gzip, self.gzip_window, whole, patterns(self.immutable, self.key("immutable"))
        )

    def folders(self) -> list[str]:
        """Return the folders of code and resources, paths."""
        return [self.directory, *self.elsewhere().values()]

    def elsewhere(self) -> dict[str, str]:
        """Return the path of each folder elsewhere, by its name in the package."""
        items = [item for item in self.resources if isinstance(item, Folder)]
        return {item.name: self.path_of(item) for item in items}

    def path_of(self, item: Folder) -> str:
        """Return the path of a folder of resources."""
        return os.path.normpath(os.path.join(self.folder, item.source))

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
    project = read_project(file, content)

    def fail(key: str, fix: str) -> Bin2resError:
        return Bin2resError(f"{shown(file)}: {key}: {fix}")

    problems = Problems()
    for key in sorted(set(table) - set(KEYS)):
        problems.add(fail(f"[tool.pkgres] {key}", f"is not a key; the keys are {', '.join(KEYS)}"))
    for key, (is_right, what) in KEYS.items():
        if key in table and not is_right(table[key]):
            problems.add(fail(f"[tool.pkgres] {key}", f"is {table[key]!a}; {what}"))
    problems.check()

    directory, imported = find_code(file, content, table.get("package"), project.imported)
    version = table.get("version") or project.version
    if project.is_dynamic and not version:
        version = find_version(file, content, directory)
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
            problems.add(fail("[tool.pkgres] dependencies", str(error)))
    problems.check()
    return Config(
        file=file,
        name=project.name,
        version=version,
        has_dynamic_version=project.is_dynamic,
        description=project.description,
        license=project.license,
        directory=directory,
        package=imported,
        resources=resource_items(table.get("resources", EVERYTHING)),
        exclude=tuple(table.get("exclude", ())),
        gzip=gzip_choices(table.get("gzip", ()), f"{shown(file)}: [tool.pkgres] gzip"),
        gzip_window=table.get("gzip-window", BEST),
        whole=tuple(table.get("whole", ())),
        immutable=tuple(table.get("immutable", ())),
        max_size=max_size,
        start=table.get("start", ""),
        dependencies=tuple(wanted),
        indexes=index_list(table.get("index", DEFAULT_INDEX)),
        micropython=table.get("micropython", ""),
        parts=tuple(table.get("parts", ())),
        compiling=Options(table.get("march", ""), table.get("optimize")),
    )


def _parsed(file: str) -> dict[str, Any]:
    try:
        with open(file, "rb") as stream:
            if stream.read(3) == BOM_UTF8:
                raise Bin2resError(f"{shown(file)}: {HAS_BOM}")
            stream.seek(0)
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
