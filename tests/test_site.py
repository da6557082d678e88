"""The site of docs/ as a reader sees it, in Chromium: at a desk and on a phone."""

from __future__ import annotations

import contextlib
import functools
import http.server
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urldefrag, urljoin

import app
import browser
import click
import pytest
from conftest import needing

from bin2res import cli
from bin2res.ship import cli as ship_cli

ROOT = app.HERE.parent
# Below a folder, as it is published: a link from the root would be seen.
FOLDER = "somewhere"
_HASH_OR_ELSEWHERE = "links => links.map(link => link.href)"
_IDS = "all => all.map(element => element.id)"


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the site."""
    folder = tmp_path_factory.mktemp("site") / FOLDER
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-d", str(folder)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    result = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    return folder


class _Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve what is beside *folder*; the address is that of the folder."""
    handler = functools.partial(_Handler, directory=str(folder.parent))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/{folder.name}/"
        server.shutdown()


def pages(site: Path) -> set[str]:
    """Return the paths of all pages, as they are in links."""
    found = {path.parent.relative_to(site).as_posix() for path in site.rglob("index.html")}
    return {"" if path == "." else f"{path}/" for path in found}


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (400, True)])
def test_in_a_browser(site: Path, width: int, dark: bool) -> None:
    """All pages are reached from the first one; each is whole, and no wider than the window."""
    needing(browser.program)
    anchors: dict[str, set[str]] = {}
    wanted: list[tuple[str, str, str]] = []  # the page that links, the page linked to, the anchor
    with served(site) as start, browser.visit(width, 800, dark) as visit:
        to_visit = [start]
        while to_visit:
            url = to_visit.pop()
            path = url.removeprefix(start)
            if path in anchors:
                continue
            visit.page.goto(url, wait_until="networkidle")  # with what its search loads
            assert visit.errors == [], url
            assert visit.page.evaluate("document.documentElement.scrollWidth") <= width, url
            anchors[path] = set(visit.page.eval_on_selector_all("[id]", _IDS))
            for link in visit.page.eval_on_selector_all("a[href]", _HASH_OR_ELSEWHERE):
                target, anchor = urldefrag(urljoin(url, link))
                if target.startswith(start) and not target.endswith((".png", ".svg")):
                    wanted.append((path, target.removeprefix(start), anchor))
                    to_visit.append(target)
        loaded = set(visit.take_answers())
    assert set(anchors) == pages(site)
    missing = {(page, to, name) for page, to, name in wanted if name and name not in anchors[to]}
    assert missing == set()
    assert {url for url in loaded if not url.startswith(start)} == set()


def test_search_finds_a_call(site: Path) -> None:
    needing(browser.program)
    with served(site) as start, browser.visit(1280, 800) as visit:
        visit.page.goto(start, wait_until="networkidle")
        visit.page.click("input.md-search__input")
        visit.page.keyboard.type("resource_buffer")
        found = ".md-search-result__item a[href*='calls/']"
        visit.page.wait_for_selector(found, state="attached")
        assert visit.errors == []


def test_lists_and_tables_are_made(site: Path) -> None:
    """Markdown that GitHub takes for a list or a table is one here, too."""
    for path in site.rglob("index.html"):
        text = re.sub(r"(?s)<(pre|script|code)\b.*?</\1>", "", path.read_text("utf-8"))
        assert not re.search(r"(?m)^(?:<p>)?(?:- |\d\. |\| |```)", text), path


_COMMANDS = {"bin2res": cli.main, "pkgres": ship_cli.main}
_COMMANDS |= {f"pkgres {name}": command for name, command in ship_cli.main.commands.items()}


@pytest.mark.parametrize("name", _COMMANDS)
def test_every_option_is_shown(site: Path, name: str) -> None:
    text = (site / "commands/index.html").read_text("utf-8")
    section = text.split(f'<h2 id="{name.replace(" ", "-")}">')[1].split("<h2")[0]
    for parameter in _COMMANDS[name].params:
        if isinstance(parameter, click.Option):
            for option in parameter.opts:
                assert re.search(rf"<code>{option}[ <]", section), option


def test_every_public_call_is_shown(site: Path) -> None:
    import bin2res
    import pkgres.files

    host = (site / "python/index.html").read_text("utf-8")
    device = (site / "calls/index.html").read_text("utf-8")
    assert all(f'id="bin2res.{name}"' in host for name in bin2res.__all__)
    code = (ROOT / "pkgres/__init__.py").read_text() + (ROOT / "pkgres/info.py").read_text()
    for name in re.findall(r"(?m)^def ([a-z]\w+)", code):
        assert re.search(rf'id="pkgres\.(info\.)?{name}"', device), name
    for name in re.findall(
        r"(?m)^(?:def|class) ([a-zA-Z]\w+)", Path(pkgres.files.__file__).read_text()
    ):
        assert f'id="pkgres.files.{name}"' in device, name
