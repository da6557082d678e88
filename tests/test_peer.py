"""micropython-lib's own resource_stream reads our R.py, in the cases it supports."""

from __future__ import annotations

import tarfile
from pathlib import Path

import app
import app_files
import pytest
import runtimes
from pypi_simple import PyPISimple

PEER = "micropython-pkg_resources"

_PROGRAM = """\
import pkg_resources
assert not hasattr(pkg_resources, "resource_string")  # the peer, not ours
import binascii
for line in open("names"):
    package, name = line.strip().split(" ")
    name = binascii.unhexlify(name).decode()
    with pkg_resources.resource_stream(package if package != "-" else "", name) as stream:
        print(binascii.hexlify(stream.read()).decode())
"""


@pytest.fixture(scope="session")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The peer's module, from the package that upip installs (pip cannot)."""
    folder = tmp_path_factory.mktemp("peer")
    archive = folder / "peer.tar.gz"
    with PyPISimple() as client:
        package = client.get_project_page(PEER).packages[-1]
        client.download_package(package, archive, verify=bool(package.digests))
    with tarfile.open(archive) as tar:
        member = next(m for m in tar.getmembers() if m.name.endswith("/pkg_resources.py"))
        stream = tar.extractfile(member)
        assert stream is not None
        (folder / "pkg_resources.py").write_bytes(stream.read())
    return folder / "pkg_resources.py"


@pytest.mark.parametrize("storage", ["R.py", "R.mpy"])
def test_reads_our_module(tmp_path: Path, peer: Path, storage: str) -> None:
    root = tmp_path / "root"
    app.build(root, storage)
    (root / "pkg_resources.py").write_bytes(peer.read_bytes())
    (root / "main.py").write_text(_PROGRAM)
    names = [
        (package.replace("/", "."), name, app_files.RESOURCES[path])
        for package, held in app_files.MODULES.items()
        for name, path in held.items()
        if path in app_files.RESOURCES
    ]
    assert len(names) > 20
    lines = [f"{package or '-'} {name.encode().hex()}\n" for package, name, _ in names]
    (root / "names").write_text("".join(lines))
    result = runtimes.run_micropython(root, ["main.py"])
    assert result.stderr == ""
    assert result.stdout.split("\n")[:-1] == [content.hex() for _, _, content in names]
