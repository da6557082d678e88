"""docs/firmware.md: a manifest of one's own, with what bin2res made, in a real firmware build."""

from __future__ import annotations

import shutil
from pathlib import Path

import firmware.build
import pytest
import runtimes
import test_manifest
from conftest import needing
from test_docs import blocks, shell

MANIFEST, CORE = blocks("firmware", "python")
(COMPILE,) = blocks("firmware", "sh")
_READS = 'import pkg_resources\nprint(pkg_resources.resource_string("my_app", "data/page.html"))\n'


@pytest.mark.parametrize("way", ["R.py", "R.mpy", "the core alone"])
def test_build(package: Path, way: str) -> None:
    folder = package.parent
    (package / "__init__.py").write_text("")
    include, own = MANIFEST.splitlines(keepends=True)
    if way == "the core alone":
        include = CORE
    manifest = include.replace("/path/to/manifest.py", shell("pkgres manifest", folder).strip())
    if way == "R.mpy":
        shell(COMPILE, folder)
        manifest += 'freeze_mpy("compiled")\n'
    else:
        shell("cd my_app && bin2res data", folder)
    shutil.rmtree(package / "data")
    (folder / "manifest.py").write_text(manifest + own)
    binary = needing(lambda: firmware.build.unix(folder / "manifest.py"))
    empty = folder / "empty"
    empty.mkdir()
    (empty / "main.py").write_text(_READS)
    result = runtimes.unix_firmware(binary, empty, "main.py")
    assert (result.stdout, result.stderr) == ("b'<p>page'\n", "")


def test_every_part_is_left_out_of_the_core() -> None:
    assert all(f"    {part}=False,\n" in CORE for part in test_manifest.PARTS)
    assert CORE.count("=False") == len(test_manifest.PARTS)
