"""manifest.py: what a firmware build that includes it takes, and does without."""

from __future__ import annotations

import itertools
import subprocess
import sys
from pathlib import Path

import app
import firmware.build
import pytest
import runtimes
import test_frozen
from conftest import needing
from firmware import qemu
from firmware.source import source

from bin2res.ship import library

PARTS = library.parts()
CHOICES = [
    dict(zip(PARTS, choice, strict=True))
    for choice in itertools.product((False, True), repeat=len(PARTS))
]

_LIST = """\
import sys
import manifestfile
manifest = manifestfile.ManifestFile(manifestfile.MODE_FREEZE, {"MPY_LIB_DIR": ""})
manifest.execute(sys.argv[1])
print(*[file.target_path for file in manifest.files()], sep="\\n")
"""

# What the small firmware runs: each line is what came, or the error.
_PROGRAM = """\
import pkg_resources

def read(name):
    with pkg_resources.resource_stream("my_app", name) as stream:
        return stream.read()

def serve(name):
    from pkgres.static import respond
    return respond("my_app", name)[1]

def tell(call, *arguments):
    try:
        print(call(*arguments))
    except ImportError as e:
        print("ImportError:", e)

tell(read, "page.html")
tell(pkg_resources.resource_string, "my_app", "page.html")
tell(pkg_resources.resource_string, "my_app", "packed.html.gz")
tell(read, "packed.html")
tell(pkg_resources.resource_string, "my_app", "packed.html")
tell(lambda: pkg_resources.resource_exists("my_app", "page.html"))
tell(serve, "page.html")
"""
_MISSING = "ImportError: no module named 'pkgres.%s'"


def files(folder: Path, arguments: str, ours: Path = app.MANIFEST) -> list[str]:
    """What a manifest that includes *ours* with *arguments* freezes, by MicroPython's own tool."""
    manifest = folder / "manifest.py"
    manifest.write_text(f"include({str(ours)!r}{arguments})\n")
    command = [sys.executable, "-c", _LIST, str(manifest)]
    tools = {"PYTHONPATH": str(needing(source) / "tools")}
    result = subprocess.run(command, env=tools, capture_output=True, text=True, check=True)
    return result.stdout.splitlines()


def expected(parts: list[str]) -> list[str]:
    """What is to be frozen of these parts: what `pkgres` ships of them."""
    beside = ["importlib/resources.py"] if "files" in parts else []
    return sorted([*library.modules_of(parts), "pkg_resources.py", *beside])


def test_all_is_taken_by_default(tmp_path: Path) -> None:
    found = sorted(files(tmp_path, ""))
    assert found == expected(PARTS)
    assert found == sorted(app.library_code())


@pytest.mark.parametrize("choice", CHOICES, ids=str)
def test_each_choice(tmp_path: Path, choice: dict[str, bool]) -> None:
    arguments = "".join(f", {part}={taken}" for part, taken in choice.items())
    found = sorted(files(tmp_path, arguments))
    assert found == expected([part for part, taken in choice.items() if taken])


@pytest.mark.parametrize("board", ["unix", "cortex_m3"])
def test_the_least_reads_and_says_what_is_missing(tmp_path: Path, board: str) -> None:
    code = tmp_path / "code/my_app"
    code.mkdir(parents=True)
    (code / "__init__.py").write_text("")
    pages = {"page.html": b"<p>page", "packed.html": b"<p>packed\n" * 50}
    for name, content in pages.items():
        (code / name).write_bytes(content)
    test_frozen.bundle(code, "-q", *pages, "--gzip", "packed.html")
    for name in pages:
        (code / name).unlink()
    namespace: dict[str, dict[str, bytes]] = {}
    exec((code / "R.py").read_text(), namespace)
    manifest = test_frozen.freeze(tmp_path)
    nothing = "".join(f", {part}=False" for part in PARTS)
    text = manifest.read_text()
    manifest.write_text(text.replace(f"{str(app.MANIFEST)!r}", f"{str(app.MANIFEST)!r}{nothing}"))

    page = str(pages["page.html"])
    lacks_gz = _MISSING % "gz"
    lines = [page, page, str(namespace["R"]["packed.html.gz"]), lacks_gz, lacks_gz]
    lines += [_MISSING % "info", _MISSING % "static"]
    found = needing(lambda: _run(board, manifest, tmp_path / "run")).splitlines()
    assert found == lines


def _run(board: str, manifest: Path, folder: Path) -> str:
    if board == "cortex_m3":
        return qemu.run(firmware.build.cortex_m3(manifest), _PROGRAM)
    folder.mkdir()
    (folder / "main.py").write_text(_PROGRAM)
    result = runtimes.unix_firmware(firmware.build.unix(manifest), folder, "main.py")
    assert result.stderr == ""
    return result.stdout
