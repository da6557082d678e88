"""What pkgres refuses: one line that names it, exit status 2, nothing written, no traceback."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import kills
import pytest
import shipping
from kills import WAYS, Bench, Forks, check_refused, refuse, tree
from test_refusals import WITHOUT_PRIVILEGE


def describe(bench: Bench, table: str = "", **project: str) -> None:
    values = {"name": "app", "version": "1", **project}
    lines = "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())
    (bench.project / "pyproject.toml").write_text(f"[project]\n{lines}[tool.pkgres]\n{table}\n")


# What an index.json may hold that is none of mip's, or leads out of the site.
_VERSIONS = '{"packages": [{"name": "x", "versions": %s}]}'
_NAMES = '{"packages": [{"name": %s, "versions": {}}]}'
INDEXES = [
    *("", " ", "[]", "{}", "null", "1", '"x"', "{", "nonsense", "[" * 100_000, "1" * 5000),
    *('{"packages": null}', '{"packages": {}}', '{"packages": 1}', '{"packages": "ab"}'),
    *('{"packages": [1]}', '{"packages": [null]}', '{"packages": [[]]}', '{"packages": [{}]}'),
    *(_NAMES % "null", _NAMES % "[]", _NAMES % '""', _NAMES % '"../x"', _NAMES % '"a/b"'),
    *(_NAMES % '"a\\nb"', _NAMES % '"\\ud800"', '{"packages": [{"name": "x"}]}'),
    *(_VERSIONS % "null", _VERSIONS % "[]", _VERSIONS % '{"py": null}', _VERSIONS % '{"py": "1"}'),
    *(_VERSIONS % '{"py": [1]}', _VERSIONS % '{"py": ["../1"]}', _VERSIONS % '{"py": ["x"]}'),
    *(
        _VERSIONS % '{"py": ["1\\n"]}',
        _VERSIONS % '{"py": [["1"]]}',
        _VERSIONS % '{"py": {"1": 1}}',
    ),
    '{"packages": [{"name": "x", "versions": {}, "description": [1]}]}',
    '{"packages": [{"name": "x", "versions": {}, "description": "\\udc00"}]}',
    '{"packages": [{"name": "x", "versions": {}, "\\udc00": "key"}]}',
    _VERSIONS % '{"\\udc00": []}',
]


@pytest.mark.parametrize("content", [*(text.encode() for text in INDEXES), b"\xff\xfe", b"\0"])
def test_index(forks: Forks, bench: Bench, content: bytes) -> None:
    """Of another site, or of ours and damaged."""
    bench.output.mkdir()
    index = bench.output / "index.json"
    index.write_bytes(content)
    assert "out/index.json: was not made by pkgres" in refuse(forks, bench, "mip", "-o", "out")
    assert "out: its index.json is not an index for mip" in refuse(
        forks, bench, "mip", "-o", "out", "--force"
    )
    index.unlink()
    assert forks.run(bench, "mip", "-o", "out").status == 0
    index.write_bytes(content)
    bench.write_app("2", "2")
    assert "out/index.json: was changed by hand" in refuse(forks, bench, "mip", "-o", "out")
    refuse(forks, bench, "mip", "-o", "out", "--force")


@pytest.mark.parametrize("kind", ["folder", "fifo", "link"])
def test_index_that_is_no_file(forks: Forks, bench: Bench, kind: str) -> None:
    bench.output.mkdir()
    index = bench.output / "index.json"
    if kind == "folder":
        index.mkdir()
        (index / "file").write_text("")
    elif kind == "fifo":
        os.mkfifo(index)
    else:
        index.symlink_to("nowhere")
    assert "was not made by pkgres" in refuse(forks, bench, "mip", "-o", "out")
    if kind == "folder":
        refuse(forks, bench, "mip", "-o", "out", "--force")


@pytest.mark.parametrize("way", ["mip", "sdist"])
@pytest.mark.parametrize(
    "version",
    ["1\n", " 1", "1 ", "\t1", "1 0", "1?", "1#a", "1/2", "../1", "..", "", "one", "1\0", "1\\2"],
)
def test_version(forks: Forks, bench: Bench, way: str, version: str) -> None:
    describe(bench, version=version)
    assert "[project] version: " in refuse(forks, bench, way, "-o", "out")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "name",
    [
        "",
        "a\nb",
        "a b",
        " a",
        "a\n",
        "a?",
        "a#b",
        "a/b",
        "..",
        "../a",
        ".a",
        "a.",
        "-a",
        "ä",
        "a\0b",
    ],
)
def test_name(forks: Forks, bench: Bench, way: str, name: str) -> None:
    describe(bench, 'package = "app"', name=name)
    assert "[project] name: " in refuse(forks, bench, way, "-o", WAYS[way])


@pytest.mark.parametrize("name", ["file", "package", "index.json", "File", "INDEX.JSON"])
def test_names_that_a_site_has(forks: Forks, bench: Bench, name: str) -> None:
    describe(bench, 'package = "app"', name=name)
    assert f"[project] name: {name} is taken" in refuse(forks, bench, "mip", "-o", "out")


@pytest.mark.parametrize("way", WAYS)
def test_names_that_are_too_long(forks: Forks, bench: Bench, way: str) -> None:
    describe(bench, 'package = "app"', name="n" * 300, version="1")
    if way in ("mip", "sdist"):
        problems = 2 if way == "sdist" else 1  # two files
        refuse(forks, bench, way, "-o", WAYS[way], problems=problems)
    describe(bench)
    refuse(forks, bench, way, "-o", "o" * 300)
    refuse(forks, bench, way, "-o", "/".join(["o" * 200] * 30))
    refuse(forks, bench, way, "-o", "a\nb/" + "o" * 300)


@pytest.mark.parametrize(
    "url",
    [
        *("", "example.com", "/site", "//example.com/x", "ftp://example.com", "http://", "http:x"),
        *("http://example.com/?x", "http://example.com/#x", "http://exa mple.com", "http://x\n"),
        *("http://[", "http://[::1", "http://ä.com", "http:///path", "https://x.com/\u2028"),
    ],
)
def test_url(forks: Forks, bench: Bench, url: str) -> None:
    assert "--url " in refuse(forks, bench, "mip", "-o", "out", "--url", url)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "package",
    [
        *(
            "pkgres",
            "pkg_resources",
            "class",
            "/app",
            "{project}/app",
            "none",
            "a-b",
            "1a",
            "",
            "a b",
        ),
        *("pyproject.toml", "app/__init__.py", "a\nb", "ä", "a\0b", "x/pkgres", "."),
    ],
)
def test_package(forks: Forks, bench: Bench, way: str, package: str) -> None:
    for name in ("pkgres", "pkg_resources", "class", "a-b", "1a", "a b", "a\nb", "ä", "x/pkgres"):
        (bench.project / name).mkdir(parents=True)
        (bench.project / name / "__init__.py").write_text("")
    describe(bench, f"package = {json.dumps(package.format(project=bench.project))}")
    said = refuse(forks, bench, way, "-o", WAYS[way])
    assert "[tool.pkgres] " in said


def _dangling(app: Path) -> None:
    (app / "code.py").symlink_to("nowhere")


def _fifo(app: Path) -> None:
    os.mkfifo(app / "code.py")


def _fifo_resource(app: Path) -> None:
    os.mkfifo(app / "data/fifo")


def _dangling_resource(app: Path) -> None:
    (app / "data/link").symlink_to("nowhere")


def _loop(app: Path) -> None:
    (app / "loop.py").symlink_to("loop.py")


def _circle(app: Path) -> None:
    (app / "me").symlink_to(".")
    (app / "sub").mkdir()
    (app / "sub/back").symlink_to("..")


def _circle_of_two(app: Path) -> None:
    for name, other in (("one", "two"), ("two", "one")):
        (app / name).mkdir()
        (app / name / "code.py").write_text("")
        (app / name / "link").symlink_to(f"../{other}")


def _circle_above(app: Path) -> None:
    (app / "up").symlink_to("../..")


def _not_utf8(app: Path) -> None:
    (app / "a\udcff.py").write_text("")


def _newline(app: Path) -> None:
    (app / "a\nb.py").write_text("")


def _syntax(app: Path) -> None:
    (app / "__init__.py").write_text("x = = 1\n")


def _no_code(app: Path) -> None:
    (app / "__init__.py").unlink()


SOURCES = {
    "dangling code": (_dangling, "app/code.py: is a broken link"),
    "fifo of code": (_fifo, "app/code.py: is a device, fifo or socket"),
    "fifo": (_fifo_resource, "app/data/fifo: is a device, fifo or socket"),
    "dangling": (_dangling_resource, "app/data/link: is a broken link"),
    "loop": (_loop, "app/loop.py: cannot be read"),
    "circle": (_circle, "links to a folder above it"),
    "circle of two": (_circle_of_two, "links to a folder above it"),
    "circle above": (_circle_above, "links to a folder above it"),
    "not UTF-8": (_not_utf8, "app/a\\xff.py: "),
    "newline": (_newline, "app/a\\nb.py: "),
    "no code": (_no_code, "app: holds no code"),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("case", SOURCES)
def test_source(forks: Forks, bench: Bench, way: str, case: str) -> None:
    prepare, message = SOURCES[case]
    prepare(bench.project / "app")
    problems = 2 if case.startswith("circle") and case != "circle above" else 1
    assert message in refuse(forks, bench, way, "-o", WAYS[way], problems=problems)


def test_all_problems_at_once(forks: Forks, bench: Bench) -> None:
    """A line for each, and one for what is met as code and as resource."""
    app = bench.project / "app"
    for name in ("a.py", "b.py", "data/c.txt", "data/d.txt"):
        (app / name).symlink_to("nowhere")
    (app / "me").symlink_to(".")
    (app / "circuit.mpy").write_bytes(b"C\5\0\0")
    (app / "old.mpy").write_bytes(b"M\5\0\0")
    ended = forks.run(bench, "image", "-o", "out")
    assert ended.status == 2
    file = "pkgres: pyproject.toml: [tool.pkgres] resources: "
    assert [line.partition(";")[0] for line in ended.said.splitlines()] == [
        "pkgres: app/a.py: is a broken link",
        "pkgres: app/b.py: is a broken link",
        "pkgres: app/me: links to a folder above it",
        f"{file}{bench.project}/app/data/c.txt: is a broken link",
        f"{file}{bench.project}/app/data/d.txt: is a broken link",
    ]
    for path in [*app.glob("*.py"), *app.glob("data/*"), app / "me"]:
        if path.is_symlink():
            path.unlink()
    ended = forks.run(bench, "image", "-o", "out")
    assert [line.partition(";")[0] for line in ended.said.splitlines()] == [
        "pkgres: app/circuit.mpy: is compiled for CircuitPython",
        "pkgres: app/old.mpy: has version 5 of the .mpy format, and MicroPython loads 6",
    ]
    for number in range(30):
        (app / f"{number:02}.py").symlink_to("nowhere")
    lines = forks.run(bench, "image", "-o", "out").said.splitlines()
    assert len(lines) == 21
    assert lines[-1] == "pkgres: 10 more problems; fix these first"


def test_code_that_does_not_compile(forks: Forks, bench: Bench) -> None:
    _syntax(bench.project / "app")
    for arguments in (("image", "--mpy"), ("freeze",), ("mip",), ("romfs",)):
        assert "mpy-cross refused app/__init__.py" in refuse(
            forks, bench, *arguments, "-o", WAYS[arguments[0]]
        )


@pytest.mark.parametrize("way", WAYS)
def test_a_thousand_nested_folders(forks: Forks, bench: Bench, way: str) -> None:
    """Made, or refused by what cannot hold them; and made again."""
    here = os.open(bench.project / "app", os.O_RDONLY)
    for _ in range(1000):
        os.mkdir("d", dir_fd=here)
        here, above = os.open("d", os.O_RDONLY, dir_fd=here), here
        os.close(above)
    os.close(os.open("deep.txt", os.O_CREAT | os.O_WRONLY, dir_fd=here))
    for _ in range(2):
        ended = forks.run(bench, way, "-o", WAYS[way])
        if way == "romfs":  # mpremote's writer goes by recursion
            check_refused(ended.status, ended.said)
        else:
            assert ended.status == 0, ended.said[-500:]
        assert bench.litter() == []
    os.close(os.open("deep.py", os.O_CREAT | os.O_WRONLY, dir_fd=here))
    os.close(here)
    ended = forks.run(bench, way, "-o", WAYS[way])
    if way == "image":
        assert ended.status == 0, ended.said[-500:]
    else:
        check_refused(ended.status, ended.said)  # mpy-cross takes no name of this length
    assert bench.litter() == []


def test_folders_too_deep_for_a_path(forks: Forks, bench: Bench) -> None:
    """Folders that can only be reached step by step."""
    here = os.open(bench.project / "app", os.O_RDONLY)
    for _ in range(30):
        os.mkdir("d" * 200, dir_fd=here)
        here, above = os.open("d" * 200, os.O_RDONLY, dir_fd=here), here
        os.close(above)
    os.close(here)
    for way in WAYS:
        ended = forks.run(bench, way, "-o", WAYS[way])
        # Relative paths, of code, reach deeper than absolute ones, of resources.
        check_refused(ended.status, ended.said, problems=ended.said.count("\n"))
        assert "cannot be read: file name too long" in ended.said


def test_pyproject(forks: Forks, bench: Bench) -> None:
    file = bench.project / "pyproject.toml"
    for content in (
        *(
            b"\xff",
            b"[",
            b"x = " + b"1" * 5000,
            b"\0",
            b"[tool]\npkgres = 1\n",
        ),
        *(b"[tool.pkgres]\n", b"[tool.pkgres]\n[project]\n", b"project = 1\n[tool.pkgres]\n"),
    ):
        file.write_bytes(content)
        refuse(forks, bench, "image", "-o", "out")
    file.unlink()
    refuse(forks, bench, "image", "-o", "out")
    file.mkdir()
    refuse(forks, bench, "image", "-o", "out")
    refuse(forks, bench, "image", "-o", "out", "-C", "none")
    refuse(forks, bench, "image", "-o", "out", "-C", "")


# Without the rights of root, which may read all.


def unprivileged(bench: Bench, *arguments: str, problems: int = 1) -> str:
    """Run a command that is refused, as a user who may not all."""
    before = tree(bench.project)
    program, options = kills.command(bench, *arguments)
    result = subprocess.run([*WITHOUT_PRIVILEGE, *program], check=False, **options)
    said = str(result.stdout + result.stderr, "utf-8")
    check_refused(result.returncode, said, problems)
    assert tree(bench.project) == before
    return said


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("what", ["app/data", "app/__init__.py", "app/data/page.html", "app/sub"])
@pytest.mark.parametrize("mode", [0o000, 0o444])
def test_unreadable(bench: Bench, way: str, what: str, mode: int) -> None:
    """Also a folder whose names may be read, and nothing in it."""
    path = bench.project / what
    (bench.project / "app/sub/deep").mkdir(parents=True)
    (bench.project / "app/sub/deep/code.py").write_text("")
    if mode and path.is_file():
        return
    old = path.stat().st_mode
    path.chmod(mode)
    try:
        problems = 2 if mode and what == "app/data" else 1  # two files
        said = unprivileged(bench, way, "-o", WAYS[way], problems=problems)
    finally:
        path.chmod(old)
    assert f"{what}" in said
    assert "cannot be read: permission denied" in said


@pytest.mark.parametrize("way", WAYS)
def test_read_only(forks: Forks, bench: Bench, way: str) -> None:
    """The folder of the output, or the output itself, with an older one and without."""
    for older in (False, True):
        if older:
            assert forks.run(bench, way, "-o", WAYS[way]).status == 0
            bench.write_app("2", "2")
        for folder in (bench.project, bench.output):
            if folder.exists() and (folder != bench.output or way in ("romfs", "sdist")):
                old = folder.stat().st_mode
                folder.chmod(0o555)
                try:
                    if folder == bench.output or way in ("image", "freeze") or not older:
                        assert "permission denied" in unprivileged(bench, way, "-o", WAYS[way])
                finally:
                    folder.chmod(old)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("what", ["app/__init__.py", "app/data/only_1.bin"])
def test_a_source_that_vanishes(bench: Bench, way: str, what: str) -> None:
    """After it was found, and before it is read."""
    code = (
        "import os, sys\n"
        "from bin2res import app, commands\n"
        "from bin2res.ship import run\n"
        "load, gone = run.load, sys.argv.pop(1)\n"
        "def loaded(*arguments):\n"
        "    found = load(*arguments)\n"
        "    os.unlink(gone)\n"
        "    return found\n"
        "run.load = loaded\n"
        "commands.pkgres()\n"
    )
    where = ("-C", str(bench.project), "-o", str(bench.project / WAYS[way]))
    result = shipping.run_python(code, str(bench.project / what), way, *where)
    check_refused(result.returncode, result.stdout + result.stderr)
    assert f"{what}: cannot be read: no such file" in result.stderr
    assert not bench.output.exists()


@pytest.mark.parametrize("way", WAYS)
def test_devices(forks: Forks, bench: Bench, way: str) -> None:
    for device in ("/dev/full", "/dev/null"):
        before = sorted(os.listdir("/dev"))
        refuse(forks, bench, way, "-o", device)
        assert sorted(os.listdir("/dev")) == before
        (bench.project / "device").unlink(missing_ok=True)
        (bench.project / "device").symlink_to(device)
        refuse(forks, bench, way, "-o", "device")


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
@pytest.mark.parametrize("options", [(), ("--json",), ("-n",)])
def test_a_report_that_cannot_be_shown(bench: Bench, stream: str, options: tuple[str, ...]) -> None:
    """The output is made by then: exit status 1, as the help says."""
    program, given = kills.command(bench, "image", "-o", "out", *options)
    with open("/dev/full", "wb") as full:
        given[stream] = full
        result = subprocess.run(program, check=False, **given)
    said = (result.stdout or b"") + (result.stderr or b"")
    shown = (stream == "stdout") != ("--json" in options)
    assert result.returncode == (0 if shown else 1)
    assert b"Traceback" not in said
    if not shown and stream == "stdout":
        assert said == b"pkgres: the output cannot be shown: no space left on device\n"
    assert bench.output.exists() != ("-n" in options)


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_closed_streams(bench: Bench, closed: str) -> None:
    for way in WAYS:
        shutil.rmtree(bench.output, ignore_errors=True)
        program, given = kills.command(bench, way, "-o", WAYS[way])
        shell = f'exec "$@" {closed}'
        result = subprocess.run(["sh", "-c", shell, "sh", *program], check=False, **given)
        assert (result.returncode, b"Traceback" in result.stderr) == (0, False), result.stderr
        assert bench.output.exists()
