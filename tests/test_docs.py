"""The pages on shipping an app, typed as they stand, from an empty folder."""

from __future__ import annotations

import os
import re
import shutil
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import app
import board
import certifi
import firmware.build
import pytest
import runtimes
import shipping
import test_frozen
import test_ship_start
import web_app
from conftest import needing, resources
from folders import served
from test_ship_mip import install

from bin2res import config
from bin2res.dependencies import wanted
from bin2res.keys import KEYS

DOCS = app.HERE.parent / "docs"
PRINTED = "<h1>Hello from a resource</h1>\n"
SPARE = 16_000  # bytes of heap for the interpreter itself, and for what is small
PROJECT = '[project]\nname = "hello"\nversion = "1.0.0"\n\n'
WAYS = ("image", "mip", "freeze", "romfs", "sdist")


def blocks(page: str, *languages: str) -> list[str]:
    """The blocks of code on a page in these languages, in order."""
    text = (DOCS / f"{page}.md").read_text("utf-8")
    found = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [code for language, code in found if language in languages]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder in which the app was typed."""
    folder = tmp_path / "folder"
    folder.mkdir()
    shell(blocks("quickstart", "sh")[1], folder)
    return folder


def shell(code: str, folder: Path, **environment: str) -> str:
    """Type code into a shell; return what it printed."""
    return typed(code, folder, **environment).stdout


def typed(code: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Type code into a shell; the programs are those of the environment of this run."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    result = subprocess.run(
        ["bash", "-ec", code],
        cwd=folder,
        env={**os.environ, "PATH": path, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result


def shape(report: str) -> str:
    """A report without the sizes, which change with pkgres."""
    return re.sub(r"(?m)^ *[\d,]+ ", "N ", report)


@pytest.fixture(scope="module")
def micropython() -> Iterator[str]:
    """The path of MicroPython's source, where nothing is built in the port's own folder yet."""
    needing(lambda: firmware.source.need("make", "gcc"))
    top = needing(firmware.source.source).resolve()
    with firmware.build.locked("docs"):
        # A build that was stopped leaves half of what it made, which make takes for whole.
        shutil.rmtree(top / "ports/unix/build-standard", ignore_errors=True)
        yield str(top)


def on_device(device: board.Board, code: str, folder: Path) -> str:
    return "".join([device.mpremote(line, folder) for line in code.splitlines()])


def on_micropython(receiver: Path, code: str, folder: Path) -> str:
    """Run code on a MicroPython with network and lib in ``sys.path``."""
    result = runtimes.run([str(receiver), "-c", code], folder, f"{folder}/lib:.frozen")
    assert (result.returncode, result.stderr) == (0, "")
    return result.stdout


def test_image(folder: Path, device: board.Board) -> None:
    make, copy = blocks("image", "sh")
    shell(make, folder)
    assert on_device(device, copy, folder).endswith(PRINTED)


def test_mip(folder: Path, receiver: Path, device: board.Board) -> None:
    make, serve, install, by_url = blocks("mip", "sh")
    on_board, on_board_by_url = blocks("mip", "python")
    shell(make, folder)
    command, port = serve.rsplit(maxsplit=1)
    with web_app.serving(["bash", "-c", f'exec {command} "$0"'], folder) as server:

        def here(code: str) -> str:
            return re.sub(
                rf"(192\.168\.1\.10|127\.0\.0\.1):{port}", f"127.0.0.1:{server.port}", code
            )

        assert on_micropython(receiver, here(on_board), folder).endswith(PRINTED)
        assert on_device(device, here(install), folder).endswith(PRINTED)
        shell(here(by_url), folder)
        other = folder.parent / "other"
        other.mkdir()
        told = on_micropython(receiver, here(on_board_by_url) + "import hello", other)
        assert "Done\n" in told
        assert told.endswith(PRINTED)


FLAGS = " ".join(firmware.build.OPTIONS["unix"])


def test_freeze(folder: Path, micropython: str) -> None:
    make, build, include = blocks("freeze", "sh")[:3]
    shell(make, folder)
    build = build.replace("~/micropython", micropython)
    compiler, *rest = build.splitlines(keepends=True)
    shell(compiler, folder)
    assert shell("".join(rest), folder, MAKEFLAGS=FLAGS).endswith(PRINTED)
    shell(include, folder)
    first = (folder / "frozen/manifest.py").read_text().splitlines()[0]
    assert first == "include('$(PORT_DIR)/boards/manifest.py')"
    assert set(FLAGS.split()) - {"VARIANT=standard", "MICROPY_PY_BLUETOOTH=0"} <= set(
        re.findall(r"MICROPY_\w+=0", (DOCS / "freeze.md").read_text("utf-8"))
    )


def test_freeze_a_web_app(folder: Path, micropython: str) -> None:
    make, run, request = blocks("freeze", "sh")[3:]
    make = make.replace("/path/to/pkgres", str(app.HERE.parent))
    make = make.replace("~/micropython", micropython)
    # The environment of this run has Microdot.
    shell(make.replace("pip install microdot\n", ""), folder, MAKEFLAGS=FLAGS)
    shutil.rmtree(folder / "web")
    shutil.rmtree(folder / "firmware")
    needing(lambda: firmware.source.need("curl"))
    command = run.replace("~/micropython", micropython).strip()
    with web_app.serving(["bash", "-c", f'exec {command} "$0"'], folder) as server:
        page = shell(request.replace("http://127.0.0.1:8000/", server.url), folder)
        assert page == (shipping.EXAMPLE / "data/page.html").read_text()
        answer = web_app.ask(server, "image.png", {})
        assert answer.body == (shipping.EXAMPLE / "data/image.png").read_bytes()


def test_the_dependencies_of_the_example_are_shown() -> None:
    (shown,) = blocks("freeze", "toml")
    assert shown.strip() == shipping.DEPENDENCIES


def test_romfs(folder: Path, receiver: Path) -> None:
    (make,) = blocks("romfs", "sh")
    (mount,) = blocks("romfs", "python")
    shell(make, folder)
    (folder / "hello").rename(folder / "elsewhere")
    assert on_micropython(receiver, mount, folder) == PRINTED


def test_sdist(folder: Path, receiver: Path) -> None:
    (make,) = blocks("sdist", "sh")
    (unpack,) = blocks("sdist", "python")
    assert "hello-1.0.0/hello/R.py\n" in shell(make, folder)
    (folder / "hello").rename(folder / "elsewhere")
    assert on_micropython(receiver, unpack, folder) == PRINTED


def test_dry_run(folder: Path) -> None:
    dry = blocks("app", "sh")[1]
    shown = blocks("app", "")[0]
    told = typed(dry, folder).stderr
    assert shape(told) == shape(shown)
    assert not (folder / "board").exists()


def test_flat_app(folder: Path, receiver: Path) -> None:
    shell(blocks("app", "sh")[2], folder)
    shutil.rmtree(folder / "blinker")
    result = runtimes.run(
        [str(receiver), "main.py"], folder / "board", f"{folder}/board/lib:.frozen"
    )
    assert (result.stdout, result.stderr) == ("['on', 'off']\n", "")


def test_dependencies_and_lock(folder: Path, receiver: Path, tmp_path: Path) -> None:
    make, lock = blocks("dependencies", "sh")
    cache = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    shell(make, folder, **cache)
    (folder / "hello").rename(folder / "elsewhere")

    def printed() -> str:
        run = [str(receiver), "-c", "import greeter"]
        result = runtimes.run(run, tmp_path, f"{folder}/board/lib:.frozen")
        assert result.stderr == ""
        return result.stdout

    assert printed() == PRINTED
    assert typed(lock, folder, **cache).stderr == blocks("dependencies", "")[0]
    # From now on the index is not asked.
    shutil.rmtree(folder / "site")
    shutil.rmtree(folder / "board")
    shell(make.splitlines()[-1], folder, **cache)
    assert printed() == PRINTED


def test_dependencies_are_written_as_they_may_be(folder: Path) -> None:
    """Those of the list, and each row of the table."""
    shown, indexes, archives = blocks("dependencies", "toml")
    file = folder / "pyproject.toml"
    described = file.read_text()
    file.write_text(described + archives)
    assert len(config.read(str(file)).dependencies) == 2
    file.write_text(described + shown + indexes)
    assert len(config.read(str(file)).indexes) == 3
    assert len(config.read(str(file)).dependencies) == shown.count('",') + 1
    table = (
        (DOCS / "dependencies.md")
        .read_text("utf-8")
        .split("| written as | is |")[1]
        .split("\n\n")[0]
    )
    written = re.findall(r'`"([^"]+)"`', table)
    assert len(written) > 9
    for source in written:
        wanted.parsed(source.replace("...", "x/y"))


def test_size(folder: Path) -> None:
    first, second, third, fourth = blocks("size", "sh")
    assert "hello/data/" in shell(first, folder)
    shell(second, folder)
    assert (folder / "size.svg").read_text().endswith("</svg>\n")
    assert re.search(r"hello/data/blank.bin +0 +3,000 +\+3,000", shell(third, folder))
    shell(fourth, folder)
    for budget in blocks("size", "toml"):
        kept = PROJECT + budget
        (folder / "pyproject.toml").write_text(kept)
        assert config.read(str(folder / "pyproject.toml")).limit("freeze") == 200 << 10
        shell(fourth, folder)
    (step,) = blocks("size", "yaml")
    assert step.strip() in (DOCS / "ci.md").read_text("utf-8")
    shell(step.removeprefix("- run: "), folder)
    (folder / "hello/data/blank.bin").write_bytes(bytes(300_000))
    with pytest.raises(AssertionError, match="more than max-size 204,800; the largest:"):
        shell(step.removeprefix("- run: "), folder)


def test_gzip(folder: Path) -> None:
    first, command = blocks("gzip", "sh")
    for name in ("page.html", "page.css", "data.json", "vendor.js"):
        (folder / "hello/data" / name).write_text("a line of text\n" * 100)
    shell(command, folder / "hello")
    names = ["data/data.json.gz", "data/page.css.gz", "data/page.html.gz", "data/vendor.js"]
    assert list(resources(folder / "hello/R.py")) == names
    shell(first, folder / "hello")
    names = ["data/data.json", "data/page.css.gz", "data/page.html.gz", "data/vendor.js"]
    assert list(resources(folder / "hello/R.py")) == names
    for keys in blocks("gzip", "toml"):
        head = "" if keys.startswith("[") else "[tool.pkgres]\n"
        (folder / "pyproject.toml").write_text(PROJECT + head + keys)
        (folder / "hello/data/page.css").write_text("css" * 50)
        (folder / "hello/data/page.js").write_text("js" * 50)
        shell("bin2res", folder)
        assert "data/data.json.gz" in resources(folder / "hello/R.py")
        assert "data/vendor.js" in resources(folder / "hello/R.py")


@pytest.fixture
def started(folder: Path) -> Path:
    """A folder with the app, and the key that says how it starts."""
    shell(blocks("start", "sh")[0], folder)
    return folder


def printed_next(command: str, folder: Path) -> str:
    """Type a command; return the lines to type next, as the pages show them."""
    lines = typed(command, folder).stderr.splitlines()
    return "".join("$ " + line[6:] + "\n" for line in lines if line.startswith("next: "))


def test_start_of_an_image(started: Path, tmp_path: Path) -> None:
    shown = blocks("start", "console")[0]
    assert printed_next(blocks("start", "sh")[1], started) == shown
    flash = test_ship_start.romfs(started / "board", tmp_path / "flash")
    assert test_ship_start.booted(tmp_path, ("/", flash)) == [PRINTED] * 2


def test_start_by_mip(started: Path, receiver: Path) -> None:
    shown = blocks("start", "console")[1]
    told = printed_next(blocks("start", "sh")[2], started)
    assert told == shown.replace(" 8000 &", " &")
    board = started / "board"
    with served(started / "site") as url:
        install(receiver, board, "'hello'", f"index='{url}'")
        install(receiver, board, f"'{url}/hello/main.py'", f"target='{board}'")
    result = runtimes.run([str(receiver), "main.py"], board, f"{board}/lib:.frozen")
    assert (result.stdout, result.stderr) == (PRINTED, "")


def test_start_frozen(started: Path, tmp_path: Path) -> None:
    shell(blocks("start", "sh")[3], started)
    manifest = started / "frozen/manifest.py"
    assert test_ship_start.booted(tmp_path, manifest=manifest) == [PRINTED] * 2


def test_start_from_romfs(started: Path, tmp_path: Path) -> None:
    shown = blocks("start", "console")[2]
    assert printed_next(blocks("start", "sh")[4], started) == shown
    line = shown.splitlines()[1].removeprefix("$ ")
    flash = test_ship_start.flash_after(line, tmp_path)
    images = (("/", flash), ("/rom", started / "hello.romfs"))
    assert test_ship_start.booted(tmp_path, *images) == [PRINTED] * 2


def test_start_from_upip(started: Path, receiver: Path) -> None:
    """The archive has main.py in lib; the line of the page is one in the root."""
    shell(blocks("sdist", "sh")[0], started)
    on_micropython(receiver, blocks("sdist", "python")[0], started)
    (started / "hello").rename(started / "elsewhere")
    assert on_micropython(receiver, "import hello", started) == PRINTED
    line = 'exec(open("lib/main.py").read())'
    assert line.replace("lib/", "/lib/") in (DOCS / "start.md").read_text("utf-8")
    assert on_micropython(receiver, line, started) == PRINTED


def test_what_start_makes(folder: Path) -> None:
    described = (folder / "pyproject.toml").read_text()
    page = (DOCS / "start.md").read_text("utf-8")
    rows = re.findall(r'^\| `"(\S+)"`(?:, with `(.*?)`)? \| (.*?) \|', page, re.MULTILINE)
    assert len(rows) == 4
    for start, definition, made in rows:
        (folder / "hello/app.py").write_text(f"{definition or 'def run'}():\n    pass\n")
        (folder / "pyproject.toml").write_text(f'{described}start = "{start}"\n')
        shell(blocks("start", "sh")[1], folder)
        lines = (folder / "board/main.py").read_text().split("\n")
        lines = [line for line in lines if line]
        assert lines == re.findall("`(.*?)`", made)[: len(lines)]


def test_messages_are_those_of_the_source() -> None:
    """Each message that a page explains is there, though it may be split over lines."""
    code = "".join(
        p.read_text("utf-8") for p in sorted((app.HERE.parent / "bin2res").rglob("*.py"))
    )
    code = re.sub(r'"\n\s+f?"', "", code)
    code = re.sub(r"\{(FILE|COMMAND)\}", "pyproject.toml", code)
    tables = re.findall(
        r"^\| message \| fix \|\n(.*?)\n\n", (DOCS / "errors.md").read_text(), re.M | re.S
    )
    assert len(tables) == 3
    for row in "\n".join(tables).splitlines():
        for message in re.findall(r"`([^`]+)`", row.split("|")[1]):
            assert message.removesuffix(" ...") in code, message


def test_ram_of_an_archive(folder: Path, receiver: Path) -> None:
    """As much as all resources, and while it is imported as much again as the largest."""
    sizes = [2_000, 10_000, 30_000]
    for size in sizes:
        (folder / f"hello/data/{size}.bin").write_bytes(os.urandom(size))
    shell(blocks("sdist", "sh")[0], folder)
    on_micropython(receiver, blocks("sdist", "python")[0], folder)
    code = (
        "import gc\ngc.collect()\nbefore = gc.mem_alloc()\nimport hello.R\ngc.collect()\n"
        "print(gc.mem_alloc() - before)"
    )
    (folder / "lib/hello/__init__.py").write_text("")
    heap = f"heapsize={sum(sizes) + max(sizes) + SPARE}"
    command = [str(receiver), "-X", heap, "-c", code]
    result = runtimes.run(command, folder / "lib", f"{folder}/lib:.frozen")
    assert result.stderr == ""
    assert sum(sizes) < int(result.stdout) < sum(sizes) + SPARE


def test_every_key_is_documented() -> None:
    text = (DOCS / "keys.md").read_text("utf-8").split("| key |")[1].split("\n\n")[0]
    assert set(re.findall(r"^\| `([\w-]+)`", text, re.MULTILINE)) == set(KEYS)


def test_every_way_is_linked() -> None:
    for text in (
        (DOCS / "app.md").read_text("utf-8"),
        (DOCS.parent / "README.md").read_text("utf-8"),
    ):
        for way in (*WAYS, "start"):
            assert f"{way}.md)" in text


def test_every_link_leads_somewhere() -> None:
    pages = {DOCS.parent / "README.md", *DOCS.glob("*.md")}
    for page in pages:
        for link in re.findall(r"\]\((?!https?:)([^)]+)\)", page.read_text("utf-8")):
            path, _, anchor = link.partition("#")
            target = (page.parent / path).resolve() if path else page
            assert target.exists(), f"{page}: {link}"
            if anchor:
                titles = re.findall(r"^#+ (.*)", target.read_text("utf-8"), re.MULTILINE)
                anchors = {re.sub(r"[^\w -]", "", t).lower().replace(" ", "-") for t in titles}
                assert anchor in anchors, f"{page}: {link}"


def test_reading(tmp_path: Path) -> None:
    """The page's programs, one after the other, on a MicroPython with framebuf and TLS."""
    code = "\n".join(blocks("reading", "python"))
    package = tmp_path / "app"
    package.mkdir()
    pem = Path(certifi.where()).read_text().partition("-----END CERTIFICATE-----")
    files = {
        "page.html": b"<p>page",
        "logo.bin": b"\xff" * 128,
        "font.bin": b"".join([bytes([i]) * 8 for i in range(256)]),
        "ca.der": ssl.PEM_cert_to_DER_cert(pem[0][pem[0].index("-----BEGIN") :] + pem[1]),
    }
    for name, content in files.items():
        (package / name).write_bytes(content)
    test_frozen.bundle(package, "-q", *files)
    for name in files:
        (package / name).unlink()
    (package / "__init__.py").write_text("")
    (tmp_path / "static").mkdir()
    (tmp_path / "static/page.html").write_text("at every path")
    app.install_pkgres(tmp_path / "lib")
    shown = "print(screen.pixel(48, 16), screen.pixel(47, 16), screen.pixel(1, 0), header[:2])\n"
    (tmp_path / "main.py").write_text(f"{code}\n{shown}")
    command = [sys.executable, "-m", "micropython_unix", "main.py"]
    result = runtimes.run(command, tmp_path, f"{tmp_path}/lib:.frozen")
    listed = sorted([*files, "R.py", "__init__.py"])
    expected = [
        "<p>page",
        "at every path",
        *(f"{name} True" for name in listed),
        "1 0 1 b'\\xff\\xff'",
    ]
    assert (result.stdout.splitlines(), result.stderr) == (expected, "")
