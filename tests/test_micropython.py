"""What the device library takes for granted about MicroPython."""

from __future__ import annotations

from pathlib import Path

import runtimes


def _run(folder: Path, code: str, *, module: str = "") -> str:
    (folder / "package/inner").mkdir(parents=True)
    (folder / "package/__init__.py").write_text("")
    (folder / "package/inner/__init__.py").write_text("")
    (folder / "package/inner/both.py").write_text("KIND = 'py'\n")
    name = module.replace(".", "/") + ".py" if module else "main.py"
    (folder / name).write_text(code)
    result = runtimes.run_micropython(folder, ["-m", module] if module else ["main.py"])
    assert result.stderr == ""
    return result.stdout


def test_import_with_a_fromlist_gives_the_leaf(tmp_path: Path) -> None:
    code = "print(__import__('package.inner', None, None, ('__name__',)).__name__)"
    assert _run(tmp_path, code) == "package.inner\n"


def test_path_of_a_package_is_a_string(tmp_path: Path) -> None:
    assert _run(tmp_path, "import package.inner\nprint(package.inner.__path__)").endswith(
        "package/inner\n"
    )


def test_message_of_a_missing_module_ends_in_its_name(tmp_path: Path) -> None:
    code = "try:\n  import package.R\nexcept ImportError as e:\n  print(str(e)[-10:])"
    assert _run(tmp_path, code) == "package.R'\n"


def test_failed_import_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text("raise MemoryError")
    code = "for _ in 1, 2:\n  try:\n    import bad\n  except MemoryError:\n    print('again')"
    assert _run(tmp_path, code) == "again\nagain\n"


def test_run_by_m_keeps_the_real_name(tmp_path: Path) -> None:
    code = "import sys\nprint(__name__, __import__('__main__').__main__)"
    assert _run(tmp_path, code, module="package.run") == "__main__ package.run\n"


def test_script_has_no_other_name(tmp_path: Path) -> None:
    code = "m = __import__('__main__')\nprint(hasattr(m, '__main__'), m.__file__)"
    assert _run(tmp_path, code) == "False main.py\n"


def test_folders_can_be_opened_and_have_a_fileno(tmp_path: Path) -> None:
    code = "f = open('package', 'rb')\nprint(hasattr(f, 'fileno'), hasattr(f, 'raw'))"
    assert _run(tmp_path, code) == "True False\n"


def test_dots_and_slashes_are_imported_as_folders(tmp_path: Path) -> None:
    code = "print(__import__('package/inner').__path__, __import__('package.').__path__)"
    assert _run(tmp_path, code).endswith("package\n")


def test_source_hides_a_compiled_module(tmp_path: Path) -> None:
    (tmp_path / "both.mpy").write_bytes(b"not even a module")
    (tmp_path / "both.py").write_text("KIND = 'py'")
    assert _run(tmp_path, "import both\nprint(both.KIND)") == "py\n"
