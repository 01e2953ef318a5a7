"""Random programmes whose envelope pays more than grants: transversal volets, advantages charged inside, targets."""

import random
from typing import Any

from cases import FIRST_YEAR, PHASES, STEP, Case, _drop_what_cannot_occur, _maybe, _programme_funders, programme_case
from enumeration import best, count_ways
from enumeration_charges import pays_transversal, transversal_volets
from enumeration_steps import step_volets

#: The largest number of combinations that a programme with charges may have.
LARGEST_CHARGED = 20_000
#: The largest number of combinations where the envelope is sought, since each is tried with many totals.
LARGEST_SOUGHT = 2_000
#: Parts by year that are whole euros whenever the cost is a multiple of twelve, by the years that they need.
PROFILES: dict[int, list[list[float]]] = {
    1: [[1.0]],
    2: [[0.5, 0.5], [0.25, 0.75], [0.0, 1.0]],
    3: [[1 / 3, 1 / 3, 1 / 3], [0.5, 0.25, 0.25], [0.0, 0.0, 1.0]],
}
ODD_PROFILES: dict[int, list[list[float]]] = {1: [[1.0]], 2: [[0.3, 0.7], [1 / 3, 2 / 3]], 3: [[0.2, 0.3, 0.5]]}


def charge_case(seed: int, n: int | None = None, largest: int | None = LARGEST_CHARGED) -> Case:
    """Return the random programme with charges of a seed.

    Most costs are multiples of twelve euros, so that their parts by year are whole; a few are odd.

    Parameters
    ----------
    n
        Number of candidates; two to five unless said.
    largest
        Number of combinations above which candidates are dropped; None for cases that are not to be enumerated.
    """
    rng = random.Random(104_729 * (seed + 1))
    for number in range(1 if largest is None else 4):
        scenario, rows = _base(rng, 20_000 + 4 * seed + number, n, largest)
        if largest is not None and (found := best(scenario, rows)) is not None and found.lines:
            break
    is_odd = _maybe(rng, 0.12)
    envelope = scenario["envelope"]
    total = 12_000 * (envelope["total"] // 12_000 + rng.choice([0, 1, 1, 2])) + (rng.choice([1, 777]) if is_odd else 0)
    envelope["total"] = total
    if scenario["years"] > 1 and _maybe(rng, 0.35):
        envelope["payments_max"] = [
            12_000 * round(rng.choice([0.4, 0.6, 1.0]) * total / 12_000) for _ in range(scenario["years"])
        ]
    if _maybe(rng, 0.8):
        _add_transversal(rng, scenario, is_odd)
    if _maybe(rng, 0.65):
        _add_advantages(rng, scenario, rows)
    if scenario["funders"]:
        scenario["funders"] = _funders(rng, scenario, total)
    _trim(scenario, rows, largest)
    scenario["targets"] = _targets(rng, scenario, rows, rng.choice([0, 1, 1, 2]), largest is not None)
    return scenario, rows


def cost_case(seed: int, largest: int = LARGEST_SOUGHT) -> Case:
    """Return the random programme of a seed whose envelope is sought: something must be reached, funders bring shares."""
    rng = random.Random(1_299_709 * (seed + 1))
    scenario, rows = charge_case(50_000 + seed, largest=largest)
    if scenario["funders"]:
        shares = rng.choice([(0.5, 0.5), (0.4, 0.6), (0.25, 0.75)])
        scenario["funders"] = [
            {"name": funder["name"], "pays": funder["pays"], "share": share}
            for funder, share in zip(scenario["funders"], shares, strict=True)
        ]
    envelope = scenario["envelope"]
    if "tranches" in envelope:
        envelope["tranches"] = {1: [1.0], 2: [0.5, 0.5], 3: [0.25, 0.25, 0.5]}[scenario["years"]]
    for name in transversal_volets(scenario):
        # Small beside the shares above, so that no large envelope need be tried.
        if "min_share" in scenario["volets"][name]:
            scenario["volets"][name]["min_share"] = 0.05
    _trim(scenario, rows, largest)
    if not scenario["targets"]:
        scenario["targets"] = _targets(rng, scenario, rows, rng.choice([1, 1, 2]), is_small=True)
    return scenario, rows


def _base(rng: random.Random, seed: int, n: int | None, largest: int | None) -> Case:
    """Return a programme without charges, made easier."""
    scenario, rows = programme_case(seed, n, None)
    _make_easier(rng, scenario)
    _trim(scenario, rows, largest)
    return scenario, rows


def _make_easier(rng: random.Random, scenario: dict[str, Any]) -> None:
    """Take away some of what makes programmes impossible, so that what is added here decides."""
    for volet in scenario["volets"].values():
        if "tolerance" in volet and _maybe(rng, 0.6):
            volet["tolerance"] = 1.0
    for volet in scenario["volets"].values():
        if "phases" in volet and _maybe(rng, 0.4):
            volet["phases"] = list(PHASES)
    scenario["rules"] = [rule for rule in scenario["rules"] if "min" not in rule or _maybe(rng, 0.35)]
    decisions = scenario["decisions"]
    scenario["decisions"] = [each for each in decisions if each["decision"] == "reject" or _maybe(rng, 0.35)]


def _trim(scenario: dict[str, Any], rows: list[dict[str, Any]], largest: int | None) -> None:
    """Drop candidates until the rest can be enumerated, and what was said about them."""
    while largest is not None and count_ways(scenario, rows) > largest:
        rows.pop()
    ids = {row["id"] for row in rows}
    scenario["links"] = [
        link for link in scenario["links"] if {*link["candidates"], link.get("only_if", rows[0]["id"])} <= ids
    ]
    scenario["decisions"] = [each for each in scenario["decisions"] if each["candidate"] in ids]
    _drop_what_cannot_occur(scenario, rows)


def _add_transversal(rng: random.Random, scenario: dict[str, Any], is_odd: bool) -> None:
    years = scenario["years"]
    for name in ("capi", "watch") if _maybe(rng, 0.12) else ("capi",):
        volet: dict[str, Any] = {"transversal": True}
        volet["fixed"] = rng.choice([0, 0, 1_200, 6_000, 12_000, 24_000]) + (rng.choice([0, 1, 100]) if is_odd else 0)
        volet["per_ptce"] = rng.choice([0, 1_200, 6_000, 9_600, 9_600]) + (rng.choice([0, 1, 7]) if is_odd else 0)
        if _maybe(rng, 0.35):
            volet["min_share"] = rng.choice([0.05, 0.1, 0.15, 0.25])
        if _maybe(rng, 0.4):
            volet["max_share"] = max(rng.choice([0.05, 0.1, 0.15]), volet.get("min_share", 0))
        if not (volet["fixed"] or volet["per_ptce"] or volet.get("min_share")):
            volet["per_ptce"] = 6_000
        if _maybe(rng, 0.6):
            length = rng.randint(1, years)
            volet["payments"] = rng.choice((ODD_PROFILES if is_odd else PROFILES)[length])
        scenario["volets"][name] = volet


def _add_advantages(rng: random.Random, scenario: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    for row in rows:
        row |= {"firms": rng.choice([1, 2, 3]), "exemption": rng.choice([600, 1_200, 1_200, 2_400.5, None])}
    entered = [volet for volet in scenario["volets"].values() if not volet.get("transversal")]
    for volet in rng.sample(entered, rng.randint(1, len(entered))):
        volet["advantages"] = {}
        for name in rng.choice([["exempt"], ["exempt"], ["exempt", "training"]]):
            terms: dict[str, Any] = {"euros": rng.choice([1_200, 2_400, 3_999.5, "exemption"])}
            if _maybe(rng, 0.7):
                terms["firms"] = rng.choice([2, 2.5, "firms", "firms"])
            if _maybe(rng, 0.7):
                terms["jobs"] = rng.choice([1, 1.5, "jobs", "jobs"])
            if _maybe(rng, 0.7):
                terms["years"] = rng.choice([1, 2, 3, 4])
            if _maybe(rng, 0.75):
                terms["charged"] = rng.choice(["inside", "inside", "outside"])
            volet["advantages"][name] = terms


def _funders(rng: random.Random, scenario: dict[str, Any], total: int) -> list[dict[str, Any]]:
    """Two funders, of which one at least may mostly pay what is transversal."""
    city, state = _programme_funders_of_two(rng, total, scenario["years"])
    entered = step_volets(scenario)
    transversal = transversal_volets(scenario)
    if transversal and _maybe(rng, 0.5):
        city["pays"] = rng.choice(
            [
                {"volet": transversal},
                {"volet": ["exp", *transversal]},
                {"volet": transversal, "year": FIRST_YEAR},
                {"year": FIRST_YEAR},
                {},
            ]
        )
    state["pays"] = rng.choice([{}, {}, {}, {}, {"phase": list(PHASES)}, {"volet": entered}])
    if scenario["volets"]["exp"].get("aids") and _maybe(rng, 0.7):
        city["pays"] = {"aid": rng.choice(["post", "investment"]), "volet": "exp"}
    if not _is_payable(scenario, [city, state]):
        state["pays"] = {}
    return [city, state]


def _is_payable(scenario: dict[str, Any], funders: list[dict[str, Any]]) -> bool:
    """Say whether somebody may pay each part of each transversal volet."""
    years, first = scenario["years"], scenario["first_year"]
    return all(
        any(pays_transversal(funder["pays"], name, first + t) for funder in funders)
        for name in transversal_volets(scenario)
        for t, share in enumerate(scenario["volets"][name].get("payments", [1 / years] * years))
        if share
    )


def _programme_funders_of_two(rng: random.Random, total: int, years: int) -> list[dict[str, Any]]:
    while not (found := _programme_funders(rng, total, years)):
        pass
    return found


def _targets(
    rng: random.Random, scenario: dict[str, Any], rows: list[dict[str, Any]], number: int, is_small: bool
) -> list[dict[str, Any]]:
    """Some targets; one that cannot be reached is drawn again a few times, where it can be told."""
    found: list[dict[str, Any]] = []
    while len(found) < number:
        for _ in range(4):
            target = _target(rng, scenario, len(found))
            _drop_what_cannot_occur({**scenario, "rules": [target]}, rows)
            if not is_small or best({**scenario, "targets": [*found, target]}, rows) is not None:
                break
        found.append(target)
    return found


def _target(rng: random.Random, scenario: dict[str, Any], number: int) -> dict[str, Any]:
    """Something to be reached that mostly can be, if at a cost."""
    entered = step_volets(scenario)
    wheres: list[dict[str, Any]] = [
        {},
        {"volet": rng.choice(entered)},
        {"volet": rng.choice(entered)},
        {"phase": [rng.choice(PHASES)]},
        {"region": "Corse"},
        {"priority_district": True},
        {"overseas": True},
        {"year": FIRST_YEAR},
    ]
    target: dict[str, Any] = {"name": f"target {number}", "where": rng.choice(wheres), "by": []}
    measure = rng.choice(["count", "count", "amount", "jobs", "share"])
    target["measure"] = measure
    if measure == "share":
        target["of"] = rng.choice(["granted", "granted", "envelope"])
    target["min"] = rng.choice(
        {
            "count": [1, 2, 2, 3],
            "amount": [STEP, 2 * STEP, 25_000, 40_000],
            "jobs": [0.5, 1.1, 2, 4],
            "share": [0.1, 0.3, 0.5],
        }[measure]
    )
    target["only_possible"] = _maybe(rng, 0.75)
    if _maybe(rng, 0.15):
        target["by"] = [rng.choice(["region", "overseas", "volet"])]
    return target
