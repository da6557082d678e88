"""Which files become resources, and under which names."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Sequence

from .errors import Bin2resError, NothingFound, Problems, reason, shown
from .left_out import CODE_SUFFIXES, LeftOut
from .names import check_spelling, composed
from .record import FILE as RECORD
from .record import is_output, made_here
from .system import Identity, identity


def select(
    paths: Iterable[str],
    directory: str,
    exclude: Sequence[str] = (),
    leave_out: Iterable[str] = (),
    *,
    also_in: Sequence[str] = (os.curdir,),
    unasked: Sequence[str] = (),
    left: dict[str, str] | None = None,
) -> dict[str, str]:
    """Return the files to bundle as ``{resource name: path}``, sorted by name.

    *paths* are files, folders (taken with all below them) and glob patterns; a
    relative one is looked for in the package folder *directory*, then in the folders
    *also_in*, by default the current one. What a folder or a pattern yields leaves out
    Python code, names with a dot in front, the patterns *exclude* and *unasked* (gitignore
    syntax, relative to *directory*), virtual environments, what pkgres made, and the files
    *leave_out*; a file named outright is always taken, if it is no output of pkgres. *left*
    is filled with what was left out, by name, and why.

    Raises Bin2resError for what cannot be a resource.
    """
    if not os.path.isdir(directory):
        raise Bin2resError(f"{shown(directory)}: is not a folder; name the package folder with -C")
    selection = _Selection(directory, exclude, leave_out, also_in, unasked)
    for path in paths:
        with selection.problems.noted():
            selection.add(path)
    selection.problems.check()
    if not selection.files:
        raise Bin2resError("no paths; name the files, folders or patterns to bundle")
    if left is not None:
        left.update(selection.rules.reasons)
    return dict(sorted(selection.files.items()))


class _Selection:
    def __init__(
        self,
        directory: str,
        exclude: Sequence[str],
        leave_out: Iterable[str],
        also_in: Sequence[str],
        unasked: Sequence[str],
    ) -> None:
        self.given = directory
        self.directory = os.path.abspath(directory)
        self.also_in = also_in
        self.rules = LeftOut(self.directory, exclude, unasked)
        self.outputs = {identity(path) for path in leave_out if os.path.exists(path)}
        self.files: dict[str, str] = {}
        self.problems = Problems()

    def add(self, path: str) -> None:
        if not path:
            raise Bin2resError("an empty path; name a file, a folder or a pattern")
        # Without "..", so that what is opened is what is named, whatever links there are.
        inside = os.path.normpath(os.path.join(self.directory, path))
        if os.path.lexists(inside):
            self._add_named(inside)
            return
        for folder in self.also_in:
            beside = os.path.join(folder, path)
            if os.path.lexists(beside):
                self._add_named(os.path.abspath(beside))
                return
        # Not at the top: the shell expands most patterns.
        import glob

        if not glob.has_magic(path):
            fix = "check the name, or -C for its folder"
            if not self.also_in:
                fix = f"paths are relative to the package folder {shown(self.given)}"
            raise Bin2resError(f"{shown(path)}: does not exist; {fix}")
        for folder in (self.directory, *map(os.path.abspath, self.also_in)):
            matches = sorted(glob.glob(path, root_dir=folder, recursive=True))
            taken = [self._add_match(folder, match, path) for match in matches]
            if True in taken:
                return
        raise NothingFound(f"{shown(path)}: the pattern matches no resource; fix or drop it")

    def _add_match(self, folder: str, match: str, pattern: str) -> bool:
        """Take what a pattern matched, unless the rules leave it out or a folder above it."""
        path = os.path.normpath(os.path.join(folder, match))
        name = self._name(path)
        named = pattern.split("/")
        ids: list[Identity] = []
        above = ""
        for part in name.split("/")[:-1]:
            above += part + "/"
            if part == "__pycache__" or (part.startswith(".") and part not in named):
                return False
            if self.rules.by_kind(above, named=part in named):
                return False
        while path != self.directory and len(ids) <= name.count("/"):
            path = os.path.dirname(path)
            ids.append(identity(path, _stat(path)))
        path = os.path.normpath(os.path.join(folder, match))
        if len(set(ids)) < len(ids):
            raise Bin2resError(f"{shown(path)}: is in a loop of links; exclude it with -x")
        if self.rules.by_kind(name + "/" * os.path.isdir(path), named=match == pattern):
            return False
        return self._add_found(path, name, takes_code=pattern.endswith(CODE_SUFFIXES))

    def _add_named(self, path: str) -> None:
        name = self._name(path)
        status = _stat(path)
        # A name in other case would not be found on another system.
        below = self.directory
        for part in [] if name == "." else name.split("/"):
            below = os.path.join(below, part)
            check_spelling(below, "write it that way")
        if self._is_in_output(name):
            raise Bin2resError(f"{shown(path)}: was made by pkgres; leave it out")
        if stat.S_ISDIR(status.st_mode):
            found = self._add_folder(path, name, status, frozenset())
            if not found and not self.problems:
                raise NothingFound(f"{shown(path)}: the folder holds no resource; drop it")
        elif identity(path, status) in self.outputs:
            raise Bin2resError(f"{shown(path)}: is the output itself; leave it out")
        elif self.rules.by_kind(name, named=True):
            raise Bin2resError(f"{shown(path)}: was made by pkgres; leave it out")
        else:
            self._add_file(path, name, status)

    def _is_in_output(self, name: str) -> bool:
        """Whether the file or folder of this name is, or is in, a folder that pkgres made."""
        path = self.directory
        for part in name.split("/"):
            path = os.path.join(path, part)
            if part != "." and is_output(path):
                return True
        return False

    def _add_folder(
        self, path: str, name: str, status: os.stat_result, above: frozenset[Identity]
    ) -> bool:
        """Take what is below a folder; *above* are the folders that contain it."""
        found = False
        # Not by recursion: folders may be nested deeper than Python's recursion limit.
        waiting = [(path, name, status, above)]
        while waiting:
            path, name, status, above = waiting.pop()
            entries: list[str] = []
            with self.problems.noted():
                entries = _entries(path, status, above)
            prefix = "" if name == "." else name + "/"
            above = above | {identity(path, status)}
            made = made_here(path) if RECORD in entries else None
            for entry in entries:
                below, inside = prefix + entry, os.path.join(path, entry)
                if made is not None and not made.whole and entry in made.files:
                    self.rules.reasons[below] = "made by pkgres"
                    continue
                with self.problems.noted():
                    taken = self._to_take(inside, below)
                    if taken is None:
                        continue
                    if stat.S_ISDIR(taken.st_mode):
                        if not self.rules.by_kind(below + "/", named=False):
                            waiting.append((inside, below, taken, above))
                    elif name != "." or not self.rules.by_kind(below, named=False):
                        self._add_file(inside, below, taken)
                        found = True
        return found

    def _add_found(self, path: str, name: str, *, takes_code: bool) -> bool:
        """Take a file or folder that a pattern matched, unless it is left out."""
        status = self._to_take(path, name, takes_code=takes_code)
        if status is None:
            return False
        if stat.S_ISDIR(status.st_mode):
            return self._add_folder(path, name, status, frozenset())
        self._add_file(path, name, status)
        return True

    def _to_take(self, path: str, name: str, *, takes_code: bool = False) -> os.stat_result | None:
        """Return the status of a file or folder that was not named, None if it is left out."""
        if self.rules.by_name(path, name, takes_code=takes_code):
            return None
        status = _stat(path)
        return None if identity(path, status) in self.outputs else status

    def _add_file(self, path: str, name: str, status: os.stat_result) -> None:
        if not stat.S_ISREG(status.st_mode):
            raise Bin2resError(
                f"{shown(path)}: is a device, fifo or socket; only files can be resources"
            )
        try:
            # The bytes on the disk, whatever the locale decodes them to.
            name = composed(os.fsencode(name).decode("utf-8"))
        except UnicodeDecodeError:
            raise Bin2resError(f"{shown(path)}: the name is not valid UTF-8; rename it") from None
        if "\\" in name:
            raise Bin2resError(
                f"{shown(path)}: no caller can name a resource with a backslash; rename it"
            )
        self.files[name] = path

    def _name(self, path: str) -> str:
        """Return an absolute path as seen from the package folder, with ``/``."""
        name = _below(path, self.directory)
        if name is None:
            # The same folder by another path, through a link.
            folder, base = os.path.split(path)
            absolute = os.path.join(os.path.realpath(folder), base)
            name = _below(absolute, os.path.realpath(self.directory))
        if name is None:
            raise Bin2resError(
                f"{shown(path)}: is outside the package folder {shown(self.directory)};"
                " copy it in, or name another folder with -C"
            )
        return name


def _entries(path: str, status: os.stat_result, above: frozenset[Identity]) -> list[str]:
    if identity(path, status) in above:
        raise Bin2resError(f"{shown(path)}: links to a folder above it; exclude it with -x")
    try:
        return sorted(os.listdir(path))
    except OSError as error:
        raise _unreadable(path, error) from error


def _below(path: str, folder: str) -> str | None:
    if path == folder:
        return "."
    prefix = folder if folder.endswith(os.sep) else folder + os.sep
    return path[len(prefix) :].replace(os.sep, "/") if path.startswith(prefix) else None


def _stat(path: str) -> os.stat_result:
    try:
        return os.stat(path)
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: str, error: OSError) -> Bin2resError:
    if isinstance(error, FileNotFoundError):
        return Bin2resError(f"{shown(path)}: is a broken link; fix or remove it")
    return Bin2resError(f"{shown(path)}: cannot be read: {reason(error)}")
