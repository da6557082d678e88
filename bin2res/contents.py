"""Read the text of a resource module, whoever formatted it."""

from __future__ import annotations

import ast
from typing import Any


def contents_in(text: bytes) -> dict[str, bytes]:
    """Return the content of each resource by name, in a dict or a table; {} for other text."""
    try:
        tree = ast.parse(text)
        values = {
            node.targets[0].id: ast.literal_eval(node.value)
            for node in tree.body
            if isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and node.targets[0].id in ("R", "N", "V")
            and not isinstance(node.value, ast.Call)
        }
        contents = values["R"] if "R" in values else _contents_of_table(values["N"], values["V"])
        return {str(name): _join(content) for name, content in contents.items()}
    except (SyntaxError, ValueError, KeyError, TypeError, IndexError, AttributeError):
        return {}


def is_same_program(text: bytes, other: bytes) -> bool:
    """Return whether two texts differ only in what a formatter changes."""
    return ast.dump(ast.parse(text)) == ast.dump(ast.parse(other))


def _contents_of_table(names: Any, values: Any) -> dict[str, Any]:
    if isinstance(names[0], str):
        return dict(zip(names, values, strict=True))
    return {b[i]: values[b[i + 1]] for b in names for i in range(0, len(b), 2)}


def _join(content: Any) -> bytes:
    return content if isinstance(content, bytes) else b"".join(content)
