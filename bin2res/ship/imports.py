"""Which modules a file of code imports, as far as its text tells."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable
from typing import NamedTuple

from ..read import content_of


class Used(NamedTuple):
    """What files of code name."""

    modules: set[str]
    """Dotted names of modules that are imported."""
    names: set[str]
    """Attributes and variables, and names that are imported from modules."""


def used(
    files: Iterable[tuple[str, str]], modules: Collection[str], names: Collection[str] = ()
) -> Used:
    """Return which of *modules* and *names* files of code use, given as name and path.

    Of .mpy, and of Python that does not parse here, that is all whose text is in the file.
    Raises Bin2resError for a file that cannot be read.
    """
    found = Used(set(), set())
    lasts = {name.rpartition(".")[2].encode() for name in (*modules, *names)}
    for file, path in files:
        content = content_of(path)
        # Most files use none: their text tells, in less time than it takes to parse.
        if not any(last in content for last in lasts):
            continue
        try:
            tree = None if file.endswith(".mpy") else ast.parse(content)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            tree = None  # mpy-cross will tell, or take what CPython does not
        if tree is not None:
            there = _of_tree(tree)
            found.modules.update(there.modules.intersection(modules))
            found.names.update(there.names.intersection(names))
        else:
            found.modules.update(m for m in modules if all(p in content for p in _parts(m)))
            found.names.update(name for name in names if name.encode() in content)
    return found


def _of_tree(tree: ast.AST) -> Used:
    modules: set[str] = set()
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                modules |= _with_parents(alias.name)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            modules |= _with_parents(node.module)
            modules |= {f"{node.module}.{alias.name}" for alias in node.names}
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.Attribute):
            names.add(node.attr)
        elif isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            names.add(node.value)  # getattr(pkgres, "resource_exists")
        elif isinstance(node, ast.Call) and node.args:
            name = getattr(node.func, "id", getattr(node.func, "attr", None))
            given = getattr(node.args[0], "value", None)
            if name in ("__import__", "import_module") and isinstance(given, str):
                modules |= _with_parents(given)
    return Used(modules, names)


def _parts(module: str) -> list[bytes]:
    return [part.encode() for part in module.split(".")]


def _with_parents(name: str) -> set[str]:
    parts = name.split(".")
    return {".".join(parts[: i + 1]) for i in range(len(parts))}
