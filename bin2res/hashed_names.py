"""Point out names that look as if they had a hash of the content, as build tools make them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .errors import printable

# app.3f2a91c0.js, index-BxY3k_9a.css: hex digits, or eight characters with capitals and digits.
_HASH = re.compile(
    r"[.-]((?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{8,}|(?=[^.]*[A-Z])(?=[^.]*\d)[\w-]{8})\.\w+$"
)


def hint_at_hashes(names: Iterable[str]) -> list[str]:
    """Return a note on such resources and the key for them, [] if there are none."""
    hashed = [name for name in names if _HASH.search(name.removesuffix(".gz"))]
    if not hashed:
        return []
    first = printable(hashed[0].removesuffix(".gz"))
    others = f" and {len(hashed) - 1:,} more" if len(hashed) > 1 else ""
    return [
        f"{first}{others}: looks as if the name had a hash of the content; with the key immutable"
        " browsers keep it for a year"
    ]
