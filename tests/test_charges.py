"""What the envelope pays beside grants: solvers and brute force agree on random programmes, and tiny ones are worked out by hand."""

import copy
from collections import Counter
from typing import Any, NamedTuple

import pytest

from cases import Case
from cases_charges import charge_case
from enumeration import best
from enumeration_charges import ChargeKey, charges_of, gains_of, pays_transversal
from enumeration_steps import Cells, Way, meets, payers_of, spans_of, step_of
from ptce_funding.allocation import Allocation
from ptce_funding.problem import Status
from test_optimum import SOLVERS, assert_values, solved, values
from test_programmes import candidate, programme

# PuLP announces that its next version will bring CBC in a package of its own.
pytestmark = pytest.mark.filterwarnings("ignore:PULP_CBC_CMD is deprecated:DeprecationWarning")

#: How many random programmes each solver is held against.
NUMBER = {"highs": 200, "cbc": 60}
CHUNKS = [(name, start) for name in SOLVERS for start in range(0, NUMBER[name], 20)]


# ------------------------------------------------------------------------------------------------------ random programmes


def ways_given(scenario: dict[str, Any], allocation: Allocation) -> dict[str, Way]:
    """Return what each supported candidate gets, in the words of the brute force."""
    found: dict[str, dict[tuple[str, str, int], int]] = {}
    for award in allocation.awards:
        assert award.grant % step_of(scenario) == 0
        own = found.setdefault(award.candidate, {})
        key = (award.volet, award.aid, award.year)
        own[key] = own.get(key, 0) + award.grant // step_of(scenario)
    return {id_: tuple((*key, steps) for key, steps in own.items()) for id_, own in found.items()}


def charged(allocation: Allocation) -> dict[ChargeKey, int]:
    """Return the euros of each charge, whoever pays it."""
    found: Counter[ChargeKey] = Counter()
    for charge in allocation.charges:
        assert charge.amount > 0
        found[charge.candidate, charge.volet, charge.advantage, charge.year] += charge.amount
    return dict(found)


def assert_books(one: Case, allocation: Allocation, name: str) -> None:
    """The envelope is the sum of its parts, the charges are what the awards make them, funders pay what they may and have."""
    scenario, rows = one
    granted = sum(award.grant for award in allocation.awards)
    paid = sum(charge.amount for charge in allocation.charges)
    assert granted + paid + allocation.unspent == scenario["envelope"]["total"], name
    assert allocation.unspent >= 0, name
    lines = ways_given(scenario, allocation)
    assert_charges(charged(allocation), charges_of(scenario, rows, lines), name)
    told = {
        (each.candidate, each.volet, each.advantage, each.year, each.amount, each.is_inside)
        for each in allocation.benefits
    }
    expected = {
        (str(row["id"]), gain.line[0], gain.name, gain.line[2], gain.euros, gain.is_inside)
        for row in rows
        for gain in gains_of(scenario, row, lines.get(str(row["id"]), ()))
    }
    assert {each for each in told if each[4]} == {each for each in expected if each[4]}, name
    assert_funders(scenario, {str(row["id"]): row for row in rows}, allocation, name)


def assert_charges(found: dict[ChargeKey, int], expected: dict[ChargeKey, int], name: str) -> None:
    """Each charge is what it must be; of a transversal volet the whole, and each year to the euro: the odd one may go to another."""
    for charges in (found, expected):
        assert all(euros > 0 for euros in charges.values()), name
    for key in found.keys() | expected.keys():
        candidate_, volet = key[:2]
        if candidate_:
            assert found.get(key) == expected.get(key), name
            continue
        assert abs(found.get(key, 0) - expected.get(key, 0)) <= 1, name
        wholes = [sum(euros for other, euros in each.items() if other[:2] == ("", volet)) for each in (found, expected)]
        assert wholes[0] == wholes[1], name


def assert_funders(scenario: dict[str, Any], row_of: dict[str, Cells], allocation: Allocation, name: str) -> None:
    """Each line is paid by funders that may, out of money that they bring until its year."""
    payers, first = {payer.name: payer for payer in payers_of(scenario)}, scenario["first_year"]
    spent: Counter[tuple[str, int]] = Counter()
    lines = ways_given(scenario, allocation)
    for award in allocation.awards:
        line = (award.volet, award.aid, award.year, 0)
        assert meets(row_of[award.candidate], line, payers[award.funder].pays), name
        spent[award.funder, award.year - first] += award.grant
    for charge in allocation.charges:
        pays = payers[charge.funder].pays
        if charge.candidate:
            row = row_of[charge.candidate]
            gain = next(
                gain for gain in gains_of(scenario, row, lines[charge.candidate]) if gain.name == charge.advantage
            )
            gains = gains_of(scenario, row, lines[charge.candidate])
            gain = next(each for each in gains if (each.line[0], each.name) == (charge.volet, charge.advantage))
            assert gain.is_inside, name
            assert meets(row, gain.line, pays), name
        else:
            assert pays_transversal(pays, charge.volet, charge.year), name
        spent[charge.funder, charge.year - first] += charge.amount
    for payer in payers.values():
        assert sum(spent[payer.name, t] for t in range(scenario["years"])) <= payer.brings, name
        for span in spans_of(scenario) if payer.by_year is not None else ():
            assert sum(spent[payer.name, t] for t in span) <= sum(payer.by_year[t] for t in span), name


def assert_agrees(seed: int, solver: str) -> None:
    one = charge_case(seed)
    expected = best(*one)
    allocation = solved(one, solver)
    if expected is None:
        assert allocation.status is Status.INFEASIBLE, f"case {seed}: an allocation where there is none"
        return
    assert allocation.status is Status.OPTIMAL, f"case {seed}: {allocation.status}, but {expected} keeps all rules"
    assert_values(allocation, expected.values, 1e-6, f"case {seed}")
    assert_books(one, allocation, f"case {seed}")


@pytest.mark.parametrize(("name", "start"), CHUNKS)
def test_solver_agrees_with_enumeration(name: str, start: int) -> None:
    """The value by priority group is that of the best of all allocations; there is none exactly when brute force finds none."""
    for seed in range(start, start + 20):
        assert_agrees(seed, name)


@pytest.mark.slow
def test_many_more_cases_agree_with_enumeration() -> None:
    """Five hundred programmes that the other test does not draw."""
    for seed in range(10_000, 10_300):
        assert_agrees(seed, "highs")


@pytest.mark.parametrize("seed", range(1000, 1010))
def test_solvers_agree_on_larger_cases(seed: int) -> None:
    """Forty candidates are too many to enumerate; both solvers agree, and their books are in order."""
    scenario, rows = charge_case(seed, n=40, largest=None)
    scenario["solve"] = {"gap": 1e-6, "time_limit": 60.0}
    by_solver = [solved((scenario, rows), solver) for solver in SOLVERS]
    assert by_solver[0].status is by_solver[1].status
    assert by_solver[0].status in (Status.OPTIMAL, Status.INFEASIBLE)
    if by_solver[0].has_allocation:
        assert_values(by_solver[0], values(by_solver[1]), 2e-6, f"case {seed}")
        for allocation in by_solver:
            assert_books((scenario, rows), allocation, f"case {seed}")


def without(scenario: dict[str, Any], what: str) -> dict[str, Any] | None:
    """Return the scenario without one thing that may bind, None when it has no such thing."""
    changed = copy.deepcopy(scenario)
    transversal = [volet for volet in changed["volets"].values() if volet.get("transversal")]
    inside = [
        each
        for volet in changed["volets"].values()
        for each in volet.get("advantages", {}).values()
        if each.get("charged") == "inside"
    ]
    if what == "transversal":
        for volet in transversal:
            volet |= {"fixed": 0, "per_ptce": 0, "min_share": 0.0}
    elif what in ("fixed", "per_ptce", "min_share", "max_share", "payments"):
        transversal = [volet for volet in transversal if volet.pop(what, None)]
    elif what == "inside":
        for each in inside:
            each["charged"] = "outside"
    elif what == "targets":
        changed["targets"] = []
    elif what == "pays":
        for funder in changed["funders"]:
            funder["pays"] = {}
    else:
        changed["envelope"].pop(what, None)
    has = {"inside": bool(inside), "targets": changed != scenario, "pays": bool(scenario["funders"])}
    has |= {what: what in scenario["envelope"] for what in ("payments_max", "tranches")}
    return changed if has.get(what, bool(transversal)) else None


#: In how many of the programmes each thing must at least decide: without it there is another value, or an allocation at all.
DECIDES = {
    "transversal": 40,
    "fixed": 10,
    "per_ptce": 15,
    "min_share": 8,
    "max_share": 8,
    "payments": 4,
    "inside": 15,
    "targets": 15,
    "pays": 25,
    "payments_max": 5,
    "tranches": 5,
}


def test_random_cases_cover_the_model() -> None:
    """The comparison above means little unless every key occurs, and decides."""
    seen: set[Any] = set()
    decides: Counter[str] = Counter()
    infeasible = funded = 0
    for seed in range(NUMBER["highs"]):
        scenario, rows = charge_case(seed)
        found = best(scenario, rows)
        infeasible += found is None
        funded += bool(found and found.lines)
        for volet in scenario["volets"].values():
            is_transversal = volet.get("transversal", False)
            seen |= {("transversal", key) for key in volet if is_transversal}
            for each in volet.get("advantages", {}).values():
                seen |= {("charged", each.get("charged", "outside")), ("years", each.get("years", 1))}
                seen |= {(key, type(each[key])) for key in ("firms", "jobs", "euros") if key in each}
        seen |= {("funder", key) for funder in scenario["funders"] for key in funder} | {("years", scenario["years"])}
        for target in scenario["targets"]:
            seen |= {("target", target["measure"], target.get("of")), ("only_possible", target["only_possible"])}
        for what in DECIDES:
            other = without(scenario, what)
            if other is not None and decides[what] < DECIDES[what]:
                free = best(other, rows)
                decides[what] += (free is None) != (found is None) or bool(
                    found and free and free.values != pytest.approx(found.values, abs=1e-6)
                )
    expected: set[Any] = {("transversal", key) for key in ("fixed", "per_ptce", "min_share", "max_share", "payments")}
    expected |= {("charged", "inside"), ("charged", "outside"), ("only_possible", True), ("only_possible", False)}
    expected |= {("years", years) for years in (1, 2, 3, 4)} | {
        ("funder", key) for key in ("amounts", "amount", "share")
    }
    expected |= {(key, kind) for key in ("firms", "jobs", "euros") for kind in (int, str)}
    expected |= {("target", measure, None) for measure in ("count", "amount", "jobs")}
    expected |= {("target", "share", "granted"), ("target", "share", "envelope")}
    assert expected - seen == set()
    assert {what: number for what, number in DECIDES.items() if decides[what] < number} == {}
    assert 0 < infeasible < NUMBER["highs"] * 0.4
    assert funded > NUMBER["highs"] * 0.5


def test_advantages_outside_never_decide() -> None:
    """What the envelope does not pay changes nothing."""
    for seed in range(60):
        scenario, rows = charge_case(seed)
        bare = copy.deepcopy(scenario)
        for volet in bare["volets"].values():
            kept = {name: each for name, each in volet.get("advantages", {}).items() if each.get("charged") == "inside"}
            volet["advantages"] = kept
        found, other = best(scenario, rows), best(bare, rows)
        assert (found and found.values) == (other and other.values)


# ------------------------------------------------------------------------------------------------------------ by hand

STUDY = {"phases": ["project"]}
by_all = pytest.mark.parametrize("means", ["enumeration", *SOLVERS])


class Answer(NamedTuple):
    """Who is supported, what is paid beside grants, and what is left."""

    supported: str
    charges: dict[ChargeKey, int]
    unspent: int
    given: set[tuple[str, str, str, int, int]]
    """Candidate, volet, aid, year, grant."""
    allocation: Allocation | None
    """None where brute force answers."""


def answer(scenario: dict[str, Any], rows: list[dict[str, Any]], means: str) -> Answer | None:
    """Return the optimum by brute force or by a solver, None when there is no allocation."""
    allocation, lines = None, {}
    if means == "enumeration":
        found = best(scenario, rows)
        if found is None:
            return None
        lines, charges = found.lines, charges_of(scenario, rows, found.lines)
    else:
        allocation = solved((scenario, rows), means)
        if not allocation.has_allocation:
            assert allocation.status is Status.INFEASIBLE
            return None
        assert allocation.status is Status.OPTIMAL
        assert_books((scenario, rows), allocation, "by hand")
        lines, charges = ways_given(scenario, allocation), charged(allocation)
    step = step_of(scenario)
    given = {(id_, *line[:3], line[3] * step) for id_, way in lines.items() for line in way}
    unspent = scenario["envelope"]["total"] - sum(each[4] for each in given) - sum(charges.values())
    return Answer("".join(sorted(lines)), charges, unspent, given, allocation)


def supported(scenario: dict[str, Any], rows: list[dict[str, Any]], means: str) -> str | None:
    """Return the identifiers of the supported, None when there is no allocation."""
    found = answer(scenario, rows, means)
    return found and found.supported


def three(euros: int = 30_000) -> list[dict[str, Any]]:
    """Return three projects of like cost, a better than b, b better than c."""
    return [candidate(id_, "project", score, study=euros) for id_, score in zip("abc", (3, 2, 1), strict=True)]


def with_capi(
    years: int = 1, total: int = 100_000, tables: dict[str, Any] | None = None, **terms: Any
) -> dict[str, Any]:
    """Return a programme of studies and of a transversal volet."""
    volets = {"study": STUDY, "capi": {"transversal": True} | terms}
    return programme(volets, years, total, **(tables or {}))


@by_all
def test_the_last_candidate_does_not_fit_beside_what_it_costs_the_scheme(means: str) -> None:
    """Of 100,000 euros, three studies take 90,000. At 5,000 a candidate they make 105,000: only two, 60,000 + 10,000.

    At 3,333 a candidate they make 99,999: all three, and one euro is left.
    """
    found = answer(with_capi(per_ptce=5_000), three(), means)
    assert found is not None
    assert (found.supported, found.charges, found.unspent) == ("ab", {("", "capi", "", 2020): 10_000}, 30_000)
    found = answer(with_capi(per_ptce=3_333), three(), means)
    assert found is not None
    assert (found.supported, found.charges, found.unspent) == ("abc", {("", "capi", "", 2020): 9_999}, 1)
    assert supported(with_capi(per_ptce=3_334), three(), means) == "ab"


@by_all
def test_floor_of_a_transversal_volet(means: str) -> None:
    """A thousand for each of three would be 3,000, but a fifth of the envelope is its least: 20,000, and 80,000 buy two studies.

    The floor is rounded up: of 100,000 euros, 20.0001 % are 20,000.10, so 20,001, and 80,000 are no longer left.
    """
    found = answer(with_capi(per_ptce=1_000, min_share=0.2), three(), means)
    assert found is not None
    assert (found.supported, found.unspent) == ("ab", 20_000)
    assert supported(with_capi(per_ptce=1_000), three(), means) == "abc"
    large = [candidate("a", "project", 1, study=80_000)]
    assert supported(with_capi(min_share=0.2), large, means) == "a"
    assert supported(with_capi(min_share=0.200001), large, means) == ""


@by_all
def test_cap_of_a_transversal_volet(means: str) -> None:
    """Of 110,000 euros: at 10,000 a candidate, two (80,000) but not three (120,000); with a cap of a tenth, three: 90,000 + 11,000."""
    assert supported(with_capi(total=110_000, per_ptce=10_000), three(), means) == "ab"
    found = answer(with_capi(total=110_000, per_ptce=10_000, max_share=0.1), three(), means)
    assert found is not None
    assert (found.supported, found.charges, found.unspent) == ("abc", {("", "capi", "", 2020): 11_000}, 9_000)
    # The cap is rounded down: 8.1818 % of 110,000 are 8,999.98.
    found = answer(with_capi(total=110_000, per_ptce=10_000, max_share=0.081818), three(), means)
    assert found is not None
    assert found.charges == {("", "capi", "", 2020): 8_999}


@by_all
def test_only_one_funder_may_pay_the_transversal_volet(means: str) -> None:
    """The state pays for projects only, so the city's 20,000 euros bear 12,000 + 6,000 N alone: one candidate, not two."""
    funders = [
        {"name": "city", "amount": 20_000, "pays": {"volet": "capi"}},
        {"name": "state", "amount": 80_000, "pays": {"phase": "project"}},
    ]
    found = answer(with_capi(fixed=12_000, per_ptce=6_000, tables={"funders": funders}), three(), means)
    assert found is not None
    assert (found.supported, found.charges) == ("a", {("", "capi", "", 2020): 18_000})
    if found.allocation:
        assert {charge.funder for charge in found.allocation.charges} == {"city"}
    # If the state may pay anything: two studies and 24,000, of which it bears 4,000.
    funders[1] = {"name": "state", "amount": 80_000}
    assert supported(with_capi(fixed=12_000, per_ptce=6_000, tables={"funders": funders}), three(), means) == "ab"
    # If the city brings less than the fixed part, nobody pays it, not even for no candidate; in 2021 it brings enough.
    funders[:] = [
        {"name": "city", "amounts": [999, 19_001], "pays": {"volet": "capi"}},
        {"name": "state", "amount": 80_000, "pays": {"phase": "project"}},
    ]
    scenario = with_capi(2, fixed=1_000, payments=[1.0], tables={"funders": funders})
    assert supported(scenario, three(), means) is None
    scenario["volets"]["capi"]["payments"] = [0.0, 1.0]
    assert supported(scenario, three(), means) == "ab"


@by_all
def test_what_grants_leave_of_a_funder_pays_charges(means: str) -> None:
    """The city brings 12,500, the state 10,000: a grant of 10,000 each, and 2,500 of the city for the rest, not 2,501."""
    funders = [{"name": "city", "amount": 12_500}, {"name": "state", "amount": 10_000}]
    tables = {"funders": funders}
    assert supported(with_capi(total=22_500, fixed=2_500, tables=tables), three(10_000), means) == "ab"
    assert supported(with_capi(total=22_500, fixed=2_501, tables=tables), three(10_000), means) == "a"
    # 15,000 and 15,000 are 30,000, but two grants only: 10,000 of what is left pays charges.
    funders = [{"name": "city", "amount": 15_000}, {"name": "state", "amount": 15_000}]
    found = answer(with_capi(total=30_000, fixed=10_000, tables={"funders": funders}), three(10_000), means)
    assert found is not None
    assert (found.supported, found.unspent) == ("ab", 0)
    assert supported(with_capi(total=30_000, fixed=9_000, tables={"funders": funders}), three(10_000), means) == "ab"


@by_all
@pytest.mark.parametrize(
    ("terms", "parts"),
    [
        ({"fixed": 100}, [33, 33, 34]),
        ({"fixed": 101, "payments": [0.5, 0.5]}, [50, 51, 0]),
        ({"fixed": 50, "per_ptce": 10, "payments": [0.0, 1 / 3, 2 / 3]}, [0, 26, 54]),
        ({"min_share": 0.00001, "payments": [0.3, 0.3, 0.4]}, [0, 0, 1]),
    ],
)
def test_parts_by_year(means: str, terms: dict[str, Any], parts: list[int]) -> None:
    """Until each year the whole euros of its share are committed: a third of 100 is 33, two thirds 66, the whole 100.

    Half of 101 is 50. Three candidates make 50 + 30 = 80, of which a third is 26. A hundred-thousandth is one euro, of which
    three and six tenths are nothing yet.
    """
    found = answer(with_capi(3, **terms), three(), means)
    assert found is not None
    assert found.supported == "abc"
    assert found.charges == {("", "capi", "", 2020 + t): part for t, part in enumerate(parts) if part}


@by_all
def test_transversal_parts_count_in_the_tranches_of_their_years(means: str) -> None:
    """50,000 euros a year, not carried over. 40,000 in equal parts leave room for a study of 30,000 in each year.

    All 40,000 in the first year leave 10,000 there, and the second year has room for one.
    """
    tables = {"envelope": {"tranches": [0.5, 0.5], "carry_over": False}}
    assert supported(with_capi(2, fixed=40_000, tables=tables), three(), means) == "ab"
    assert supported(with_capi(2, fixed=40_000, payments=[1.0], tables=tables), three(), means) == "a"
    # With carry-over, what 2020 leaves helps 2021: 10,000 + 50,000 make two.
    tables = {"envelope": {"tranches": [0.5, 0.5]}}
    assert supported(with_capi(2, fixed=40_000, payments=[1.0], tables=tables), three(), means) == "ab"


@by_all
def test_transversal_parts_count_in_the_payments_and_the_funders_of_their_years(means: str) -> None:
    """Of 40,000 euros, 20,000 are transversal, half in each year; a study takes the other 20,000.

    The city brings 10,000 and 30,000: the study has to wait for 2021. If 2021 pays at most 29,999, it cannot.
    """
    funders = [{"name": "city", "amounts": [10_000, 30_000]}]
    found = answer(with_capi(2, 40_000, {"funders": funders}, fixed=20_000), three(20_000), means)
    assert found is not None
    assert found.given == {("a", "study", "", 2021, 20_000)}
    for most, expected in ((30_000, "a"), (29_999, "")):
        envelope = {"payments_max": [40_000, most]}
        scenario = with_capi(2, 40_000, {"funders": funders, "envelope": envelope}, fixed=20_000)
        assert supported(scenario, three(20_000), means) == expected


@by_all
def test_transversal_volet_without_candidates(means: str) -> None:
    """It is paid when nobody can be supported; rules on grants and the ceiling per candidate do not see it."""
    rows = [candidate("a", "emerging", 1, study=10_000)]
    cap = {"name": "cap", "measure": "amount", "max": 0}
    found = answer(with_capi(fixed=15_001, tables={"rules": [cap]}), rows, means)
    assert found is not None
    assert (found.supported, found.charges, found.unspent) == ("", {("", "capi", "", 2020): 15_001}, 84_999)
    # Half of it falls in 2020, where nothing may be committed: then there is no allocation at all.
    tables = {"envelope": {"tranches": [0.0, 1.0]}}
    assert supported(with_capi(2, fixed=2, tables=tables), rows, means) is None
    assert supported(with_capi(2, fixed=2, payments=[0.0, 1.0], tables=tables), rows, means) == ""


# --------------------------------------------------------------------------------------------------------- advantages


def labelling(
    charged_: str, total: int = 40_000, years: int = 1, tables: dict[str, Any] | None = None, **terms: Any
) -> dict[str, Any]:
    """Return a programme of labels that exempt two firms of 1,000 euros a job for three years."""
    advantage = {"firms": 2, "jobs": "jobs", "euros": 1_000, "years": 3, "charged": charged_} | terms
    volets = {"label": {"phases": ["emerging"], "unit_cost": 10_000, "advantages": {"exempt": advantage}}}
    return programme(volets, years, total, **(tables or {}))


LABELLED = [{"id": id_, "phase": "emerging", "score": score, "jobs": 2.5} for id_, score in (("a", 2), ("b", 1))]


@by_all
def test_advantages_inside_and_outside(means: str) -> None:
    """Each label costs 10,000, its exemption 2 × 2.5 × 1,000 × 3 = 15,000. Of 40,000 euros: one label when it is inside, else two."""
    found = answer(labelling("inside"), LABELLED, means)
    assert found is not None
    assert (found.supported, found.charges, found.unspent) == ("a", {("a", "label", "exempt", 2020): 15_000}, 15_000)
    if found.allocation:
        told = [(each.candidate, each.amount, each.is_inside) for each in found.allocation.benefits]
        assert told == [("a", 15_000, True)]
    found = answer(labelling("outside"), LABELLED, means)
    assert found is not None
    assert (found.supported, found.charges, found.unspent) == ("ab", {}, 20_000)
    if found.allocation:
        told = [(each.candidate, each.amount, each.is_inside) for each in found.allocation.benefits]
        assert told == [("a", 15_000, False), ("b", 15_000, False)]


@by_all
def test_advantages_both_inside_and_outside(means: str) -> None:
    """Both totals are told: 15,000 inside, and ceil(0.1 × 333.33) = 34 outside; only the first is charged, and 25,000 suffice."""
    scenario = labelling("inside", 25_000)
    scenario["volets"]["label"]["advantages"]["training"] = {"jobs": 0.1, "euros": 333.33}
    found = answer(scenario, LABELLED, means)
    assert found is not None
    assert (found.supported, found.unspent) == ("a", 0)
    if found.allocation:
        told = {(each.advantage, each.amount, each.is_inside) for each in found.allocation.benefits}
        assert told == {("exempt", 15_000, True), ("training", 34, False)}
    # One euro less, and there is no label.
    scenario["envelope"]["total"] = 24_999
    assert supported(scenario, LABELLED, means) == ""


@by_all
def test_advantages_are_committed_at_once_and_paid_in_parts(means: str) -> None:
    """A label of 2021 commits 25,000 in 2021 and pays 15,000, then 5,000 in each of 2022 and 2023.

    Ceilings of payments hold in each of these years; the ceiling per candidate is on its 10,000 of grant alone.
    """
    rows = LABELLED[:1]
    ceilings = [0, 15_000, 5_000, 5_000]
    for changes, expected in (({}, "a"), ({1: 14_999}, ""), ({2: 4_999}, ""), ({3: 4_999}, "")):
        most = [changes.get(t, each) for t, each in enumerate(ceilings)]
        tables = {"envelope": {"payments_max": most, "candidate_max": 10_000}}
        assert supported(labelling("inside", years=2, tables=tables), rows, means) == expected
    for share, expected in ((0.375, "a"), (0.376, "")):
        tables = {"envelope": {"tranches": [share, 1 - share], "carry_over": False, "payments_max": [0]}}
        assert supported(labelling("inside", years=2, tables=tables), rows, means) == expected


@by_all
def test_advantage_of_several_aids_is_paid_once_by_who_may_pay_the_first(means: str) -> None:
    """Both aids of 10,000, and 5,000 once for the volet. The city may pay a post, the state an investment.

    With 15,000 each, the city pays post and advantage, the state the investment. With 10,000 of the city and 20,000 of the
    state, the post leaves nothing for the advantage; the investment alone has its advantage paid by the state.
    """
    advantage = {"euros": 5_000, "charged": "inside"}
    both = {"phases": ["project"], "aids": {"post": {}, "investment": {}}, "aids_mode": "both"}
    volets = {"trial": both | {"advantages": {"help": advantage}}}
    row = {"id": "a", "phase": "project", "score": 1}
    for aid in ("post", "investment"):
        row |= {f"trial.{aid}.cost": 10_000, f"trial.{aid}.ask": 10_000}
    for city, expected in ((15_000, {"post", "investment"}), (10_000, {"investment"})):
        funders = [
            {"name": "city", "amount": city, "pays": {"aid": "post"}},
            {"name": "state", "amount": 30_000 - city, "pays": {"aid": "investment"}},
        ]
        found = answer(programme(volets, 1, 30_000, funders=funders), [row], means)
        assert found is not None
        assert {each[2] for each in found.given} == expected
        assert found.charges == {("a", "trial", "help", 2020): 5_000}


@by_all
def test_who_may_pay_an_advantage(means: str) -> None:
    """The state pays for Bretagne only: the advantages of b, in Corse, are left to the city, which has 5,000 for them."""
    rows = [row | {"region": region} for row, region in zip(LABELLED, ("Bretagne", "Corse"), strict=True)]
    funders = [
        {"name": "city", "amount": 15_000},
        {"name": "state", "amount": 45_000, "pays": {"region": "Bretagne"}},
    ]
    for jobs, expected in ((0.8, "ab"), (0.9, "a")):
        # Two firms, 0.8 jobs, three years: 4,800; 0.9 jobs: 5,400, more than the city has beside a grant of 10,000.
        rows[1]["jobs"] = jobs
        assert supported(labelling("inside", 60_000, tables={"funders": funders}), rows, means) == expected


# ------------------------------------------------------------------------------------------------------------ targets

ISLANDS = [
    candidate(id_, "project", score, study=euros) | {"region": region}
    for id_, score, euros, region in (
        ("a", 5, 20_000, "Bretagne"),
        ("b", 4, 20_000, "Bretagne"),
        ("c", 1, 30_000, "Corse"),
    )
]


@by_all
def test_target_forces_a_costlier_choice(means: str) -> None:
    """Of 50,000 euros a and b are worth 9. One project in Corse takes 30,000 of them, and leaves a: worth 6."""
    target = {"name": "corse", "measure": "count", "where": {"region": "Corse"}, "min": 1}
    assert supported(programme({"study": STUDY}, 1, 50_000), ISLANDS, means) == "ab"
    assert supported(programme({"study": STUDY}, 1, 50_000, targets=[target]), ISLANDS, means) == "ac"
    # Two projects in Corse there are not, and 20,000 euros do not buy one.
    assert supported(programme({"study": STUDY}, 1, 50_000, targets=[target | {"min": 2}]), ISLANDS, means) is None
    assert supported(programme({"study": STUDY}, 1, 20_000, targets=[target]), ISLANDS, means) is None


@by_all
def test_only_possible_does_not_ask_for_how_much_money_there_is(means: str) -> None:
    """A study that costs more than there is still counts as possible; one for which nobody brings anything does not."""
    target = {"name": "corse", "measure": "count", "where": {"region": "Corse"}, "min": 1, "only_possible": True}
    assert supported(programme({"study": STUDY}, 1, 20_000, targets=[target]), ISLANDS, means) is None
    funders = [{"name": "state", "amount": 20_000, "pays": {"region": "Bretagne"}}]
    none = {"name": "city", "amount": 0}
    scenario = programme({"study": STUDY}, 1, 20_000, targets=[target], funders=[*funders, none])
    assert supported(scenario, ISLANDS, means) == "a"
    # A candidate above its ceiling, or rejected by hand, is none that could be funded.
    scenario = programme({"study": STUDY}, 1, 50_000, targets=[target], envelope={"candidate_max": 20_000})
    assert supported(scenario, ISLANDS, means) == "ab"
    decision = {"candidate": "c", "decision": "reject", "by": "a test", "reason": "to see"}
    scenario = programme({"study": STUDY}, 1, 50_000, targets=[target], decisions=[decision])
    assert supported(scenario, ISLANDS, means) == "ab"


@by_all
def test_targets_measure_grants_not_charges(means: str) -> None:
    """40,000 euros of grants are asked for. 30,000 and 20,000 of charges are not enough; two studies are."""
    target = {"name": "money", "measure": "amount", "min": 40_000}
    scenario = with_capi(total=90_000, fixed=20_000, tables={"targets": [target]})
    assert supported(scenario, three(), means) == "ab"
    assert supported(scenario | {"envelope": scenario["envelope"] | {"total": 79_999}}, three(), means) is None
