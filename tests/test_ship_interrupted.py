"""Whatever stops a run of pkgres: the old output or the new one is there, whole.

The next run succeeds, and leaves nothing of the one that was stopped.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import kills
import pytest
from conftest import needing
from firmware.source import Missing
from kills import WAYS, Bench, Forks, Tree, tree
from test_refusals import WITHOUT_PRIVILEGE

from bin2res import record

MOMENTS = 200  # in all, over commands, signals, and whether there is an older output
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)


class Stage:
    """A command with the outputs that it may leave: the older one, if any, and the new one."""

    def __init__(self, folder: Path, forks: Forks, way: str, older: bool) -> None:
        self.bench = Bench(folder / f"{way} {older}")
        self.arguments = (way, "-o", WAYS[way])
        self.way, self.older = way, older
        if older:
            assert forks.run(self.bench, *self.arguments).status == 0
        self.bench.write_app("2", "2" if way == "mip" else "1")
        self.old = tree(self.bench.output) if older else None
        self.prepared = self.bench.folder / "prepared"
        shutil.copytree(self.bench.project, self.prepared, symlinks=True)
        started = time.monotonic()
        assert forks.run(self.bench, *self.arguments).status == 0
        self.forked = time.monotonic() - started
        assert self.bench.litter() == []
        self.new = tree(self.bench.output)
        assert self.new != self.old

    def restore(self) -> None:
        kills.restore(self.bench, self.prepared)

    def check_stopped(self, *, missing: bool = False, cleaned: bool = False) -> None:
        """Check the output after a run that was stopped.

        *missing* tells that the older one may be away until the next run, *cleaned* that
        the run had the time to clean up.
        """
        output = self.bench.output
        now = tree(output) if output.exists() else None
        if cleaned:
            assert self.bench.litter() == []
        if now in (self.old, self.new) or (missing and now is None):
            return
        assert now is not None
        if self.way == "mip" and not cleaned:
            check_site(output)
        else:
            assert self.way in ("romfs", "sdist")
            self._check_file(output, now)

    def _check_file(self, output: Path, now: Tree) -> None:
        """Check that the one file is the old or the new one, and known by its record."""
        names = {name for name in now if not name.startswith(".")}
        assert names <= set(self.new)
        if names:
            (name,) = names
            assert now[name] in (self.new[name], (self.old or {}).get(name))
        found = record.read(str(output)) or record.Record({})
        for name in names:
            assert record.hash_of(str(output / name)) in found.files[name]

    def check_next(self, forks: Forks, *, exchange: bool = True) -> None:
        """Check that the next run makes the new output, and leaves nothing else."""
        ended = forks.run(self.bench, *self.arguments, exchange=exchange)
        assert (ended.status, ended.said.count("Traceback")) == (0, 0), ended.said
        assert self.bench.litter() == []
        assert tree(self.bench.output) == self.new


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory, forks: Forks) -> dict[tuple[str, bool], Stage]:
    folder = tmp_path_factory.mktemp("stages")
    return {(way, old): Stage(folder, forks, way, old) for way in WAYS for old in (False, True)}


Stages = dict[tuple[str, bool], Stage]


def check_site(site: Path) -> None:
    """Check that what index.json lists is complete, and latest.json names one of it."""
    index = site / "index.json"
    packages = json.loads(index.read_bytes())["packages"] if index.exists() else []
    for package in packages:
        name = package["name"]
        for form, versions in package["versions"].items():
            folder = site / "package" / form / name
            for version in versions:
                listed = json.loads((folder / f"{version}.json").read_bytes())
                assert listed["version"] == version
                for _, short in listed["hashes"]:
                    content = (site / "file" / short[:2] / short).read_bytes()
                    assert hashlib.sha256(content).hexdigest().startswith(short)
                assert (site / name / version / "package.json").is_file()
            if (folder / "latest.json").exists():
                latest = json.loads((folder / "latest.json").read_bytes())["version"]
                assert latest in versions
        if (site / name / "package.json").exists():
            _check_urls(site / name / "package.json")
    for listed in site.glob("*/*/package.json"):
        _check_urls(listed)


def _check_urls(listed: Path) -> None:
    for _, url in json.loads(listed.read_bytes())["urls"]:
        assert (listed.parent / url).is_file()


@pytest.mark.parametrize("older", [False, True])
@pytest.mark.parametrize("by", ["exit", "signal"])
@pytest.mark.parametrize("way", WAYS)
def test_at_every_step(forks: Forks, stages: Stages, way: str, by: str, older: bool) -> None:
    check_every_step(forks, stages[way, older], by, exchange=True)


@pytest.mark.parametrize("by", ["exit", "signal"])
@pytest.mark.parametrize("way", ["image", "freeze"])
def test_at_every_step_without_exchange(forks: Forks, stages: Stages, way: str, by: str) -> None:
    """As on systems that cannot exchange two folders: then the next run puts the older back."""
    check_every_step(forks, stages[way, True], by, exchange=False)


def check_every_step(forks: Forks, stage: Stage, by: str, *, exchange: bool) -> None:
    step = 0
    while True:
        step += 1
        stage.restore()
        way = "exit" if by == "exit" else ("SIGTERM", "SIGINT")[step % 2]
        ended = forks.run(stage.bench, *stage.arguments, step=step, by=way, exchange=exchange)
        if ended.steps < step:
            assert ended.status == 0
            break
        assert ended.status == (9 if by == "exit" else -signal.Signals[way])
        assert "Traceback" not in ended.said
        missing = not exchange and by == "exit"
        stage.check_stopped(missing=missing, cleaned=by == "signal")
        stage.check_next(forks, exchange=exchange)
    assert step > 10


@pytest.mark.parametrize("way", WAYS)
def test_at_random_moments(forks: Forks, stages: Stages, way: str) -> None:
    rng = random.Random(way)
    stopped = 0
    durations = {older: duration(stages[way, older]) for older in (False, True)}
    for moment in range(MOMENTS // len(WAYS)):
        older = moment % 2 == 1
        number = SIGNALS[moment // 2 % len(SIGNALS)]
        stage = stages[way, older]
        stage.restore()
        seconds = rng.uniform(0, durations[older])
        status, said = kills.stopped_after(seconds, number, stage.bench, *stage.arguments)
        if status != -number:
            assert status == 0 or in_start(said), said
        stopped += status == -number
        if status == -number:
            assert "Traceback" not in said or in_start(said), said
        stage.check_stopped(cleaned=number != signal.SIGKILL)
        stage.check_next(forks)
    assert stopped > MOMENTS // len(WAYS) // 4


def in_start(said: str) -> bool:
    """Whether Ctrl-C came in the start, before signals are heeded, or in Python's own."""
    if said.startswith("Fatal Python error: init"):
        return "/bin2res/" not in said
    ours = set(re.findall(r"/bin2res/(.*?)\.py", said))
    return said.endswith("KeyboardInterrupt\n") and ours <= {
        *("__init__", "commands", "stop", "ship/__init__", "ship/__main__")
    }


def test_signals_are_heeded_before_anything_is_loaded() -> None:
    program = (
        "import sys; before = set(sys.modules)\n"
        "import bin2res.commands\n"
        "print(*sorted(n for n in set(sys.modules) - before if n.startswith(('bin2res', 'click'))))"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert result.stdout.split() == [b"bin2res", b"bin2res.commands", b"bin2res.stop"]


def duration(stage: Stage) -> float:
    """Return how many seconds a run takes that is not stopped."""
    stage.restore()
    program, options = kills.command(stage.bench, *stage.arguments)
    started = time.monotonic()
    subprocess.run(program, **options, check=True)
    return time.monotonic() - started


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of its own, of a size that can be changed."""
    folder = tmp_path / "disk"
    folder.mkdir()
    needing(lambda: mount("-t", "tmpfs", "-o", "size=4m,nr_inodes=9999", "tmpfs", str(folder)))
    yield folder
    subprocess.run(["umount", folder], check=True)


def mount(*arguments: str) -> None:
    if subprocess.run(["mount", *arguments], capture_output=True, check=False).returncode:
        raise Missing("a disk that runs full is mounted by root alone")


@pytest.mark.parametrize("older", [False, True])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("what", ["space", "files"])
def test_full_disk(
    forks: Forks, tmp_path: Path, disk: Path, way: str, older: bool, what: str
) -> None:
    """With room for ever less: one line, and the older output untouched, without litter."""
    bench = Bench(tmp_path / "bench")
    arguments = (way, "-o", str(disk / WAYS[way]))
    if older:
        assert forks.run(bench, *arguments).status == 0
    bench.write_app("2", "2" if way == "mip" else "1")
    before = tree(disk)
    refused = 0
    for room in range(200):
        full = fill(disk, room, what)
        ended = forks.run(bench, *arguments)
        full.unlink()
        mount("-o", "remount,size=4m,nr_inodes=9999", str(disk))
        if ended.status == 0:
            break
        refused += 1
        assert ended.status == 2
        assert ended.said.startswith("pkgres: ")
        assert ended.said.count("\n") == 1, ended.said
        assert "no space left on device" in ended.said.lower()
        assert tree(disk) == before
        assert bench.litter() == []
    assert refused > 3
    assert not [name for name in tree(disk) if name.endswith(".pkgres")]
    assert forks.run(bench, *arguments).status == 0


def fill(disk: Path, room: int, what: str) -> Path:
    """Leave room for some blocks or files on a disk; return the file that takes the rest."""
    full = disk / ".full"
    full.touch()
    status = os.statvfs(disk)
    if what == "files":
        used = status.f_files - status.f_ffree
        mount("-o", f"remount,nr_inodes={used + room}", str(disk))
    else:
        with open(full, "wb") as stream:
            os.posix_fallocate(stream.fileno(), 0, (status.f_bavail - room) * status.f_frsize)
    return full


def test_a_site_that_is_a_disk(forks: Forks, tmp_path: Path, disk: Path) -> None:
    """Killed at each step as well: there is no place beside it."""
    bench = Bench(tmp_path / "bench")
    made = forks.run(bench, "image", "-o", str(disk))
    assert (made.status, "is where a disk is mounted; name a folder in it" in made.said) == (
        2,
        True,
    )
    step = 0
    while True:
        step += 1
        ended = forks.run(bench, "mip", "-o", str(disk), step=step, by="exit")
        check_site(disk)
        bench.write_app(str(step), str(step))
        if ended.steps < step:
            break
    assert forks.run(bench, "mip", "-o", str(disk)).status == 0
    found = record.read(str(disk))
    assert found is not None
    assert (record.foreign(str(disk), found), found.adding) == ([], {})
    assert step > 20


def test_a_site_in_a_folder_that_is_read_only(forks: Forks, tmp_path: Path) -> None:
    bench = Bench(tmp_path / "bench")
    assert forks.run(bench, "mip", "-o", "out").status == 0
    bench.write_app("2", "2")
    program, options = kills.command(bench, "mip", "-o", "out")
    bench.project.chmod(0o555)
    try:
        subprocess.run([*WITHOUT_PRIVILEGE, *program], check=True, **options)
    finally:
        bench.project.chmod(0o755)
    check_site(bench.output)
    assert '"2"' in (bench.output / "index.json").read_text()
    assert bench.litter() == []
    assert not (bench.output / ".out.pkgres").exists()


@pytest.fixture
def benches(tmp_path: Path) -> list[Bench]:
    """Six apps, which share a cache: there are the locks."""
    found = []
    for number in range(6):
        bench = Bench(tmp_path / str(number))
        bench.rename(f"app{number}")
        bench.cache = tmp_path / "cache"
        found.append(bench)
    return found


def at_once(runs: Sequence[tuple[Bench, tuple[str, ...]]]) -> list[str]:
    """Start all runs; return what they say, once all have succeeded."""
    processes = []
    for bench, arguments in runs:
        program, options = kills.command(bench, *arguments)
        processes.append(subprocess.Popen(program, **options))
    said = ["".join(part.decode() for part in process.communicate()) for process in processes]
    assert [process.returncode for process in processes] == [0] * len(runs), said
    return said


def test_six_apps_into_one_site(benches: list[Bench], tmp_path: Path) -> None:
    site = tmp_path / "site"
    for version in ("1", "2"):
        for number, bench in enumerate(benches):
            bench.write_app(version, version)
            bench.rename(f"app{number}")
        at_once([(bench, ("mip", "-o", str(site))) for bench in benches])
        check_site(site)
        packages = json.loads((site / "index.json").read_bytes())["packages"]
        assert [package["name"] for package in packages] == [f"app{n}" for n in range(6)]
        assert {package["version"] for package in packages} == {version}
    found = record.read(str(site))
    assert found is not None
    assert (record.foreign(str(site), found), found.adding) == ([], {})


@pytest.mark.parametrize("count", [2, 6])
@pytest.mark.parametrize("way", WAYS)
def test_the_same_app_at_once(benches: list[Bench], tmp_path: Path, way: str, count: int) -> None:
    bench = benches[0]
    arguments = (way, "-o", str(tmp_path / "made" / WAYS[way]))
    at_once([(bench, arguments)])
    alone = tree(tmp_path / "made")
    shutil.rmtree(tmp_path / "made")
    at_once([(bench, arguments)] * count)
    assert tree(tmp_path / "made") == alone


@pytest.mark.parametrize("way", ["image", "freeze"])
def test_two_apps_into_one_folder(benches: list[Bench], tmp_path: Path, way: str) -> None:
    """One after the other: the folder has the one or the other, whole."""
    alone = []
    for bench in benches[:2]:
        at_once([(bench, (way, "-o", str(tmp_path / "made")))])
        alone.append(tree(tmp_path / "made"))
    for _ in range(3):
        at_once([(bench, (way, "-o", str(tmp_path / "made"))) for bench in benches[:2]])
        assert tree(tmp_path / "made") in alone
        assert not (tmp_path / ".made.pkgres").exists()


@pytest.mark.parametrize("way", ["romfs", "sdist"])
def test_six_files_into_one_folder(benches: list[Bench], tmp_path: Path, way: str) -> None:
    folder = tmp_path / "made"
    for content in ("1", "2"):
        runs = []
        for number, bench in enumerate(benches):
            bench.write_app(content)
            bench.rename(f"app{number}")
            file = folder / f"app{number}.romfs" if way == "romfs" else folder
            runs.append((bench, (way, "-o", str(file))))
        at_once(runs)
        found = record.read(str(folder))
        assert found is not None
        assert len(found.files) == 6
        assert record.foreign(str(folder), found) == []


def test_a_run_that_waits_says_so(benches: list[Bench], tmp_path: Path) -> None:
    code = (
        "import os, sys\n"
        "from bin2res.ship.staging import locked\n"
        "with locked(sys.argv[1]):\n"
        "    print('locked', flush=True)\n"
        "    sys.stdin.read()\n"
    )
    bench, output = benches[0], str(tmp_path / "out")
    program = [sys.executable, "-c", code, output]
    program_of_run, options = kills.command(bench, "image", "-q", "-o", output)
    options |= {"stdin": subprocess.PIPE}
    with (
        subprocess.Popen(program, **options) as holder,
        subprocess.Popen(program_of_run, **options) as waiting,
    ):
        assert holder.stdout is not None
        assert waiting.stderr is not None
        assert holder.stdout.readline() == b"locked\n"
        assert waiting.stderr.readline().startswith(b"waiting for another run that writes ")
        # A lock does not outlive its run.
        holder.kill()
        assert waiting.wait() == 0
    assert (tmp_path / "out/lib").is_dir()
