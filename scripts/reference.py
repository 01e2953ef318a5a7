"""Write the parts of the documentation that come from the program: `write`, or `check` that they are current.

The calibration solves two calls on several seeds and takes some seconds.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np

from ptce_funding.allocation import Allocation, allocate
from ptce_funding.awards import Award
from ptce_funding.candidate_columns import COLUMNS
from ptce_funding.messages import euros, number, percent, translate
from ptce_funding.scenario_files import read_scenario
from ptce_funding.synthesis import synthesise
from ptce_funding.synthesis_profile import read_profile

ROOT = Path(__file__).resolve().parent.parent
PARTS = {
    ROOT / "docs" / "candidates.md": ("columns", "calibration"),
    ROOT / "README.md": ("result",),
}

#: Seeds of the calibration; the first is that of the pool in scenarios/data.
SEEDS = (2014, 2010, 2011, 2012, 2013, 2015, 2016, 2017, 2018, 2019)


def columns() -> str:
    """Return the table of known columns."""
    lines = ["| colonne | libellé | nature | valeurs |", "|---|---|---|---|"]
    for column in COLUMNS:
        values = ", ".join(f"`{each}`" for each in column.choices)
        name = f"`{column.name}`" + (" (obligatoire)" if column.required else "")
        lines.append(f"| {name} | {translate(column.label, 'fr')} | {column.kind} | {values or column.unit or ''} |")
    return "\n".join(lines)


def calibration() -> str:
    """Return what the jury's list and the optimum make of the pool of 2013, for several seeds."""
    scenario, profile = read_scenario(ROOT / "scenarios" / "aap-2013.toml"), read_profile("aap-2013")
    lines = [
        "| graine | jury : retenus | moyenne | régions | optimum : retenus | moyenne | régions | communs | gain de valeur |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for seed in SEEDS:
        allocation = allocate(scenario, synthesise(profile, seed)).raise_for_status()
        listing = allocation.listing
        cells = [str(seed), *described(allocation, listing.awards), *described(allocation, allocation.awards)]
        cells.append(str(len(set(listing.order) & set(allocation.supported))))
        cells.append(percent((allocation.value or 0.0) / sum(listing.values) - 1, "fr"))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def described(allocation: Allocation, awards: tuple[Award, ...]) -> list[str]:
    """Return number of supported, mean grant and number of regions."""
    candidates = allocation.call.candidates
    region = dict(zip(candidates.ids, candidates.column("region").tolist(), strict=True))
    funded = {award.candidate for award in awards}
    mean = sum(award.grant for award in awards) / len(funded)
    return [
        number(len(funded), "fr"),
        euros(float(np.round(mean, -2)), "fr"),
        str(len({region[id_] for id_ in funded})),
    ]


def result() -> str:
    """Return the first lines that the main job prints, without the seconds that it took."""
    command = [sys.executable, "-m", "ptce_funding", "simulate", "scenarios/aap-2013.toml", "--lang", "fr"]
    environment = os.environ | {"COLUMNS": "100"}
    printed = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout
    lines = [line.rstrip() for line in printed.strip().splitlines()]
    end = next(number for number, line in enumerate(lines) if line.startswith("Phase"))
    text = re.sub(r"[\d,]+\ss\s;", "… s ;", "\n".join(lines[:end]))
    return f"```text\n{text}\n```"


MAKERS = {"columns": columns, "calibration": calibration, "result": result}


def filled(text: str, names: tuple[str, ...]) -> str:
    """Return a page with its generated parts renewed."""
    for name in names:
        content = MAKERS[name]()
        pattern = re.compile(rf"(<!-- {name}\b.*? -->\n).*?(<!-- end -->)", re.DOTALL)
        text = pattern.sub(lambda found, content=content: f"{found[1]}{content}\n{found[2]}", text)
    return text


if __name__ == "__main__":
    is_current = True
    for page, names in PARTS.items():
        old = page.read_text(encoding="utf-8")
        new = filled(old, names)
        if sys.argv[1:] == ["write"]:
            page.write_text(new, encoding="utf-8")
        elif old != new:
            print(f"{page.name} is not current: run python scripts/reference.py write")
            is_current = False
    sys.exit(0 if is_current else 1)
