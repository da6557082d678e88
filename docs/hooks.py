"""What mkdocs does not do by itself: pages from the root of the repository, tables of options."""

from __future__ import annotations

import inspect
import re
import sys
from pathlib import Path
from typing import Any

import click
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from bin2res.cli import main as bin2res
from bin2res.ship.cli import main as pkgres

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[1]
URLS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["urls"]
# Nothing is written twice: these pages are those files, and these marks stand for commands.
PAGES = {
    "index.md": "README.md",
    "changelog.md": "CHANGELOG.md",
    "contributing.md": "CONTRIBUTING.md",
    "security.md": "SECURITY.md",
}
COMMANDS = {"<!-- options of bin2res -->": bin2res, "<!-- options of pkgres -->": pkgres}
_LINK = re.compile(r'(\]\(|src=")(?!https?:|#)([^)"]+)')


def on_config(config: MkDocsConfig) -> None:
    """Take the address of the site from pyproject.toml."""
    config.site_url = URLS["Documentation"]


def on_files(files: Files, config: MkDocsConfig) -> None:
    """Add the files of the root as pages."""
    for page, source in PAGES.items():
        text = _LINK.sub(from_the_root, (ROOT / source).read_text("utf-8"))
        files.append(File.generated(config, page, content=text))


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Write the options of the commands, and lead links that go above docs/ to the page or file."""
    for mark, command in COMMANDS.items():
        if mark in markdown:
            name = mark.split()[-2]
            markdown = markdown.replace(mark, described(command, click.Context(command), name))
    return re.sub(r"(\]\()\.\./([^)]+)", from_the_root, markdown)


def on_page_content(html: str, **_: Any) -> str:
    """Show the ``::`` before code in a docstring as a colon."""
    return html.replace("::</p>", ":</p>")


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


def described(command: click.Command, context: click.Context, name: str) -> str:
    """Return the help of a command in Markdown, and that of its own commands below it."""
    parts = []
    for part in inspect.cleandoc(command.help or "").split("\n\n"):
        # Click leaves the lines of a paragraph alone where it starts with \b.
        is_as_it_stands = part.startswith("\b\n")
        parts.append(f"```\n{part[2:]}\n```" if is_as_it_stands else escaped(part))
    usage = " ".join(command.collect_usage_pieces(context))
    rows = [
        f"| {', '.join(f'`{found}`' for found in record[0].split(', '))} | {escaped(record[1])} |\n"
        for parameter in command.get_params(context)
        if isinstance(parameter, click.Option)
        if (record := parameter.get_help_record(context)) is not None
    ]
    table = "| option | meaning |\n| --- | --- |\n" + "".join(rows) if rows else ""
    text = "\n\n".join([f"```\n{name} {usage}\n```", *parts, table])
    if isinstance(command, click.Group):
        for each, its in command.commands.items():
            text += f"\n\n## {name} {each}\n\n" + described(
                its, click.Context(its), f"{name} {each}"
            )
    return text


def escaped(text: str) -> str:
    """Return the text of a help as it is in Markdown."""
    return re.sub(r"([*_<|\[\]`])", r"\\\1", " ".join(text.split()))
