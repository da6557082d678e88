"""The output appears whole or not at all, and the same wherever it is made."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from conftest import Bin2res, resources

from bin2res import bundle, output
from bin2res.errors import Bin2resError


def test_same_bytes_from_anywhere(package: Path, bin2res: Bin2res, tmp_path: Path) -> None:
    (package / "data/ü 🎉.txt").write_bytes(b"x")
    copy = tmp_path / "elsewhere" / "another name"
    shutil.copytree(package, copy)
    files = ["data/image.png", "data/page.html", "data/sub/deep.txt", "data/ü 🎉.txt"]
    runs: list[tuple[Path, list[str], dict[str, Any]]] = [
        (package, ["data"], {}),
        (package, ["data"], {}),
        (package, files, {}),
        (package, files[::-1], {}),
        (copy, ["data"], {}),
        (copy, ["data"], {"env": {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0"}}),
        (copy, ["data"], {"env": {**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"}}),
        (copy, ["data"], {"umask": 0o077}),
        (copy, ["-C", str(copy), str(copy / "data")], {"umask": 0}),
    ]
    made: list[bytes] = []
    for folder, arguments, options in runs:
        (folder / "R.py").unlink(missing_ok=True)
        os.utime(folder / "data/page.html", (len(made), len(made)))
        result = bin2res(*arguments, cwd=folder, **options)
        assert result.returncode == 0, result.stderr
        made.append((folder / "R.py").read_bytes())
    assert len(set(made)) == 1
    made[0].decode("ascii")
    assert str(tmp_path).encode() not in made[0]


def test_digest_is_of_names_and_contents(package: Path, bin2res: Bin2res) -> None:
    def digest() -> bytes:
        assert bin2res("data").returncode == 0
        last = (package / "R.py").read_bytes().splitlines()[-1]
        assert last.startswith(b"DIGEST = '")
        assert len(last) == len(b"DIGEST = ''") + 16
        return last

    first = digest()
    (package / "data/page.html").write_bytes(b"<p>pagf")
    changed = digest()
    (package / "data/page.html").write_bytes(b"<p>page")
    assert digest() == first
    (package / "data/page.html").rename(package / "data/page.htm")
    renamed = digest()
    assert len({first, changed, renamed}) == 3


@pytest.mark.parametrize("named", [False, True])
def test_killed_at_any_moment(package: Path, monkeypatch: pytest.MonkeyPatch, named: bool) -> None:
    """SIGKILL at 50 random moments: the old module or the new one, whole, and no litter.

    Where the system has no files without a name, what a killed run leaves is taken over
    by the next.
    """
    data = package / "data"
    rng = random.Random(1)
    old, new = rng.randbytes(400_000), rng.randbytes(400_000)
    command = [sys.executable, "-m", "bin2res", "-q", "data"]
    if named:
        patch = "import os; del os.O_TMPFILE; from bin2res.cli import main; main()"
        command = [sys.executable, "-c", patch, "-q", "data"]
    for number in range(8):
        (data / f"{number}.bin").write_bytes(old)
    (data / "page.html").write_bytes(b"old")
    subprocess.run(command, cwd=package, check=True)
    before = (package / "R.py").read_bytes()
    (data / "page.html").write_bytes(b"new")
    for number in range(8):
        (data / f"{number}.bin").write_bytes(new)
    started = time.monotonic()
    subprocess.run(command, cwd=package, check=True)
    duration = time.monotonic() - started
    after = (package / "R.py").read_bytes()
    assert before != after
    killed = 0
    for _ in range(50):
        (package / "R.py").write_bytes(before)
        process = subprocess.Popen(command, cwd=package)
        time.sleep(rng.uniform(0, 1.1 * duration))
        process.send_signal(signal.SIGKILL)
        killed += process.wait() == -signal.SIGKILL
        assert (package / "R.py").read_bytes() in (before, after)
        litter = {path.name for path in package.iterdir()} - {"__init__.py", "R.py", "data"}
        assert not litter or named
    assert killed >= 10
    subprocess.run(command, cwd=package, check=True)
    assert {path.name for path in package.iterdir()} == {"__init__.py", "R.py", "data"}
    assert (package / "R.py").read_bytes() == after


@pytest.mark.parametrize("named", [False, True])
def test_error_while_writing(package: Path, monkeypatch: pytest.MonkeyPatch, named: bool) -> None:
    if named:
        monkeypatch.delattr(os, "O_TMPFILE")
    path = package / "R.py"
    path.write_bytes(b"old")
    before = {path.name for path in package.iterdir()}
    errors = {
        Bin2resError: OSError(28, "No space left on device"),
        KeyboardInterrupt: KeyboardInterrupt(),
    }
    for raised, error in errors.items():
        with pytest.raises(raised), output.replacing(str(path)) as stream:
            stream.write(b"new")
            raise error
    assert path.read_bytes() == b"old"
    assert {path.name for path in package.iterdir()} == before


def test_mode_and_links_are_kept(package: Path, bin2res: Bin2res) -> None:
    assert bin2res("data", umask=0o022).returncode == 0
    path = package / "R.py"
    assert path.stat().st_mode & 0o777 == 0o644
    path.chmod(0o600)
    target = package.parent / "shared.py"
    path.rename(target)
    path.symlink_to(target)
    (package / "data/page.html").write_bytes(b"new")
    assert bin2res("data").returncode == 0
    assert path.is_symlink()
    assert target.stat().st_mode & 0o777 == 0o600
    assert resources(target)["data/page.html"] == b"new"


@pytest.mark.parametrize("named", [False, True])
def test_a_file_that_would_not_change_is_left_alone(
    package: Path, monkeypatch: pytest.MonkeyPatch, named: bool
) -> None:
    """The same file with the same time, so that make has nothing to do."""
    if named:
        monkeypatch.delattr(os, "O_TMPFILE")
    path = package / "R.py"

    def write() -> tuple[int, int]:
        bundle(["data"], directory=str(package))
        status = path.stat()
        return status.st_ino, status.st_mtime_ns

    write()
    os.utime(path, (1, 1))
    first = path.stat()
    assert write() == (first.st_ino, first.st_mtime_ns)
    (package / "data/page.html").write_bytes(b"<p>pagf")  # of the same size
    assert write()[1] != first.st_mtime_ns
    assert resources(path)["data/page.html"] == b"<p>pagf"
    assert {path.name for path in package.iterdir()} == {"__init__.py", "R.py", "data"}


def test_memory_is_bounded_by_the_largest_file(package: Path) -> None:
    for number in range(60):
        (package / f"data/{number}.bin").write_bytes(os.urandom(1 << 20))
    program = (
        "import sys; from bin2res.cli import main\n"
        "try: main(['-q', 'data'])\n"
        "finally: print(open('/proc/self/status').read().split('VmHWM:')[1].split()[0])"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=package, capture_output=True, check=True
    )
    assert (package / "R.py").stat().st_size > 100 << 20
    assert int(result.stdout) < 60 << 10  # KiB


def test_many_runs_at_once(package: Path) -> None:
    command = [sys.executable, "-m", "bin2res", "-q", "data"]
    processes = [subprocess.Popen(command, cwd=package) for _ in range(16)]
    assert [process.wait() for process in processes] == [0] * 16
    assert {path.name for path in package.iterdir()} == {"__init__.py", "R.py", "data"}
    assert len(resources(package / "R.py")) == 3
