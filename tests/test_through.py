"""The case table by path, by files() and by buffer, on every runtime that has the way."""

from __future__ import annotations

import app
import app_files
import cases
import firmware.build
import pytest
import runtimes
import test_cases
import test_matrix_runtimes as matrix_runtimes
import ways
from conftest import needing
from test_matrix_runtimes import Apps, apps  # noqa: F401

# They mount nothing, and say so.
WITHOUT_MOUNT = {"cpython-3.10", "cpython-3.13", "pyodide"}


@pytest.mark.parametrize(
    ("name", "storage"),
    [(name, s) for name, runtime in matrix_runtimes.RUNTIMES.items() for s in runtime.storages],
)
def test_each_way_on(apps: Apps, name: str, storage: str) -> None:  # noqa: F811
    run = matrix_runtimes.RUNTIMES[name].run
    result = needing(lambda: run(apps, storage, ways.PROGRAM))
    found = outcomes(result, has_mount=name not in WITHOUT_MOUNT)
    form = matrix_runtimes.form(name, storage)
    left_out = () if form.has_files else matrix_runtimes.LEFT_OUT_FROZEN
    check(found, form, left_out)


def test_each_way_where_files_override(apps: Apps) -> None:  # noqa: F811
    binary = needing(lambda: firmware.build.unix(apps.manifest("R.py")))
    folder = apps.folder / "overridden"
    app.put_script(folder)
    app.put_overrides(folder / "lib")
    path = f".frozen:{folder}/lib"
    result = runtimes.unix_firmware(binary, folder, ways.PROGRAM, path)
    form = test_cases.RUNTIMES["unix-frozen-overridden"]
    check(outcomes(result), form, matrix_runtimes.LEFT_OUT_FROZEN)


def outcomes(result: matrix_runtimes.Result, has_mount: bool = True) -> dict[tuple[str, int], str]:
    """What each way gave for each case, by its number."""
    lines = result.stdout.splitlines()
    assert lines[-1:] == ["END"], result.stdout[-2000:] + result.stderr
    if not has_mount:
        assert lines.pop(0) == "mount nothing can be mounted here: use pkgres.files.files()"
    found = {}
    for line in lines[:-1]:
        way, number, outcome = line.split(" ", 2)
        found[way, int(number)] = outcome
    assert {way for way, _ in found} == {
        way for way in ways.CALLS if has_mount or not ways.by_path(way)
    }
    return found


def check(
    found: dict[tuple[str, int], str], form: test_cases.Runtime, left_out: tuple[str, ...]
) -> None:
    """Compare what came with what each case expects of the way."""
    wrong = []
    for way in dict.fromkeys(way for way, _ in found):
        for number, case in enumerate(cases.CASES):
            applies = test_cases.applies(case, form) and case[2] not in left_out
            if applies and ways.has(way, case):
                expected = test_cases.expected_text(by_way(way, case), form)
                if found.get((way, number)) != expected:
                    wrong.append(f"{way} {case[:4]}: {found.get((way, number))}, not {expected}")
    shown = "\n".join(line[:300] for line in wrong[:200])
    assert not wrong, f"{len(wrong)} cases:\n{shown}"


def by_way(way: str, case: tuple[object, ...]) -> tuple[object, ...]:
    """The case, with what a way gives instead where it cannot be the same."""
    program, call, package, resource, expected, needs = case
    if way != "buffer":
        if expected == "ValueError" and resource in ("", ".", "./", "/", "//", "/.", "/./"):
            expected = "EISDIR"  # the path of the package's own folder
        if expected == "ValueError" and package == "none_such":
            expected = "ImportError"  # the package is looked at before the name
        elif ways.by_path(way):
            expected = by_path(call, resource, expected)
        if call == "listdir" and isinstance(expected, list):
            expected = [name.removesuffix(".gz") for name in expected]
    return program, call, package, resource, expected, needs


INSIDE = {"data/../data/page.html": app_files.PAGE, "data/..": "EISDIR", "a/../x": b"found"}


def by_path(call: object, resource: object, expected: object) -> object:
    """What a path gives: ``..`` is resolved, and a .gz file of others has one name."""
    absent = False if call in ("exists", "isdir") else "ENOENT"
    assert isinstance(resource, str)
    if expected == "ValueError" and (".." in resource or "\\" in resource):
        return INSIDE.get(resource.lstrip("/"), absent)
    path = f"my_app/{resource}"
    if path not in app_files.RESOURCES and f"{path}.gz" in app_files.RESOURCES:
        return absent
    return expected


def test_that_the_table_is_there() -> None:
    """Of each call that a way has, there are cases that something comes of, and errors."""
    for way, calls in ways.CALLS.items():
        held = [case for case in cases.CASES if ways.has(way, case)]
        assert {case[1] for case in held} == set(calls)
        assert any(isinstance(case[4], str) for case in held)
    assert app_files.SCRIPT != ways.PROGRAM
