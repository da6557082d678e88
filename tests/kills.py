"""Runs of pkgres that are stopped: at a moment, or at a step that changes the filesystem.

A `Bench` has an app, an output, a temporary folder and a cache of its own. Runs that end at a
step are forked from one interpreter that has imported all, which makes hundreds affordable::

    python tests/kills.py       answers requests, a line of JSON each
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

STEPS = ("rename", "replace", "link", "unlink", "rmdir", "mkdir")
"""What of `os` changes which files there are."""
Tree = dict[str, object]


WAYS = {"image": "out", "freeze": "out", "mip": "out", "romfs": "out/app.romfs", "sdist": "out"}
"""The output that each command is given."""


class Bench:
    """A folder with an app, and with what a run of pkgres may touch."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.project = folder / "project"
        self.temporary = folder / "tmp"
        self.cache = folder / "cache"
        for made in (self.project / "app/data", self.temporary, self.cache):
            made.mkdir(parents=True)
        (self.project / "app/data/page.html").write_text("<p>page</p>" * 50)
        self.write_app("1")

    def write_app(self, content: str, version: str = "1") -> None:
        """Write an app with other code, resources and names."""
        (self.project / "pyproject.toml").write_text(
            f'[project]\nname = "app"\nversion = "{version}"\n[tool.pkgres]\ngzip = ["*.html"]\n'
        )
        (self.project / "app/__init__.py").write_text(f"content = {content!r}\n")
        for old in (self.project / "app/data").glob("only_*"):
            old.unlink()
        (self.project / f"app/data/only_{content}.bin").write_text(f"data of {content}")

    def rename(self, name: str) -> None:
        """Give the project another name; the package keeps its own."""
        file = self.project / "pyproject.toml"
        text = file.read_text().replace('name = "app"', f'name = "{name}"')
        file.write_text(text + 'package = "app"\n')

    @property
    def environment(self) -> dict[str, str]:
        """What a run is given beside its arguments."""
        return {"TMPDIR": str(self.temporary), "XDG_CACHE_HOME": str(self.cache)}

    @property
    def output(self) -> Path:
        """Where the outputs are."""
        return self.project / "out"

    def litter(self) -> list[str]:
        """What there is that no run should leave."""
        found = [p for p in self.project.iterdir() if p.name not in _OURS]
        found += list(self.temporary.iterdir())
        found += [p for p in self.cache.rglob("*") if p.is_file() and not _is_kept(p)]
        found += [p for p in _below(self.output) if p.suffix == ".new"]
        found += self.output.glob(".*.pkgres")
        return sorted(str(p.relative_to(self.folder)) for p in found)


_OURS = ("app", "out", "pyproject.toml")


def _is_kept(path: Path) -> bool:
    """Whether a file in the cache is a lock, or what was compressed."""
    is_gzip = path.parts[-3] == "gzip" and re.fullmatch("[0-9a-f]{64}", path.name)
    return path.suffix == ".lock" or bool(is_gzip)


def tree(folder: Path) -> Tree:
    """Return all below a folder: the bytes of files, the targets of links, None for the rest."""
    found: Tree = {}
    for path in _below(folder):
        name = str(path.relative_to(folder))
        if path.is_symlink():
            found[name] = os.readlink(path)
        else:
            found[name] = path.read_bytes() if path.is_file() else None
    return found


def _below(folder: Path) -> list[Path]:
    """Return all below a folder, which may be nested deeper than Python's stack."""
    found: list[Path] = []
    waiting = [folder] if folder.is_dir() else []
    while waiting:
        entries = sorted(waiting.pop().iterdir())
        found += entries
        waiting += [path for path in entries if path.is_dir() and not path.is_symlink()]
    return found


def command(bench: Bench, *arguments: str) -> tuple[list[str], dict[str, Any]]:
    """Return a run of pkgres as a user starts it, for `subprocess`."""
    program = [sys.executable, "-m", "bin2res.ship", *arguments]
    options = {"cwd": bench.project, "env": {**os.environ, **bench.environment}}
    return program, {**options, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}


def stopped_after(
    seconds: float, number: signal.Signals, bench: Bench, *arguments: str
) -> tuple[int, str]:
    """Run pkgres, and send it a signal; return its exit status and what it printed."""
    program, options = command(bench, *arguments)
    with subprocess.Popen(program, preexec_fn=interruptible, **options) as process:
        time.sleep(seconds)
        process.send_signal(number)
        out, err = process.communicate()
    return process.returncode, (out + err).decode()


def interruptible() -> None:
    """Make a new process take Ctrl-C, for ``preexec_fn``."""
    # A shell starts what is in the background with Ctrl-C ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)


class Stopped(NamedTuple):
    """How a forked run ended."""

    status: int
    """Its exit status, or the number of the signal that ended it, negative."""
    steps: int
    """The steps that it came to."""
    said: str


class Forks:
    """An interpreter from which runs are forked; a context manager."""

    def __enter__(self) -> Forks:
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def run(
        self,
        bench: Bench,
        *arguments: str,
        step: int = 0,
        by: str = "",
        exchange: bool = True,
    ) -> Stopped:
        """Run pkgres; stop it just before its *step*, by ``"exit"`` or a signal's name.

        With *exchange* false it is as on systems that cannot exchange two folders.
        """
        request = {
            "arguments": arguments,
            "folder": str(bench.project),
            "environment": bench.environment,
            "log": str(bench.folder / "log"),
            "step": step,
            "by": by,
            "exchange": exchange,
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        self._process.stdin.flush()
        status = int(self._process.stdout.readline())
        said, _, steps = (bench.folder / "log").read_text().rpartition("steps: ")
        return Stopped(status, int(steps), said)


def refuse(forks: Forks, bench: Bench, *arguments: str, problems: int = 1) -> str:
    """Run a command that is refused; not a file is another afterwards. Return what it said."""
    before = tree(bench.project)
    ended = forks.run(bench, *arguments)
    check_refused(ended.status, ended.said, problems)
    assert tree(bench.project) == before
    assert list(bench.temporary.iterdir()) == []
    return ended.said


def check_refused(status: int, said: str, problems: int = 1) -> None:
    """Check that a run was refused as it should be: in a line for each problem."""
    assert status == 2, said
    assert said.endswith("\n")
    assert said.count("\n") == problems, said
    for line in said.splitlines():
        assert line.startswith("pkgres: "), said
        assert line.isprintable()


def _serve() -> None:
    import bin2res.ship.cli
    import bin2res.ship.freeze
    import bin2res.ship.image
    import bin2res.ship.mip
    import bin2res.ship.romfs
    import bin2res.ship.sdist  # noqa: F401

    for line in sys.stdin.buffer:
        request = json.loads(line)
        child = os.fork()
        if not child:
            _run(request)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _run(request: Mapping[str, Any]) -> None:
    from bin2res import commands
    from bin2res.ship import exchange as exchanging
    from bin2res.ship import staging

    os.chdir(request["folder"])
    os.environ.update(request["environment"])
    log = os.open(request["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(log, 1)
    os.dup2(log, 2)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    count = 0

    def counted(function: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **options: object) -> object:
            nonlocal count
            count += 1
            if count == request["step"]:
                os.write(log, f"steps: {count}".encode())
                if request["by"] == "exit":
                    os._exit(9)
                os.kill(os.getpid(), signal.Signals[request["by"]])
            return function(*arguments, **options)

        return call

    for name in STEPS:
        setattr(os, name, counted(getattr(os, name)))
    exchange = exchanging.exchange if request["exchange"] else lambda one, other: False
    vars(staging)["exchange"] = counted(exchange)
    sys.argv = ["pkgres", *request["arguments"]]
    status: object = 1
    try:
        commands.pkgres()
    except SystemExit as end:
        status = end.code or 0
    except BaseException:
        import traceback

        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os.write(log, f"steps: {count}".encode())
    os._exit(status if isinstance(status, int) else 1)


def restore(bench: Bench, prepared: Path) -> None:
    """Make the project of *bench* a copy of a prepared one; empty its temporary folder."""
    for folder in (bench.project, bench.temporary, bench.cache):
        shutil.rmtree(folder)
    bench.temporary.mkdir()
    bench.cache.mkdir()
    shutil.copytree(prepared, bench.project, symlinks=True)


if __name__ == "__main__":
    _serve()
