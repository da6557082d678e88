"""What the benchmarks measured: benchmarks/figures/NAME.json, of which the docs are made.

The docs show them by marks, which `python benchmarks/pages.py` renders.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import tables

FOLDER = Path(__file__).parent / "figures"


def keep(name: str, found: dict[str, Any]) -> None:
    """Write what the benchmark *name* measured, and print it as the docs show it."""
    text = json.dumps(found, indent=1, ensure_ascii=False) + "\n"
    FOLDER.joinpath(f"{name}.json").write_text(text, "utf-8")
    for mark, shown in tables.RENDERERS[name](found).items():
        print(f"{name}.{mark}:", shown, sep="\n" if shown.endswith("\n") else " ")


def pieces() -> dict[str, str]:
    """Return what each mark stands for: a table, or a figure in a sentence."""
    return {
        f"{name}.{mark}": shown
        for name, render in tables.RENDERERS.items()
        for mark, shown in render(_kept(name)).items()
    }


def _kept(name: str) -> dict[str, Any]:
    found = json.loads(FOLDER.joinpath(f"{name}.json").read_text("utf-8"))
    assert isinstance(found, dict)
    return found
