"""The manifests that ``pkgres freeze --include`` names, and the files that they freeze."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from ..config import Config
from ..errors import Bin2resError, printable, shown
from ..read import content_of
from ..stored import Stored
from ..system import is_in
from .content import Content

ONCE = os.path.join(os.path.dirname(os.path.dirname(__file__)), "device", "once.py")
"""The path of the manifest that freezes each file once."""
_TOOL = os.path.join("tools", "manifestfile.py")
_FIX = "use one version of it, or rename or remove one"  # as in once.py
_NO_LIBRARY = r"any known library|micropython-lib not available"
# MicroPython's own tool reads them, in a process of its own: manifests are code.
_READ = """\
import sys
sys.path[0] = sys.argv[1]
import json, os, manifestfile
answer, sys.stdout = sys.stdout, sys.stderr
manifest = manifestfile.ManifestFile(manifestfile.MODE_FREEZE, json.loads(sys.argv[2]))
errors = {}
for path in json.loads(sys.argv[3]):
    files = manifest.files()
    before = len(files)
    try:
        manifest.include(path)
    except manifestfile.ManifestFileError as error:
        errors[path] = str(error)
        del files[before:]
    # The output is made again, and the build does not include it twice.
    files[:] = [f for f in files if not os.path.realpath(f.full_path).startswith(sys.argv[4])]
files = [(file.target_path, file.full_path) for file in files]
print(json.dumps([files, errors]), file=answer)
"""


class Included(NamedTuple):
    """What is known of the manifests that are included."""

    frozen: Mapping[str, str]
    """The path of each file that they freeze, by the name of the module: ``umqtt/simple``."""
    notes: Sequence[str]
    """Why a manifest was not read, one line each."""

    def match(self, name: str, content: Content) -> str | None:
        """Return the path of the file that they freeze as *name*, None if there is none.

        Raises Bin2resError if its content is not *content*.
        """
        path = self.frozen.get(_module(name))
        if path is None:
            return None
        if _untagged(content_of(path)) != _untagged(b"".join(content.pieces())):
            ours = shown(content.path) if isinstance(content, Stored) else "the app's"
            raise Bin2resError(f"{name}: {shown(path)} and {ours} differ; {_FIX}")
        return path

    def check_package(self, package: str) -> None:
        """Raise Bin2resError if they freeze a package with the name of the app's *package*."""
        for name, path in self.frozen.items():
            if name.startswith(f"{package}/"):
                raise Bin2resError(
                    f"{package}: {shown(path)} is in a package of that name; rename one of the two"
                )


def locate(names: Sequence[str], output: str) -> list[str]:
    """Return the real paths of manifests; what begins with ``$(`` is for the build to find.

    Raises Bin2resError for what does not exist, or is in the folder *output*.
    """
    paths = []
    for name in names:
        path = name
        if not name.startswith("$("):
            path = os.path.join(name, "manifest.py") if os.path.isdir(name) else name
            if not os.path.isfile(path):
                raise Bin2resError(
                    f"--include {shown(name)}: does not exist; name a manifest,"
                    " relative to the current folder"
                )
            # A link stays one: the paths in a manifest are relative to the link's folder.
            folder, base = os.path.split(path)
            path = os.path.join(os.path.realpath(folder), base)
            if is_in(path, os.path.realpath(output)):
                raise Bin2resError(
                    f"--include {shown(name)}: is in the output; move it, or name another with -o"
                )
        paths.append(path)
    return paths


def line(path: str, output: str) -> str:
    """Return the line that includes a manifest of `locate` in the manifest of the *output*."""
    if not path.startswith("$("):
        try:
            path = os.path.relpath(path, os.path.realpath(output)).replace(os.sep, "/")
        except ValueError:  # on another drive of Windows
            path = path.replace(os.sep, "/")
    return f"include({path!a})"


def read(paths: Sequence[str], config: Config, output: str) -> Included:
    """Return the files that the manifests *paths* of `locate` freeze, but none of the *output*.

    Raises Bin2resError if MicroPython's tool cannot read a manifest. If only the build knows a
    variable of the manifest, that is a note.
    """
    top = _checkout(config, paths) if paths else None
    if top is None:
        why = "no checkout of MicroPython is known; set MICROPY_DIR or the key micropython"
        return Included({}, [f"{shown(path)} was not read: {why}" for path in paths])
    variables = _variables(top, paths)
    files, errors = _answer(top, variables, [*paths, ONCE], os.path.realpath(output))
    notes = []
    for path, error in errors.items():
        if path == ONCE:  # two of the manifests differ
            raise Bin2resError(printable(error.partition(f"{ONCE}: ")[2]))
        unknown = re.search(r"\$\((\w+)\)", error)
        if unknown:
            fix = "; set it in the environment" if unknown[1] in variables else ""
            why = f"{unknown[1]} is not known{fix}"
        elif variables["MPY_LIB_DIR"] is None and re.search(_NO_LIBRARY, error):
            why = "the checkout is without lib/micropython-lib; make submodules there"
        else:
            raise Bin2resError(
                f"--include {shown(path)}: MicroPython cannot read it: {printable(error)}"
            )
        notes.append(f"{shown(path)} was not read: {why}")
    return Included({_module(target): path for target, path in files}, notes)


def _checkout(config: Config, paths: Collection[str]) -> str | None:
    """Return the checkout of MicroPython: the named one, or the one that contains a manifest."""
    named, by = os.environ.get("MICROPY_DIR", ""), "MICROPY_DIR"
    if not named and config.micropython:
        named, by = os.path.join(config.folder, config.micropython), config.key("micropython")
    if named:
        if not os.path.isfile(os.path.join(named, _TOOL)):
            raise Bin2resError(
                f"{by}: {shown(named)} has no tools/manifestfile.py; name a checkout of"
                " MicroPython 1.20 or later"
            )
        return os.path.realpath(named)
    for path in paths:
        folder = os.path.dirname(path)
        while folder != os.path.dirname(folder):
            if os.path.isfile(os.path.join(folder, _TOOL)):
                return folder
            folder = os.path.dirname(folder)
    return None


def _variables(top: str, paths: Collection[str]) -> dict[str, str | None]:
    """Return the folders that manifests name, None for what is not known."""
    library = os.path.join(top, "lib", "micropython-lib")
    port = board = None
    for path in paths:
        parts = path.removeprefix(os.path.join(top, "")).split(os.sep)
        if port is None and parts[0] == "ports" and len(parts) > 2:
            port = os.path.join(top, *parts[:2])
            board = os.path.join(top, *parts[:4]) if parts[2] == "boards" and parts[4:] else None
    return {
        "MPY_DIR": top,
        "MPY_LIB_DIR": library if os.path.isdir(library) else None,
        "PORT_DIR": _from_environment("PORT_DIR") or port,
        "BOARD_DIR": _from_environment("BOARD_DIR") or board,
    }


def _from_environment(name: str) -> str | None:
    return os.path.abspath(os.environ[name]) if os.environ.get(name) else None


def _answer(
    top: str, variables: Mapping[str, str | None], paths: Sequence[str], output: str
) -> tuple[list[tuple[str, str]], dict[str, str]]:
    """Return target and path of each file, and the error of each manifest that has one."""
    tools, below = os.path.join(top, "tools"), os.path.join(output, "")
    arguments = [tools, json.dumps(variables), json.dumps(paths), below]
    result = subprocess.run(
        [sys.executable, "-B", "-c", _READ, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    try:
        files, errors = json.loads(result.stdout)
    except ValueError:
        said = printable(" ".join(result.stderr.decode(errors="replace").splitlines()[-1:]))
        raise Bin2resError(
            f"--include: {shown(os.path.join(top, _TOOL))} failed: {said or 'no reason given'}"
        ) from None
    return files, errors


def _module(name: str) -> str:
    return os.path.splitext(name.replace("\\", "/"))[0]


def _untagged(content: bytes) -> bytes:
    """Return code without the version that micropython-lib's index adds, as once.py does."""
    return re.sub(rb"\n__version__ = .*\n\Z", b"", content).rstrip()
