"""Builds the app of the case table in a folder, for one storage."""

from __future__ import annotations

import shutil
from pathlib import Path

import cases

import bin2res
from bin2res.compress import compress
from bin2res.mpy import compile_module

HERE = Path(__file__).parent
PKGRES = HERE.parent / "pkgres"

MANIFEST = HERE.parent / "manifest.py"


def build(root: Path, storage: str) -> None:
    """Lay the app out below *root*, its resources kept as *storage* says.

    That is "files", or the resource module: "R.py", "R.mpy", "table.py", "table.mpy".
    """
    form = bin2res.Form(table=storage.startswith("table"))
    _put_code(root)
    for path, content in {**cases.RESOURCES, **cases.BESIDE}.items():
        _put(root / path, content)
    for path, content in cases.COMPRESSED.items():
        _put(root / path, content)
        _put(root / (path + ".gz"), compress(content, 10))
    _put(root / "large/big", cases.big())
    _put(root / "secret.txt", b"outside of every package")
    _put(root / "my_app/mixed/module.txt", b"R")
    _put(root / "my_app/mixed/sub/x", b"R")
    # Beside files lie only the modules that a lookup must pass by.
    make_modules(root, cases.MODULES if storage != "files" else {}, form)
    for path in cases.COMPRESSED:
        (root / path).unlink()
    if storage != "files":
        for path in [*cases.RESOURCES, "large/big"]:
            if not path.startswith("folder_named_r"):
                (root / path).unlink()
        shutil.rmtree(root / "my_app/mixed")
        _put(root / "my_app/mixed/file.txt", b"file")
        for folder in ("data", "gz", "names", "inner/data", "inner/gz", "../folder"):
            shutil.rmtree(root / "my_app" / folder)
    for package, source in cases.BROKEN.items():
        _put(root / package / "__init__.py", b"")
        _put(root / package / "R.py", source.encode())
    if storage.endswith(".mpy"):
        for module in list(root.rglob("R.py")):
            compile_mpy(module, module.with_suffix(".mpy"))


def build_frozen(folder: Path, storage: str) -> Path:
    """Lay the app out to be frozen; return the manifest that takes it in."""
    stage = folder / "stage"
    build(stage, storage)
    for path in (*cases.BESIDE, "folder_named_r/R/x.txt", "secret.txt", cases.SCRIPT):
        (stage / path).unlink()
    shutil.rmtree(stage / "pkgres")
    (stage / "pkg_resources.py").unlink()
    # A firmware build has no memory to compile 1 MB by itself.
    compiled = folder / "compiled/large/R.mpy"
    compiled.parent.mkdir(parents=True)
    compile_mpy(stage / "large/R.py", compiled, "large")
    manifest = folder / "manifest.py"
    manifest.write_text(f"include({str(MANIFEST)!r})\nfreeze('stage')\nfreeze_mpy('compiled')\n")
    return manifest


def put_overrides(folder: Path) -> None:
    """Write the files that lie beside modules, as an override folder for frozen packages."""
    for path, content in cases.BESIDE.items():
        _put(folder / path, content)
    path = "folder_named_r/R/x.txt"
    _put(folder / path, cases.RESOURCES[path])


def put_script(folder: Path) -> None:
    """Write the program that is a script."""
    _put(folder / cases.SCRIPT, _program(cases.SCRIPT))


def make_modules(root: Path, modules: dict[str, dict[str, str]], form: bin2res.Form) -> None:
    """Have bin2res make the resource modules of *modules*, contents shadowed and all."""
    for package in {**modules, **cases.SHADOWED}:
        stage = root.parent / f"{root.name}.stage" / package
        for name, path in modules.get(package, {}).items():
            _put(stage / name, (root / path).read_bytes())
        for table in (cases.SHADOWED, cases.MIXED):
            for name, content in table.get(package, {}).items():
                _put(stage / name, content)
        files = [str(path) for path in stage.rglob("*") if path.is_file()]
        output = str(root / package / "R.py")
        compressed = [f"/{path[7:]}" for path in cases.COMPRESSED]
        gzip = compressed if package == "my_app" and modules else []
        bin2res.bundle(files, directory=str(stage), output=output, form=form, gzip=gzip)
        shutil.rmtree(root.parent / f"{root.name}.stage")


def compile_mpy(module: Path, output: Path, package: str = "") -> None:
    """Compile a module under the name it is frozen by, and remove its source."""
    output.write_bytes(compile_module(str(module), package))
    module.unlink()


def _put_code(root: Path) -> None:
    for path in cases.CODE:
        _put(root / path, b"")
    for program in (cases.SCRIPT, cases.APP, cases.TOOL, cases.DEEP):
        _put(root / program, _program(program))
    for name in ("cases.py", "observer.py"):
        shutil.copy(HERE / name, root / name)
    install_pkgres(root)


def _program(path: str) -> bytes:
    return f"import observer\nobserver.run({path!r})\n".encode()


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
