"""The figures on the pages are those that the benchmarks wrote."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import app
import pytest

sys.path.insert(0, str(app.HERE.parent / "benchmarks"))
import figures
import pages

# A figure with one of these behind it was measured, unless it is in code.
_MEASURED = re.compile(r"(?<![\w.,*])[\d,.]*\d (?:ticks|bytes of (?:RAM|flash)|MiB of memory)\b")
# Budgets, which a benchmark compares, and not what it measured.
_BUDGETS = re.compile(r"(?s)### Budgets.*?\n## ")
# What is counted, and not measured: a hash in bin2res, a key in a dict.
_COUNTED = {"8 bytes of RAM"}


@pytest.mark.parametrize("page", pages.PAGES, ids=lambda page: page.name)
def test_pages_are_as_rendered(page: Path) -> None:
    text = page.read_text("utf-8")
    assert pages.rendered(text, figures.pieces()) == text, "python benchmarks/pages.py"


@pytest.mark.parametrize("page", pages.PAGES, ids=lambda page: page.name)
def test_every_mark_is_rendered(page: Path) -> None:
    """Each is one of a table, with its end, or has a figure before it."""
    text = page.read_text("utf-8")
    known = dict.fromkeys(figures.pieces(), "0")
    without = pages.rendered(text, dict.fromkeys(known, "\0"))
    for name in re.findall(rf"<!-- ({pages.NAME}) -->", text):
        assert f"\0<!-- {name} -->" in without or f"<!-- {name} -->\n\0" in without, name


@pytest.mark.parametrize("page", pages.PAGES, ids=lambda page: page.name)
def test_no_figure_is_without_a_mark(page: Path) -> None:
    text = re.sub(r"(?ms)^```.*?^```$|`[^`\n]*`", "", page.read_text("utf-8"))
    found = _MEASURED.findall(_BUDGETS.sub("", text))
    assert [figure for figure in found if figure not in _COUNTED] == []


def test_every_figure_is_shown() -> None:
    """What no page shows is not rendered either."""
    text = "".join([page.read_text("utf-8") for page in pages.PAGES])
    unused = [name for name in figures.pieces() if f"<!-- {name} -->" not in text]
    assert unused == []


def test_another_figure_is_found() -> None:
    pieces = {"a.b": "12", "a.table": "| 1 |\n"}
    text = "1,000<!-- a.b --> and\n<!-- a.table -->\n| 2 |\n<!-- end of a.table -->\n"
    made = "12<!-- a.b --> and\n<!-- a.table -->\n| 1 |\n<!-- end of a.table -->\n"
    assert pages.rendered(text, pieces) == made
    with pytest.raises(KeyError):
        pages.rendered("3<!-- a.unknown -->", pieces)
