"""Random calls of twenty to a hundred and fifty candidates: too many to enumerate, enough to hold solvers against each other.

Over the cases every kind of rule is in play; `features` says which ones are in a case.
"""

import random
from typing import Any

from cases import FIRST_YEAR, PHASES, Case, _drop_what_cannot_occur, _maybe

REGIONS = ["Bretagne", "Corse", "Grand Est", "Île-de-France"]
#: Plans that a call may have, about: what keeps a proof short.
MOST_PLANS = 600
#: What a call is made of, each with how it is recognised; every one is in several of two hundred cases.
FEATURES = (
    "years",
    "after",
    "either",
    "both",
    "unit cost",
    "shares",
    "amount",
    "amounts",
    "pays",
    "candidate_max",
    "tranches with carry over",
    "tranches without carry over",
    "cuts",
    "payments",
    "payments_max",
    "transversal",
    "fixed cost",
    "cost per candidate",
    "least share",
    "largest share",
    "advantage inside",
    "advantage outside",
    "amount rule",
    "share of envelope rule",
    "share of granted rule",
    "count rule",
    "jobs rule",
    "rule of a funder",
    "floor by group",
    "cap by group",
    "where",
    "only_possible",
    "target",
    "fund",
    "reject",
    "at_most",
    "all_or_none",
    "only_if",
    "strict",
    "floor",
    "weight",
    "scale candidate",
    "scale cost",
    "scale jobs",
    "fixed 0",
    "fixed 1",
    "discount",
)


def midsize_case(seed: int) -> Case:
    """Return the random mid-size call of a seed."""
    rng = random.Random(15_485_863 * (seed + 1))
    years = rng.choice([1, 1, 2, 2, 3])
    volets = _volets(rng, years)
    n = min(rng.randint(20, 150), max(20, MOST_PLANS // _plans_each(volets, years)))
    rows = [_row(rng, volets, number) for number in range(n)]
    step = rng.choice([1_000, 1_000, 5_000, 10_000])
    total = step * round(n * rng.uniform(6_000, 30_000) / step) + rng.choice([0, 0, 1, 777])
    scenario: dict[str, Any] = {
        "format": 1,
        "name": "midsize",
        "first_year": FIRST_YEAR,
        "years": years,
        "envelope": _envelope(rng, total, step, years),
        "volets": volets | _transversal(rng, total, n),
        "funders": _funders(rng, total, years),
        "value": _value(rng),
    }
    scenario["priority"] = _priority(rng, scenario)
    scenario["rules"] = [_rule(rng, scenario, n, number) for number in range(rng.choice([0, 1, 2, 2, 3]))]
    scenario["targets"] = [_target(rng, n)] if _maybe(rng, 0.25) else []
    scenario["links"] = _links(rng, [row["id"] for row in rows])
    scenario["decisions"] = _decisions(rng, [row["id"] for row in rows])
    _drop_what_cannot_occur(scenario, rows)
    return scenario, rows


def _plans_each(volets: dict[str, dict[str, Any]], years: int) -> int:
    """Return about how many plans a candidate has."""
    plans = 1
    for volet in volets.values():
        aids = {"either": 2, "both": 3}.get(volet.get("aids_mode", ""), 1)
        plans *= 1 + years * aids
    return max(plans // 2, 1)


# -------------------------------------------------------------------------------------------------------------- money


def _envelope(rng: random.Random, total: int, step: int, years: int) -> dict[str, Any]:
    envelope: dict[str, Any] = {"total": total, "grant_step": step, "carry_over": _maybe(rng, 0.5)}
    if years > 1 and _maybe(rng, 0.5):
        envelope["tranches"] = {2: [0.55, 0.45], 3: [0.4, 0.35, 0.25]}[years]
        if _maybe(rng, 0.4):
            envelope["cuts"] = [0, 0.34, 0.1][:years]
    if _maybe(rng, 0.4):
        # Below two grants, or below one: plans lose room, or do not exist.
        envelope["candidate_max"] = rng.choice([20_000, 31_000, 45_000, 60_000])
    if _maybe(rng, 0.35):
        envelope["payments_max"] = [round(total * rng.choice([0.3, 0.5, 0.7])) for _ in range(rng.randint(1, years))]
    return envelope


def _volets(rng: random.Random, years: int) -> dict[str, dict[str, Any]]:
    volets: dict[str, dict[str, Any]] = {}
    if years > 1 and _maybe(rng, 0.5):
        volets["study"] = {"phases": ["project", "emerging"]}
    volets["exp"] = {"phases": ["emerging", "consolidation"] if volets else list(PHASES)}
    if "study" in volets:
        volets["exp"]["after"] = ["study"]
    if _maybe(rng, 0.35):
        volets["lab"] = {"phases": ["consolidation"], "after": ["exp"]} if years > 1 else {"phases": ["consolidation"]}
    for name, volet in volets.items():
        if name != "exp" and _maybe(rng, 0.4):
            volet["unit_cost"] = rng.choice([10_000, 20_000])
        else:
            volet |= {"tolerance": rng.choice([0.3, 0.6, 1.0, 1.0]), "rate": rng.choice([0.6, 0.8, 1.0])}
            if _maybe(rng, 0.5):
                volet["grant"] = {"min": rng.choice([2_000, 5_000, 9_000])}
        if _maybe(rng, 0.5):
            volet["payments"] = rng.choice([[0.5, 0.5], [0.3, 0.7], [0.2, 0.3, 0.5], [1 / 3, 1 / 3, 1 / 3]])
        if _maybe(rng, 0.15):
            volet["lag"] = 1
        if _maybe(rng, 0.25):
            terms: dict[str, Any] = {
                "euros": rng.choice([300, 1_200, 999.5]),
                "jobs": "jobs",
                "years": rng.choice([1, 2]),
            }
            volet["advantages"] = {"exempt": terms | {"charged": rng.choice(["inside", "outside"])}}
    if _maybe(rng, 0.3):
        volets["exp"] |= {
            "aids": {"post": {}, "investment": {"rate": 0.5}},
            "aids_mode": rng.choice(["either", "both"]),
        }
    return volets


def _transversal(rng: random.Random, total: int, n: int) -> dict[str, dict[str, Any]]:
    if not _maybe(rng, 0.35):
        return {}
    volet: dict[str, Any] = {"transversal": True, "per_ptce": rng.choice([0, 600, total // (8 * n)])}
    volet["fixed"] = rng.choice([0, 1_200, total // 30])
    if _maybe(rng, 0.5) or not (volet["per_ptce"] or volet["fixed"]):
        volet["min_share"] = rng.choice([0.02, 0.05])
    if _maybe(rng, 0.5):
        volet["max_share"] = rng.choice([0.05, 0.06, 0.1])
    return {"capi": volet}


def _funders(rng: random.Random, total: int, years: int) -> list[dict[str, Any]]:
    kind = rng.choice(["none", "none", "shares", "amount", "amounts", "three"])
    pays = rng.choice([{}, {"priority_district": True}, {"phase": ["emerging", "consolidation"]}, {"volet": "exp"}])
    if kind == "none":
        return []
    if kind == "three":
        city, bank = {"name": "city", "share": 0.2, "pays": pays}, {"name": "bank", "share": 0.3}
        return [city, bank, {"name": "state", "share": 0.5}]
    first = round(total * rng.choice([0.2, 0.35, 0.5]))
    city, state = {
        "shares": ({"share": 0.3}, {"share": 0.7}),
        "amount": ({"amount": first}, {"amount": total - first}),
        "amounts": ({"amounts": _by_year(first, years)}, {"amount": total - first}),
    }[kind]
    return [{"name": "city", "pays": pays, **city}, {"name": "state", **state}]


def _by_year(amount: int, years: int) -> list[int]:
    return [amount // years] * (years - 1) + [amount - amount // years * (years - 1)]


# -------------------------------------------------------------------------------------------------- what is wanted


def _value(rng: random.Random) -> dict[str, Any]:
    value: dict[str, Any] = {
        "criteria": rng.choice([{"score": 1.0}, {"score": 0.7, "jobs": {"weight": 3, "normalise": True}}])
    }
    value |= {
        "scale": rng.choice(["candidate", "candidate", "cost", "jobs"]),
        "fixed": rng.choice([0.0, 0.5, 0.6, 1.0]),
    }
    if _maybe(rng, 0.3):
        value["discount"] = 0.05
    if _maybe(rng, 0.3):
        value["volets"] = {"exp": 1.2}
    return value


def _priority(rng: random.Random, scenario: dict[str, Any]) -> dict[str, Any]:
    mode = rng.choice(["none", "none", "strict", "floor", "weight"])
    order = rng.choice([[["consolidation", "emerging"]], [["consolidation"], ["emerging"]]])
    if mode == "weight":
        scenario["value"]["phases"] = {"emerging": 1.5, "consolidation": 2.0}
    if mode == "floor":
        return {
            "mode": mode,
            "order": order,
            "share": rng.choice([0.2, 0.4]),
            "of": rng.choice(["granted", "envelope"]),
        }
    return {} if mode == "none" else {"mode": mode, "order": order}


def _rule(rng: random.Random, scenario: dict[str, Any], n: int, number: int) -> dict[str, Any]:
    measure = rng.choice(["amount", "share", "share", "count", "jobs"])
    by = rng.choice([[], [], ["region"], ["phase"], ["year"], ["volet"], ["region", "phase"]])
    where: dict[str, Any] = rng.choice(
        [{}, {}, {"phase": ["project", "emerging"]}, {"region": "Corse"}, {"priority_district": True}, {"volet": "exp"}]
    )
    rule: dict[str, Any] = {"name": f"rule {number}", "measure": measure, "by": by, "where": dict(where)}
    parts = 5 if by else 2
    total = scenario["envelope"]["total"]
    if scenario["funders"] and measure in ("amount", "share") and _maybe(rng, 0.25):
        rule["where"]["funder"] = "city"
        parts *= 3
    if measure == "share":
        rule["of"] = rng.choice(["granted", "envelope"])
    low, high = {
        "amount": (total // (5 * parts), 3 * total // parts),
        "share": (round(1 / (5 * parts), 3), round(2 / parts, 3)),
        "count": (max(n // (20 * parts), 1), n // (2 * parts) + 1),
        "jobs": (n / (30 * parts), n / parts),
    }[measure]
    is_floor = _maybe(rng, 0.5)
    if is_floor:
        # One floor in many is out of reach.
        rule |= {"min": low * (4 if _maybe(rng, 0.06) else 1), "only_possible": _maybe(rng, 0.8)}
    if not is_floor or _maybe(rng, 0.2):
        rule["max"] = max(high, rule.get("min", 0))
        if measure == "share":
            rule["max"] = min(rule["max"], 1.0)
    return rule


def _target(rng: random.Random, n: int) -> dict[str, Any]:
    measure, least = rng.choice([("count", max(n // 15, 1)), ("jobs", n / 20), ("amount", 40_000)])
    where = rng.choice([{}, {"phase": ["emerging"]}, {"overseas": True}])
    return {"name": "target", "measure": measure, "min": least, "where": where, "only_possible": _maybe(rng, 0.5)}


def _links(rng: random.Random, ids: list[str]) -> list[dict[str, Any]]:
    links: list[dict[str, Any]] = []
    if _maybe(rng, 0.25):
        links.append({"name": "few", "candidates": rng.sample(ids, 6), "at_most": 2})
    if _maybe(rng, 0.25):
        links.append({"name": "together", "candidates": rng.sample(ids, 3), "all_or_none": True})
    if _maybe(rng, 0.25):
        first, *others = rng.sample(ids, 4)
        links.append({"name": "after", "candidates": others, "only_if": first})
    return links


def _decisions(rng: random.Random, ids: list[str]) -> list[dict[str, Any]]:
    chosen = rng.sample(ids, rng.choice([0, 0, 1, 3]))
    return [
        {
            "candidate": id_,
            "decision": "fund" if _maybe(rng, 0.4) else "reject",
            "by": "a test",
            "reason": "to see what happens",
        }
        for id_ in chosen
    ]


def _row(rng: random.Random, volets: dict[str, dict[str, Any]], number: int) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": f"c{number:03d}",
        "phase": rng.choice(PHASES),
        "region": rng.choice(REGIONS),
        "priority_district": rng.choice([True, False, None]),
        "overseas": _maybe(rng, 0.2),
        "score": rng.randint(20, 90) / 5,
        "jobs": rng.choice([0.5, 1.1, 2.0, 3.3, 6.0]),
    }
    for name, volet in volets.items():
        if "unit_cost" in volet:
            continue
        aids = [f"{name}.{aid}." for aid in volet["aids"]] if volet.get("aids_mode") == "both" else [f"{name}."]
        for prefix in aids:
            cost = rng.randint(15_000, 140_000)
            ask = round(cost * rng.uniform(0.3, 0.9)) if _maybe(rng, 0.96) else 0
            left = cost - ask
            row |= {f"{prefix}cost": cost, f"{prefix}ask": ask, f"{prefix}local": left // 3}
            row |= {
                f"{prefix}public": rng.choice([0, left // 4]),
                f"{prefix}own": rng.choice([0, left // 4, left // 3]),
            }
    return row


# ------------------------------------------------------------------------------------------------------ what is in one


def features(scenario: dict[str, Any]) -> set[str]:
    """Return which of `FEATURES` a call has."""
    envelope, funders = scenario["envelope"], scenario["funders"]
    entered = [volet for volet in scenario["volets"].values() if not volet.get("transversal")]
    transversal = [volet for volet in scenario["volets"].values() if volet.get("transversal")]
    advantages = [each for volet in entered for each in volet.get("advantages", {}).values()]
    rules = scenario["rules"]
    tranches = "tranches" in envelope
    found = {
        "years": scenario["years"] > 1,
        "after": any("after" in volet for volet in entered),
        "unit cost": any("unit_cost" in volet for volet in entered),
        "shares": any("share" in funder for funder in funders),
        "pays": any(funder.get("pays") for funder in funders),
        "tranches with carry over": tranches and envelope["carry_over"],
        "tranches without carry over": tranches and not envelope["carry_over"],
        "payments": any("payments" in volet for volet in entered),
        "transversal": bool(transversal),
        "fixed cost": any(volet["fixed"] for volet in transversal),
        "cost per candidate": any(volet["per_ptce"] for volet in transversal),
        "least share": any("min_share" in volet for volet in transversal),
        "largest share": any("max_share" in volet for volet in transversal),
        "rule of a funder": any("funder" in rule["where"] for rule in rules),
        "floor by group": any("min" in rule and rule["by"] for rule in rules),
        "cap by group": any("max" in rule and rule["by"] for rule in rules),
        "where": any(rule["where"] for rule in rules),
        "only_possible": any(rule.get("only_possible") for rule in rules),
        "target": bool(scenario["targets"]),
        "fixed 0": scenario["value"]["fixed"] == 0,
        "fixed 1": scenario["value"]["fixed"] == 1,
        "discount": "discount" in scenario["value"],
    }
    names = {name for name, is_in in found.items() if is_in}
    names |= {name for name in ("candidate_max", "payments_max", "cuts") if name in envelope}
    names |= {name for name in ("amount", "amounts") if any(name in funder for funder in funders)}
    names |= {volet["aids_mode"] for volet in entered if "aids_mode" in volet}
    names |= {f"advantage {each['charged']}" for each in advantages}
    names |= {f"{rule['measure']}{' of ' + rule['of'] if 'of' in rule else ''} rule" for rule in rules}
    names |= {each["decision"] for each in scenario["decisions"]}
    names |= {name for link in scenario["links"] for name in ("at_most", "all_or_none", "only_if") if name in link}
    names |= {scenario["priority"]["mode"]} if scenario["priority"] else set()
    return names | {f"scale {scenario['value']['scale']}"}
