"""Where the files of an app go: on a board with a filesystem, and where all is imported from.

On a board::

    main.py                 what starts, if the description says it
    lib/my_app/...          the code of a package, and its resources
    lib/pkgres/, lib/...    pkgres and the other dependencies

The modules and resources of a flat app are at the root, as they are in its folder.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ..app import App
from ..errors import Bin2resError, Problems, shown
from ..loadable import check_loadable
from ..module import DictModule
from ..stored import Stored, immutable_names
from .content import Content, Made
from .library import for_pieces, library
from .start import MAIN, main_py

LIB = "lib/"
"""The place of what a board imports."""


class Layout(NamedTuple):
    """The files of an app with all that it needs, as source; paths have ``/``."""

    app: App
    code: dict[str, Content]
    """The code of the app, by its path in the place that it is imported from."""
    resources: dict[str, Stored]
    """Its resources, by their path beside that code."""
    needed: dict[str, Content]
    """pkgres and the other dependencies, by the path below lib."""
    main: bytes | None
    """The main.py that starts it."""

    @property
    def starts(self) -> bool:
        """Whether the board runs the app when it starts."""
        return self.main is not None or (self.app.config.is_flat and MAIN in self.app.code)

    def inputs(self) -> Iterator[str]:
        """Yield the path of each file that the app is made from."""
        from ..dependencies.lock import LOCK  # slow to import, and few runs ask for this

        yield self.app.config.file
        lock = os.path.join(self.app.config.folder, LOCK)
        if os.path.exists(lock):
            yield lock
        for content in (*self.code.values(), *self.resources.values(), *self.needed.values()):
            if isinstance(content, Stored):
                yield content.path

    def python_resources(self) -> set[str]:
        """Return the paths of resources with the suffix of code, on a board and frozen."""
        found = {name for name in self.resources if _is_code(name)}
        return found if self.app.config.is_flat else found | {LIB + name for name in found}

    def on_board(self) -> dict[str, Content]:
        """Return all files, by their path from the root of a board."""
        prefix = "" if self.app.config.is_flat else LIB
        files: dict[str, Content] = {prefix + name: c for name, c in self.code.items()}
        files |= {prefix + name: stored for name, stored in self.resources.items()}
        immutable = immutable_names(self.app.resources)
        if immutable:  # what the board cannot see in a file
            place = f"{prefix}{self.app.config.package}/".lstrip("/")
            check_place(files, place)
            files[f"{place}R.py"] = Made(b"".join(DictModule([], immutable)))
        _merge(files, {LIB + name: content for name, content in self.needed.items()})
        if self.main is not None:
            _merge(files, {MAIN: Made(self.main)})
        return dict(sorted(files.items()))

    def imported(self) -> dict[str, Content]:
        """Return all code, and what dependencies hold, by its path in the place of import.

        What a flat app has in its folder lib is found from there on a board, and so is
        beside the rest here.
        """
        files = dict(self.code)
        if self.app.config.is_flat:
            below = {n: c for n, c in files.items() if n.startswith(LIB)}
            files = {name: content for name, content in files.items() if name not in below}
            _merge(files, {name.removeprefix(LIB): content for name, content in below.items()})
        _merge(files, self.needed)
        beside = [*self.resources.values(), *self.needed.values()]
        if any(isinstance(found, Stored) and len(found.literals()) > 1 for found in beside):
            _merge(files, for_pieces(self.needed))
        if self.main is not None:
            _merge(files, {MAIN: Made(self.main)})
        return dict(sorted(files.items()))


def laid_out(app: App, dependencies: Mapping[str, str]) -> Layout:
    """Return where the files of *app* go, with *dependencies*: paths of files by path below lib.

    Raises Bin2resError where two files would have one path, and like `main_py`.
    """
    prefix = "" if app.config.is_flat else f"{app.config.package}/"
    code: dict[str, Content] = {prefix + n: Stored(path) for n, path in app.code.items()}
    resources = {prefix + name: stored for name, stored in app.resources.items()}
    problems = Problems()
    for name, path in dependencies.items():
        with problems.noted():
            check_loadable(path, name)
    problems.check()
    needed: dict[str, Content] = {name: Stored(path) for name, path in dependencies.items()}
    sources = [*app.code.items(), *(item for item in dependencies.items() if _is_code(item[0]))]
    ours = library(sources, [*resources, *dependencies], app.config.parts, app.config.key("parts"))
    return Layout(app, code, resources, {**needed, **ours}, main_py(app, dependencies))


def check_place(files: Mapping[str, Content], place: str) -> None:
    """Raise Bin2resError if *files* have a module R in *place*, where the resources go."""
    for name in ("R.py", "R.mpy"):
        content = files.get(place + name)
        if content is not None:
            path = shown(content.path) if isinstance(content, Stored) else place + name
            raise Bin2resError(
                f"{path}: has the name of the module with the resources; rename it, or remove it if"
                " another tool made it of them"
            )


def _is_code(path: str) -> bool:
    return path.endswith((".py", ".mpy"))


def _merge(files: dict[str, Content], more: Mapping[str, Content]) -> None:
    """Add files whose paths are not taken yet."""
    stems = {name.rpartition(".")[0] for name in files if _is_code(name)}
    for name, content in more.items():
        if name in files or (_is_code(name) and name.rpartition(".")[0] in stems):
            theirs = content.path if isinstance(content, Stored) else "the file that starts the app"
            raise Bin2resError(
                f"{name}: is in the app, and in what it needs ({shown(theirs)}); leave one out"
            )
        files[name] = content
