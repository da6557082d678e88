"""What pyproject.toml says of a project: name and version, and where its code is.

Tables of other tools count if [project] says nothing: Poetry's metadata, and the layouts of
Poetry and uv.
"""

from __future__ import annotations

import ast
import keyword
import os
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from .errors import Bin2resError, reason, shown

_NAME = r"[A-Za-z0-9]([\w.-]*[A-Za-z0-9])?"
_SOURCES = "src"
_VERSION = "__version__"


class Project(NamedTuple):
    """The metadata of a project."""

    name: str
    version: str
    """``""`` if there is none."""
    is_dynamic: bool
    """Whether another tool finds out the version."""
    description: str
    license: str
    """An SPDX expression, ``""`` if it is not given as such."""

    @property
    def imported(self) -> str:
        """The name that a package of this project is imported by."""
        return re.sub(r"[-.]", "_", self.name)


def read_project(file: str, content: Mapping[str, Any]) -> Project:
    """Return the metadata in the *content* of a *file*. Raises Bin2resError."""
    table, title = content.get("project"), "[project]"
    if table is None:
        table, title = _table(content, "tool", "poetry") or None, "[tool.poetry]"
    if not isinstance(table, dict):
        raise Bin2resError(f"{shown(file)}: has no table [project]; add it with a name and version")
    name = table.get("name")
    if not isinstance(name, str) or not re.fullmatch(_NAME, name, re.ASCII):
        raise Bin2resError(
            f"{shown(file)}: {title} name: is missing or no name of a package; give it one"
        )
    dynamic = table.get("dynamic")
    is_dynamic = isinstance(dynamic, list) and "version" in dynamic
    texts = [_text(table, key) for key in ("version", "description", "license")]
    return Project(name, texts[0], is_dynamic, *texts[1:])


def find_code(file: str, content: Mapping[str, Any], key: str | None, name: str) -> tuple[str, str]:
    """Return the folder of the code, and the name that it is imported by, ``""`` if flat.

    *key* is what the description says, *name* that of the project as a package's. Raises
    Bin2resError.
    """

    def fail(fix: str) -> Bin2resError:
        return Bin2resError(f"{shown(file)}: [tool.pkgres] package: {fix}")

    project = os.path.normpath(os.path.dirname(file))
    if key is None:
        key = _find_folder(project, content, name)
    if os.path.isabs(key) or key.startswith("/"):  # on Windows the latter has no drive
        raise fail(f"{key!a} is absolute; write it relative to pyproject.toml")
    directory = os.path.normpath(os.path.join(project, key))
    if not os.path.isdir(directory):
        fix = 'name the one with the code, or write "." for a flat app'
        if _holds_code(project):
            fix = 'write package = "." for the code beside pyproject.toml'
        raise fail(f"{shown(directory)} is not a folder; {fix}")
    is_flat = directory == project or os.path.basename(directory) == _SOURCES
    if is_flat and not os.path.exists(os.path.join(directory, "__init__.py")):
        return directory, ""
    if os.path.normpath(key) not in (".", ".."):
        name = os.path.basename(directory)
    if not name.isidentifier() or not name.isascii() or keyword.iskeyword(name):
        raise fail(f"{name!a} cannot be imported; rename it")
    if name in ("pkgres", "pkg_resources"):
        raise fail(f"{name!a} is the name of what is shipped with it; rename it")
    return directory, name


def find_version(file: str, content: Mapping[str, Any], package: str) -> str:
    """Return a dynamic version as far as files tell, ``""`` if they do not.

    That is the file which setuptools or hatch is told to read, or the ``__version__`` of the
    code in the folder *package*. No code is run.
    """
    folder = os.path.dirname(file)
    setuptools = _table(content, "tool", "setuptools", "dynamic").get("version")
    setuptools = setuptools if isinstance(setuptools, dict) else {}
    named = setuptools.get("file")
    for path in [named] if isinstance(named, str) else named if isinstance(named, list) else []:
        found = _read(os.path.join(folder, str(path))).strip()
        if found:
            return found
    sources = [os.path.join(package, "__init__.py")]
    attribute = setuptools.get("attr")
    if isinstance(attribute, str):
        *modules, _ = attribute.split(".")
        for above in (folder, os.path.join(folder, _SOURCES)):
            path = os.path.join(above, *modules)
            sources = [os.path.join(path, "__init__.py"), f"{path}.py", *sources]
    hatch = _table(content, "tool", "hatch", "version").get("path")
    if isinstance(hatch, str):
        sources.insert(0, os.path.join(folder, hatch))
    return next(filter(None, map(_version_in, sources)), "")


def _find_folder(project: str, content: Mapping[str, Any], name: str) -> str:
    """Return the folder of the code, relative to that of the *project*."""
    for key in [*_folders_of_tools(content, name), name, f"{_SOURCES}/{name}"]:
        if os.path.isdir(os.path.join(project, key)):
            return key
    if _holds_code(project):
        return "."
    sources = os.path.join(project, _SOURCES)
    if not os.path.isdir(sources):
        return name
    if _holds_code(sources):
        return _SOURCES
    packages = [
        entry
        for entry in sorted(os.listdir(sources))
        if os.path.exists(os.path.join(sources, entry, "__init__.py"))
    ]
    return f"{_SOURCES}/{packages[0] if len(packages) == 1 else name}"


def _folders_of_tools(content: Mapping[str, Any], name: str) -> Iterator[str]:
    """Yield the folders that uv and Poetry are told."""
    uv = _table(content, "tool", "uv", "build-backend")
    root, module = uv.get("module-root", _SOURCES), uv.get("module-name", name)
    if isinstance(root, str) and isinstance(module, str) and uv:
        yield os.path.join(root, *module.split("."))
    packages = _table(content, "tool", "poetry").get("packages")
    for package in packages if isinstance(packages, list) else []:
        if isinstance(package, dict) and isinstance(package.get("include"), str):
            yield os.path.join(_text(package, "from"), package["include"])


def _holds_code(folder: str) -> bool:
    try:
        return any(entry.endswith(".py") for entry in os.listdir(folder or os.curdir))
    except OSError as error:
        raise Bin2resError(f"{shown(folder)}: cannot be read: {reason(error)}") from error


def _version_in(path: str) -> str:
    """Return the value of ``__version__`` in a file, if it is a text there."""
    try:
        tree = ast.parse(_read(path))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            names = [target.id for target in node.targets if isinstance(target, ast.Name)]
            if {_VERSION, "VERSION", "version"} & {*names} and isinstance(node.value.value, str):
                return node.value.value
    return ""


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as stream:
            return stream.read()
    except (OSError, ValueError):  # ValueError: not UTF-8
        return ""


def _table(content: Any, *keys: str) -> dict[str, Any]:
    for key in keys:
        content = content.get(key) if isinstance(content, dict) else None
    return content if isinstance(content, dict) else {}


def _text(table: Mapping[str, Any], key: str) -> str:
    value = table.get(key)
    return value if isinstance(value, str) else ""
