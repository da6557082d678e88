"""What mkdocs does not do by itself: pages from the root of the repository, and links to it."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[1]
URLS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["urls"]
# Nothing is written twice: these pages are those files.
PAGES = {
    "index.md": "README.md",
    "changelog.md": "CHANGELOG.md",
    "contributing.md": "CONTRIBUTING.md",
    "security.md": "SECURITY.md",
}
_LINK = re.compile(r'(\]\(|src=")(?!https?:|#)([^)"]+)')


def on_config(config: MkDocsConfig) -> None:
    """The site knows its address from pyproject.toml."""
    config.site_url = URLS["Documentation"]


def on_files(files: Files, config: MkDocsConfig) -> None:
    """Add the files of the root as pages."""
    for page, source in PAGES.items():
        text = _LINK.sub(from_the_root, (ROOT / source).read_text("utf-8"))
        files.append(File.generated(config, page, content=text))


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Lead links that go above docs/ to the page of that file, else to the repository."""
    return re.sub(r"(\]\()\.\./([^)]+)", from_the_root, markdown)


def from_the_root(link: re.Match[str]) -> str:
    """Return a link of a file in the root as it is on the site."""
    path, _, anchor = link[2].partition("#")
    pages = {source: page for page, source in PAGES.items()}
    if path.startswith("docs/"):
        target = path.removeprefix("docs/")
    elif path in pages:
        target = pages[path]
    else:
        kind = "tree" if (ROOT / path).is_dir() else "blob"
        target = f"{URLS['Homepage']}/{kind}/main/{path}"
    return f"{link[1]}{target}#{anchor}" if anchor else link[1] + target
