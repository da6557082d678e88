"""A lookup reads the flash as often as the plain open does, a frozen one never."""

from __future__ import annotations

import sys

import app
from conftest import needing

sys.path.insert(0, str(app.HERE.parent / "benchmarks"))
import block_reads


def test_block_reads() -> None:
    figures = needing(block_reads.measure)
    assert set(figures) == {"hit", "miss", "frozen", "overridden", "beside", "view", "below"}
    for case in ("hit", "overridden", "view"):
        ours, plain = figures[case]
        assert ours == plain > 0, case
    assert figures["frozen"] == (0, 0)
    # NAME and NAME.gz: each may override.
    ours, plain = figures["beside"]
    assert ours == 2 * plain > 0
