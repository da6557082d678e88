"""How long bin2res takes, and how much memory, against the simplest script there is.

    python benchmarks/bundle_speed.py    # writes benchmarks/figures/bundle_speed.json

2,100 files of 11.9 MB: 100 of 100 kB of random bytes, 2,000 of 950 bytes of HTML. The
peer prints ``'%r: %r,'`` for each file, which is what mpy_bin2res does. Runs take turns;
the output of the run before is removed first. Compare the ratio, not the times.
"""

from __future__ import annotations

import os
import platform
import random
import statistics
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

from figures import keep

ROUNDS = 15
PEER = "print %r of each file"
_SCRIPT = """\
import sys
print("R = {")
for name in sys.argv[1:]:
    with open(name, "rb") as f:
        print("%r: %r," % (name, f.read()))
print("}")
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        names = make_files(root)
        (root / "peer.py").write_text(_SCRIPT)
        bin2res = os.path.join(sysconfig.get_path("scripts"), "bin2res")
        commands = {
            PEER: [sys.executable, "peer.py", *names],
            "bin2res, files named": [sys.executable, bin2res, "-q", *names],
            "bin2res, folder": [sys.executable, bin2res, "-q", "data"],
        }
        times: dict[str, list[float]] = {title: [] for title in commands}
        memory = dict.fromkeys(commands, 0.0)
        for _ in range(ROUNDS):
            for title, command in commands.items():
                seconds, mebibytes = run(command, root)
                times[title].append(seconds)
                memory[title] = max(memory[title], mebibytes)
    medians = {title: statistics.median(found) for title, found in times.items()}
    baseline = medians[PEER]
    for title, seconds in medians.items():
        print(f"{title}: {seconds:.3f} s, {memory[title]:.0f} MiB")
    version = f"{platform.python_implementation()} {platform.python_version()}"
    keep(
        "bundle_speed",
        {
            "runs on": f"{version}, {platform.system()}; median of {ROUNDS}",
            "ratios": {title: seconds / baseline for title, seconds in medians.items()},
            "mebibytes": memory,
        },
    )


def make_files(root: Path) -> list[str]:
    """Write the files below *root*; return their names."""
    rng = random.Random(0)
    page = b"<p>It's a line of a page, as pages are: text with a few tags.</p>\n" * 20
    contents = {f"data/{n:03}.bin": rng.randbytes(100_000) for n in range(100)}
    contents.update({f"data/{n:04}.html": page[:950] for n in range(2000)})
    (root / "data").mkdir()
    for name, content in contents.items():
        (root / name).write_bytes(content)
    return list(contents)


def run(command: list[str], root: Path) -> tuple[float, float]:
    """Return the wall time in seconds, and the peak memory in MiB, of *command*."""
    (root / "R.py").unlink(missing_ok=True)
    (root / "output").unlink(missing_ok=True)
    output = os.open(root / "output", os.O_WRONLY | os.O_CREAT)
    started = time.perf_counter()
    child = os.fork()
    if not child:
        os.chdir(root)
        os.dup2(output, 1)
        os.execv(command[0], command)
    _, status, usage = os.wait4(child, 0)
    seconds = time.perf_counter() - started
    os.close(output)
    if status:
        sys.exit(f"{command[1]} failed")
    return seconds, usage.ru_maxrss / 1024


if __name__ == "__main__":
    main()
