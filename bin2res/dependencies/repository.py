"""What is in a repository that has no package.json: a hint for who depends on it."""

from __future__ import annotations

import json

from ..errors import Bin2resError, printable
from . import fetch
from .addresses import code_listing, is_file

_SHOWN = 5  # files


def code_in_repository(source: str, version: str) -> str:
    """Return what to write in place of *source*, a repository; ``""`` if it is not known."""
    address = code_listing(source, version)
    if not address:
        return ""
    try:
        entries = json.loads(fetch.text(address) or b"")
        if isinstance(entries, dict):
            entries = entries["tree"]
        files = sorted(entry["path"] for entry in entries if is_file(entry["path"]))
    except (Bin2resError, ValueError, KeyError, TypeError, AttributeError):
        return ""
    if not files:
        return "it has no code for MicroPython"
    repository = source.rstrip("/").removesuffix("/package.json")
    names = ", ".join(f'"{repository}/{printable(path)}"' for path in files[:_SHOWN])
    more = f" or one of {len(files) - _SHOWN} more" if len(files) > _SHOWN else ""
    return f"name a file: {names}{more}"
