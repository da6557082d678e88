"""The exceptions of the host tool, and how they show names."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

_MOST = 20  # lines of a message


class Bin2resError(Exception):
    """An input cannot be taken, or an output cannot be written; nothing was written.

    The text has a line for each problem, with the file, what is wrong, and the fix."""

    def lines(self, subject: str = "") -> list[str]:
        """Return the lines of the text, each with *subject* before it."""
        return [f"{subject}: {line}" if subject else line for line in str(self).split("\n")]

    def about(self, subject: str) -> Bin2resError:
        """Return the error with *subject* before each line."""
        return type(self)("\n".join(self.lines(subject)))


class NothingFound(Bin2resError):
    """A folder or a pattern without a resource."""


class Problems:
    """Errors of files that do not depend on each other, to be raised together."""

    def __init__(self) -> None:
        self._lines: dict[str, str] = {}  # by what is wrong, without the fix
        self._more = 0
        self._only: Bin2resError | None = None

    def __bool__(self) -> bool:
        return bool(self._lines)

    @contextlib.contextmanager
    def noted(self) -> Iterator[None]:
        """Note a Bin2resError that is raised in the block."""
        try:
            yield
        except Bin2resError as error:
            self.add(error)

    def add(self, error: Bin2resError) -> None:
        """Note an error, unless the same problem is noted already."""
        self._only = None if self else error
        for line in error.lines():
            what = line.partition(";")[0]
            # Of one file the path may be relative or absolute.
            ends = (f"{separator}{known}" for known in self._lines for separator in " /")
            if what in self._lines or what.endswith(tuple(ends)):
                continue
            if len(self._lines) < _MOST:
                self._lines[what] = line
            else:
                self._more += 1

    def check(self) -> None:
        """Raise Bin2resError with a line for each problem, if there is one."""
        if self._only:
            raise self._only
        if self:
            more = [f"{self._more:,} more problems; fix these first"] if self._more else []
            raise Bin2resError("\n".join([*self._lines.values(), *more]))


def shown(path: str) -> str:
    """Return *path* fit for one line of text, whatever bytes its name is made of."""
    return printable(os.fsencode(path).decode("utf-8", "backslashreplace"))


def printable(text: str) -> str:
    """Return *text* fit for one line: as it is, or with escapes."""
    return text if text.isprintable() else ascii(text)[1:-1]


def reason(error: OSError) -> str:
    """Return why the system refused, in lower case: ``permission denied``."""
    return (error.strerror or str(error)).lower()
