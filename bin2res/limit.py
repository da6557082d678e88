"""How many bytes of flash an app may take, and what to say when it takes more."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from .errors import Bin2resError, printable

_UNITS = {"": 1, "B": 1, "KB": 1000, "KIB": 1 << 10, "MB": 1000**2, "MIB": 1 << 20}
_SHOWN = 5  # of the largest


class TooLarge(Exception):
    """More than the limit; nothing was written. The text has the excess and the largest files."""


def bytes_of(text: str | int) -> int:
    """Return the bytes that a size means: ``200000``, ``"200 KiB"``, ``"1.5 MB"``.

    Raises ValueError for what is not a size.
    """
    match = re.fullmatch(r"(\d{1,15}(?:\.\d{1,9})?) *([A-Za-z]*)", str(text).strip(), re.ASCII)
    if isinstance(text, bool) or not match or match[2].upper() not in _UNITS:
        raise ValueError(f'{text!a}: write bytes, or a size in kB, KiB, MB or MiB: "200 KiB"')
    return int(float(match[1]) * _UNITS[match[2].upper()])


def limit_of(option: str | None) -> int | None:
    """Return the bytes that ``--max-size`` means, None where it is not given.

    Raises Bin2resError.
    """
    try:
        return None if option is None else bytes_of(option)
    except ValueError as error:
        raise Bin2resError(f"--max-size {error}") from None


def check(sizes: Mapping[str, int], total: int, limit: int | None, way: str = "") -> None:
    """Raise TooLarge if *total* is over *limit*, naming the largest of *sizes*; all in bytes.

    *way* is what the total is of, for the message.
    """
    if limit is not None and total > limit:
        raise TooLarge("\n".join(_told(sizes, total, limit, way)))


def _told(sizes: Mapping[str, int], total: int, limit: int, way: str) -> Iterator[str]:
    over, prefix = total - limit, f"{way}: " if way else ""
    yield f"{prefix}{total:,} bytes of flash, {over:,} more than max-size {limit:,}; the largest:"
    width = len(f"{max(sizes.values(), default=0):,}")
    largest = sorted(sizes.items(), key=lambda item: (-item[1], item[0]))[:_SHOWN]
    for name, size in largest:
        yield f"{size:>{width},}  {printable(name)}"
