"""What is left out of folders and patterns, and why."""

from __future__ import annotations

import os
from collections.abc import Sequence

from .names import is_litter
from .patterns import spec_of
from .record import is_output, made_here

_CODE_SUFFIXES = (".py", ".pyc", ".mpy")

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

    def by_name(self, path: str, name: str) -> bool:
        """Whether a file or folder is left out for its name: as code, hidden, or excluded."""
        base = name.rpartition("/")[2]
        if name != "." and base.startswith("."):
            return True
        if base == "__pycache__" or base.endswith(_CODE_SUFFIXES) or is_litter(base):
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
        why = None
        path = os.path.join(self._directory, name)
        if name.endswith("/"):
            why = "made by pkgres" if is_output(path[:-1]) else None
            why = why or ("a virtual environment" if is_environment(path[:-1]) else None)
        else:
            made = made_here(os.path.dirname(path))
            if made is not None and not made.whole and os.path.basename(path) in made.files:
                why = "made by pkgres"
        # Of a folder that was named, everything is wanted.
        asked = named or self._unasked is None or "/" in name[:-1]
        if not asked and self._unasked is not None and self._unasked.match_file(name):
            why = why or "not for a board"
        if why:
            self.reasons[name] = why
        return why is not None


def is_environment(folder: str) -> bool:
    """Whether a folder is a virtual environment of Python, or the packages of Node.js."""
    return os.path.basename(folder) == "node_modules" or os.path.exists(
        os.path.join(folder, "pyvenv.cfg")
    )
