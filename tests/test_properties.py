"""Any legal names and any bytes go through bin2res and come back on both interpreters."""

from __future__ import annotations

import tempfile
from pathlib import Path

import app
import runtimes
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import bin2res

# What a file can be called and a caller can ask for.
_PARTS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="/\\\0"), min_size=1, max_size=60
).filter(lambda part: part not in (".", ".."))
# (Where the package is a folder, its R.py is the module itself.)
_NAMES = st.lists(_PARTS, min_size=1, max_size=3).map("/".join).filter(lambda n: n != "R.py")

_EXAMPLES, _LEAST = 100, 20
assert _EXAMPLES * _LEAST >= 2000

# Reads each resource both ways, and compares it with the file that the host wrote.
_PROGRAM = """\
import binascii
import pkgres

count = 0
with open("names") as names:
    for line in names:
        name = binascii.unhexlify(line.strip()).decode()
        with open("contents/%d" % count, "rb") as stream:
            content = stream.read()
        assert pkgres.resource_string("app", name) == content, name
        with pkgres.resource_stream("app", name) as stream:
            assert stream.read() == content, name
        assert pkgres.resource_exists("app", name), name
        assert not pkgres.resource_isdir("app", name), name
        count += 1
print(count)
"""


@st.composite
def resources(draw: st.DrawFn) -> dict[str, bytes]:
    """Names and contents that can lie side by side as files."""
    files: dict[str, bytes] = {}
    for name in draw(st.lists(_NAMES, min_size=_LEAST, max_size=40, unique=True)):
        while any(_clash(name, other) for other in files):
            name = f"{len(files)}~{name}"
        files[name] = draw(st.binary(max_size=300))
    return files


def _clash(name: str, other: str) -> bool:
    """Whether one would have to be a file and a folder, or both the same file."""
    return (name + "/").startswith(other + "/") or (other + "/").startswith(name + "/")


@settings(
    max_examples=_EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(resources())
def test_round_trip(files: dict[str, bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "root")
        stage = Path(folder, "stage")
        app.install_pkgres(root)
        (root / "contents").mkdir()
        (root / "app").mkdir()
        for number, (name, content) in enumerate(files.items()):
            path = stage / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            (root / "contents" / str(number)).write_bytes(content)
        names = "".join(name.encode().hex() + "\n" for name in files)
        (root / "names").write_text(names)
        (root / "main.py").write_text(_PROGRAM)
        made = bin2res.bundle(
            [str(stage / name) for name in files],
            directory=str(stage),
            output=str(root / "app/R.py"),
        )
        assert made.sizes == {name: len(files[name]) for name in sorted(files)}
        for run in (runtimes.cpython, runtimes.micropython):
            result = run(root, "main.py")
            assert (result.stderr, result.stdout.split()) == ("", [str(len(files))])
