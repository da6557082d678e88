"""Patterns of names, in the syntax of gitignore."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .errors import Bin2resError

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec


def spec_of(option: str, patterns: Sequence[str]) -> GitIgnoreSpec:
    """Return what matches the names that *patterns* mean.

    Raises Bin2resError, naming *option*, for what is no pattern.
    """
    # Not at the top: it takes as long to import as all the rest, and few runs have patterns.
    from pathspec import GitIgnoreSpec

    try:
        return GitIgnoreSpec.from_lines(patterns)
    except ValueError as error:
        raise Bin2resError(f"{option}: {error}; fix the pattern") from error
