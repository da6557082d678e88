"""Builds the app of the case table in a folder, for one storage."""

from __future__ import annotations

import shutil
from pathlib import Path

import app_files
import ways

import bin2res
from bin2res.encode import compress
from bin2res.mpy import compile_file

HERE = Path(__file__).parent
PKGRES = HERE.parent / "pkgres"

_DEVICE_CODE = (
    "app_files.py",
    "cases.py",
    "observer.py",
    "respond_cases.py",
    "through.py",
    "ways.py",
)
MANIFEST = HERE.parent / "manifest.py"


def build(root: Path, storage: str) -> None:
    """Lay the app out below *root*, its resources kept as *storage* says.

    That is "files", or the resource module: "R.py", "R.mpy", "table.py", "table.mpy".
    """
    form = bin2res.Form(table=storage.startswith("table"))
    _put_code(root)
    for path, content in {**app_files.RESOURCES, **app_files.BESIDE}.items():
        _put(root / path, content)
    for path, content in app_files.COMPRESSED.items():
        _put(root / path, content)
        _put(root / (path + ".gz"), compress(content, 10))
    _put(root / "large/big", app_files.big())
    _put(root / "secret.txt", b"outside of every package")
    _put(root / "my_app/mixed/module.txt", b"R")
    _put(root / "my_app/mixed/sub/x", b"R")
    # Beside files lie only the modules that a lookup must pass by.
    make_modules(root, app_files.MODULES if storage != "files" else {}, form)
    for path in app_files.COMPRESSED:
        (root / path).unlink()
    if storage != "files":
        for path in [*app_files.RESOURCES, "large/big"]:
            if not path.startswith("folder_named_r"):
                (root / path).unlink()
        shutil.rmtree(root / "my_app/mixed")
        _put(root / "my_app/mixed/file.txt", b"file")
        for folder in ("data", "gz", "names", "site", "spa", "inner/data", "inner/gz"):
            shutil.rmtree(root / "my_app" / folder)
        for folder in ("folder", "flat/data", "flat/gz"):
            shutil.rmtree(root / folder)
    for package, source in app_files.BROKEN.items():
        _put(root / package / "__init__.py", b"")
        _put(root / package / "R.py", source.encode())
    if storage.endswith(".mpy"):
        for module in list(root.rglob("R.py")):
            compile_mpy(module, module.with_suffix(".mpy"))


def build_frozen(folder: Path, storage: str) -> Path:
    """Lay the app out to be frozen; return the manifest that takes it in."""
    stage = folder / "stage"
    build(stage, storage)
    scripts = (app_files.SCRIPT, ways.PROGRAM)
    for path in (*app_files.BESIDE, "folder_named_r/R/x.txt", "secret.txt", *scripts):
        (stage / path).unlink()
    for path in library_code():
        (stage / path).unlink()
    # A firmware build has no memory to compile 1 MB by itself.
    compiled = folder / "compiled/large/R.mpy"
    compiled.parent.mkdir(parents=True)
    compile_mpy(stage / "large/R.py", compiled, "large")
    manifest = folder / "manifest.py"
    manifest.write_text(f"include({str(MANIFEST)!r})\nfreeze('stage')\nfreeze_mpy('compiled')\n")
    return manifest


def put_overrides(folder: Path) -> None:
    """Write the files that lie beside modules, as an override folder for frozen packages."""
    for path, content in app_files.BESIDE.items():
        _put(folder / path, content)
    path = "folder_named_r/R/x.txt"
    _put(folder / path, app_files.RESOURCES[path])


def put_script(folder: Path) -> None:
    """Write the programs that are scripts: the cases, and other ways through them."""
    _put(folder / app_files.SCRIPT, _program(app_files.SCRIPT))
    _put(folder / ways.PROGRAM, b"import through\n\nthrough.run()\n")


def make_modules(root: Path, modules: dict[str, dict[str, str]], form: bin2res.Form) -> None:
    """Have bin2res make the resource modules of *modules*, contents shadowed and all."""
    for package in {**modules, **app_files.SHADOWED}:
        stage = root.parent / f"{root.name}.stage" / package
        for name, path in modules.get(package, {}).items():
            _put(stage / name, (root / path).read_bytes())
        for table in (app_files.SHADOWED, app_files.MIXED):
            for name, content in table.get(package, {}).items():
                _put(stage / name, content)
        files = [str(path) for path in stage.rglob("*") if path.is_file()]
        output = str(root / package / "R.py")
        held = modules.get(package, {}).items()
        gzip = [f"/{name}=10" for name, path in held if path in app_files.COMPRESSED]
        immutable = [f"/{name}" for name, path in held if path in app_files.IMMUTABLE]
        bin2res.bundle(
            files, directory=str(stage), output=output, form=form, gzip=gzip, immutable=immutable
        )
        shutil.rmtree(root.parent / f"{root.name}.stage")


def compile_mpy(module: Path, output: Path, package: str = "") -> None:
    """Compile a module R under the name it is frozen by, and remove its source."""
    name = f"{package}/R.py" if package else "R.py"
    output.write_bytes(compile_file(str(module), name))
    module.unlink()


def _put_code(root: Path) -> None:
    for path in app_files.CODE:
        _put(root / path, b"")
    put_script(root)
    for program in (app_files.APP, app_files.TOOL, app_files.DEEP):
        _put(root / program, _program(program))
    for name in _DEVICE_CODE:
        shutil.copy(HERE / name, root / name)
    install_pkgres(root)


def _program(path: str) -> bytes:
    return f"import observer\nobserver.run({path!r})\n".encode()


def library_code() -> dict[str, Path]:
    """The files of the device library, by their path on a device, below /lib."""
    found = {f"pkgres/{path.name}": path for path in PKGRES.glob("*.py")}
    found["pkg_resources.py"] = found.pop("pkgres/pkg_resources.py")
    found["importlib/resources.py"] = PKGRES / "importlib/resources.py"
    return found


def install_pkgres(folder: Path) -> None:
    """Put the device library where a board has it."""
    for path, file in library_code().items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, folder / path)


def _put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
