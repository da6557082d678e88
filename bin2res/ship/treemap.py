"""A picture of what an app costs: a treemap as SVG, one file that needs no other.

The layout is squarify's, of Bruls, Huizing and van Wijk, "Squarified Treemaps" (2000).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from html import escape
from typing import NamedTuple

import squarify

from ..errors import Bin2resError, printable, reason, shown
from ..output import replacing
from .size import APP, OTHERS, OURS, Size

_WIDTH, _HEIGHT = 960, 540  # pixels
_TOP, _LABEL = 28, 16  # of the title, and of the name of a group
_GAP = 1
_LETTER, _LINE = 7.4, 14  # at most, of the font below
_COLORS = {APP: "#f3d19c", OURS: "#c9c3e6", OTHERS: "#d8d8d8"}
_RESOURCES = ("#a8d5ba", "#9ecae1", "#c7e39b", "#a7dbd8", "#b8d4f0", "#d2e8c2")
_MADE = "<!-- made by pkgres size -->\n"


class _Box(NamedTuple):
    x: float
    y: float
    width: float
    height: float


def write(size: Size, path: str) -> None:
    """Write the picture to the file *path*.

    Raises Bin2resError where that is a file that was not made here, or cannot be written.
    """
    check_target(path)
    with replacing(path) as stream:
        stream.write(picture(size).encode())


def check_target(path: str) -> None:
    """Raise Bin2resError where *path* is no name for the picture, or has what was not made here."""
    refused = f"{shown(path)}: was not made by pkgres size; name another file with --svg"
    if not path or (os.path.lexists(path) and not os.path.isfile(path)):
        raise Bin2resError(f"--svg {shown(path)!r}: is not a file; name one")
    try:
        if os.path.lexists(path):
            with open(path, "rb") as stream:
                if stream.read(len(_MADE)) != _MADE.encode():
                    raise Bin2resError(refused)
    except OSError as error:
        raise Bin2resError(f"{shown(path)}: cannot be read: {reason(error)}") from error


def picture(size: Size) -> str:
    """Return the SVG."""
    return "".join(f"{line}\n" for line in _lines(size))


def _lines(size: Size) -> Iterator[str]:
    yield _MADE.rstrip()
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}"'
        f' width="{_WIDTH}" height="{_HEIGHT}" font-family="Helvetica, Arial, sans-serif"'
        ' font-size="12">'
    )
    yield f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>'
    groups, colors = _groups(size)
    total = sum(sum(files.values()) for files in groups.values())
    ways = {way.name: way.flash for way in size.ways}
    told = f"{size.name} {size.version}".strip() + f": {total:,} bytes on the board"
    if "freeze" in ways:
        told += f", {ways['freeze']:,} frozen"
    yield f'<text x="4" y="19" font-size="15" font-weight="bold">{_text(told)}</text>'
    whole = _Box(0, _TOP, _WIDTH, _HEIGHT - _TOP)
    sums = {name: sum(files.values()) for name, files in groups.items()}
    for name, box in _laid_out(sums, whole):
        yield from _group(name, groups[name], colors[name], box)
    yield "</svg>"


def _groups(size: Size) -> tuple[dict[str, dict[str, int]], dict[str, str]]:
    """Return the sizes of files by group and by name, and the color of each group."""
    groups: dict[str, dict[str, int]] = {}
    colors: dict[str, str] = {}
    for found in size.resources:
        folder = found.name.rpartition("/")[0] + "/"
        groups.setdefault(folder, {})[found.name.rpartition("/")[2]] = found.stored
        colors.setdefault(folder, _RESOURCES[len(colors) % len(_RESOURCES)])
    for code in size.code:
        group = f"code: {code.of}"
        groups.setdefault(group, {})[code.name.removeprefix("lib/")] = code.size
        colors[group] = _COLORS[code.of]
    return groups, colors


def _group(name: str, files: Mapping[str, int], color: str, box: _Box) -> Iterator[str]:
    total = sum(files.values())
    count = "1 file" if len(files) == 1 else f"{len(files):,} files"
    yield f"<g><title>{_text(f'{name} {total:,} bytes in {count}')}</title>"
    yield _rect(box, "#fff", 'stroke="#666"')
    inside = box
    if box.height > 3 * _LABEL:
        yield from _label(f"{name} {total:,}", box, _LABEL - 4, 'font-weight="bold"')
        inside = _Box(box.x, box.y + _LABEL, box.width, box.height - _LABEL)
    for file, place in _laid_out(files, inside):
        yield f"<g><title>{_text(f'{file} {files[file]:,} bytes')}</title>"
        yield _rect(place, color)
        if place.height > _LINE + 4:
            yield from _label(file, place, _LINE, "")
        if place.height > 2 * _LINE + 4:
            yield from _label(f"{files[file]:,}", place, 2 * _LINE, 'fill="#444"')
        yield "</g>"
    yield "</g>"


def _laid_out(sizes: Mapping[str, int], box: _Box) -> Iterator[tuple[str, _Box]]:
    """Yield names with their places in *box*, the largest first; what is empty has none."""
    names = sorted((n for n in sizes if sizes[n]), key=lambda name: (-sizes[name], name))
    if not names or box.width <= 2 * _GAP or box.height <= 2 * _GAP:
        return
    areas = squarify.normalize_sizes([sizes[name] for name in names], box.width, box.height)
    for name, place in zip(
        names, squarify.squarify(areas, box.x, box.y, box.width, box.height), strict=True
    ):
        width, height = max(place["dx"] - _GAP, 0), max(place["dy"] - _GAP, 0)
        yield name, _Box(place["x"] + _GAP / 2, place["y"] + _GAP / 2, width, height)


def _rect(box: _Box, color: str, more: str = "") -> str:
    x, y, width, height = (f"{value:.1f}" for value in box)
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{color}" {more}/>'


def _label(text: str, box: _Box, below: int, style: str) -> Iterator[str]:
    """Yield a text *below* the top of a box, as much of it as there is room for."""
    room = int((box.width - 6) / _LETTER)
    text = printable(text)
    if len(text) > room:
        text = text[: max(room - 1, 0)] + "…" if room > 4 else ""
    if text:
        yield f'<text x="{box.x + 3:.1f}" y="{box.y + below:.1f}" {style}>{_text(text)}</text>'


def _text(text: str) -> str:
    return escape(printable(text))
