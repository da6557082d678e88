"""How resources are to be stored: which compressed, for which window, and which as one object."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from .encode import BEST, WINDOWS, Window
from .errors import Bin2resError
from .patterns import spec_of

# Formats that are compressed by themselves; gzip would save a few bytes at most.
_COMPRESSED = (
    *(".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".ico", ".woff", ".woff2"),
    *(".gz", ".tgz", ".zip", ".xz", ".bz2", ".br", ".zst", ".7z"),
    *(".mp3", ".mp4", ".m4a", ".ogg", ".opus", ".webm", ".aac"),
)


class Choice(NamedTuple):
    """What to do with the resources that match a pattern."""

    pattern: str
    """In gitignore syntax, relative to the package folder; with ``!`` in front: no gzip."""
    window: Window | None = None
    """The window they are compressed for, None for the default."""


class Rules(NamedTuple):
    """How resources are to be stored."""

    gzip: Sequence[Choice] = ()
    """Which are compressed; the last that matches counts."""
    window: Window = BEST
    """The window, where a choice has none."""
    whole: Sequence[str] = ()
    """Patterns of those that are kept as one object, however large."""
    gzip_from: str = "--gzip"
    """Where the choices come from, for messages."""
    whole_from: str = "--whole"
    immutable: Sequence[str] = ()
    """Patterns of those that never change under their names."""
    immutable_from: str = "--immutable"


def choice(text: str, option: str) -> Choice:
    """Return what *text* says: ``PATTERN``, ``PATTERN=best`` or ``PATTERN=BITS``.

    Raises Bin2resError, naming *option*, for bits that are not a window.
    """
    match = re.fullmatch(r"(.+)=(best|\d+)", text, re.ASCII)
    if not match:
        return Choice(text)
    window = window_from(match[2])
    if window is None or match[1].startswith("!"):
        raise Bin2resError(
            f"{option} {text}: write PATTERN=best, PATTERN={WINDOWS[0]} to PATTERN={WINDOWS[-1]},"
            " or !PATTERN"
        )
    return Choice(match[1], window)


def choices(texts: Iterable[str], option: str) -> tuple[Choice, ...]:
    """Return what several texts say, as `choice` does."""
    return tuple(choice(text, option) for text in texts)


def window_from(text: str) -> Window | None:
    """Return the window in a text, None if it is not one."""
    if text == BEST:
        return BEST
    return int(text) if text in map(str, WINDOWS) else None


def chosen(files: Iterable[str], rules: Rules) -> Mapping[str, Window]:
    """Return the names in *files* that are to be compressed, with the window for each.

    Raises Bin2resError for a pattern that matches nothing.
    """
    if not rules.gzip:
        return {}
    names = list(files)
    patterns = [pattern for pattern, _ in rules.gzip]
    _check(patterns, names, rules.gzip_from)
    spec = spec_of(rules.gzip_from, patterns)
    found: dict[str, Window] = {}
    for name in names:
        result = spec.check_file(name)
        if result.include and result.index is not None and not name.lower().endswith(_COMPRESSED):
            found[name] = rules.gzip[result.index].window or rules.window
    return found


def matching(files: Iterable[str], patterns: Sequence[str], option: str) -> set[str]:
    """Return the names in *files* that the *patterns* of an *option* match.

    Raises Bin2resError for a pattern that matches nothing.
    """
    if not patterns:
        return set()
    names = list(files)
    _check(patterns, names, option)
    return set(spec_of(option, patterns).match_files(names))


def _check(patterns: Iterable[str], names: Sequence[str], option: str) -> None:
    for pattern in patterns:
        spec = spec_of(option, [pattern])
        if not pattern.startswith("!") and not any(map(spec.match_file, names)):
            raise Bin2resError(f"{option} {pattern}: matches no resource; fix or drop it")
