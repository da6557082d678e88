"""Sizes as people write them."""

from __future__ import annotations

import pytest

from bin2res.limit import bytes_of


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("200000", 200_000),
        ("7 B", 7),
        ("1 kB", 1000),
        ("1KB", 1000),
        ("200 KiB", 204_800),
        ("1.5 MB", 1_500_000),
        (" 2 MiB ", 2_097_152),
    ],
)
def test_bytes(text: str, size: int) -> None:
    assert bytes_of(text) == size
