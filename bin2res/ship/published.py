"""What a site has published of an app: on a board it hides newer files of other names.

mip only adds files, and a board finds ``NAME`` before ``NAME.gz``, ``NAME.py`` before
``NAME.mpy``, and a folder ``NAME`` before both.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ..errors import printable
from ..stored import Stored
from .content import Content
from .index import FORMS, Index
from .site import content_of

_GZIP, _SOURCE, _COMPILED = ".gz", ".py", ".mpy"


class Published(NamedTuple):
    """The files of an app in a site: for each path, the lowest version that has it."""

    any: Mapping[str, str]
    """In any form."""
    compiled: Mapping[str, str]
    """In the form with .mpy."""


class Visible(NamedTuple):
    """The files of a version under names that nothing hides on a board."""

    files: dict[str, Content]
    notes: tuple[str, ...]
    """What has another name than it would have alone, one line each."""
    warnings: tuple[str, ...]
    """What is hidden all the same, one line each."""


def published(site: str, index: Index, name: str, version: str) -> Published:
    """Return the files of the app *name* in the folder *site*.

    If *version* is published, these are its own files: what was decided then stays.
    """
    found: dict[str, dict[str, str]] = {}
    for form in FORMS:
        versions = index.versions(name, form)
        found[form] = {}
        for each in [version] if version in versions else reversed(versions):
            content = content_of(site, f"package/{form}/{name}/{each}.json")
            found[form] |= dict.fromkeys(_paths(content), each)
    return Published({**found["py"], **found["6"]}, found["6"])


def visible(
    files: Mapping[str, Content], source: Mapping[str, Content], past: Published
) -> Visible:
    """Return *files* under names that no file of the *past* hides.

    A compressed resource is stored as it is, and a .mpy is replaced by its *source*.
    """
    made: dict[str, Content] = {}
    notes, warnings = [], []
    folders = folders_of(past.any) - folders_of(files)
    for name, content in files.items():
        stem, suffix = _split(name)
        if suffix in (_SOURCE, _COMPILED) and stem in folders:
            warnings.append(
                f"{printable(name)}: on boards that have an earlier version the folder"
                f" {printable(stem)} hides it; rename it"
            )
        hider = {_GZIP: stem, _COMPILED: stem + _SOURCE}.get(suffix, "")
        since = (past.any if suffix == _GZIP else past.compiled).get(hider)
        if since is None or hider in files:
            made[name] = content
            continue
        plain = source.get(hider)
        if suffix == _GZIP and isinstance(content, Stored) and content.gzip is not None:
            plain = content._replace(gzip=None)
        if plain is None:
            made[name] = content
            warnings.append(
                f"{printable(name)}: on boards that have version {since} its"
                f" {printable(hider)} hides it; rename it"
            )
        else:
            made[hider] = plain
            notes.append(
                f"{printable(hider)} stays as in version {since}:"
                f" on a board that has it, it would hide {printable(name)}"
            )
    return Visible(dict(sorted(made.items())), tuple(notes), tuple(warnings))


def folders_of(names: Iterable[str]) -> set[str]:
    """Return all folders above files of these *names*."""
    parts = [name.split("/") for name in names]
    return {"/".join(found[:end]) for found in parts for end in range(1, len(found))}


def _split(name: str) -> tuple[str, str]:
    stem, dot, suffix = name.rpartition(".")
    return (stem, dot + suffix) if dot else (name, "")


def _paths(content: bytes | None) -> list[str]:
    """Return the paths in a list of files, none if it is damaged."""
    try:
        return [str(path) for path, _ in json.loads(content or b"")["hashes"]]
    except (ValueError, KeyError, TypeError, RecursionError):
        return []
