"""The page that says where pkgres works: it says what the runtimes gave."""

from __future__ import annotations

import re
from pathlib import Path

import app
import firmware.build
import matrix
import node
import pytest
import runtimes
import test_matrix_runtimes
from conftest import needing
from firmware.source import Missing

WHERE = matrix.PAGES[0]


def test_every_runtime_has_a_line() -> None:
    assert list(matrix.ROWS) == list(test_matrix_runtimes.RUNTIMES)
    text = WHERE.read_text("utf-8")
    for row in matrix.ROWS.values():
        assert re.search(
            rf"^\| {re.escape(row.runtime)} \| \S+.* \| {row.architecture} \|", text, re.M
        )


def test_lines_name_the_releases_of_npm() -> None:
    releases = {
        "pyodide": node.PYODIDE,
        "npm-1.20": node.OLDEST,
        "npm-1.22": node.WITH_DEFLATE,
        "npm-1.29": node.NEWEST,
    }
    for name, release in releases.items():
        assert f"`{release}`" in matrix.ROWS[name].runtime


def all_runtimes() -> None:
    """Raise Missing unless the tests of the matrix ran on all of them."""
    ran = {name for name, row in matrix.known().items() if row.get("version")}
    if ran != matrix.ROWS.keys():
        missing = ", ".join(sorted(matrix.ROWS.keys() - ran))
        raise Missing(f"these did not run: {missing}: run all tests of the matrix")


def test_the_page_says_what_ran() -> None:
    """This file comes after the one that runs them, in the order of their names."""
    needing(all_runtimes)
    lines = WHERE.read_text("utf-8").splitlines()
    for line in matrix.full_table(matrix.known()).splitlines():
        assert line in lines, "make the page again: python -m tests.matrix"


@pytest.mark.parametrize("page", matrix.PAGES, ids=lambda page: page.name)
def test_the_pages_are_as_made(page: Path) -> None:
    needing(all_runtimes)
    text = page.read_text("utf-8")
    assert matrix.renewed(text, matrix.known()) == text, "python -m tests.matrix"


def test_tables() -> None:
    works = {"read": True, "gzip": True, "static": True}
    no_mpy = {name: {"read": False} for name in ("R.mpy", "table.mpy")}
    results = {
        "npm-1.20": {"version": "1.20.0", "inflates": "uzlib", "works": {"files": works, **no_mpy}},
        "unix": {
            "version": "1.25.0",
            "inflates": "deflate",
            "works": {
                "files": works,
                "R.mpy": works,
                "table.mpy": works,
                "frozen-R.py": {**works, "static": False},
            },
        },
    }
    headings, _, *lines = matrix.full_table(results).splitlines()
    assert headings.count("|") == 11
    assert lines == [
        f"| MicroPython (npm, `{node.OLDEST}`) | 1.20.0 | WebAssembly "
        "| yes |  |  | no |  | yes, by `uzlib` | yes |",
        "| unix port | 1.25.0 | that of the PC | yes |  |  | yes | yes | yes | no |",
    ]
    *_, line = matrix.short_table(results).splitlines()
    assert line == (
        "| MicroPython | 1.20.0, 1.25.0 | yes |  |  | yes, but for 1.20.0 | yes | yes "
        "| yes, but for 1.25.0 |"
    )
    text = "a\n<!-- matrix -->\nold\n<!-- end of matrix -->\nb\n"
    assert matrix.renewed(text, results) == text.replace("old\n", matrix.full_table(results))


def test_freeze_as_for_1_19(tmp_path: Path) -> None:
    """The lines of a manifest for the oldest release, with the paths of this test."""
    (code,) = re.findall(r"```python\n(.*?)```", WHERE.read_text("utf-8"), re.DOTALL)
    project = tmp_path / "project"
    (project / "my_app").mkdir(parents=True)
    (project / "my_app/__init__.py").write_text("")
    (project / "my_app/R.py").write_text("R = {'data/page.html': b'frozen'}\n")
    code = code.replace("/path/to/project", str(project))
    code = code.replace("/path/to/pkgres", str(app.HERE.parent.resolve()))
    (tmp_path / "code").mkdir()
    (tmp_path / "code/manifest.py").write_text(code)
    binary = needing(lambda: firmware.build.unix(tmp_path / "code/manifest.py"))
    (tmp_path / "main.py").write_text(
        "import pkg_resources\n"
        "print(pkg_resources.resource_string('my_app', 'data/page.html'))\n"
        "print(pkg_resources.resource_listdir('my_app', 'data'))\n"
    )
    result = runtimes.unix_firmware(binary, tmp_path, "main.py")
    assert (result.stdout, result.stderr) == ("b'frozen'\n['page.html']\n", "")
