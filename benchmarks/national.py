"""A national programme, with tight money and with wide: the package against the textbook, and against itself without decomposition."""

from collections.abc import Iterator, Sequence

from contenders import CBC, CONTENDERS, HIGHS, warm_up
from instances import SYNTHETIC, pool, programme
from parts import Claim, Outcome, Setting, Table
from race import FAIR, MARKED, RUNS, SUMMARY, Lap, compared, differing, laps, run_row, summary_row

#: Euros of the programme, by what is said of them.
ENVELOPES = {"tight (3 M€)": 3_000_000, "wide (20 M€)": 20_000_000}
GAP = 1e-4
#: How many times the package's seconds each opponent must take at least.
TARGETS = {HIGHS: 5.0, CBC: 15.0}


def measure(setting: Setting) -> Iterator[Lap]:
    """Solve every draw with both envelopes; the solver's seed changes with the draw."""
    warm_up(*CONTENDERS)
    for seed in range(1, setting.seeds + 1):
        candidates = pool(setting.candidates, seed)
        for name, euros in ENVELOPES.items():
            scenario = programme(euros)
            for path, value in (("gap", GAP), ("time_limit", setting.limit), ("seed", seed)):
                scenario = scenario.override(f"solve.{path}", value)
            yield from laps(name, seed, scenario, candidates)


def outcome(records: Sequence[Lap]) -> Outcome:
    """Tell medians for each envelope and for both."""
    groups = {name: [lap for lap in records if lap.call == name] for name in ENVELOPES} | {"both": list(records)}
    told = [(name, each) for name, found in groups.items() for each in compared(found)]
    claims = [
        Claim(
            f"national, {name}: seconds to solve, {each.contender} over package",
            TARGETS[each.contender],
            each.solve_ratio.value,
            mark=each.solve_ratio.mark,
        )
        for contender in TARGETS
        for name, each in told
        if each.contender == contender and each.solve_ratio is not None
    ]
    claims.append(Claim("national: values that differ by more than the gaps", 0, differing(records), is_least=False))
    summary = Table(
        "National programme",
        SUMMARY,
        [summary_row(name, each) for name, each in told],
        (SYNTHETIC, f"Gap asked: {GAP:g}. {MARKED}", FAIR),
    )
    runs = Table("National programme, every run", RUNS, [run_row(lap) for lap in records])
    return Outcome(tuple(claims), (summary, runs), [{"call": name} | each.plain() for name, each in told])
