"""See that each pattern of what to leave out matches something: a typo would ship a secret."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from .choice import Choice
from .errors import Bin2resError, shown
from .patterns import spec_of
from .system import identity

# A pattern that matches one of these is right although there is no such file now.
_ALWAYS_SKIPPED = ("__pycache__/x.pyc", "x.pyc", ".x", ".git/x", ".DS_Store", "Thumbs.db", "R.py")


def check_exclude(
    choices: Iterable[Choice], directory: str, elsewhere: Mapping[str, str] = MappingProxyType({})
) -> None:
    """Raise Bin2resError, naming where it comes from, for a pattern that matches nothing.

    It may match any file or folder in the package folder *directory*, also those that are skipped
    in any case, and in folders *elsewhere*, by their name in the package. Negated patterns are not
    checked.
    """
    names: list[str] = []
    for pattern, _, source in choices:
        matches = spec_of(source, [pattern]).match_file
        if pattern.startswith("!") or any(map(matches, _ALWAYS_SKIPPED)):
            continue
        if not names:
            names = list(_names_below(directory))
            for target, folder in elsewhere.items():
                names += [f"{target}/{name}".lstrip("/") for name in _names_below(folder)]
        if not any(map(matches, names)):
            raise Bin2resError(f"{source} {pattern}: matches nothing; {_fix(pattern, directory)}")


def _fix(pattern: str, directory: str) -> str:
    if pattern.startswith("./"):
        return "drop the ./"
    if "\\" in pattern:
        return "write / for \\"
    package = os.path.basename(os.path.abspath(directory))
    if package in pattern.split("/"):
        return f"it is relative to the package folder {shown(directory)}"
    return "fix or drop it"


def _names_below(directory: str) -> Iterator[str]:
    """Yield each file and folder, the latter with a slash at the end, links followed."""
    seen = set()
    waiting = [("", directory)]
    while waiting:
        prefix, path = waiting.pop()
        try:
            here = identity(path)
            entries = list(os.scandir(path))
        except OSError:  # it is raised where the folder is read
            continue
        if here in seen:
            continue
        seen.add(here)
        for entry in entries:
            if entry.is_dir():
                yield f"{prefix}{entry.name}/"
                waiting.append((f"{prefix}{entry.name}/", entry.path))
            else:
                yield prefix + entry.name
