"""Random calls, small enough to enumerate, with every kind of rule in play over the cases."""

import random
from typing import Any

import pandas as pd
from hypothesis import strategies as st

from enumeration import count_ways
from ptce_funding.candidates import Candidates
from ptce_funding.frames import candidates_of
from ptce_funding.scenario import Scenario
from ptce_funding.scenario_files import scenario_from

Case = tuple[dict[str, Any], list[dict[str, Any]]]

PHASES = ["project", "emerging", "consolidation"]
REGIONS = ["Bretagne", "Corse", "Île-de-France"]
STEP = 10_000
FIRST_YEAR = 2020
#: The largest number of combinations that a case may have.
LARGEST = 150_000

RULE_KINDS = ("amount", "share of granted", "share of envelope", "count", "column", "funder amount", "funder share")


def build(scenario: dict[str, Any], rows: list[dict[str, Any]]) -> tuple[Scenario, Candidates]:
    """Return a case as the package's own types."""
    stated = scenario_from(scenario)
    return stated, candidates_of(pd.DataFrame(rows), stated)


def case(seed: int, n: int | None = None, largest: int | None = LARGEST) -> Case:
    """Return the random case of a seed.

    Parameters
    ----------
    n
        Number of candidates; two to eight unless said.
    largest
        Number of combinations above which candidates are dropped; None for cases that are not to be enumerated.
    """
    rng = random.Random(seed)
    n = n or rng.choice([2, 3, 4, 5, 5, 6, 6, 7, 8])
    scenario = _scenario(rng, n)
    rows = [_row(rng, scenario, number) for number in range(n)]
    while largest is not None and count_ways(scenario, rows) > largest:
        rows.pop()
    ids = [row["id"] for row in rows]
    scenario["links"] = _links(rng, ids)
    scenario["decisions"] = _decisions(rng, ids)
    _drop_what_cannot_occur(scenario, rows)
    return scenario, rows


def cases(largest: int = 3_000) -> st.SearchStrategy[Case]:
    """Random cases for Hypothesis; the fewer the combinations, the quicker."""
    return st.integers(0, 10**6).map(lambda seed: case(seed, largest=largest))


def _maybe(rng: random.Random, chance: float) -> bool:
    return rng.random() < chance


def _scenario(rng: random.Random, n: int) -> dict[str, Any]:
    years = 2 if _maybe(rng, 0.4) else 1
    volets = {"exp": _volet(rng)}
    if _maybe(rng, 0.25):
        volets["lab"] = {"phases": rng.sample(PHASES, rng.choice([1, 2]))} | _terms(rng)
    # Whole grant steps and a remainder that no grant can use up.
    total = STEP * rng.randint(2, max(3, 2 * n)) + rng.choice([0, 0, 1, 9_999])
    envelope: dict[str, Any] = {"total": total, "grant_step": STEP}
    if years == 2 and _maybe(rng, 0.7):
        envelope["tranches"] = rng.choice([[0.5, 0.5], [0.35, 0.65], [0.7, 0.3], [1.0, 0.0]])
        envelope["carry_over"] = _maybe(rng, 0.5)
    scenario: dict[str, Any] = {
        "format": 1,
        "name": "random",
        "first_year": FIRST_YEAR,
        "years": years,
        "envelope": envelope,
        "volets": volets,
        "funders": _funders(rng, total),
        "value": _value(rng),
        "solve": {"gap": 0.0},
    }
    scenario["priority"] = _priority(rng, scenario)
    scenario["rules"] = _rules(rng, scenario, n)
    return scenario


def _terms(rng: random.Random) -> dict[str, Any]:
    terms: dict[str, Any] = {}
    if _maybe(rng, 0.4):
        terms["grant"] = {"min": rng.choice([0, 5_000, 11_000])} | (
            {"max": rng.choice([20_000, 29_000])} if _maybe(rng, 0.5) else {}
        )
    if _maybe(rng, 0.4):
        terms["rate"] = rng.choice([0.5, 0.7, 0.85])
    if _maybe(rng, 0.3):
        terms["rate_bonus"] = {"priority_district": 0.15, "overseas": rng.choice([0.1, 0.4])}
    if _maybe(rng, 0.25):
        terms["public_cap"] = rng.choice([0.8, 0.9])
    terms["tolerance"] = rng.choice([0.0, 0.3, 0.6, 1.0, 1.0])
    if _maybe(rng, 0.15):
        terms["local_min"] = rng.choice([0.02, 0.05])
    if _maybe(rng, 0.1):
        terms["local_required"] = True
    return terms


def _volet(rng: random.Random) -> dict[str, Any]:
    volet: dict[str, Any] = {"phases": list(PHASES) if _maybe(rng, 0.8) else ["emerging", "consolidation"]} | _terms(
        rng
    )
    if _maybe(rng, 0.35):
        volet["aids"] = {"post": _terms(rng) if _maybe(rng, 0.5) else {}, "investment": {}}
        volet["aids_mode"] = rng.choice(["either", "both"])
    return volet


def _funders(rng: random.Random, total: int) -> list[dict[str, Any]]:
    if _maybe(rng, 0.5):
        return []
    pays = rng.choice(
        [
            {},
            {"priority_district": True},
            {"phase": ["emerging", "consolidation"]},
            {"region": "Corse"},
            {"volet": "exp"},
        ]
    )
    other = rng.choice([{}, {}, {"phase": "project"}])
    if _maybe(rng, 0.3):
        # All may pay all; only a rule can tell them apart.
        pays, other = {}, {}
    if _maybe(rng, 0.3):
        return [
            {"name": "city", "share": 0.3, "pays": pays},
            {"name": "state", "share": 0.5, "pays": other},
            {"name": "bank", "share": 0.2},
        ]
    if _maybe(rng, 0.5):
        amount = rng.randrange(0, total)
        return [
            {"name": "city", "amount": amount, "pays": pays},
            {"name": "state", "amount": total - amount, "pays": other},
        ]
    return [{"name": "city", "share": 0.4, "pays": pays}, {"name": "state", "share": 0.6, "pays": other}]


def _value(rng: random.Random) -> dict[str, Any]:
    value: dict[str, Any] = {
        "criteria": rng.choice([{"score": 1.0}, {"score": 0.7, "jobs": {"weight": 3, "normalise": True}}])
    }
    value["scale"] = rng.choice(["candidate", "candidate", "cost", "jobs"])
    value["fixed"] = rng.choice([0.0, 0.5, 0.6, 1.0])
    if _maybe(rng, 0.3):
        value["discount"] = 0.1
    if _maybe(rng, 0.3):
        value["phases"] = {"emerging": rng.choice([0.5, 1.5])}
    if _maybe(rng, 0.3):
        value["volets"] = {"exp": 1.2}
    return value


def _priority(rng: random.Random, scenario: dict[str, Any]) -> dict[str, Any]:
    mode = rng.choice(["none", "none", "strict", "floor", "weight"])
    if mode == "none":
        return {}
    if mode == "weight":
        scenario["value"]["phases"] = {"emerging": 1.5, "consolidation": 2.0}
        return {"mode": "weight", "order": [["consolidation"], ["emerging"]]}
    order = rng.choice([[["consolidation", "emerging"]], [["consolidation"], ["emerging"]]])
    if mode == "strict":
        return rng.choice(
            [{"mode": "strict", "order": order}, {"mode": "strict", "column": "region", "order": [["Corse"]]}]
        )
    return {"mode": "floor", "order": order, "share": rng.choice([0.2, 0.5]), "of": rng.choice(["granted", "envelope"])}


def _rules(rng: random.Random, scenario: dict[str, Any], n: int) -> list[dict[str, Any]]:
    kinds = [kind for kind in RULE_KINDS if scenario["funders"] or not kind.startswith("funder")]
    return [_rule(rng, scenario, n, rng.choice(kinds), number) for number in range(rng.choice([0, 1, 1, 2, 3]))]


def _rule(rng: random.Random, scenario: dict[str, Any], n: int, kind: str, number: int) -> dict[str, Any]:
    volets = list(scenario["volets"])
    aids = list(scenario["volets"]["exp"].get("aids", ()))
    wheres: list[dict[str, Any]] = [
        {},
        {},
        {"phase": ["project", "emerging"]},
        {"region": "Corse"},
        {"priority_district": True},
        {"year": FIRST_YEAR},
        {"volet": rng.choice(volets)},
        *({"aid": aid, "volet": "exp"} for aid in aids),
    ]
    bys: list[list[str]] = [
        [],
        [],
        ["region"],
        ["phase"],
        ["year"],
        ["volet"],
        ["region", "year"],
        ["priority_district"],
    ]
    rule: dict[str, Any] = {"name": f"rule {number}", "where": dict(rng.choice(wheres)), "by": rng.choice(bys)}
    parts = 1 if not rule["by"] else 3
    # Floors are what makes a call impossible; caps never do.
    is_floor = _maybe(rng, 0.35)
    total = scenario["envelope"]["total"]
    if kind.startswith("funder"):
        if _maybe(rng, 0.5):
            rule["where"]["funder"] = rng.choice(["city", "state"])
        else:
            rule["by"] = ["funder", *rule["by"]][:2]
    if kind in ("amount", "funder amount"):
        rule["measure"] = "amount"
        low, high = rng.choice([0, 5_000, total // (4 * parts)]), total // rng.choice([1, 2, parts]) + 1
    elif kind.endswith("count"):
        rule["measure"] = "count"
        low, high = rng.choice([0, 1, 1, 1, 2]), rng.choice([1, 2, max(n // 2, 1)])
    elif kind == "column":
        rule["measure"] = "jobs"
        low, high = rng.choice([0.5, 1.1, 2]), rng.choice([2, 3.7, 6.1])
    else:
        rule["measure"] = "share"
        rule["of"] = "granted" if kind == "share of granted" or _maybe(rng, 0.5) else "envelope"
        low, high = rng.choice([0.05, 0.1, 0.25]), rng.choice([0.3, 0.5, 0.6, 0.9])
    if is_floor:
        rule["min"] = low
        rule["only_possible"] = _maybe(rng, 0.8 if rule["by"] else 0.5)
    if not is_floor or _maybe(rng, 0.15):
        rule["max"] = max(high, low)
    return rule


def _row(rng: random.Random, scenario: dict[str, Any], number: int) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": f"c{number + 1}",
        "phase": rng.choice(PHASES),
        "region": rng.choice(REGIONS),
        "priority_district": rng.choice([True, False, None]),
        "overseas": _maybe(rng, 0.3),
        "score": rng.randint(1, 20) + rng.choice([0.0, 0.25]),
        "jobs": rng.choice([0.5, 1.1, 2.0, 3.3, 0.1]),
    }
    prefixes = ["exp.post.", "exp.investment."] if scenario["volets"]["exp"].get("aids_mode") == "both" else [""]
    if "lab" in scenario["volets"]:
        prefixes.append("lab.")
    for prefix in prefixes:
        cost = rng.randint(12_000, 42_000)
        ask = rng.randint(cost // 2, cost) if _maybe(rng, 0.95) else 0
        left = cost - ask
        row |= {f"{prefix}cost": cost, f"{prefix}ask": ask, f"{prefix}local": rng.choice([0, left // 3, left // 2])}
        row |= {
            f"{prefix}public": rng.choice([0, 0, left // 4]),
            f"{prefix}own": rng.choice([0, left // 4, left // 4 + 1, left]),
        }
    return row


def _links(rng: random.Random, ids: list[str]) -> list[dict[str, Any]]:
    links: list[dict[str, Any]] = []
    if len(ids) >= 2 and _maybe(rng, 0.15):
        links.append({"name": "few", "candidates": rng.sample(ids, 2), "at_most": 1})
    if len(ids) >= 2 and _maybe(rng, 0.15):
        links.append({"name": "together", "candidates": rng.sample(ids, 2), "all_or_none": True})
    if len(ids) >= 3 and _maybe(rng, 0.15):
        first, *others = rng.sample(ids, 3)
        links.append({"name": "after", "candidates": others, "only_if": first})
    return links


def _decisions(rng: random.Random, ids: list[str]) -> list[dict[str, Any]]:
    chosen = rng.sample(ids, min(len(ids), rng.choice([0, 0, 0, 1, 2])))
    return [
        {
            "candidate": id_,
            "decision": "fund" if _maybe(rng, 0.35) else "reject",
            "by": "a test",
            "reason": "to see what happens",
        }
        for id_ in chosen
    ]


def _drop_what_cannot_occur(scenario: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    """Drop what the package refuses: conditions on texts that no candidate has, phases that no volet serves."""
    served = {phase for volet in scenario["volets"].values() for phase in volet.get("phases", ())}
    regions = {row["region"] for row in rows}

    def kept(condition: dict[str, Any]) -> dict[str, Any]:
        condition = dict(condition)
        if "phase" in condition:
            stated = condition["phase"] if isinstance(condition["phase"], list) else [condition["phase"]]
            condition["phase"] = [phase for phase in stated if phase in served]
            if not condition["phase"]:
                del condition["phase"]
        if condition.get("region", rows[0]["region"]) not in regions:
            del condition["region"]
        return condition

    for funder in scenario["funders"]:
        funder["pays"] = kept(funder.get("pays", {}))
    for rule in scenario["rules"]:
        rule["where"] = kept(rule["where"])
    weights = scenario["value"].get("phases", {})
    scenario["value"]["phases"] = {phase: weight for phase, weight in weights.items() if phase in served}
    priority = scenario["priority"]
    if priority.get("column") == "region" and not {"Corse"} & regions:
        scenario["priority"] = {}
    elif priority and priority.get("column", "phase") == "phase":
        order = [[phase for phase in group if phase in served] for group in priority["order"]]
        priority["order"] = [group for group in order if group]


# ------------------------------------------------------------------------------------------------- plans over years

#: The largest number of combinations that a programme may have: there are more bounds to hold them against.
LARGEST_PROGRAMME = 60_000
PROFILES = ([1.0], [0.5, 0.5], [0.3, 0.7], [0.2, 0.3, 0.5], [0.0, 1.0], [1 / 3, 1 / 3, 1 / 3], [0.25] * 4)


def programme_case(seed: int, n: int | None = None, largest: int | None = LARGEST_PROGRAMME) -> Case:
    """Return the random programme of a seed: plans over years, ceilings on candidates and payments, funders by year.

    Parameters
    ----------
    n
        Number of candidates; two to five unless said.
    largest
        Number of combinations above which candidates are dropped; None for cases that are not to be enumerated.
    """
    rng = random.Random(7_919 * (seed + 1))
    n = n or rng.choice([2, 3, 4, 4, 5, 5])
    scenario = _programme(rng, n)
    rows = [_programme_row(rng, scenario, number) for number in range(n)]
    while largest is not None and count_ways(scenario, rows) > largest:
        rows.pop()
    ids = [row["id"] for row in rows]
    scenario["links"] = _links(rng, ids)
    scenario["decisions"] = _decisions(rng, ids)
    _drop_what_cannot_occur(scenario, rows)
    return scenario, rows


def programme_cases(largest: int = 1_000) -> st.SearchStrategy[Case]:
    """Random programmes for Hypothesis."""
    return st.integers(0, 10**6).map(lambda seed: programme_case(seed, largest=largest))


def _programme(rng: random.Random, n: int) -> dict[str, Any]:
    years = rng.choice([1, 2, 2, 3, 3])
    total = STEP * rng.randint(3, 3 * n + 3) + rng.choice([0, 0, 1, 9_999])
    envelope: dict[str, Any] = {"total": total, "grant_step": STEP, "carry_over": _maybe(rng, 0.5)}
    if years > 1 and _maybe(rng, 0.3):
        parts = sorted(rng.randint(0, 20) for _ in range(years - 1))
        envelope["tranches"] = [(high - low) / 20 for low, high in zip([0, *parts], [*parts, 20], strict=True)]
    if _maybe(rng, 0.35):
        envelope["candidate_max"] = rng.choice([10_000, 20_000, 25_000, 30_000, 40_000])
    if _maybe(rng, 0.45):
        # Years of the horizon, some of them, or payments that come after it.
        shares = [rng.choice([0.2, 0.35, 0.5, 0.8, 1.0]) for _ in range(rng.randint(1, years + 2))]
        envelope["payments_max"] = [int(share * total) + rng.choice([0, 1, 3_333]) for share in shares]
    scenario: dict[str, Any] = {
        "format": 1,
        "name": "programme",
        "first_year": FIRST_YEAR,
        "years": years,
        "envelope": envelope,
        "volets": _programme_volets(rng),
        "funders": _programme_funders(rng, total, years),
        "value": _value(rng),
        "solve": {"gap": 0.0},
    }
    if scenario["value"]["scale"] == "cost" and _maybe(rng, 0.5):
        scenario["value"]["scale"] = "candidate"
    scenario["priority"] = _priority(rng, scenario)
    scenario["rules"] = _rules(rng, scenario, n)
    for rule in scenario["rules"]:
        if "min" in rule and rule["measure"] == "count":
            # Most candidates of a programme enter late or not at all.
            rule["min"] = min(rule["min"], 1)
    return scenario


def _programme_volets(rng: random.Random) -> dict[str, dict[str, Any]]:
    """A study, an experimentation that it may open, a label that these may open; in some cases in a circle."""
    volets: dict[str, dict[str, Any]] = {}
    if _maybe(rng, 0.75):
        volets["study"] = {"phases": rng.choice([["project"], ["project", "emerging"], list(PHASES)])}
    volets["exp"] = {"phases": rng.choice([["emerging", "consolidation"], ["consolidation"], list(PHASES)])}
    if "study" in volets and _maybe(rng, 0.8):
        volets["exp"]["after"] = ["study"]
    if _maybe(rng, 0.6):
        volets["lab"] = {"after": rng.choice([["exp"], list(volets)])}
        if _maybe(rng, 0.25):
            volets["lab"]["phases"] = ["consolidation"]
        if _maybe(rng, 0.15):
            volets["exp"]["after"] = [*volets["exp"].get("after", ()), "lab"]
    for name, volet in volets.items():
        volet |= {"duration": rng.choice([1, 1, 1, 2]), "lag": rng.choice([0, 0, 0, 1])}
        if _maybe(rng, 0.6):
            volet["payments"] = rng.choice(PROFILES)
        if name != "exp" and _maybe(rng, 0.3):
            volet["unit_cost"] = rng.choice([10_000, 20_000, 24_000])
        else:
            volet |= _terms(rng)
            volet.pop("local_required", None)
            volet["tolerance"] = rng.choice([0.0, 0.4, 0.7, 1.0, 1.0, 1.0])
    if _maybe(rng, 0.2):
        volets["exp"] |= {"aids": {"post": {}, "investment": {}}, "aids_mode": rng.choice(["either", "both"])}
    served = {phase for volet in volets.values() for phase in volet.get("phases", ())}
    volets["exp"]["phases"] += [phase for phase in ("emerging", "consolidation") if phase not in served]
    return volets


def _programme_funders(rng: random.Random, total: int, years: int) -> list[dict[str, Any]]:
    if _maybe(rng, 0.3):
        return []
    conditions = [
        {},
        {"priority_district": True},
        {"phase": ["emerging", "consolidation"]},
        {"region": "Corse"},
        {"volet": "exp"},
        {"year": FIRST_YEAR},
    ]
    pays, other = rng.choice(conditions), rng.choice([{}, {}, {"phase": "project"}])
    first = rng.randint(0, total)

    def by_year(amount: int) -> list[int]:
        parts = sorted(rng.randint(0, amount) for _ in range(years - 1))
        return [high - low for low, high in zip([0, *parts], [*parts, amount], strict=True)]

    city, state = rng.choice(
        [
            ({"amounts": by_year(first)}, {"amounts": by_year(total - first)}),
            ({"amounts": by_year(first)}, {"amount": total - first}),
            ({"amount": first}, {"amounts": by_year(total - first)}),
            ({"share": 0.4}, {"share": 0.6}),
        ]
    )
    return [{"name": "city", "pays": pays, **city}, {"name": "state", "pays": other, **state}]


def _programme_row(rng: random.Random, scenario: dict[str, Any], number: int) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": f"c{number + 1}",
        "phase": rng.choice(PHASES),
        "region": rng.choice(REGIONS),
        "priority_district": rng.choice([True, False, None]),
        "overseas": _maybe(rng, 0.3),
        "score": rng.randint(1, 20) + rng.choice([0.0, 0.25]),
        "jobs": rng.choice([0.5, 1.1, 2.0, 3.3, 0.1]),
    }
    for name, volet in scenario["volets"].items():
        if "unit_cost" in volet:
            continue
        aids = [f"{name}.{aid}." for aid in volet.get("aids", ())] if volet.get("aids_mode") == "both" else []
        for prefix in aids or [f"{name}."]:
            cost = rng.randint(11_000, 44_000)
            ask = rng.randint(cost // 2, cost) if _maybe(rng, 0.92) else 0
            left = cost - ask
            row |= {f"{prefix}cost": cost, f"{prefix}ask": ask, f"{prefix}local": rng.choice([0, left // 3])}
            row |= {f"{prefix}public": rng.choice([0, 0, left // 4]), f"{prefix}own": rng.choice([0, left // 4, left])}
    return row
