"""pkgres size: figures that hold, tables, a picture, and a budget that is kept."""

from __future__ import annotations

import importlib.util
import json
import os
import random
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import browser
import firmware.build
import microdot
import pytest
import shipping
from conftest import Bin2res, needing
from playwright.sync_api import sync_playwright
from shipping import WAYS

from bin2res.flash import flash_of
from bin2res.mpy import compile_file

PROJECT = '[project]\nname = "app"\nversion = "1.0"\n[tool.pkgres]\n'
RANDOM = random.Random(5)


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """A project with code, text and noise."""
    folder = tmp_path / "project"
    (folder / "app/data/more").mkdir(parents=True)
    (folder / "pyproject.toml").write_text(PROJECT + 'gzip = ["*.html"]\n')
    (folder / "app/__init__.py").write_text("import pkgres\n\n\ndef answer():\n    return 42\n")
    (folder / "app/data/page.html").write_text("<p>a line of a page\n" * 200)
    (folder / "app/data/noise.bin").write_bytes(RANDOM.randbytes(3000))
    (folder / "app/data/more/note.txt").write_text("a note")
    return folder


def measured(folder: Path, *arguments: str) -> dict[str, Any]:
    return shipping.ship("size", *arguments, cwd=folder)


def flash(elf: Path) -> int:
    """The bytes of a firmware in flash."""
    output = subprocess.run(["size", str(elf)], capture_output=True, text=True, check=True)
    text, data = output.stdout.splitlines()[1].split()[:2]
    return int(text) + int(data)


def code_alone(folder: Path) -> None:
    """Microdot, as an app's own code, and no resources."""
    for file in Path(microdot.__file__).parent.glob("*.py"):
        if file.stem in ("microdot", "session", "websocket", "sse", "cors", "multipart", "auth"):
            (folder / "app" / file.name).write_bytes(file.read_bytes())
    (folder / "pyproject.toml").write_text(PROJECT + "exclude = ['data']\n")


def resources_alone(folder: Path) -> None:
    for number in range(60):
        (folder / f"app/data/{number}.bin").write_bytes(RANDOM.randbytes(number * 37))


def large(folder: Path) -> None:
    (folder / "app/data/large.bin").write_bytes(RANDOM.randbytes(300_000))
    (folder / "app/data/medium.bin").write_bytes(RANDOM.randbytes(90_000))


@pytest.mark.parametrize("change", [lambda folder: None, code_alone, resources_alone, large, "web"])
@pytest.mark.parametrize("options", [[], ["--table"]])
def test_what_firmware_grows_by(app: Path, change: Any, options: list[str]) -> None:
    """Two builds for the Cortex-M3, with the app and without, differ by what is foretold."""
    base = app.parent / "base"
    base.mkdir()
    (base / "base.py").write_text("x = 1\n")
    # Boards have asyncio frozen.
    manifest = "include('$(MPY_DIR)/extmod/asyncio')\nmodule('base.py')\n"
    (base / "manifest.py").write_text(manifest)
    if change == "web":
        app = shipping.copied(app.parent / "web")
    else:
        change(app)
    output = app.parent / "frozen"
    include = ["--include", str(base / "manifest.py")]
    made = shipping.ship("freeze", "-o", str(output), *include, *options, cwd=app)
    without = flash(needing(lambda: firmware.build.cortex_m3(base / "manifest.py")))
    grown = flash(firmware.build.cortex_m3(output / "manifest.py")) - without
    way = " ".join(["freeze", *options])
    foretold = measured(app)["ways"][way]["flash"]
    assert abs(foretold - grown) <= 0.01 * grown, (foretold, grown)
    assert made["total"] == foretold


def test_the_names_of_firmware_are_those_of_a_build() -> None:
    path = shipping.EXAMPLE.parents[1] / "benchmarks/firmware_names.py"
    spec = importlib.util.spec_from_file_location("firmware_names", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    kept = (shipping.EXAMPLE.parents[1] / "bin2res/firmware_names.txt").read_text("ascii")
    assert needing(module.names) == kept.split()


def test_each_way_is_what_is_shipped(app: Path) -> None:
    ways = measured(app)["ways"]
    for way, output in (
        ("freeze", "frozen"),
        ("freeze --table", "table"),
        ("image", "board"),
        ("image --mpy", "compiled"),
        ("mip", "site"),
        ("romfs", "app.romfs"),
        ("sdist", "dist"),
    ):
        command, *options = way.split()
        made = shipping.ship(command, *options, "-o", f"out/{output}", cwd=app)
        assert ways[way]["flash"] == made["total"], way
        dry = shipping.ship(command, *options, "-n", "-o", f"out/{output}", cwd=app)
        assert dry["total"] == made["total"], way
    assert ways["romfs"]["flash"] == (app / "out/app.romfs").stat().st_size
    files = [path for path in (app / "out/board/lib").rglob("*") if path.is_file()]
    assert ways["image"]["flash"] == sum(path.stat().st_size for path in files)
    assert {way for way in ways if ways[way]["ram"]} == {"freeze", "freeze --table", "sdist"}


def test_json(app: Path) -> None:
    found = measured(app)
    page = next(r for r in found["resources"] if r["name"] == "app/data/page.html.gz")
    assert (page["inflated"], page["type"], page["pieces"]) == (4000, ".html", 1)
    assert page["stored"] < 200
    assert page["ram"] > 1440
    noise = {"name": "app/data/noise.bin", "stored": 3000, "inflated": 3000, "ram": 0}
    assert {**noise, "pieces": 1, "type": ".bin"} in found["resources"]
    assert {code["of"] for code in found["code"]} == {"app", "pkgres"}
    assert found["refused"] == {}
    assert measured(app, "--no-cache") == found
    (app / "app/data/é.txt").write_text("x")
    assert "ROMFS takes names in ASCII only" in measured(app)["refused"]["romfs"]
    assert "romfs" not in measured(app)["ways"]


def test_tables(app: Path) -> None:
    large(app)
    for number in range(12):
        (app / f"app/data/more/{number}.txt").write_text("x" * number)
    result = shipping.command("size", cwd=app)
    assert (result.returncode, result.stderr) == (0, "")
    lines = [line.rstrip() for line in result.stdout.splitlines()]
    assert max(map(len, lines)) <= 80
    for title in ("Resources", "By type", "Code, as .mpy", "Each way"):
        assert title in lines
    folder = lines[lines.index("Resources") + 2 :]
    assert folder[0].split()[:2] == ["app/data/", f"{393_000 + folded(app):,}"]
    assert folder[1].split()[:2] == ["large.bin", "300,000"]
    assert any(re.match(r"  3 smaller ones +\d+", line) for line in lines)
    assert shipping.command("size", "-q", cwd=app).stdout == ""


def folded(app: Path) -> int:
    return int(next(r["stored"] for r in measured(app)["resources"] if "page" in r["name"]))


def test_since(app: Path) -> None:
    old = app / "old.json"
    old.write_text(json.dumps(measured(app)))
    unchanged = measured(app, "--since", "old.json")["since"]
    assert unchanged == {"resources": {}, "code": {}, "ways": {}}
    assert "nothing changed" in shipping.command("size", "--since", "old.json", cwd=app).stdout
    (app / "app/data/new.bin").write_bytes(bytes(500))
    (app / "app/data/noise.bin").write_bytes(bytes(1000))
    (app / "app/data/more/note.txt").unlink()
    since = measured(app, "--since", "old.json")["since"]
    assert since["resources"] == {
        "app/data/new.bin": [0, 500],
        "app/data/more/note.txt": [6, 0],
        "app/data/noise.bin": [3000, 1000],
    }
    assert next(iter(since["resources"])) == "app/data/new.bin"  # what grew most
    assert since["ways"]["image"][1] - since["ways"]["image"][0] == 500 - 2000 - 6
    told = shipping.command("size", "--since", "old.json", cwd=app).stdout
    assert re.search(r"app/data/noise.bin +3,000 +1,000 +-2,000", told)
    infinite = '{"resources": [{"name": "x", "stored": Infinity}], "code": [], "ways": {}}'
    for content in (
        infinite,
        "",
        "[]",
        "{}",
        '{"resources": [], "code": [], "ways": 3}',
        "[" * 99_999,
    ):
        old.write_text(content)
        result = shipping.command("size", "--since", "old.json", cwd=app)
        assert result.returncode == 2
        message = "pkgres: old.json: was not made by pkgres size --json; make it from the older app"
        assert result.stderr == message + "\n"


def test_the_picture(app: Path) -> None:
    """A browser draws every file once, none over another, texts within their places."""
    large(app)
    (app / "app/data/<&\"'>.txt").write_text("x" * 3000)
    (app / "app/data/more/note.txt").write_text("x" * 3000)
    drawn = app / "size.svg"
    assert shipping.command("size", "-q", "--svg", "size.svg", cwd=app).returncode == 0
    again = drawn.read_bytes()
    assert shipping.command("size", "-q", "--svg", "size.svg", cwd=app).returncode == 0
    assert drawn.read_bytes() == again
    root = ET.fromstring(again)
    assert not re.search(rb"(href|url\(|<script|<image)", again)
    found = measured(app)
    titles = [title.text or "" for title in root.iter("{http://www.w3.org/2000/svg}title")]
    for size, name in [(r["stored"], r["name"].split("/")[-1]) for r in found["resources"]]:
        assert f"{name} {size:,} bytes" in titles
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=needing(browser.program), args=browser.OPTIONS
        )
        page = chromium.new_page(viewport={"width": 1000, "height": 600})
        errors: list[str] = []
        page.on("console", lambda message: errors.append(message.text))
        page.goto(drawn.as_uri())
        boxes = page.evaluate(_BOXES)
        chromium.close()
    assert errors == []
    files = boxes["files"]
    assert len(files) == len(found["resources"]) + len(found["code"])
    whole = boxes["whole"]
    for place in [*files, *boxes["texts"]]:
        assert whole[0] <= place[0] <= place[2] <= whole[2]
        assert whole[1] <= place[1] <= place[3] <= whole[3]
    for number, one in enumerate(files):
        for other in files[:number]:
            is_beside = one[0] >= other[2] or other[0] >= one[2]
            assert is_beside or one[1] >= other[3] or other[1] >= one[3]
    for text, place in boxes["labels"]:
        assert text[2] <= place[2] + 1, "a name goes over its place"
    largest = max(files, key=lambda place: (place[2] - place[0]) * (place[3] - place[1]))
    area = (largest[2] - largest[0]) * (largest[3] - largest[1])
    share = area / (960 * 512)
    total = sum(r["stored"] for r in found["resources"]) + sum(c["size"] for c in found["code"])
    assert abs(share - 300_000 / total) < 0.05


_BOXES = """() => {
    const box = element => {
        const r = element.getBoundingClientRect();
        return [r.left, r.top, r.right, r.bottom];
    };
    const files = [...document.querySelectorAll("g g")];
    return {
        whole: box(document.documentElement),
        files: files.map(file => box(file.querySelector("rect"))),
        texts: [...document.querySelectorAll("text")].map(box),
        labels: files.flatMap(file => [...file.querySelectorAll("text")].map(
            text => [box(text), box(file.querySelector("rect"))])),
    };
}"""


def test_the_picture_of_somebody_else_stays(app: Path) -> None:
    (app / "size.svg").write_text("<svg/>")
    result = shipping.command("size", "--svg", "size.svg", cwd=app)
    assert result.returncode == 2
    message = "size.svg: was not made by pkgres size; name another file with --svg"
    assert result.stderr == f"pkgres: {message}\n"
    assert (app / "size.svg").read_text() == "<svg/>"
    os.mkfifo(app / "fifo")
    for path in ("no/such.svg", "", "/dev/full", "fifo", "app", "app/data/size.svg"):
        result = shipping.command("size", "--svg", path, cwd=app)
        assert (result.returncode, len(result.stderr.splitlines())) == (2, 1), path
    assert not (app / "app/data/size.svg").exists()


def test_the_picture_in_the_docs_is_one() -> None:
    text = (shipping.EXAMPLE.parents[1] / "docs/size.svg").read_text()
    root = ET.fromstring(text)
    titles = [title.text or "" for title in root.iter("{http://www.w3.org/2000/svg}title")]
    for resource in measured(shipping.EXAMPLE)["resources"]:
        name = resource["name"].split("/")[-1]
        assert f"{name} {resource['stored']:,} bytes" in titles, "draw it again: see docs/size.md"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("dry", [[], ["-n"]])
def test_a_budget(app: Path, way: str, dry: list[str]) -> None:
    (app / "pyproject.toml").write_text(PROJECT)
    total = measured(app)["ways"][way]["flash"]
    arguments = (way, *dry, "-o", f"out/{WAYS[way]}")
    (app / "pyproject.toml").write_text(PROJECT + f'max-size = {{{way} = "{total - 1} B"}}\n')
    before = sorted(app.rglob("*"))
    for limit in (["--max-size", str(total - 1)], []):
        result = shipping.command(*arguments, *limit, cwd=app)
        assert result.returncode == 1
        first, *largest = result.stderr.splitlines()
        assert re.fullmatch(
            rf"pkgres: {total:,} bytes of flash, [\d,]+ more than max-size [\d,]+; the largest:",
            first,
        )
        assert 3 <= len(largest) <= 5
        assert result.stdout == ""
        assert sorted(app.rglob("*")) == before
    assert shipping.command(*arguments, "--max-size", str(total), cwd=app).returncode == 0


def test_an_output_stays_when_the_new_one_is_too_large(app: Path) -> None:
    for way, output in WAYS.items():
        assert shipping.command(way, "-o", f"out/{output}", cwd=app).returncode == 0
    before = {path: path.read_bytes() for path in (app / "out").rglob("*") if path.is_file()}
    (app / "app/data/more.bin").write_bytes(RANDOM.randbytes(50_000))
    (app / "pyproject.toml").write_text(PROJECT + 'max-size = "40 kB"\n')
    for way, output in WAYS.items():
        assert shipping.command(way, "-o", f"out/{output}", cwd=app).returncode == 1
    now = {path: path.read_bytes() for path in (app / "out").rglob("*") if path.is_file()}
    assert now == before


def test_the_report_marks_what_is_over_a_budget(app: Path) -> None:
    """It always shows all; it fails only for the ways that are asked for."""
    (app / "pyproject.toml").write_text(PROJECT)
    ways = measured(app)["ways"]
    # Between freeze and the archive of source.
    limit = ways["freeze"]["flash"]
    assert limit < ways["sdist"]["flash"]
    (app / "pyproject.toml").write_text(PROJECT + f"max-size = {limit}\n")
    result = shipping.command("size", cwd=app)
    assert (result.returncode, result.stderr) == (0, "")
    excess = ways["sdist"]["flash"] - limit
    assert re.search(rf"sdist .* {limit:,} +{excess:,}$", result.stdout, re.MULTILINE)
    assert re.search(rf"freeze  +{limit:,} .* {limit:,} *$", result.stdout, re.MULTILINE)
    shown = measured(app)["ways"]
    assert (shown["sdist"]["limit"], shown["sdist"]["over"]) == (limit, excess)
    assert shown["freeze"]["over"] == 0
    table = PROJECT + f"max-size = {{sdist = {limit}}}\n"
    for text, arguments, status in (
        (PROJECT + f"max-size = {limit}\n", ["--way", "sdist"], 1),
        (PROJECT + f"max-size = {limit}\n", ["--way", "freeze"], 0),
        (PROJECT, ["--max-size", str(limit)], 1),
        (table, [], 1),
        (table, ["--way", "freeze"], 0),
    ):
        (app / "pyproject.toml").write_text(text)
        result = shipping.command("size", *arguments, cwd=app)
        assert result.returncode == status, result.stderr
        assert "Each way" in result.stdout
        assert ("pkgres: sdist: " in result.stderr) == bool(status)
        result = shipping.command("size", "--json", *arguments, cwd=app)
        assert result.returncode == status
        assert json.loads(result.stdout)["ways"]


def test_a_budget_of_resources(app: Path, bin2res: Bin2res) -> None:
    package = app / "app"
    (app / "pyproject.toml").write_text(PROJECT + 'max-size = {bin2res = "2 KiB"}\n')
    result = bin2res(cwd=package)
    assert result.returncode == 1
    first, *largest = result.stderr.decode().splitlines()
    match = re.fullmatch(
        r"bin2res: ([\d,]+) bytes of flash, [\d,]+ more than max-size 2,048; the largest:", first
    )
    assert match
    assert [line.split()[1] for line in largest] == [
        *("data/page.html", "data/noise.bin", "data/more/note.txt")
    ]
    told = int(match[1].replace(",", ""))
    assert not (package / "R.py").exists()
    assert bin2res("data", "--max-size", str(told), cwd=package).returncode == 0
    made = (package / "R.py").read_bytes()
    assert bin2res("data", "-o", "-", "--max-size", str(told - 1), cwd=package).stdout == b""
    assert bin2res("data", "--check", "--max-size", "1 kB", cwd=package).returncode == 1
    assert bin2res("data", "--max-size", "0.007 MB", cwd=package).returncode == 1
    made_of = compile_file(made, "app/R.py")
    assert abs(told - flash_of([made_of])) < 200  # what the module itself takes
    assert (package / "R.py").read_bytes() == made


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ("max-size = 'much'", "[tool.pkgres] max-size: 'much': write bytes, or a size in kB"),
        ("max-size = true", "[tool.pkgres] max-size: True: write bytes, or a size in kB, KiB"),
        ("max-size = -1", "[tool.pkgres] max-size: -1: write bytes, or a size in kB, KiB, MB"),
        ("max-size = ['1 kB']", "[tool.pkgres] max-size: ['1 kB']: write bytes, or a size in"),
        (
            "max-size = {flash = 1}",
            "max-size: 'flash' is not a command; the commands are bin2res, freeze,",
        ),
        ("max-size = {image = '1 GB'}", "max-size: '1 GB': write bytes, or a"),
        (f"max-size = '{'9' * 400} MB'", "999 MB': write bytes, or a size in kB, KiB, MB or MiB"),
    ],
)
def test_a_budget_that_is_none(app: Path, keys: str, message: str) -> None:
    (app / "pyproject.toml").write_text(PROJECT + keys + "\n")
    result = shipping.command("size", cwd=app)
    assert result.returncode == 2
    assert message in result.stderr
    result = shipping.command("size", "--max-size", "x", "-C", str(shipping.EXAMPLE), cwd=app)
    message = "'x': write bytes, or a size in kB, KiB, MB or MiB: \"200 KiB\"\n"
    assert result.stderr == "pkgres: --max-size " + message


def test_without_colours_in_a_pipe(app: Path) -> None:
    command = [sys.executable, "-m", "bin2res.ship", "size"]
    environment = {**os.environ, "COLUMNS": "60"}
    result = subprocess.run(command, cwd=app, env=environment, capture_output=True, check=True)
    assert b"\x1b" not in result.stdout


@pytest.mark.parametrize("width", [20, 50, 60, 80])
def test_narrow_terminals(app: Path, width: int) -> None:
    """Bars go; names are folded; figures stay whole."""
    large(app)
    (app / f"app/data/{'long_name_' * 12}.bin").write_bytes(bytes(1234))
    command = [sys.executable, "-m", "bin2res.ship", "size"]
    environment = {**os.environ, "COLUMNS": str(width), "PYTHONIOENCODING": "cp1252"}
    result = subprocess.run(command, cwd=app, env=environment, capture_output=True, check=True)
    text = result.stdout.decode("cp1252")
    for figure in ("300,000", "90,000", "1,234", "RAM to read", "large.bin"):
        assert re.search(rf"(^| ){figure}( |$)", text, re.MULTILINE)
    for way in measured(app)["ways"].values():
        assert re.search(rf" {way['flash']:,}( |$)", text, re.MULTILINE)


def test_one_way(app: Path) -> None:
    """Only what is asked for is measured, and goes against the limit."""
    assert set(measured(app, "--way", "romfs")["ways"]) == {"romfs"}
    freeze = measured(app, "--way", "freeze")["ways"]["freeze"]["flash"]
    limit = ("size", "-q", "--max-size", str(freeze))
    assert shipping.command(*limit, cwd=app).returncode == 1  # the source, by sdist
    assert shipping.command(*limit, "--way", "freeze", cwd=app).returncode == 0
    (app / "pyproject.toml").write_text(PROJECT + "max-size = {romfs = 100000}\n")
    assert shipping.command("size", "-q", cwd=app).returncode == 0
    (app / "app/data/é.txt").write_text("x")
    for arguments in ((), ("--way", "romfs")):
        result = shipping.command("size", "-q", *arguments, cwd=app)
        assert result.returncode == 2
        assert "ROMFS takes names in ASCII only" in result.stderr


def test_what_starts_the_board(app: Path) -> None:
    with open(app / "pyproject.toml", "a") as description:
        description.write('start = "app"\n')
    ways = measured(app)["ways"]
    for way, output in WAYS.items():
        assert shipping.ship(way, "-n", "-o", output, cwd=app)["total"] == ways[way]["flash"], way
