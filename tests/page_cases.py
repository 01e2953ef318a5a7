"""What is looked at in a browser: pages of the shipped scenarios, and small ones full of hostile words."""

import re
import shutil
from pathlib import Path

import pytest

import ptce_funding
from conftest import ROOT, scenario_data
from ptce_funding.allocation import allocate
from ptce_funding.candidates import candidates_from_frame
from ptce_funding.clash import clash_of
from ptce_funding.cli.main import run
from ptce_funding.comparing.comparison import compare
from ptce_funding.comparing.entries import entry_of
from ptce_funding.report.clash import clash_document
from ptce_funding.report.compare_tables import comparison_document
from ptce_funding.report.document import as_json, document
from ptce_funding.report.html.report import report
from ptce_funding.scenario import Scenario
from ptce_funding.scenario_files import scenario_from
from report_cases import HOSTILE
from test_candidate_export import frame_of

#: Commands, run in a folder with the shipped scenarios, and the pages that they write. Up to four scenarios have a map each.
COMMANDS = (
    "simulate scenarios/aap-2013.toml --report result-fr.html --out result",
    "simulate scenarios/note-2011-50m.toml --report result-en.html --lang en",
    "cost scenarios/pole-target-50.toml --report costing-fr.html --out cost",
    "report cost -o costing-en.html --lang en",
    "sweep scenarios/aap-2013.toml --vary envelope.total=1e6:5e6:3 --frontier --workers 1 --report sweep-fr.html",
    "report aap-2013.sweep.sqlite -o sweep-en.html --lang en",
    "compare scenarios/aap-2013.toml scenarios/aap-2015.toml scenarios/note-2011-50m.toml --report comparison-fr.html",
)
#: All that allocate; the others seek the envelope that reaches their targets.
EIGHT = (
    "compare scenarios/aap-2013.toml scenarios/aap-2015.toml scenarios/ami-2021.toml scenarios/ami-2023.toml scenarios/ami-2025.toml "
    "scenarios/note-2011-50m.toml scenarios/note-2011-100m.toml scenarios/proposition-2012-20m.toml --report eight-en.html --lang en"
)
LARGE = tuple(re.findall(r"(\S+)\.html", " ".join((*COMMANDS, EIGHT))))
SMALL = ("hostile-fr", "hostile-en", "side-by-side-en", "none-fr")


def write_pages(folder: Path) -> None:
    """Write all pages into a folder."""
    shutil.copytree(ROOT / "scenarios", folder / "scenarios")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for command in COMMANDS:
            assert run(command.split()) == 0, command
        _draw_180_each(folder / "scenarios" / "data")
        assert run(EIGHT.split()) == 0
    results = _hostile()
    for name in SMALL:
        kind, _, lang = name.rpartition("-")
        (folder / f"{name}.html").write_bytes(report(results[kind], lang))


def _draw_180_each(folder: Path) -> None:
    """Draw each table of candidates anew, from its profile but for 180 candidates, the most that a call received."""
    profiles = Path(ptce_funding.__file__).parent / "profiles"
    for table in sorted(folder.glob("*.csv")):
        text = (profiles / f"{table.stem}.toml").read_text(encoding="utf-8")
        received, admissible = (int(number) for number in re.findall(r"^(?:received|admissible) += (\d+)$", text, re.M))
        text = re.sub(r"^received += .*", "received = 180", text, count=1, flags=re.M)
        text = re.sub(r"^admissible += .*", f"admissible = {180 * admissible // received}", text, count=1, flags=re.M)
        Path("profile.toml").write_text(text, encoding="utf-8")
        assert run(["candidates", "synthesise", "--profile", "profile.toml", "--seed", "1", "-o", str(table)]) == 0


def _hostile() -> dict[str, bytes]:
    """Return results whose names, titles and columns are hostile: of 100 k€, held against 200 k€, and where two clash."""
    words = [word for word in HOSTILE if "\x07" not in word]  # control characters are refused in candidates
    rows = [[f"i{n}", word, "emerging", n, 50_000, 50_000, word] for n, word in enumerate(words)]
    candidates = candidates_from_frame(frame_of([["id", "name", "phase", "score", "cost", "ask", HOSTILE[0]], *rows]))

    def scenario(total: int, word: str, **bound: int) -> Scenario:
        title = {"fr": word, "en": word}
        return scenario_from(
            scenario_data(
                title=title,
                envelope={"total": total},
                volets={"v": {"phases": ["emerging"], "title": title}},
                rules=[{"name": word, "title": title, "measure": "count", **bound}],
            )
        )

    two = [allocate(scenario(100_000 * (k + 1), word, max=5), candidates) for k, word in enumerate(HOSTILE[:2])]
    compared = compare([entry_of(each, word, word) for each, word in zip(two, HOSTILE, strict=False)])
    # Nobody asks for less than 50 k€.
    strict = scenario(100_000, HOSTILE[0], min=3)
    clash = clash_document(clash_of(strict, candidates), lambda changes: HOSTILE[0])
    pages = {
        "hostile": document(two[0], HOSTILE[0]),
        "side-by-side": comparison_document(compared, None, HOSTILE[0]),
        "none": document(allocate(strict, candidates), HOSTILE[0], clash),
    }
    return {name: as_json(page).encode() for name, page in pages.items()}
