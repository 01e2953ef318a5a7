"""A language is added by its catalogue: nothing else has to know of it."""

import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

import ptce_funding

ROOT = Path(__file__).parent.parent
#: A catalogue that is only begun; the rest is told in English.
GERMAN = {
    "€{amount}": "{amount}\xa0€",
    "{number}%": "{number}\xa0%",
    "In short": "Kurz gefasst",
    "Granted (€)": "Bewilligt (€)",
    "candidates.csv": "bewerber.csv",
    "d mmm yyyy": "dd.mm.yyyy",
    "emerging": "im Aufbau",
}

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def german(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A function that runs a copy of the program which has one file more, in a folder with one result in French and English."""
    folder = tmp_path_factory.mktemp("german")
    package = folder / "src" / "ptce_funding"
    shutil.copytree(Path(ptce_funding.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    home = package / "locales" / "de" / "LC_MESSAGES"
    home.mkdir(parents=True)
    catalogue, compiled = Catalog(locale="de"), io.BytesIO()
    for text, told in GERMAN.items():
        catalogue.add(text, told)
    write_mo(compiled, catalogue)
    (home / "ptce_funding.mo").write_bytes(compiled.getvalue())

    def run(*words: str, lang: str = "de", is_copy: bool = True) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {"PYTHONPATH": str(package.parent if is_copy else ROOT / "src"), "COLUMNS": "200"}
        command = [sys.executable, "-m", "ptce_funding", "--lang", lang, *words]
        return subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8", check=False
        )

    assert (
        run("simulate", str(ROOT / "scenarios" / "ami-2023.toml"), "--out", "old", is_copy=False, lang="fr").returncode
        == 0
    )
    return run


def test_the_terminal_and_the_files(german: Run, tmp_path: Path) -> None:
    """Numbers as German writes them, its words where it has them, English where it has none."""
    names = [str(tmp_path / each) for each in ("out", "page.html", "book.xlsx")]
    done = german(
        "simulate",
        str(ROOT / "scenarios" / "ami-2023.toml"),
        "--out",
        names[0],
        "--report",
        names[1],
        "--workbook",
        names[2],
    )
    assert done.returncode == 0, done.stderr
    assert "1.500.000\xa0€" in done.stdout
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert '<html lang="de"' in page
    assert "Kurz gefasst" in page
    assert "1.500.000\xa0€" in page
    assert "im Aufbau" in page
    document = json.loads((tmp_path / "out" / "allocation.json").read_text(encoding="utf-8"))
    assert list(document["sources"][0]["name"]) == ["fr", "en", "de"]
    # A decimal comma, so semicolons between.
    assert (tmp_path / "out" / "awards.csv").read_text(encoding="utf-8-sig").splitlines()[0].count(";") > 4
    book = openpyxl.load_workbook(tmp_path / "book.xlsx")
    days = [cell.number_format for row in book["Provenance"].iter_rows() for cell in row if cell.is_date]
    assert days == ["dd.mm.yyyy"]


def test_results_of_a_program_that_spoke_fewer(german: Run, tmp_path: Path) -> None:
    """They are read, and told in English where there is no German."""
    done = german("report", "old/allocation.json", "-o", str(tmp_path / "page.html"))
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "Kurz gefasst" in page
    assert "Amount of the envelope" in page
    assert german("compare", "old/allocation.json", str(ROOT / "scenarios" / "ami-2023.toml")).returncode == 0


def test_a_scenario_may_speak_it(german: Run, tmp_path: Path) -> None:
    """Titles and sources take the language; others are still faults."""
    assert german("init", str(tmp_path / "mine")).returncode == 0
    assert (tmp_path / "mine" / "bewerber.csv").is_file()
    scenario = tmp_path / "mine" / "mine.toml"
    text = scenario.read_text(encoding="utf-8").replace("candidates.csv", "bewerber.csv")
    scenario.write_text(
        text.replace("title       = { en =", 'title       = { de = "Mein Aufruf", en ='), encoding="utf-8"
    )
    done = german("simulate", str(scenario))
    assert done.returncode == 0, done.stderr
    assert "Mein Aufruf" in done.stdout
    scenario.write_text(
        text.replace("title       = { en =", 'title       = { dd = "Mein Aufruf", en ='), encoding="utf-8"
    )
    assert german("simulate", str(scenario)).returncode == 1


def test_the_scripts_begin_a_language() -> None:
    """All texts are handed to the translator, with the plural forms of the language."""
    code = (
        "import sys; sys.path.insert(0, 'scripts'); import catalogues; "
        "made = catalogues.as_po(catalogues.updated('pl')).decode(); "
        "assert 'nplurals=3' in made; assert made.count('msgid ') > 1_000"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
