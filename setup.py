"""The README as the index shows it: its links and pictures lead to the repository.

All else is in pyproject.toml.
"""

import re
import sys
from pathlib import Path

from setuptools import setup

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parent
URL = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["urls"]["Homepage"]
_LINK = re.compile(r"(!?)(\]\(|\bsrc=\")((?!https?:|#)[^)\"]+)")


def absolute(link: "re.Match[str]") -> str:
    """Return a link as it is on the index: pictures as files, all else as pages."""
    is_picture = link[3].endswith((".png", ".svg"))
    return f"{link[1]}{link[2]}{URL}/{'raw' if is_picture else 'blob'}/main/{link[3]}"


setup(
    long_description=_LINK.sub(absolute, (ROOT / "README.md").read_text("utf-8")),
    long_description_content_type="text/markdown",
)
