"""Tell a resource module that bin2res made from other people's files of that name."""

from __future__ import annotations

import ast
import os

from .errors import Bin2resError, shown
from .names import check_spelling

_FIRST_LINE = b"# Made by bin2res"
_CONSTANT = b"DIGEST"  # a name in each compiled module


def is_resource_module(path: str) -> bool:
    """Return whether bin2res made the file, by its first line or, compiled, by a name in it.

    An empty file is as good as made. False if it cannot be read.
    """
    try:
        return _is_made(path)
    except OSError:
        return False


def is_of_another_tool(path: str) -> bool:
    """Return whether a file holds a dict R of resources and nothing else, as upip makes it."""
    if not path.endswith(".py"):
        return False
    try:
        with open(path, "rb") as stream:
            return is_text_of_another_tool(stream.read())
    except OSError:
        return False


def is_text_of_another_tool(text: bytes) -> bool:
    """Return the same for the text of a module."""
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return (
        len(body) == 1
        and isinstance(body[0], ast.Assign)
        and isinstance(body[0].value, ast.Dict)
        and all(isinstance(t, ast.Name) and t.id == "R" for t in body[0].targets)
    )


def is_made_text(text: bytes) -> bool:
    """Return whether bin2res made a module of this text."""
    return text.startswith(_FIRST_LINE)


def check_made(path: str) -> None:
    """Raise Bin2resError if there is a file at *path* that bin2res did not make."""
    check_spelling(path, "rename that")
    try:
        is_other = os.path.isfile(path) and not _is_made(path)
    except FileNotFoundError:  # some disks remember the name of a removed file for a while
        is_other = False
    except OSError:
        is_other = True
    if is_other:
        raise Bin2resError(
            f"{shown(path)}: was not made by bin2res; rename or remove it, or name another with -o"
        )


def _is_made(path: str) -> bool:
    with open(path, "rb") as stream:
        if path.endswith(".mpy"):
            content = stream.read()
            return not content or _CONSTANT in content
        return stream.read(len(_FIRST_LINE)) in (_FIRST_LINE, b"")
