"""What the tests of reports share: a small call, hostile names, and a reader of pages."""

import json
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any

from conftest import scenario_data
from ptce_funding.allocation import allocate
from ptce_funding.candidates import Candidates
from ptce_funding.comparing.comparison import compare
from ptce_funding.comparing.entries import entry_of
from ptce_funding.report.compare_tables import comparison_document
from ptce_funding.report.document import as_json
from ptce_funding.scenario_files import scenario_from

#: b and c fit into 100 k€ and are worth 5, more than any other two; nobody knows where d is. The jury takes b, then c, too.
TABLE = """
    id,name,phase,score,cost,ask,region,department,jobs
    a,Ruche,emerging,1,60000,60000,Bretagne,35,1
    b,Atelier,emerging,3,50000,50000,Corse,2A,2
    c,Serre,project,2,50000,50000,La Réunion,974,3
    d,Moulin,project,1,30000,30000,,,4
"""
#: Whole or not at all.
VOLETS = {"v": {"phases": ["emerging", "project"]}}
HOSTILE = (
    "</script><script>alert(1)</script>",
    '=HYPERLINK("http://evil.example","x")',
    "@SUM(1)",
    "« l'“une” » `et` \"l'autre\"",
    "\u202eturned\u2067 \u200fround",
    "x" * 300,
    "👩‍👩‍👧 🚀",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }} {% raw %}",
    "</title></style><style>*{display:none}",
    "a\x07b",
)
VOID = {"meta", "br", "img", "link", "input", "hr"}


class Reader(HTMLParser):
    """Reads a page: elements with their attributes, texts by element, and whether all that opens closes."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None], tuple[str, ...]]] = []
        self.texts: list[tuple[str, str]] = []
        self.open: list[str] = []
        self.feed(page.decode())
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element and what it stands in."""
        assert len(dict(attrs)) == len(attrs)
        self.elements.append((tag, dict(attrs), tuple(self.open)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element that closes itself, as those of drawings do."""
        self.elements.append((tag, dict(attrs), tuple(self.open)))

    def handle_endtag(self, tag: str) -> None:
        """Close an element: the last that was opened."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Note a text."""
        if data.strip():
            self.texts.append((self.open[-1] if self.open else "", data))

    def all(self, *tags: str) -> list[dict[str, str | None]]:
        """Return the attributes of the elements of a kind."""
        return [attributes for tag, attributes, _ in self.elements if tag in tags]

    def said(self) -> str:
        """Return all that readers see, on one line."""
        return re.sub(r"\s+", " ", " ".join(text for tag, text in self.texts if tag != "style"))


def paths(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Return the path of every value within a value; of a list only the first."""
    if path:
        yield path
    pairs = value.items() if isinstance(value, dict) else list(enumerate(value))[:1] if isinstance(value, list) else ()
    for key, each in pairs:
        yield from paths(each, (*path, key))


def captions(told: Reader) -> list[str]:
    """Return the captions of the tables of a page."""
    return [text for tag, text in told.texts if tag == "caption"]


def compared(read_text: Callable[..., Candidates], *totals: int, **changes: Any) -> dict[str, Any]:
    """Return the comparison of the small call at several envelopes, as its file holds it; the first is the baseline."""
    entries = []
    for total in totals:
        envelope = {"total": total, "grant_step": 10_000}
        scenario = scenario_from(scenario_data(**({"volets": VOLETS, "envelope": envelope} | changes)))
        allocation = allocate(scenario, read_text(TABLE, scenario))
        entries.append(entry_of(allocation, f"{total // 1000} k", f"ptce-fund simulate small.toml # {total}"))
    page: dict[str, Any] = json.loads(
        as_json(comparison_document(compare(entries), None, "ptce-fund compare small.toml"))
    )
    return page
