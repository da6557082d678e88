"""The tables and sentences that the docs make of what the benchmarks measured.

A renderer takes what its benchmark keeps, and returns by mark what stands on a page: a
table, which ends with a newline, or one figure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

COUNTS = (10, 100, 400)  # resources
# What sentences call the ways of frozen.py.
SHORT = {
    "peer": "pkg_resources + mpy_bin2res",
    "freezefs": "freezefs, mounted",
    "romfs": "ROMFS, mounted",
    "dict": "pkgres, dict",
}


def frozen(found: Mapping[str, Any]) -> dict[str, str]:
    """Render frozen.py: each figure with its ratio to the first row in brackets."""
    ways: dict[str, dict[str, int]] = found["ways"]
    inflating: dict[str, dict[str, int]] = found["inflating"]
    first = next(iter(ways.values()))
    page = f"{found['page']:,} bytes, through a buffer of 512"
    smallest = next(iter(inflating.values()))
    counts = [f"{n} resources" for n in COUNTS]

    def part(columns: Iterable[str], keys: Sequence[str]) -> str:
        rows = [[way, *(compared(own, first, key) for key in keys)] for way, own in ways.items()]
        return table(columns, rows)

    return {
        "import": part(["RAM to import, B", *counts], [f"import {n}" for n in COUNTS]),
        "open": part(
            ["open one, ticks", *counts, *(f"first of {n}" for n in COUNTS)],
            [f"{what} {n}" for what in ("open", "first") for n in COUNTS],
        ),
        "read": part(
            ["", "open and read 4 KiB, ticks", "RAM meanwhile, B", "RAM of an open stream, B"],
            ["read", "read RAM", "held"],
        ),
        "misses": table(
            ["of 100 resources", "a miss, ticks", "`os.listdir`, ticks"],
            [[way, str(own["miss"]), str(own.get("list", ""))] for way, own in ways.items()],
        ),
        "inflating": table(
            [page, "RAM of the stream, B", "ticks"],
            [
                [f"`{way}`" if "--" in way else way]
                + [compared(own, smallest, key) for key in ("held", "ticks")]
                for way, own in inflating.items()
            ],
        ),
        "inflating-code": str(smallest["code"]),
        "pkg-resources": str(found["pkg_resources"]),
        "micropython": found["runs on"].split()[-1],
        "core": f"{found['core']:,}",
        "table-import": str(max(ways["pkgres, --table"][f"import {n}"] for n in COUNTS)),
        **{f"{short}-import": f"{ways[way]['import 100']:,}" for short, way in SHORT.items()},
        **{f"{short}-open": str(ways[way]["open 100"]) for short, way in SHORT.items()},
        "table-open": str(ways["pkgres, --table"]["open 100"]),
    }


def reading(found: Mapping[str, Any]) -> dict[str, str]:
    """Render reading.py: ticks with the ratio to the first row in brackets."""
    ways: dict[str, dict[str, int]] = found["ways"]
    first = next(iter(ways.values()))
    return {
        "table": table(
            ["", "RAM for its code, B", "open and read 4 KiB, ticks", "RAM taken meanwhile, B"],
            [
                # Of the code pkgres itself is loaded before.
                [
                    way,
                    str(own["code"] - first["code"]),
                    compared(own, first, "ticks"),
                    str(own["meanwhile"]),
                ]
                for way, own in ways.items()
            ],
        ),
        "buffer": str(ways["`resource_buffer`"]["meanwhile"]),
    }


def web(found: Mapping[str, Any]) -> dict[str, str]:
    """Render web.py: each figure with its ratio to the first row in brackets."""
    columns = {"ticks to the answer": "ticks", "ticks with the body": "all", "RAM held, B": "held"}
    ways: dict[str, dict[str, dict[str, int]]] = found["ways"]
    first = next(iter(ways.values()))
    return {
        "table": table(
            ["", *(f"{size}: {column}" for size in first for column in columns)],
            [
                [way, *(compared(own[s], first[s], k) for s in own for k in columns.values())]
                for way, own in ways.items()
            ],
        ),
        "import": str(found["import"]),
    }


def size(found: Mapping[str, Any]) -> dict[str, str]:
    """Render size.py: sizes with the ratio to gzip's in brackets."""
    ways: dict[str, dict[str, int]] = found["ways"]
    gzip = ways["`gzip -9`"]
    return {
        "table": table(
            ["", "size, B", "RAM to inflate one, B"],
            [
                [way, compared(own, gzip, "size", 3), str(own["ram"] or "-")]
                for way, own in ways.items()
            ],
        )
        + f"\nMade with {found['made with']}.\n",
    }


def block_reads(found: Mapping[str, Any]) -> dict[str, str]:
    """Render block_reads.py."""
    lines = [[case, *map(str, reads)] for case, reads in found["reads"].items()]
    return {"table": table(["", "pkgres", "`open` of the same path"], lines)}


def bundle_speed(found: Mapping[str, Any]) -> dict[str, str]:
    """Render bundle_speed.py: ratios to the script."""
    return {
        "python": found["runs on"].split()[1].rstrip(","),
        "files": f"{found['ratios']['bin2res, files named']:.2f}",
        "folder": f"{found['ratios']['bin2res, folder']:.2f}",
        "memory": f"{found['mebibytes']['bin2res, folder']:.0f}",
    }


def table(headings: Iterable[str], lines: Iterable[Iterable[str]]) -> str:
    """Return a table in Markdown."""
    heads = list(headings)
    rows = [heads, ["---"] * len(heads), *lines]
    return "".join([f"| {' | '.join(row)} |\n".replace("|  |", "| |") for row in rows])


def compared(own: Mapping[str, int], first: Mapping[str, int], key: str, digits: int = 2) -> str:
    """Return a cell: a figure with its ratio to that of the *first* way."""
    return f"{own[key]} ({own[key] / first[key]:.{digits}f})"


RENDERERS: dict[str, Callable[[Mapping[str, Any]], dict[str, str]]] = {
    renderer.__name__: renderer
    for renderer in (frozen, reading, web, size, block_reads, bundle_speed)
}
