"""What pkgres promises of frozen resources, and whether the figures of `frozen.py` keep it."""

from __future__ import annotations

from frozen_ways import (
    COUNTS,
    DICT,
    FREEZEFS,
    MOUNTED,
    MOUNTED_TABLE,
    PAGE,
    PEER,
    ROMFS,
    SMALL_WINDOW,
    TABLE,
)

from bin2res.compress import Compressed
from bin2res.encode import compress
from bin2res.ship.frozen import ram_of_dict
from bin2res.stored import Stored

# The first lookup and a later miss, at most so many times the peer's ticks.
FIRST, MISS = 5, 4


def budgets(figures: dict[str, dict[str, int]], ram: int, flash: int) -> list[tuple[str, bool]]:
    """Return each promise with whether it holds."""
    peer, romfs, dict_, table = (figures[way] for way in (PEER, ROMFS, DICT, TABLE))
    found = [
        ("import pkg_resources: 480 B", ram <= 480),
        ("frozen core: 3 KiB", flash <= 3072),
        ("--table, 400 resources: 0.22 of ROMFS", table["open 400"] <= 0.22 * romfs["open 400"]),
        ("--table, 10 resources: as ROMFS", table["open 10"] <= romfs["open 10"]),
    ]
    for n in COUNTS:
        imported, first = f"import {n}", f"first {n}"
        found += [
            (f"dict, import {n}: peer + 32 B", dict_[imported] <= peer[imported] + 32),
            (f"dict, first {n}: {FIRST} of the peer", dict_[first] <= FIRST * peer[first]),
            (f"--table, import {n}: 256 B", table[imported] <= 256),
            (f"import {n}: as pkgres says", abs(dict_[imported] - ram_of_dict(n)) <= 32),
        ]
    # Over all counts: of so few ticks one is 0.014 of the peer's.
    ours, theirs = (sum(way[f"open {n}"] for n in COUNTS) for way in (dict_, peer))
    found.append(("dict, open: 0.5 of the peer", ours <= 0.5 * theirs))
    for way in (DICT, TABLE):
        miss = figures[way]["miss"] <= MISS * peer["miss"]
        found.append((f"{way}, a miss: {MISS} of the peer", miss))
    for way in MOUNTED:
        mounted, freezefs, table_ram = figures[way], figures[FREEZEFS], 0
        if way == MOUNTED_TABLE:
            table_ram = 240
        for n in COUNTS:
            opened = f"open {n}"
            found += [
                (f"{way} {n}: 640 B", mounted[f"import {n}"] <= 640 + table_ram),
                (f"{way} {n}, open: 0.5 of freezefs", mounted[opened] <= 0.5 * freezefs[opened]),
            ]
        found += [
            (f"{way} 400, open: less than ROMFS", mounted["open 400"] < romfs["open 400"]),
            (f"{way} 100, listdir: as freezefs", mounted["list"] <= freezefs["list"]),
        ]
    found += [(f"{way}: stream 32 B", figures[way]["held"] <= 32) for way in (DICT, TABLE)]
    return found


def inflating_budgets(figures: dict[str, dict[str, int]]) -> list[tuple[str, bool]]:
    """Return the promises of the small window, with whether they hold."""
    found = figures[SMALL_WINDOW]
    data = Compressed("page.html", len(PAGE), compress(PAGE, 10))
    foretold = Stored("page.html", data).ram_to_read()
    return [
        ("window of 1 KiB: 3 KiB of RAM, code and all", found["held"] + found["code"] <= 3072),
        ("RAM to inflate: as bin2res says, to 64 B", abs(found["held"] - foretold) <= 64),
    ]
