"""What is left out of folders and patterns, and why."""

from __future__ import annotations

import os
from collections.abc import Sequence

from .names import is_litter
from .patterns import spec_of
from .record import is_output, made_here

CODE_SUFFIXES = (".py", ".mpy")

# What else is in the folder of pyproject.toml, where that is the folder of the code too, in
# gitignore syntax: it is taken only if it is named.
UNASKED = (
    *("/tests/", "/test/", "/docs/", "/typings/", "/build/", "/dist/", "/out/", "*.egg-info/"),
    *("/setup.py", "/manifest.py", "/noxfile.py", "conftest.py", "test_*.py", "*_test.py"),
    *("/pyproject.toml", "/pkgres.lock", "/package.json", "/package-lock.json", "/Makefile"),
    *("/README*", "/LICENSE*", "/CHANGELOG*", "/requirements*.txt", "/setup.cfg", "/tox.ini"),
)


class LeftOut:
    """What is left out in the folder *directory*; names are relative to it, with ``/``."""

    def __init__(self, directory: str, exclude: Sequence[str], unasked: Sequence[str]) -> None:
        self._directory = directory
        self._excluded = spec_of("-x", exclude) if exclude else None
        self._unasked = spec_of("", unasked) if unasked else None
        self.reasons: dict[str, str] = {}
        """Why something was left out that its developer may look for, by name."""

    def by_name(self, path: str, name: str, *, takes_code: bool) -> bool:
        """Whether a file or folder is left out for its name: hidden, excluded, or as code.

        Code is not, if the pattern that matched it *takes_code*.
        """
        base = name.rpartition("/")[2]
        if name != "." and is_no_source(base):
            return True
        if base.endswith(CODE_SUFFIXES) and not takes_code:
            return True
        return self._excluded is not None and (
            self._excluded.match_file(name)
            or (os.path.isdir(path) and self._excluded.match_file(name + "/"))
        )

    def by_kind(self, name: str, *, named: bool) -> bool:
        """Whether a file or folder is left out for what it is; the reason is noted.

        *name* ends with a slash if it is a folder; *named* says whether it was named outright.
        """
        if name in self.reasons:
            return True
        path = os.path.join(self._directory, name)
        why = why_no_source(path)
        # Of a folder that was named, everything is wanted.
        asked = named or self._unasked is None or "/" in name[:-1]
        if not asked and self._unasked is not None and self._unasked.match_file(name):
            why = why or "not for a board"
        if why:
            self.reasons[name] = why
        return why is not None


def is_no_source(base: str) -> bool:
    """Return whether no file or folder with the name *base* is a source of anything."""
    return base.startswith(".") or base == "__pycache__" or base.endswith(".pyc") or is_litter(base)


def why_no_source(path: str) -> str | None:
    """Return why a file or a folder, which ends with a slash, is no source; None if it may be one.

    Virtual environments and the packages of Node.js are none, nor is what pkgres made.
    """
    if not path.endswith("/"):
        made = made_here(os.path.dirname(path))
        is_made = made is not None and not made.whole and os.path.basename(path) in made.files
        return "made by pkgres" if is_made else None
    folder = path[:-1]
    if is_output(folder):
        return "made by pkgres"
    if os.path.basename(folder) == "node_modules":
        return "a virtual environment"
    return "a virtual environment" if os.path.exists(f"{folder}/pyvenv.cfg") else None
