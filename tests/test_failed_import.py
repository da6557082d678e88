"""A resource module that cannot be imported: the same error each time, and one that says why."""

from __future__ import annotations

from pathlib import Path

import app
import node
import pytest
from conftest import needing

# What R is -> what each call says.
MODULES = {
    "raise MemoryError\n": "MemoryError",
    "raise ValueError('incompatible .mpy file')\n": "ValueError incompatible .mpy file",
    "import nothing_of_this_name\n": "ImportError no module named 'nothing_of_this_name'",
    "R = {\n": "SyntaxError invalid syntax",
}
_PROGRAM = """\
import pkg_resources
for _ in range(3):
    try:
        print(pkg_resources.resource_string("my_app", "x"))
    except Exception as e:
        print(e.__class__.__name__, *e.args)
"""


@pytest.mark.parametrize("version", [node.OLDEST, node.WITH_DEFLATE])
@pytest.mark.parametrize("source", MODULES)
def test_same_error_each_time(tmp_path: Path, version: str, source: str) -> None:
    lay_out(tmp_path, {"R.py": source.encode()})
    result = needing(lambda: node.run(version, ["main.py"], tmp_path))
    assert result.stdout.splitlines() == [MODULES[source]] * 3


def test_firmware_that_loads_no_mpy(tmp_path: Path) -> None:
    lay_out(tmp_path, {"R.mpy": b"M\x06"})
    result = needing(lambda: node.run(node.OLDEST, ["main.py"], tmp_path))
    lines = result.stdout.splitlines()
    assert len(lines) == 3
    for line in lines:
        assert line.startswith("ImportError ")
        assert line.endswith("my_app/R.mpy: firmware loads no .mpy")


def lay_out(folder: Path, files: dict[str, bytes]) -> None:
    """Put the device library, the program and the package my_app into *folder*."""
    app.install_pkgres(folder)
    package = folder / "my_app"
    package.mkdir()
    for name, content in {**files, "__init__.py": b""}.items():
        (package / name).write_bytes(content)
    (folder / "main.py").write_text(_PROGRAM)
