"""What other people's files say: JSON and paths, taken only if they are what they should be."""

from __future__ import annotations

import json
from typing import Any, NamedTuple


class Listing(NamedTuple):
    """A package.json."""

    version: str
    hashes: dict[str, str]
    """The start of the SHA-256 of files that are in the index, by path below lib."""
    urls: dict[str, str]
    """Where the other files are, likewise."""
    needed: list[tuple[str, str]]
    """Name or address, and version, of the packages that it depends on."""


def listing_of(content: bytes) -> Listing:
    """Return what a package.json says. Raises ValueError with what is wrong in it."""
    listed = object_of(content)
    version = listed.get("version")
    if version is None:
        version = ""
    if isinstance(version, int | float) and not isinstance(version, bool):
        version = str(version)
    if not isinstance(version, str) or not version.isprintable():
        raise ValueError("version is not text")
    hashes = _pairs(listed, "hashes")
    for short in hashes.values():
        if not is_hash(short):
            raise ValueError(f"hashes: {short!a} is not the start of a SHA-256")
    urls = _pairs(listed, "urls")
    twice = sorted(set(hashes) & set(urls))
    if twice:
        raise ValueError(f"{twice[0]!a} is in hashes and urls")
    return Listing(version, hashes, urls, _needed(listed))


def object_of(content: bytes) -> dict[str, Any]:
    """Return a JSON object. Raises ValueError where *content* is something else."""
    try:
        value = json.loads(content.decode("utf-8-sig"))
    except RecursionError:
        raise ValueError("is nested too deep") from None
    except UnicodeDecodeError:
        raise ValueError("is not UTF-8") from None
    except ValueError as error:
        raise ValueError(f"is not JSON: {error}") from None
    if not isinstance(value, dict):
        raise ValueError("is not a JSON object")
    return value


def checked_path(path: object) -> str:
    """Return *path*, a path below lib with ``/``. Raises ValueError for any other."""
    if not isinstance(path, str) or not path.isprintable() or "\\" in path:
        raise ValueError(f"{path!a} is not a path below lib")  # lone surrogates, too
    for part in path.split("/"):
        if not part or part.startswith("."):
            raise ValueError(f"{path!a} is hidden or not below lib")
    return path


def is_outside(path: str) -> bool:
    """Return whether a target of a package.json leads out of lib."""
    return path.startswith("/") or ".." in path.split("/")


def _target(path: object) -> str:
    """Return a target of a package.json in its shortest form. Raises ValueError.

    One that leads out of lib is for the caller to leave out, or to refuse.
    """
    if not isinstance(path, str) or not path.isprintable() or "\\" in path:
        raise ValueError(f"{path!a} is not a path below lib")
    parts = [part for part in path.split("/") if part not in ("", ".")]
    short = "/" * path.startswith("/") + "/".join(parts)
    return short if is_outside(short) else checked_path(short)


def is_hash(value: object, digits: range = range(8, 65)) -> bool:
    """Return whether *value* is that many digits of a SHA-256."""
    return (
        isinstance(value, str)
        and len(value) in digits
        and all(digit in "0123456789abcdef" for digit in value)
    )


def _pairs(listed: dict[str, Any], key: str) -> dict[str, str]:
    """Return a list of pairs of a path and a text, by path."""
    pairs: dict[str, str] = {}
    for item in _list(listed, key):
        if not isinstance(item, list) or len(item) != 2 or not isinstance(item[1], str):
            raise ValueError(f"{key}: {_short(item)} is not a pair of texts")
        path = _target(item[0])
        if pairs.setdefault(path, item[1]) != item[1]:
            raise ValueError(f"{key}: {path!a} is listed twice")
    return dict(sorted(pairs.items()))


def _needed(listed: dict[str, Any]) -> list[tuple[str, str]]:
    needed = []
    for item in _list(listed, "deps"):
        if (
            not isinstance(item, list)
            or len(item) != 2
            or not isinstance(item[0], str)
            or not isinstance(item[1], str | None)
        ):
            raise ValueError(f"deps: {_short(item)} is not a name and a version")
        needed.append((item[0], item[1] or ""))
    return needed


def _list(listed: dict[str, Any], key: str) -> list[Any]:
    value = listed.get(key, [])
    if not isinstance(value, list):
        raise ValueError(f"{key} is not a list")
    return value


def _short(value: object) -> str:
    try:
        text = ascii(value)
    except (RecursionError, ValueError):  # nested, or a number of thousands of digits
        return "an item"
    return text if len(text) < 60 else text[:57] + "..."
