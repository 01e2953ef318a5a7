"""Measure all that is claimed of speed, and write it as a table: `python benchmarks/run.py --out benchmarks`.

Ratios are what is claimed; seconds are told for this machine alone. Both files are written again after every part, and Ctrl-C keeps
what there is.
"""

import json
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from parts import Claim, Outcome, Part, Setting, Table, figure
from ptce_funding.files import write_whole

ROOT = Path(__file__).resolve().parent.parent
PARTS = ("national", "scale", "sweep", "scenarios", "startup")
QUICK = Setting(
    seeds=1,
    limit=10.0,
    candidates=100,  # enough to be decomposed
    sizes=(100, 200),
    largest_whole=100,
    draws=1,
    samples=12,
    held=3,
    rounds=1,
    starts=3,
    is_quick=True,
)


@dataclass
class Measured:
    """What one part measured, as far as it got."""

    part: Part
    records: list[Any] = field(default_factory=list)
    is_complete: bool = False

    def outcome(self) -> Outcome:
        """Tell what the records say."""
        return self.part.outcome(self.records) if self.records else Outcome()


def measure(setting: Setting, names: Sequence[str], out: Path, machine: Mapping[str, str]) -> bool:
    """Measure parts one after the other and write both files after each; return whether nobody interrupted it."""
    found: dict[str, Measured] = {}
    try:
        for name in names:
            found[name] = Measured(import_module(name))
            for record in found[name].part.measure(setting):
                found[name].records.append(record)
                click.echo(f"{name}: {record}", err=True)
            found[name].is_complete = True
            write(setting, found, out, machine)
    except KeyboardInterrupt:
        write(setting, found, out, machine)
        return False
    return True


def write(setting: Setting, found: Mapping[str, Measured], out: Path, machine: Mapping[str, str]) -> None:
    """Write `results.md` and `results.json`."""
    outcomes = {name: each.outcome() for name, each in found.items()}
    data = {
        "machine": dict(machine),
        "setting": asdict(setting) | {"scenarios": [path.stem for path in setting.scenarios]},
        "claims": [
            asdict(claim) | {"holds": None if setting.is_quick else claim.holds}
            for each in outcomes.values()
            for claim in each.claims
        ],
        "parts": {
            name: {
                "is_complete": each.is_complete,
                "figures": outcomes[name].figures,
                "runs": [record.plain() for record in each.records],
            }
            for name, each in found.items()
        },
    }
    text = json.dumps(finite(data), indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    partial = [name for name, each in found.items() if not each.is_complete]
    lines = markdown(setting, outcomes, machine, partial)
    write_whole(
        {
            out / "results.md": ("\n".join(lines) + "\n").encode(),
            out / "results.json": text.encode(),
        }
    )


def finite(value: Any) -> Any:
    """Return plain values with None for what JSON has no number for."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): finite(each) for key, each in value.items()}
    return [finite(each) for each in value] if isinstance(value, list | tuple) else value


# ------------------------------------------------------------------------------------------------------------- Markdown


def markdown(
    setting: Setting, outcomes: Mapping[str, Outcome], machine: Mapping[str, str], partial: Sequence[str]
) -> list[str]:
    """Return the lines of the table for readers: claims first, medians, then every run."""
    lines = ["# Benchmark results", ""]
    if setting.is_quick:
        lines += ["**A quick run: it shows that everything works, and nothing else. No figure here is claimed.**", ""]
    if partial:
        lines += [f"**Interrupted: of {', '.join(partial)} there is only a part.**", ""]
    lines += [
        "; ".join(f"{name} {text}" for name, text in machine.items()) + f"; limit {setting.limit:g} s.",
        "",
    ]
    claims = [claim for each in outcomes.values() for claim in each.claims]
    if claims:
        rows = [_claim_row(claim, setting.is_quick) for claim in claims]
        lines += _table(Table("Claims", ("measured", "target", "found", "holds"), rows))
    tables = [table for each in outcomes.values() for table in each.tables]
    for table in sorted(tables, key=lambda table: ", every " in table.title):
        lines += _table(table) if table.rows else []
    return lines[:-1]


def _claim_row(claim: Claim, is_quick: bool) -> tuple[str, ...]:
    found = f"{claim.mark} {figure(claim.measured, '.4g')}".strip()
    holds = {True: "yes", False: "**no**", None: "not known"}[None if is_quick else claim.holds]
    return claim.text, f"{'≥' if claim.is_least else '≤'} {claim.target:g}", found, holds


def _table(table: Table) -> list[str]:
    rows = ["| " + " | ".join(row) + " |" for row in table.rows]
    head = ["| " + " | ".join(table.headings) + " |", "|---" * len(table.headings) + "|"]
    notes = [line for note in table.notes for line in (note, "")]
    return [f"## {table.title}", "", *head, *rows, "", *notes]


# --------------------------------------------------------------------------------------------------------- command line


def _parts(context: click.Context, parameter: click.Parameter, value: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name.strip() for name in value.split(",") if name.strip()))
    unknown = [name for name in names if name not in PARTS]
    if unknown or not names:
        raise click.BadParameter(f"unknown: {', '.join(unknown) or 'none'}; known: {', '.join(PARTS)}")
    return names


@click.command()
@click.argument("scenarios", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--out",
    default=".",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of results.md and results.json; this one unless said.",
)
@click.option("--only", default=",".join(PARTS), show_default=True, callback=_parts, help="Parts, with commas between.")
@click.option("--seeds", type=click.IntRange(min=1), help="Draws of the national programme.  [default: 10]")
@click.option("--limit", type=click.FloatRange(min=1), help="Seconds for each solve.  [default: 60]")
@click.option("--quick", is_flag=True, help="Tiny sizes, to see that everything works.")
def main(
    scenarios: tuple[Path, ...], out: Path, only: tuple[str, ...], seeds: int | None, limit: float | None, quick: bool
) -> None:
    """Measure; SCENARIOS are files for the part `scenarios`, those of the repository unless some are named."""
    from machine import machine

    setting = QUICK if quick else Setting()
    files: Iterable[Path] = scenarios or sorted((ROOT / "scenarios").glob("aap-2013.toml" if quick else "*.toml"))
    changes: dict[str, Any] = {"scenarios": tuple(files), "seeds": seeds, "limit": limit}
    setting = replace(setting, **{name: value for name, value in changes.items() if value is not None})
    if not measure(setting, only, out, machine()):
        click.echo(f"\nInterrupted: {out} holds what there is.", err=True)
        sys.exit(130)


if __name__ == "__main__":
    main()
