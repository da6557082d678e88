"""Whatever stops a run of pkgres: the old output or the new one is there, whole.

The next run succeeds, and leaves nothing of the one that was stopped.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import kills
import pytest
from kills import WAYS, Bench, Forks, Tree, tree

from bin2res import record

MOMENTS = 200  # in all, over commands, signals, and whether there is an older output
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)


@pytest.fixture(scope="module")
def forks() -> Iterator[Forks]:
    with Forks() as forks:
        yield forks


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
    if not (site / "index.json").exists():
        return
    for package in json.loads((site / "index.json").read_bytes())["packages"]:
        name = package["name"]
        for form, versions in package["versions"].items():
            folder = site / "package" / form / name
            for version in versions:
                listed = json.loads((folder / f"{version}.json").read_bytes())
                assert listed["version"] == version
                for _, short in listed["hashes"]:
                    content = (site / "file" / short[:2] / short).read_bytes()
                    assert hashlib.sha256(content).hexdigest().startswith(short)
                _check_urls(site / name / version / "package.json")
            if (folder / "latest.json").exists():
                latest = json.loads((folder / "latest.json").read_bytes())["version"]
                assert (latest in versions) is True
        if (site / name / "package.json").exists():
            _check_urls(site / name / "package.json")


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
    """Whether Ctrl-C came in the start, before signals are heeded."""
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
