"""A working scenario and its candidates to start from."""

import re
import tempfile
from pathlib import Path

from ptce_funding.candidates import write_candidates
from ptce_funding.errors import Fault, Place, ScenarioError
from ptce_funding.files import write_whole
from ptce_funding.messages import N_, message, translate
from ptce_funding.schema import schema_text
from ptce_funding.synthesis import synthesise
from ptce_funding.synthesis_profile import read_profile

TEMPLATES = Path(__file__).parent / "templates"

#: Profile and seed of the candidates; the seed is arbitrary and stated in the scenario.
PROFILE, SEED = "demo", 1

CANDIDATES = N_("candidates.csv")


def make_starter(folder: Path, lang: str) -> Path:
    """Make a folder with a scenario, its candidates and the schema; return the scenario.

    Raises
    ------
    ScenarioError
        When the name cannot name a scenario, or the folder exists already.
    """
    name = folder.name
    place = Place(file=str(folder))
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}", name):
        text = message(
            "Found the name “{found}”, expected letters without accents, digits, “.”, “_” or “-”.", found=name
        )
        raise ScenarioError([Fault(place, text)])
    if folder.exists():
        raise ScenarioError([Fault(place, message("This exists already and is left as it is; choose another name."))])
    with tempfile.TemporaryDirectory() as scratch:
        draft = Path(scratch) / "candidates.csv"
        write_candidates(synthesise(read_profile(PROFILE), SEED), draft, lang=lang)
        candidates = draft.read_bytes()
    own = TEMPLATES / f"starter.{lang}.toml"
    template = (own if own.is_file() else TEMPLATES / "starter.en.toml").read_text(encoding="utf-8")
    scenario = folder / f"{name}.toml"
    write_whole(
        {
            scenario: template.replace("NAME", name, 1).encode(),
            folder / translate(CANDIDATES, lang): candidates,
            folder / "ptce-scenario.schema.json": schema_text().encode(),
        }
    )
    return scenario
