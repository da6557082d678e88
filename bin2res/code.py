"""Which files of an app are code.

All .py and .mpy below the folder of the app, in folders without __init__.py as well, but

1. hidden names, ``__pycache__``, and resource modules that bin2res made (R.py, R.mpy);
2. what ``exclude`` names;
3. virtual environments (folders with a pyvenv.cfg), and what pkgres made;
4. in the folder of pyproject.toml: tests, documentation, and files of the build (`UNASKED`);
5. a copy of pkgres (`OURS`): the installed one is shipped instead.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence

from . import system
from .errors import Bin2resError, Problems, reason, shown
from .left_out import UNASKED, is_no_source, why_no_source
from .made_module import is_of_another_tool, is_resource_module
from .names import composed
from .patterns import spec_of
from .record import made_here

SUFFIXES = (".py", ".mpy")
MODULES = ("R.py", "R.mpy")  # made from the resources
OURS = ("/pkgres/", "/pkg_resources.py", "/pkg_resources.mpy")

_Left = dict[str, str]


def code_below(
    folder: str, *, is_project: bool, exclude: Sequence[str] = (), key: str = "exclude"
) -> tuple[dict[str, str], _Left]:
    """Return the code below a folder, and what was left out of it.

    The first are paths by name, relative to the folder, with ``/``, sorted; the second the
    reasons by name, without those that all expect (hidden names, ``__pycache__``, R.py).
    *is_project* tells that the folder is that of pyproject.toml. *exclude* are patterns in
    gitignore syntax, which *key* gave.

    Raises Bin2resError for code that is not a file or cannot be read, and for links that
    lead to a folder above, and for a folder that was made by pkgres.
    """
    _check_source(folder)
    walk = _Walk(folder, spec_of(key, exclude) if exclude else None, is_project)
    walk.run()
    return dict(sorted(walk.code.items())), walk.left


def _check_source(folder: str) -> None:
    """Raise Bin2resError for a folder with files that pkgres made."""
    path = os.path.realpath(folder)
    above, below = path, ""
    while True:
        made = made_here(above)
        if made is not None and made.whole and any(n.startswith(below) for n in made.files):
            raise Bin2resError(f"{shown(folder)}: was made by pkgres; name the folder of sources")
        if above == os.path.dirname(above):
            return
        above, base = os.path.split(above)
        below = f"{base}/{below}"


class _Walk:
    def __init__(self, folder: str, excluded, is_project: bool) -> None:  # type: ignore[no-untyped-def]
        self.folder, self.excluded = folder, excluded
        self.unasked = spec_of("", UNASKED) if is_project else None
        self.ours = spec_of("", OURS) if is_project else None
        self.code: dict[str, str] = {}
        self.left: _Left = {}

    def run(self) -> None:
        """Look at each folder, those above before those below."""
        problems = Problems()
        waiting = [("", self.folder, frozenset({_identity(self.folder)}))]
        while waiting:
            prefix, folder, above = waiting.pop()
            entries: list[str] = []
            with problems.noted():
                entries = _entries(folder)
            for entry in entries:
                name, path = prefix + entry, os.path.join(folder, entry)
                with problems.noted():
                    if self._is_folder_to_take(name, path):
                        identity = _identity(path)
                        if identity in above:
                            raise Bin2resError(
                                f"{shown(path)}: links to a folder above it; name it in exclude"
                            )
                        waiting.append((name + "/", path, above | {identity}))
        problems.check()

    def _is_folder_to_take(self, name: str, path: str) -> bool:
        """Take a file of code, unless it is left out; return whether it is a folder with code."""
        entry = os.path.basename(path)
        if is_no_source(entry):
            return False
        if entry in MODULES:
            if is_resource_module(path):
                return False
            if is_of_another_tool(path):
                self.left[name] = "resources of another tool"
                return False
        is_folder = _is_folder(path)
        if not is_folder and not entry.endswith(SUFFIXES):
            return False
        why = self._left_out(name, path, is_folder)
        if why:
            self.left[name + "/" * is_folder] = why
        if why is not None:
            return False
        if not is_folder:
            self._take(name, path)
        return is_folder

    def _left_out(self, name: str, path: str, is_folder: bool) -> str | None:
        """Return why something is left out, ``""`` where its developer said so, None else."""
        as_folder = name + "/" * is_folder
        if self.excluded is not None and self.excluded.match_file(as_folder):
            return ""
        why = why_no_source(path + "/" * is_folder)
        if why:
            return why
        if self.unasked is not None and self.unasked.match_file(as_folder):
            return "not for a board"
        bare = as_folder.removeprefix("lib/")
        if self.ours is not None and self.ours.match_file(bare):
            return "pkgres comes along by itself"
        return None

    def _take(self, name: str, path: str) -> None:
        try:
            mode = os.stat(path).st_mode
        except FileNotFoundError:
            raise Bin2resError(f"{shown(path)}: is a broken link; fix or remove it") from None
        except OSError as error:
            raise Bin2resError(f"{shown(path)}: cannot be read: {reason(error)}") from error
        if not stat.S_ISREG(mode):
            raise Bin2resError(f"{shown(path)}: is a device, fifo or socket; name it in exclude")
        if not name.isprintable():
            raise Bin2resError(f"{shown(path)}: no module can have this name; rename it")
        self.code[composed(name)] = path.removeprefix(os.path.join(os.curdir, ""))


def _entries(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError as error:
        raise Bin2resError(f"{shown(folder)}: cannot be read: {reason(error)}") from error


def _is_folder(path: str) -> bool:
    try:
        return stat.S_ISDIR(os.stat(path).st_mode)
    except FileNotFoundError:  # a broken link
        return False
    except OSError as error:
        raise Bin2resError(f"{shown(path)}: cannot be read: {reason(error)}") from error


def _identity(path: str) -> system.Identity:
    try:
        return system.identity(path)
    except OSError as error:
        raise Bin2resError(f"{shown(path)}: cannot be read: {reason(error)}") from error
