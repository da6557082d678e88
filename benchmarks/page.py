"""Put what a benchmark printed into a page of the docs, between two marks."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path


def put(page: Path, text: str, name: str) -> None:
    """Replace what is between the marks ``<!-- NAME -->`` and ``<!-- end of NAME -->``.

    Ends the program where the page has no such marks.
    """
    start, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
    marks = re.compile(f"(?s)({re.escape(start)}).*?({re.escape(end)})")
    old = page.read_text("utf-8")
    if not marks.search(old):
        sys.exit(f"{page}: has no {start.rstrip()} with {end} after it")
    # In one step: the page is the old one or the new one.
    new = page.with_suffix(".new")
    new.write_text(marks.sub(lambda m: m[1] + text + m[2], old), "utf-8")
    os.replace(new, page)
