"""Which small faults in the code no test of the fast lane finds: mutation testing.

    python tests/mutate.py [-n FAULTS] [-j JOBS] [--seed SEED] [--tests ARGUMENTS] [FILE...]

Each fault is made in a copy of the tree, one for each job, and the tests that matter are run on
it. Those that pass all are printed: an answer that no test asked for, or code that no caller can
tell from the other.
"""

from __future__ import annotations

import argparse
import ast
import concurrent.futures
import contextlib
import os
import queue
import random
import resource
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[1]
TESTS = {
    "pkgres/": "cases static streams pieces files buffer damaged lookup root_module micropython"
    " mount",
    "bin2res/dependencies/": "dependencies lock ship_parts ship_dependencies",
    "bin2res/ship/size": "size",
    "bin2res/ship/treemap": "size",
    "bin2res/ship/": "ship_image ship_mip ship_sdist ship_romfs ship_parts ship_report"
    " ship_refusals ship_outputs",
    "bin2res/": "select refusals cli config gzip pieces output static ship_image ship_refusals"
    " ship_refusals ship_outputs",
}
"""The test files that matter to what is below a path, by the start of their names, in order."""
PAIRS = (
    *((ast.Lt, ast.LtE), (ast.Gt, ast.GtE), (ast.Eq, ast.NotEq), (ast.In, ast.NotIn)),
    *((ast.Is, ast.IsNot), (ast.And, ast.Or), (ast.Add, ast.Sub)),
)
SWAPS: dict[type[ast.AST], Any] = {
    one: other() for pair in PAIRS for one, other in (pair, pair[::-1])
}
SKIPPED = (ast.JoinedStr, ast.Import, ast.ImportFrom)
MEMORY, DISK = 6 << 30, 1 << 30
"""Bytes that a faulty run may take, of RAM and in a file."""
_running: set[subprocess.Popen[bytes]] = set()


class Fault(NamedTuple):
    """One change of a file."""

    path: Path
    line: int
    column: int
    old: str
    new: str
    source: bytes
    """The whole file with the change."""


def changes(node: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    """Yield each small fault of a node: what is replaced, and by what."""
    if isinstance(node, ast.Compare):
        for i, operator in enumerate(node.ops):
            operators = [*node.ops[:i], SWAPS[type(operator)], *node.ops[i + 1 :]]
            yield node, ast.unparse(ast.Compare(node.left, operators, node.comparators))
    elif isinstance(node, ast.BoolOp):
        yield node, ast.unparse(ast.BoolOp(SWAPS[type(node.op)], node.values))
    elif isinstance(node, ast.BinOp) and type(node.op) in SWAPS:
        yield node, ast.unparse(ast.BinOp(node.left, SWAPS[type(node.op)], node.right))
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node, ast.unparse(node.operand)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int):
        yield node, repr(not node.value if isinstance(node.value, bool) else node.value + 1)
    elif isinstance(node, ast.If | ast.IfExp | ast.While):
        yield node.test, "False"
    elif isinstance(node, ast.Return) and node.value and ast.unparse(node.value) != "None":
        yield node.value, "None"
    elif isinstance(node, ast.Raise) or (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
    ):
        yield node, "pass"
    elif isinstance(node, ast.Break | ast.Continue):
        yield node, "continue" if isinstance(node, ast.Break) else "break"


def faults(path: Path) -> Iterator[Fault]:
    """Yield all small faults of a file, in its order."""
    source = path.read_bytes()
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    waiting: list[ast.AST] = [ast.parse(source)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, SKIPPED):
            continue
        waiting += reversed(list(ast.iter_child_nodes(node)))
        for place, new in changes(node):
            assert isinstance(place, ast.expr | ast.stmt)
            assert place.end_lineno
            assert place.end_col_offset is not None
            start = starts[place.lineno - 1] + place.col_offset
            end = starts[place.end_lineno - 1] + place.end_col_offset
            if isinstance(place, ast.expr):
                new = f"({new})"
            old = " ".join(source[start:end].decode().split())
            changed = source[:start] + new.encode() + source[end:]
            yield Fault(path, place.lineno, place.col_offset + 1, old, new, changed)


def copy(root: Path, folder: Path) -> None:
    """Copy the tree without what is made or fetched."""
    names = (".git", ".venv", ".cache", ".*_cache", ".hypothesis", "__pycache__", "build", "dist")
    shutil.copytree(root, folder / "tree", symlinks=True, ignore=shutil.ignore_patterns(*names))
    (folder / "tmp").mkdir()


def passes(folder: Path, arguments: list[str], limit: float | None = None) -> bool:
    """Return whether the tests pass in a copy, within *limit* seconds."""
    tree, temporary = folder / "tree", str(folder / "tmp")
    more = {"PYTHONPATH": str(tree), "TMPDIR": temporary, "PYTEST_ADDOPTS": ""}
    base = f"--basetemp={temporary}/pytest"
    program = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", base]

    def limited() -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # ignored, where this is in the background
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_FSIZE, (DISK, DISK))

    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*program, *arguments],
            cwd=tree,
            env={**os.environ, **more},
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=limited,
        )
    _running.add(process)
    try:
        return process.wait(limit) == 0
    except subprocess.TimeoutExpired:
        return False
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a run of the tests, and all that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    _running.discard(process)


def tests_of(root: Path, path: Path) -> list[str]:
    """Return the arguments for pytest that run the tests which matter to a file."""
    name = path.relative_to(root).as_posix()
    starts = next(tests for start, tests in TESTS.items() if name.startswith(start)).split()
    found = [p for start in starts for p in sorted(root.glob(f"tests/test_{start}*.py"))]
    return ["-m", "fast or long", *dict.fromkeys(str(p.relative_to(root)) for p in found)]


def main() -> None:
    """Make faults, run the tests, print what survived."""
    parser = argparse.ArgumentParser(description="Print the faults that no test finds.")
    parser.add_argument("files", nargs="*", metavar="FILE", help="default: all of the code")
    parser.add_argument("-n", type=int, default=50, help="how many faults (default: 50)")
    parser.add_argument("-j", type=int, default=os.cpu_count(), help="how many at once")
    parser.add_argument("--seed", default="1", help="another one makes other faults")
    parser.add_argument("--tests", help="arguments for pytest, for all files")
    parser.add_argument("--root", type=Path, default=ROOT, help="the tree (default: this one)")
    options = parser.parse_args()
    root = options.root.resolve()
    files = [Path(file).resolve() for file in options.files]
    if not files:
        files = [file for part in ("pkgres", "bin2res") for file in (root / part).rglob("*.py")]
    every = [fault for file in sorted(files) for fault in faults(file)]
    chosen = random.Random(options.seed).sample(every, min(options.n, len(every)))

    def tests(path: Path) -> list[str]:
        return shlex.split(options.tests) if options.tests else tests_of(root, path)

    found, survived = 0, 0
    with tempfile.TemporaryDirectory(prefix="mutate-") as made:
        copies: queue.Queue[Path] = queue.Queue()
        for number in range(options.j):
            copy(root, Path(made, str(number)))
            copies.put(Path(made, str(number)))
        limits = {}
        for arguments in {tuple(tests(fault.path)) for fault in chosen}:
            start = time.monotonic()
            if not passes(Path(made, "0"), list(arguments)):
                log = Path(made, "0/log").read_text("utf-8", "replace")
                sys.exit(f"{log}pytest {shlex.join(arguments)}: fails without a fault")
            limits[arguments] = 60 + 4 * (time.monotonic() - start)

        def survives(fault: Fault) -> bool:
            folder = copies.get()
            file = folder / "tree" / fault.path.relative_to(root)
            try:
                file.write_bytes(fault.source)
                arguments = tests(fault.path)
                return passes(folder, arguments, limits[tuple(arguments)])
            finally:
                shutil.copy(fault.path, file)
                copies.put(folder)

        executor = concurrent.futures.ThreadPoolExecutor(options.j)
        waiting = {executor.submit(survives, fault): fault for fault in chosen}
        try:
            for done in concurrent.futures.as_completed(waiting):
                fault = waiting[done]
                if done.result():
                    survived += 1
                    place = f"{fault.path.relative_to(root)}:{fault.line}:{fault.column}"
                    print(f"{place}: {fault.old} -> {fault.new}", flush=True)
                else:
                    found += 1
        except KeyboardInterrupt:
            executor.shutdown(wait=False, cancel_futures=True)
            for process in list(_running):
                stop(process)
        executor.shutdown()
    print(f"{found} of {found + survived} faults found")


if __name__ == "__main__":
    main()
