"""Render the figures of the benchmarks into the docs.

    python benchmarks/pages.py

A table stands between two marks, a figure in a sentence before one:

    <!-- reading.table --> ... <!-- end of reading.table -->
    the import takes 240<!-- frozen.table-import --> bytes
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

import figures

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(ROOT.glob("docs/**/*.md"))]
NAME = "[a-z_]+\\.[a-z0-9-]+"
_TABLE = re.compile(rf"(?s)(<!-- ({NAME}) -->\n).*?(<!-- end of \2 -->)")
_FIGURE = re.compile(rf"(?<![\d.,])\d[\d.,]*(<!-- ({NAME}) -->)")


def rendered(text: str, pieces: Mapping[str, str]) -> str:
    """Return the text of a page with the figures of *pieces*.

    Raises KeyError for a mark that names none.
    """
    text = _TABLE.sub(lambda match: match[1] + pieces[match[2]] + match[3], text)
    return _FIGURE.sub(lambda match: pieces[match[2]] + match[1], text)


def main() -> None:
    """Write the pages that change."""
    pieces = figures.pieces()
    for page in PAGES:
        old = page.read_text("utf-8")
        try:
            new = rendered(old, pieces)
        except KeyError as error:
            sys.exit(f"{page}: no benchmark has a figure {error}")
        if new != old:
            # In one step: the page is the old one or the new one.
            beside = page.with_suffix(".new")
            beside.write_text(new, "utf-8")
            os.replace(beside, page)


if __name__ == "__main__":
    main()
