"""Small calls without an allocation, by what makes them so; each with what clashes, worked out by hand.

Grants are whole multiples of 10 k€. A candidate of the volet `v` gets anything up to what it asks; one of `whole` all of it or nothing.
"""

from dataclasses import dataclass
from typing import Any

from conftest import scenario_data


@dataclass(frozen=True)
class Kit:
    """A call without an allocation.

    Parameters
    ----------
    name
        What makes it so: the family, and the case.
    scenario, rows
        The call.
    clashing
        One smallest set, as "kind key"; the envelope as "envelope".
    plain
        Whether it is plain to see without solving.
    """

    name: str
    scenario: dict[str, Any]
    rows: list[dict[str, Any]]
    clashing: set[str]
    plain: bool = False


def row(id_: str, ask: int = 30_000, **more: Any) -> dict[str, Any]:
    """Return a candidate that asks for all of its cost."""
    cells = {"id": id_, "phase": "emerging", "region": "Corse", "cost": ask, "ask": ask, "local": 0, "public": 0}
    return cells | {"own": 0, "score": 1.0, "jobs": 2.0} | more


def rows(ids: str, ask: int = 30_000, **more: Any) -> list[dict[str, Any]]:
    """Return alike candidates, one for each letter."""
    return [row(id_, ask, **more) for id_ in ids]


def fund(*ids: str) -> list[dict[str, str]]:
    """Return decisions to fund."""
    return [{"candidate": id_, "decision": "fund", "by": "jury", "reason": "first"} for id_ in ids]


def reject(*ids: str) -> list[dict[str, str]]:
    """Return decisions to reject."""
    return [{"candidate": id_, "decision": "reject", "by": "jury", "reason": "late"} for id_ in ids]


def rule(name: str, measure: str, **more: Any) -> dict[str, Any]:
    """Return a rule."""
    return {"name": name, "measure": measure, **more}


def whole(**changes: Any) -> dict[str, Any]:
    """Return a call whose grants are all that is asked or nothing."""
    return scenario_data(**{"volets": {"v": {"phases": ["emerging", "consolidation", "project"]}}} | changes)


def money(total: int, **more: Any) -> dict[str, Any]:
    """Return an envelope."""
    return {"total": total, "grant_step": 10_000, **more}


BRETON = {"region": "Bretagne"}
CORSE = {"region": "Corse"}
TWO_YEARS = {"years": 2}


def _forced_in_and_out() -> list[Kit]:
    link = {"name": "after", "candidates": ["a"], "only_if": "b"}
    none = {"name": "none", "candidates": ["a", "b"], "at_most": 0}
    together = {"name": "both", "candidates": ["a", "b"], "all_or_none": True}
    both = fund("a") + reject("b")
    ends = {"decision a", "decision b"}
    return [
        Kit(
            "forced in and out: only with one rejected",
            scenario_data(decisions=both, links=[link]),
            rows("abc"),
            {"link after", *ends},
        ),
        Kit(
            "forced in and out: together with one rejected",
            scenario_data(decisions=both, links=[together]),
            rows("abc"),
            {"link both", *ends},
        ),
        Kit(
            "forced in and out: at most none of them",
            scenario_data(decisions=fund("a"), links=[none]),
            rows("abc"),
            {"link none", "decision a"},
        ),
        Kit(
            "forced in and out: asks for nothing",
            scenario_data(decisions=fund("a")),
            [row("a", 0, cost=10_000), *rows("bc")],
            {"decision a"},
            True,
        ),
        Kit(
            "forced in and out: its region may get nothing",
            scenario_data(decisions=fund("a"), rules=[rule("no Corse", "amount", where=CORSE, max=0)]),
            [row("a"), row("b", **BRETON)],
            {"rule no Corse", "decision a"},
            True,
        ),
    ]


def _forced_above() -> list[Kit]:
    two = [row("a", **BRETON), *rows("bc")]
    city = [{"name": "city", "share": 0.2, "pays": CORSE}, {"name": "state", "share": 0.8, "pays": BRETON}]
    return [
        Kit(
            "forced above the envelope",
            whole(envelope=money(50_000), decisions=fund("a", "b")),
            rows("abc"),
            {"envelope", "decision a", "decision b"},
            True,
        ),
        Kit(
            "forced above the envelope: by one",
            whole(envelope=money(20_000), decisions=fund("a")),
            [row("a"), row("b", 20_000)],
            {"envelope", "decision a"},
            True,
        ),
        Kit(
            "forced above what its funder brings",
            whole(envelope=money(100_000), decisions=fund("b"), funders=city),
            two,
            {"envelope", "funder state", "decision b"},
            True,
        ),
        Kit(
            "forced above the ceiling of one candidate",
            whole(envelope=money(90_000, candidate_max=20_000), decisions=fund("a")),
            [row("a"), row("b", 20_000)],
            {"candidate_max", "decision a"},
            True,
        ),
        Kit(
            "forced above the number",
            scenario_data(decisions=fund("a", "b", "c"), rules=[rule("few", "count", max=2)]),
            rows("abcd"),
            {"rule few", "decision a", "decision b", "decision c"},
            True,
        ),
    ]


def _rejections() -> list[Kit]:
    breton = [row("a", **BRETON), row("b", **BRETON), row("c", jobs=5.0), row("d")]
    region = rule("regions", "count", by=["region"], min=1)
    return [
        Kit(
            "quota after rejections: one for each region",
            scenario_data(decisions=reject("a", "b"), rules=[region]),
            breton,
            {"rule regions", "decision a", "decision b"},
            True,
        ),
        Kit(
            "quota after rejections: a number",
            scenario_data(decisions=reject("a"), targets=[rule("poles", "count", min=4)]),
            breton,
            {"target poles", "decision a"},
            True,
        ),
        Kit(
            "quota after rejections: jobs",
            scenario_data(decisions=reject("c"), rules=[rule("jobs", "jobs", min=8)]),
            breton,
            {"rule jobs", "decision c"},
            True,
        ),
        Kit(
            "quota after rejections: an amount",
            scenario_data(decisions=reject("a"), rules=[rule("Brittany", "amount", where=BRETON, min=40_000)]),
            breton,
            {"rule Brittany", "decision a"},
            True,
        ),
        Kit(
            "quota after rejections: a share of what is granted",
            scenario_data(
                decisions=fund("c") + reject("a", "b"),
                rules=[rule("some", "share", of="granted", where=BRETON, min=0.1)],
            ),
            breton,
            {"rule some", "decision a", "decision b", "decision c"},
        ),
        Kit(
            "quota: an empty group",
            scenario_data(rules=[rule("regions", "count", by=["region"], min=1)]),
            [row("a", 0, cost=9_000, **BRETON), row("b")],
            {"rule regions"},
            True,
        ),
        Kit(
            "quota: more than there are",
            scenario_data(targets=[rule("poles", "count", min=5)]),
            breton,
            {"target poles"},
            True,
        ),
    ]


def _integer_only() -> list[Kit]:
    """Grants of which halves would do: the relaxation has an allocation, the call none."""
    exactly = rule("exactly", "amount", min=50_000, max=50_000)
    pairs = [
        {"name": "ab", "candidates": ["a", "b"], "all_or_none": True},
        {"name": "bc", "candidates": ["b", "c"], "all_or_none": True},
    ]
    return [
        Kit(
            "integer only: whole grants that do not fill a floor",
            whole(envelope=money(50_000), rules=[rule("spend", "amount", min=50_000)]),
            rows("abc"),
            {"envelope", "rule spend"},
        ),
        Kit(
            "integer only: an exact amount",
            whole(envelope=money(90_000), rules=[exactly]),
            rows("abc"),
            {"rule exactly"},
        ),
        Kit(
            "integer only: shares of two regions",
            whole(
                envelope=money(90_000),
                rules=[rule("balance", "share", of="granted", by=["region"], min=0.45), rule("some", "count", min=1)],
            ),
            [row("a", **BRETON), row("b", 20_000)],
            {"rule balance", "rule some"},
        ),
        Kit(
            "integer only: an odd number of pairs",
            whole(links=pairs, rules=[rule("two", "count", min=1, max=2)]),
            rows("abc"),
            {"link ab", "link bc", "rule two"},
        ),
        Kit(
            "integer only: jobs by halves",
            whole(rules=[rule("jobs", "jobs", min=3, max=3)]),
            rows("abc"),
            {"rule jobs"},
        ),
    ]


def _three_rules() -> list[Kit]:
    mixed = [row("a", phase="project", **BRETON), row("b", phase="project"), row("c", **BRETON), row("d")]
    return [
        Kit(
            "three rules: two floors and a cap",
            scenario_data(
                rules=[
                    rule("Corse", "count", where=CORSE, min=2),
                    rule("Brittany", "count", where=BRETON, min=2),
                    rule("few", "count", max=3),
                ]
            ),
            mixed,
            {"rule Corse", "rule Brittany", "rule few"},
        ),
        Kit(
            "three rules: money",
            scenario_data(
                envelope=money(60_000),
                rules=[
                    rule("Corse", "amount", where=CORSE, min=40_000),
                    rule("Brittany", "amount", where=BRETON, min=30_000),
                ],
            ),
            mixed,
            {"envelope", "rule Corse", "rule Brittany"},
        ),
        Kit(
            "three rules: regions and phases",
            scenario_data(
                rules=[
                    rule("Corse", "count", where=CORSE, min=2),
                    rule("no project", "count", where={"phase": "project"}, max=0),
                    rule("loose", "count", max=4),
                ]
            ),
            mixed,
            {"rule Corse", "rule no project"},
            False,
        ),
        Kit(
            "three rules: one not to be bent",
            scenario_data(
                rules=[
                    rule("Corse", "count", where=CORSE, min=2),
                    rule("Brittany", "count", where=BRETON, min=2, relax=False),
                    rule("few", "count", max=3),
                ]
            ),
            mixed,
            {"rule Corse", "rule Brittany", "rule few"},
        ),
        Kit(
            "three rules: none to be bent",
            scenario_data(rules=[rule("many", "count", min=3, relax=False), rule("few", "count", max=2, relax=False)]),
            mixed,
            {"rule many", "rule few"},
        ),
        Kit(
            "three rules: two clashes",
            scenario_data(
                rules=[
                    rule("Corse", "count", where=CORSE, min=2),
                    rule("no Corse", "count", where=CORSE, max=1),
                    rule("Brittany", "count", where=BRETON, min=2),
                    rule("no Brittany", "count", where=BRETON, max=1),
                ]
            ),
            mixed,
            {"rule Corse", "rule no Corse"},
        ),
        Kit(
            "three rules: three floors under a cap that stays",
            scenario_data(
                rules=[
                    *(
                        rule(region, "amount", where={"region": region}, min=least)
                        for region, least in (("Corse", 50_000), ("Bretagne", 40_000), ("Mayotte", 30_000))
                    ),
                    rule("cap", "amount", max=60_000, relax=False),
                ]
            ),
            [row("a", 50_000), row("b", 40_000, **BRETON), row("c", region="Mayotte")],
            {"rule Corse", "rule Bretagne", "rule cap"},
        ),
        Kit(
            "three rules: one floor against two caps",
            scenario_data(
                rules=[
                    rule("all", "count", min=4),
                    rule("one Corse", "count", where=CORSE, max=1),
                    rule("one Breton", "count", where=BRETON, max=1),
                ]
            ),
            mixed,
            {"rule all", "rule one Corse"},
        ),
    ]


def _years() -> list[Kit]:
    first = rule("first", "amount", where={"year": 2020}, min=60_000)
    return [
        Kit(
            "years: a floor above a tranche",
            scenario_data(**TWO_YEARS, envelope=money(100_000, tranches=[0.5, 0.5]), rules=[first]),
            rows("abc"),
            {"envelope", "tranches", "rule first"},
        ),
        Kit(
            "years: forced above a tranche without carry-over",
            whole(
                **TWO_YEARS,
                envelope=money(100_000, tranches=[0.5, 0.5], carry_over=False),
                decisions=fund("a", "b", "c"),
            ),
            rows("abc"),
            {"envelope", "tranches", "decision a", "decision b", "decision c"},
        ),
        Kit(
            "years: payments",
            scenario_data(
                envelope=money(100_000, payments_max=[40_000]), targets=[rule("money", "amount", min=60_000)]
            ),
            rows("ab"),
            {"payments", "target money"},
        ),
        Kit(
            "years: nothing later",
            scenario_data(
                **TWO_YEARS,
                rules=[
                    rule("late", "amount", where={"year": 2021}, min=20_000),
                    rule("never late", "amount", where={"year": 2021}, max=10_000),
                ],
            ),
            rows("ab"),
            {"rule late", "rule never late"},
        ),
    ]


def _funders() -> list[Kit]:
    two = [row("a", **BRETON), row("b", 40_000), row("c", **BRETON)]
    split = [{"name": "city", "share": 0.3, "pays": CORSE}, {"name": "state", "share": 0.7, "pays": BRETON}]
    amounts = [{"name": "city", "amount": 20_000, "pays": CORSE}, {"name": "state", "amount": 80_000, "pays": BRETON}]
    either = [{"name": "city", "share": 0.5}, {"name": "state", "share": 0.5}]
    return [
        Kit(
            "funders: a floor above what one may pay",
            scenario_data(funders=split, rules=[rule("Corse", "amount", where=CORSE, min=40_000)]),
            two,
            {"envelope", "funder state", "rule Corse"},
        ),
        Kit(
            "funders: amounts",
            scenario_data(funders=amounts, rules=[rule("Corse", "amount", where=CORSE, min=40_000)]),
            two,
            {"envelope", "funder state", "rule Corse"},
        ),
        Kit(
            "funders: one is to pay more than it may",
            scenario_data(
                funders=split,
                rules=[
                    rule("city", "amount", where={"funder": "city"}, min=20_000),
                    rule("Corse", "amount", where=CORSE, max=10_000),
                ],
            ),
            two,
            {"funder city", "rule city", "rule Corse"},
        ),
        Kit(
            "funders: least of both",
            scenario_data(
                funders=either, envelope=money(100_000), rules=[rule("each", "amount", by=["funder"], min=60_000)]
            ),
            two,
            {"rule each"},
        ),
    ]


def _others() -> list[Kit]:
    mixed = [row("a", phase="project"), row("b", phase="project"), row("c")]
    first = {"mode": "floor", "order": [["emerging"]], "share": 0.4, "of": "envelope"}
    capi = {"v": {"phases": ["emerging", "project"], "tolerance": 1.0}, "t": {"transversal": True, "min_share": 0.4}}
    return [
        Kit("others: the first group is too small", scenario_data(priority=first), mixed, {"priority"}, True),
        Kit(
            "others: a transversal volet leaves too little",
            scenario_data(envelope=money(100_000), volets=capi, targets=[rule("money", "amount", min=70_000)]),
            mixed,
            {"envelope", "transversal t", "target money"},
        ),
        Kit(
            "others: two fifths of an envelope that is too large",
            scenario_data(rules=[rule("most", "share", of="envelope", where={"phase": "emerging"}, min=0.4)]),
            mixed,
            {"rule most"},
            True,
        ),
    ]


KITS: list[Kit] = [
    kit
    for family in (
        _forced_in_and_out,
        _forced_above,
        _rejections,
        _integer_only,
        _three_rules,
        _years,
        _funders,
        _others,
    )
    for kit in family()
]
