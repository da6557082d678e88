"""A ROMFS image: code compiled, resources as files, read where they lie in flash."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from importlib.util import find_spec

from ..app import App
from ..errors import Bin2resError
from ..output import replacing
from . import image
from .folder import replace_folder
from .shipment import Shipment
from .tree import sizes


def make(app: App, output: str) -> Shipment:
    """Write the image to the file *output*, by mpremote's own writer.

    Raises Bin2resError, and then an older image is as it was.
    """
    if find_spec("mpremote") is None:
        raise Bin2resError("mpremote is not installed; pip install mpremote")
    tree = image.files(app, mpy=True)
    for name in tree:
        if not name.isascii():
            raise Bin2resError(f"{name!a}: ROMFS takes names in ASCII only; rename it")
    with tempfile.TemporaryDirectory() as folder:
        source, built = os.path.join(folder, "source"), os.path.join(folder, "image")
        replace_folder(source, tree, ())
        # Compiled above already, with names that do not depend on this folder.
        command = ["romfs", "--no-mpy", "--output", built, "build", source]
        result = subprocess.run(
            [sys.executable, "-m", "mpremote", *command],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode or not os.path.exists(built):
            said = (result.stderr + result.stdout).strip().splitlines() or ["no reason given"]
            raise Bin2resError(f"mpremote made no image: {said[-1]}")
        with open(built, "rb") as stream:
            content = stream.read()
    with replacing(output) as stream:
        stream.write(content)
    command_line = f"mpremote romfs deploy {shlex.quote(output)}"
    found = sizes(tree)
    found["(the image's own)"] = len(content) - sum(found.values())
    return Shipment(output, found, (command_line,), warnings=app.warnings)
