"""What `pkgres size` shows: tables for a person, the same for machines, and what grew."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NoReturn

from rich.console import Console, JustifyMethod, OverflowMethod
from rich.table import Table
from rich.text import Text

from ..errors import Bin2resError, printable, reason, shown
from .size import Resource, Size

_BARS = ""  # the heading of a column of bars, which goes where there is no room
_BAR = 20  # characters
_BLOCKS = " ▏▎▍▌▋▊▉█"
_WIDEST = 10_000  # characters
_NARROW = 56  # characters; no table fits into less
_MANY = 10  # files of a folder that are shown one by one


def described(size: Size) -> dict[str, Any]:
    """Return a size for machines; all figures are in bytes."""
    return {
        "name": size.name,
        "version": size.version,
        "resources": [{**found._asdict(), "type": found.type} for found in size.resources],
        "code": [found._asdict() for found in size.code],
        "ways": {
            way.name: {"flash": way.flash, "ram": way.ram, "limit": way.limit, "over": way.excess}
            for way in size.ways
        },
        "refused": size.refused,
        "notes": list(size.notes),
    }


def read(path: str) -> dict[str, Any]:
    """Return what `described` gave, from a file. Raises Bin2resError where it holds none."""
    try:
        # As bytes: what PowerShell has written to a file is UTF-16.
        with open(path, "rb") as stream:
            found = json.load(stream, parse_constant=_no_number)
        for key in ("resources", "code"):
            _named(found, key)
        for way in found["ways"].values():
            int(way["flash"])
    except OSError as error:
        raise Bin2resError(f"{shown(path)}: cannot be read: {reason(error)}") from error
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        raise Bin2resError(
            f"{shown(path)}: was not made by pkgres size --json; make it from the older app"
        ) from None
    return dict(found)


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, dict[str, list[int]]]:
    """Return what changed between two descriptions: sizes before and now, in bytes, by name."""
    found: dict[str, dict[str, list[int]]] = {}
    for key in ("resources", "code"):
        before, now = _named(old, key), _named(new, key)
        found[key] = _differing(before, now)
    before, now = ({n: way["flash"] for n, way in side["ways"].items()} for side in (old, new))
    found["ways"] = _differing(before, now)
    return found


def show(size: Size, since: Mapping[str, Mapping[str, list[int]]] | None) -> None:
    """Print a size as tables on standard output, with what changed *since* an older one."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # names may be in any script
    console = Console()
    if console.width < _NARROW:
        console = Console(width=_NARROW)
    tables = [_resources(size.resources), _types(size.resources)] if size.resources else []
    tables += [_code(size), _ways(size)]
    if since is not None:
        tables.append(_since(since))
    unlimited = console.options.update(max_width=_WIDEST)
    has_blocks = _is_encodable(_BLOCKS, console.encoding)
    for table in tables:
        built = table.built(bars=has_blocks)
        if console.measure(built, options=unlimited).maximum > console.width:
            built = table.built(bars=False)
        console.print(built)
    for way, why in size.refused.items():
        console.print(f"{way}: {printable(why)}", markup=False, highlight=False)
    for note in size.notes:
        console.print(note, markup=False, highlight=False)


def _is_encodable(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)


def _named(description: Mapping[str, Any], key: str) -> dict[str, int]:
    return {
        str(found["name"]): int(found["stored" if key == "resources" else "size"])
        for found in description[key]
    }


def _differing(before: Mapping[str, int], now: Mapping[str, int]) -> dict[str, list[int]]:
    names = [n for n in sorted({*before, *now}) if before.get(n, 0) != now.get(n, 0)]
    names.sort(key=lambda name: before.get(name, 0) - now.get(name, 0))
    return {name: [before.get(name, 0), now.get(name, 0)] for name in names}


class _Table:
    """A table that can be had without its column of bars."""

    def __init__(self, title: str, *columns: str) -> None:
        self._title = title
        self._columns = columns
        self.rows: list[tuple[tuple[str | Text, ...], str | None]] = []

    def add_row(self, *cells: str | Text, style: str | None = None) -> None:
        self.rows.append((cells, style))

    def built(self, *, bars: bool) -> Table:
        table = Table(
            title=f"\n{self._title}",
            title_justify="left",
            title_style="bold",
            box=None,
            pad_edge=False,
        )
        shown = [number for number, name in enumerate(self._columns) if bars or name != _BARS]
        for number in shown:
            name = self._columns[number]
            is_text = name in (_BARS, "of", "file", "type", "way")
            overflow: OverflowMethod = "fold" if name == "file" else "crop"
            justify: JustifyMethod = "left" if is_text else "right"
            table.add_column(name, justify=justify, no_wrap=name != "file", overflow=overflow)
        for cells, style in self.rows:
            table.add_row(*(cells[number] for number in shown), style=style)
        return table


def _resources(resources: Iterable[Resource]) -> _Table:
    table = _Table("Resources", "file", "stored", _BARS, "inflated", "saved", "RAM to read")
    folders: dict[str, list[Resource]] = {}
    for found in resources:
        folders.setdefault(found.name.rpartition("/")[0], []).append(found)
    largest = max(_stored(held) for held in folders.values())
    for folder, held in _largest_first(folders):
        table.add_row(*_row(f"{folder}/", held, largest), style="bold")
        for resource in held[:_MANY]:
            name = "  " + resource.name.rpartition("/")[2]
            table.add_row(*_row(name, [resource], largest))
        if len(held) > _MANY:
            rest = held[_MANY:]
            table.add_row(*_row(f"  {len(rest):,} smaller ones", rest, largest), style="dim")
    return table


def _row(name: str, found: list[Resource], largest: int) -> Iterator[str | Text]:
    stored, inflated = _stored(found), sum(resource.inflated for resource in found)
    ram = max(r.ram for r in found)
    yield Text(printable(name))
    yield f"{stored:,}"
    yield _bar(stored, largest)
    yield f"{inflated:,}" if inflated != stored else ""
    yield f"{1 - stored / inflated:.0%}" if inflated > stored else ""
    yield _figure(ram)


def _stored(found: Iterable[Resource]) -> int:
    return sum(resource.stored for resource in found)


def _largest_first(groups: Mapping[str, list[Resource]]) -> list[tuple[str, list[Resource]]]:
    return sorted(groups.items(), key=lambda item: -_stored(item[1]))


def _types(resources: Iterable[Resource]) -> _Table:
    table = _Table("By type", "type", "stored", _BARS, "inflated", "saved", "files")
    types: dict[str, list[Resource]] = {}
    for found in resources:
        types.setdefault(found.type, []).append(found)
    largest = max(_stored(held) for held in types.values())
    for suffix, held in _largest_first(types):
        *cells, _ = _row(suffix or "none", held, largest)
        table.add_row(*cells, f"{len(held):,}")
    return table


def _code(size: Size) -> _Table:
    table = _Table("Code, as .mpy", "file", "size", _BARS, "of")
    largest = max((found.size for found in size.code), default=1)
    for found in size.code:
        bar = _bar(found.size, largest)
        table.add_row(Text(printable(found.name)), f"{found.size:,}", bar, found.of)
    for owner in dict.fromkeys(found.of for found in size.code):
        total = sum(found.size for found in size.code if found.of == owner)
        table.add_row("", f"{total:,}", "", f"{owner}, in all", style="bold")
    return table


def _ways(size: Size) -> _Table:
    has_limits = any(way.limit is not None for way in size.ways)
    columns = ("max-size", "over") if has_limits else ()
    table = _Table("Each way", "way", "flash", _BARS, "RAM to import", *columns)
    largest = max((way.flash for way in size.ways), default=1)
    for way in size.ways:
        bar = _bar(way.flash, largest)
        cells: list[str | Text] = [way.name, f"{way.flash:,}", bar, _figure(way.ram)]
        if has_limits:
            cells += [_figure(way.limit), _figure(way.excess)]
        table.add_row(*cells, style="red" if way.excess else None)
    return table


def _figure(value: int | None) -> str:
    return f"{value:,}" if value else ""


def _since(since: Mapping[str, Mapping[str, list[int]]]) -> _Table:
    table = _Table("Since then", "file", "before", "now", "change")
    for found in since.values():
        for name, (before, now) in found.items():
            style = "red" if now > before else "green"
            change = Text(f"{now - before:+,}", style)
            table.add_row(Text(printable(name)), f"{before:,}", f"{now:,}", change)
    if not table.rows:
        table.add_row("nothing changed", "", "", "")
    return table


def _bar(value: int, largest: int) -> Text:
    eighths = round(value / (largest or 1) * _BAR * 8)
    return Text(_BLOCKS[-1] * (eighths // 8) + _BLOCKS[eighths % 8].strip(), "cyan")
