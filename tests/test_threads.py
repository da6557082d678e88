"""Threads that look up for the first time, at once."""

from __future__ import annotations

from pathlib import Path

import firmware.build
import pytest
import runtimes
import test_frozen
from conftest import needing
from folders import write

NAMES = [f"data/{i:03}.txt" for i in range(300)]
PROGRAM = """
import _thread, time
import pkgres

ready, found = [], []
def look(name):
    ready.append(1)
    while len(ready) < 4:
        time.sleep(0)
    try:
        found.append(pkgres.resource_string("one", name) == b"content")
    except Exception as e:
        found.append(repr(e))
for name in NAMES:
    _thread.start_new_thread(look, (name,))
while len(found) < 4:
    time.sleep(0.001)
print(found)
""".replace("NAMES", repr(NAMES[::75]))


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Path:
    code = tmp_path_factory.mktemp("threads") / "code"
    write(code / "one", {"__init__.py": b"", **dict.fromkeys(NAMES, b"content")})
    test_frozen.bundle(code / "one", "-q", "data")
    for name in NAMES:
        (code / "one" / name).unlink()
    (code / "one/data").rmdir()
    return code


@pytest.mark.parametrize("where", ["frozen", "files"])
def test_first_lookups_at_once(app: Path, tmp_path: Path, where: str) -> None:
    """One imports the resource module while the others wait for it."""
    binary = needing(lambda: firmware.build.unix_with_gil(test_frozen.freeze(app.parent)))
    (tmp_path / "main.py").write_text(PROGRAM)
    path = ".frozen" if where == "frozen" else f"{app}:.frozen"
    for _ in range(10):
        result = runtimes.unix_firmware(binary, tmp_path, "main.py", path)
        assert (result.stdout, result.stderr) == ("[True, True, True, True]\n", "")
