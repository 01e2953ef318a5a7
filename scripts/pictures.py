"""Write the pictures of the documentation, which are drawings of reports: `write`, or `check` that they are current.

Maps are compared byte by byte. Where the parts of a chart stand depends on the fonts of the machine; of charts, the words are compared.
"""

import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

from ptce_funding.allocation import allocate
from ptce_funding.loading import read_candidates
from ptce_funding.report.document import as_json, document
from ptce_funding.report.documents import Result
from ptce_funding.report.html.blocks import Figure
from ptce_funding.report.html.page import drawing
from ptce_funding.report.html.result import result_page
from ptce_funding.report.reading import parsed
from ptce_funding.scenario_files import read_scenario
from ptce_funding.starter import make_starter

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"

#: Pictures of a report: name, section of the page, and how many drawings stand before it there.
NATIONAL = (("aap-2013-carte", "map", 0), ("aap-2013-entonnoir", "funnel", 0))
STARTER = (("tutoriel-entonnoir", "funnel", 0), ("tutoriel-carte", "map", 1))


def pictures() -> dict[str, str]:
    """Return all pictures, by name of file."""
    with tempfile.TemporaryDirectory() as folder:
        starter = make_starter(Path(folder) / "mon-appel", "fr")
        return dict(
            [*drawings(ROOT / "scenarios" / "aap-2013.toml", NATIONAL), *drawings(starter, STARTER)],
        )


def drawings(path: Path, wanted: tuple[tuple[str, str, int], ...]) -> Iterator[tuple[str, str]]:
    """Yield drawings of the French report on a scenario."""
    scenario = read_scenario(path)
    allocation = allocate(scenario, read_candidates(scenario=scenario)).raise_for_status()
    result = parsed(as_json(document(allocation, "")).encode())
    assert isinstance(result, Result)
    page = result_page(result, "fr")
    for name, key, before in wanted:
        section = next(each for each in page.sections if each.id == key)
        figure = [each for each in section.blocks if isinstance(each, Figure)][before]
        told = replace(figure, description=f"{figure.description} {page.notice}")
        # A page may be dark; a drawing is not.
        yield f"{name}.svg", str(drawing(told, 1)).replace("<svg ", '<svg style="background:#ffffff" ', 1) + "\n"


def words(svg: str) -> list[str]:
    """Return what a picture says."""
    return [text for each in ElementTree.fromstring(svg).iter() if (text := (each.text or "").strip())]


def is_current(name: str, svg: str) -> bool:
    """Tell whether the file says what the program draws today."""
    path = IMAGES / name
    if not path.exists():
        return False
    old = path.read_text(encoding="utf-8")
    return old == svg if "carte" in name else words(old) == words(svg)


if __name__ == "__main__":
    found = pictures()
    if sys.argv[1:] == ["write"]:
        for name, svg in found.items():
            (IMAGES / name).write_text(svg, encoding="utf-8")
        sys.exit(0)
    stale = [name for name, svg in found.items() if not is_current(name, svg)]
    for name in stale:
        print(f"{name} is not current: run python scripts/pictures.py write")
    sys.exit(1 if stale else 0)
