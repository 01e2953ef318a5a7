"""The scenarios of this repository, or others: the package against the textbook."""

from collections.abc import Iterator, Sequence

import click

from contenders import CBC, HIGHS, PACKAGE, warm_up
from parts import Claim, Outcome, Setting, Table
from ptce_funding.errors import FundingError
from ptce_funding.loading import read_call
from race import FAIR, MARKED, RUNS, SUMMARY, Lap, compared, differing, laps, run_row, summary_row

NAMES = (PACKAGE, HIGHS, CBC)


def measure(setting: Setting) -> Iterator[Lap]:
    """Solve every scenario with its own gap, a seed of the solver for each round; what cannot be read is told and left out."""
    warm_up(*NAMES)
    for path in setting.scenarios:
        try:
            scenario, candidates = read_call(path, {"solve.time_limit": setting.limit})
        except FundingError as error:
            click.echo(f"{path.name} is left out: {str(error).splitlines()[0]}", err=True)
            continue
        for seed in range(setting.rounds):
            yield from laps(path.stem, seed, scenario.override("solve.seed", seed), candidates, NAMES)


def outcome(records: Sequence[Lap]) -> Outcome:
    """Tell medians for each scenario."""
    calls = dict.fromkeys(lap.call for lap in records)
    told = [(call, each) for call in calls for each in compared([lap for lap in records if lap.call == call])]
    claim = Claim("scenarios: values that differ by more than the gaps", 0, differing(records), is_least=False)
    summary = Table("Scenarios", SUMMARY, [summary_row(call, each) for call, each in told], (MARKED, FAIR))
    runs = Table("Scenarios, every run", RUNS, [run_row(lap) for lap in records])
    return Outcome((claim,), (summary, runs), [{"call": call} | each.plain() for call, each in told])
