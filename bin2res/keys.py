"""The keys of the table [tool.pkgres], and what their values mean."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from .choice import Choice, choices
from .encode import BEST, WINDOWS, Window
from .limit import bytes_of

WAYS = ("bin2res", "freeze", "image", "mip", "romfs", "sdist")
"""The commands that make what goes to flash."""
_START = r"[^\W\d]\w*(\.[^\W\d]\w*)*(:[^\W\d]\w*(\.[^\W\d]\w*)*)?"


class Folder(NamedTuple):
    """A folder of resources that is elsewhere, such as what another build makes."""

    source: str
    """Its path, relative to pyproject.toml."""
    target: str
    """What its name is in the package, ``"."`` for the package's own folder."""

    @property
    def name(self) -> str:
        """The same in its shortest form, ``""`` for the package's own folder."""
        return "/".join(part for part in self.target.split("/") if part not in ("", "."))


def resource_items(value: Sequence[Any]) -> tuple[str | Folder, ...]:
    """Return the items of the key resources: paths and patterns, or folders elsewhere."""
    return tuple(v if isinstance(v, str) else Folder(v["from"], v["to"]) for v in value)


def index_list(value: str | Sequence[str]) -> tuple[str, ...]:
    """Return the indexes of the key index."""
    return (value,) if isinstance(value, str) else tuple(value)


def gzip_choices(
    gzip: Mapping[str, Window | Literal[False]] | Sequence[str], key: str
) -> tuple[Choice, ...]:
    """Return which resources to compress: a table by pattern, or a list as on a command line."""
    if not isinstance(gzip, Mapping):
        return choices(gzip, key)
    return tuple(
        Choice(f"!{pattern}", None, key) if window is False else Choice(pattern, window, key)
        for pattern, window in gzip.items()
    )


def max_sizes(value: Any) -> dict[str, int]:
    """Return the limit of each way, ``""`` for all. Raises ValueError for what is not a size."""
    if not isinstance(value, dict):
        value = {"": value}
    for way in value:
        if way and way not in WAYS:
            raise ValueError(f"{way!a} is not a command; the commands are {', '.join(WAYS)}")
    return {way: bytes_of(size) for way, size in value.items()}


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _is_path(value: object) -> bool:
    return _is_text(value) and "\\" not in str(value)  # another system would not know it


def _is_moved(value: object) -> bool:
    if not isinstance(value, dict) or value.keys() != {"from", "to"}:
        return False
    to = value["to"]
    return _is_path(value["from"]) and _is_path(to) and to[0] != "/" and ".." not in to.split("/")


def _are_resources(value: object) -> bool:
    return isinstance(value, list) and all(_is_path(item) or _is_moved(item) for item in value)


def _is_list(value: object) -> bool:
    return isinstance(value, list) and all(_is_text(item) for item in value)


def _is_window(value: object) -> bool:
    return value == BEST or (type(value) is int and value in WINDOWS)


def _is_gzip(value: object) -> bool:
    if isinstance(value, dict):
        return all(
            _is_text(pattern) and pattern[0] != "!" and (window is False or _is_window(window))
            for pattern, window in value.items()
        )
    return _is_list(value)


def _is_start(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(_START, value, re.ASCII) is not None


_LIST = "write a list of patterns"
KEYS: dict[str, tuple[Callable[[object], bool], str]] = {
    "version": (_is_text, 'write a version such as "1.0.0"'),
    "package": (_is_path, "write the path of the package's folder, with /"),
    "resources": (
        _are_resources,
        f'{_LIST}, with /, or of tables such as {{from = "../web/dist", to = "www"}}',
    ),
    "exclude": (_is_list, _LIST),
    "gzip": (_is_gzip, f'{_LIST}, or a table of patterns with "best", 9 to 15 or false'),
    "gzip-window": (_is_window, 'write 9 to 15 or "best"'),
    "whole": (_is_list, _LIST),
    "immutable": (_is_list, _LIST),
    "max-size": (lambda value: True, ""),  # see max_sizes
    "start": (_is_start, 'write "module" or "module:function"'),
    "march": (_is_text, 'write the name of an architecture such as "armv7m"'),
    "optimize": (
        lambda value: type(value) is int and value in range(4),
        "write 0 to 3, the level for -O of mpy-cross",
    ),
    "dependencies": (lambda value: isinstance(value, list), 'write a list such as ["aioble"]'),
    "index": (
        lambda value: _is_text(value) or (_is_list(value) and value != []),
        "write the address or the folder of an index, or a list of them",
    ),
    "micropython": (_is_path, "write the path of a checkout of MicroPython, with /"),
    "parts": (_is_list, 'write a list such as ["static"]'),
}
"""By key: a check of its value, and what to write instead where the check fails."""
