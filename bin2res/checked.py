"""Check the arguments of a call from Python: what is wrong is a Bin2resError that names it."""

from __future__ import annotations

import os
from typing import Any, BinaryIO

from .errors import Bin2resError


def path(value: Any, name: str) -> str:
    """Return a path as a str. Raises Bin2resError."""
    try:
        found = os.fspath(value)
    except TypeError:
        raise Bin2resError(f"{name}: is {value!a}; give a path") from None
    try:
        found = os.fsdecode(found)
    except ValueError:
        raise Bin2resError(f"{name}: is {value!a}; give a path") from None
    if "\0" in found:
        raise Bin2resError(f"{name}: is {value!a}; a path has no NUL in it")
    return found


def paths(value: Any, name: str) -> list[str]:
    """Return one or several paths as a list. Raises Bin2resError."""
    if isinstance(value, str | bytes | os.PathLike):
        return [path(value, name)]
    return [path(item, name) for item in _items(value, name)]


def texts(value: Any, name: str) -> list[str]:
    """Return one or several patterns as a list. Raises Bin2resError."""
    items = [value] if isinstance(value, str) else _items(value, name)
    for item in items:
        if not isinstance(item, str) or not item:
            raise Bin2resError(f"{name}: {item!a} is not a pattern; give a str")
    return items


def output(value: Any) -> str | BinaryIO | None:
    """Return an output: a path, or a stream that can be written to. Raises Bin2resError."""
    if value is None or hasattr(value, "write"):
        stream: BinaryIO | None = value
        return stream
    return path(value, "output")


def _items(value: Any, name: str) -> list[Any]:
    try:
        return list(value)
    except TypeError:
        raise Bin2resError(f"{name}: is {value!a}; give a list") from None
