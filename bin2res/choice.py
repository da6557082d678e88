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
    """In gitignore syntax, relative to the package folder; with a leading ``!`` not."""
    window: Window | None = None
    """The window they are compressed for, None for the default."""
    source: str = ""
    """The option or key that the pattern comes from, for messages."""


class Rules(NamedTuple):
    """How resources are to be stored."""

    gzip: Sequence[Choice] = ()
    """Which are compressed; the last match takes precedence."""
    window: Window = BEST
    """The window of choices that have none."""
    whole: Sequence[Choice] = ()
    """Those that are kept as one object, however large."""
    immutable: Sequence[Choice] = ()
    """Those that never change under their names."""


def choice(text: str, option: str) -> Choice:
    """Return what *text* says: ``PATTERN``, ``PATTERN=best`` or ``PATTERN=BITS``.

    Raises Bin2resError, naming *option*, for bits that are not a window.
    """
    match = re.fullmatch(r"(.+)=(best|\d+)", text, re.ASCII)
    if not match:
        return Choice(text, None, option)
    window = window_from(match[2])
    if window is None or match[1].startswith("!"):
        raise Bin2resError(
            f"{option} {text}: write PATTERN=best, PATTERN={WINDOWS[0]} to PATTERN={WINDOWS[-1]},"
            " or !PATTERN"
        )
    return Choice(match[1], window, option)


def choices(texts: Iterable[str], option: str) -> tuple[Choice, ...]:
    """Return what several texts say, as `choice` does."""
    return tuple(choice(text, option) for text in texts)


def patterns(texts: Iterable[str], option: str) -> tuple[Choice, ...]:
    """Return the patterns that an option or a key has."""
    return tuple(Choice(text, None, option) for text in texts)


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
    _check(rules.gzip, names)
    spec = spec_of("", [choice.pattern for choice in rules.gzip])
    found: dict[str, Window] = {}
    for name in names:
        result = spec.check_file(name)
        if result.include and result.index is not None and not name.lower().endswith(_COMPRESSED):
            found[name] = rules.gzip[result.index].window or rules.window
    return found


def matching(files: Iterable[str], choices: Sequence[Choice]) -> set[str]:
    """Return the names in *files* that the patterns match.

    Raises Bin2resError for a pattern that matches nothing.
    """
    if not choices:
        return set()
    names = list(files)
    _check(choices, names)
    return set(spec_of("", [choice.pattern for choice in choices]).match_files(names))


def _check(choices: Iterable[Choice], names: Sequence[str]) -> None:
    for pattern, _, source in choices:
        spec = spec_of(source, [pattern])
        if not pattern.startswith("!") and not any(map(spec.match_file, names)):
            raise Bin2resError(f"{source} {pattern}: matches no resource; fix or drop it")
