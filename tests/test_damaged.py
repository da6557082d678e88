"""Damaged gzip streams: an error or the right bytes, never a crash, never a hang."""

from __future__ import annotations

import gzip
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import app
import firmware.build
import pytest
import runtimes
import test_frozen
from conftest import needing

from bin2res.encode import compress

Run = Callable[[Path, str], "subprocess.CompletedProcess[str]"]

TIMES = 5000
TEXT = b"".join([b"<p>line %d of a page that goes on for a while\n" % i for i in range(60)])
FILES = {
    "small_window.gz": (compress(TEXT, 10), TEXT),
    "no_field.gz": (gzip.compress(TEXT, mtime=0), TEXT),
    "stored.gz": (gzip.compress(bytes(range(256)), 0, mtime=0), bytes(range(256))),
    "empty.gz": (compress(b"", 10), b""),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    app.install_pkgres(folder)
    for name, (data, content) in FILES.items():
        (folder / name).write_bytes(data)
        (folder / name.removesuffix(".gz")).write_bytes(content)
    (folder / "damaged.py").write_bytes((app.HERE / "damaged.py").read_bytes())
    (folder / "main.py").write_text(f"import damaged\ndamaged.run({TIMES}, {tuple(FILES)})\n")
    return folder


def check(result: subprocess.CompletedProcess[str]) -> None:
    assert (result.returncode, result.stderr) == (0, "")
    found = re.fullmatch(r"(\d+) right, (\d+) failed\n", result.stdout)
    assert found, result.stdout
    right, failed = int(found[1]), int(found[2])
    assert right + failed == TIMES
    assert right > TIMES // 50
    assert failed > TIMES // 2


@pytest.mark.parametrize("run", [runtimes.cpython, runtimes.micropython])
def test_damaged(folder: Path, run: Run) -> None:
    check(run(folder, "main.py"))


def test_damaged_with_little_memory(tmp_path: Path, folder: Path) -> None:
    """The windows of 32 KiB and of 1 KiB are collected, one after the other."""
    (tmp_path / "code").mkdir()
    binary = needing(lambda: firmware.build.unix(test_frozen.freeze(tmp_path)))
    check(runtimes.run([str(binary), "-X", "heapsize=192k", "main.py"], folder))
