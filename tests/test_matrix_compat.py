"""What bin2res --mpy writes, loaded by the oldest release that it is for."""

from __future__ import annotations

from pathlib import Path

import app
import node
import pytest
from conftest import Bin2res, needing

PROGRAM = """\
import pkg_resources

for name in ("data/page.html", "data/image.png", "data/sub/deep.txt"):
    print(name, pkg_resources.resource_string("my_app", name))
print(pkg_resources.resource_listdir("my_app", "data"))
"""


@pytest.mark.parametrize("form", [[], ["--table"]], ids=["dict", "table"])
@pytest.mark.parametrize(
    ("compat", "release"),
    [
        # The oldest of npm's that loads .mpy: a preview of 1.23.
        ("1.19", node.WITH_DEFLATE),
        ("1.20", node.WITH_DEFLATE),
        ("1.22", node.WITH_DEFLATE),
        ("1.23", "1.23.0"),
        (None, node.NEWEST),
    ],
)
def test_loads(
    package: Path, bin2res: Bin2res, compat: str | None, release: str, form: list[str]
) -> None:
    options = ["--compat", compat] if compat else []
    assert bin2res("data", "--mpy", *options, *form).returncode == 0
    names = ("data/page.html", "data/image.png", "data/sub/deep.txt")
    expected = [f"{name} {(package / name).read_bytes()!r}" for name in names]
    for path in (package / "data").rglob("*"):
        if path.is_file():
            path.unlink()
    app.install_pkgres(package.parent)
    (package.parent / "main.py").write_text(PROGRAM)
    result = needing(lambda: node.run(release, ["main.py"], package.parent))
    assert (result.returncode, result.stderr) == (0, "")
    *found, listing = result.stdout.splitlines()
    assert found == expected
    assert "page.html" in listing
