"""An app to freeze: its code with the resource module, and a manifest for a firmware build."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence

from ..app import App
from ..bundle import Form, resource_module
from ..errors import Bin2resError
from ..mpy import too_big_for_firmware
from .folder import replace_folder
from .shipment import Shipment
from .tree import LIBRARY_MODULE, LIBRARY_PACKAGE, Tree, code, library, sizes

_OWNED = ("manifest.py", "code/", "compiled/")


def make(app: App, output: str, *, table: bool = False, include: Sequence[str] = ()) -> Shipment:
    """Make the folder *output* hold what is frozen, and manifest.py that takes it in.

    The resource module has the form of ``bin2res --table`` if *table*. The manifest
    includes the manifests *include* first, such as ``"$(PORT_DIR)/boards/manifest.py"``.
    Raises Bin2resError, and then what was there is as it was.
    """
    package = app.config.package
    for name in app.code:
        if name.endswith(".mpy"):
            raise Bin2resError(f"{name}: a firmware build takes no .mpy in a package; leave it out")
    resources = {name: len(stored.content()) for name, stored in app.resources.items()}
    frozen = {**code(app, mpy=False), **library(mpy=False)}
    files: Tree = {f"code/{name}": content for name, content in frozen.items()}
    lines = [f"include({name!r})" for name in include]
    lines += [
        f"package({package!r}, base_path='code')",
        f"package({LIBRARY_PACKAGE!r}, base_path='code')",
        f"module({LIBRARY_MODULE!r}, base_path='code')",
    ]
    if too_big_for_firmware(resources):
        form = Form(table=table, mpy=True, package=package)
        files[f"compiled/{package}/R.mpy"] = resource_module(app.resources, form)
        lines.append("freeze_mpy('compiled')")
    elif resources:
        files[f"code/{package}/R.py"] = resource_module(app.resources, Form(table=table))
    files["manifest.py"] = "".join(line + "\n" for line in lines).encode()
    compiled = {**code(app, mpy=True), **library(mpy=True)}  # as the build will
    replace_folder(output, files, _OWNED)
    manifest = shlex.quote(os.path.abspath(os.path.join(output, "manifest.py")))
    in_flash = {f"{package}/{name}": size for name, size in resources.items()}
    warnings = app.warnings
    if any(character in manifest for character in " #$"):
        warnings = (*warnings, "make takes no path with a space, # or $ in it; move the folder")
    return Shipment(
        output,
        {**in_flash, **sizes(compiled)},
        (f"make FROZEN_MANIFEST={manifest}",),
        "the folder of the port",
        warnings,
    )
