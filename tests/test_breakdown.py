"""Who gets what when: calendar, breakdown, accounts and balance close to the euro; comparators are what the sources say."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases import Case, build, programme_cases
from conftest import ROOT
from ptce_funding.accounts import Balance, balance, by_year
from ptce_funding.allocation import Allocation, allocate
from ptce_funding.awards import Award, Charge
from ptce_funding.breakdown import breakdown, calendar
from ptce_funding.comparators import comparators, per_pole
from ptce_funding.indicators import indicators
from ptce_funding.loading import read_call
from ptce_funding.parts import PHASES
from ptce_funding.report.document import as_json, document
from ptce_funding.report.html.report import report
from ptce_funding.report.sweep_words import figure_order
from ptce_funding.report.tables import awards_table, breakdown_table, calendar_table, summary_table
from ptce_funding.report.terminal import Terminal
from ptce_funding.report.terminal_money import beside_others, dimensions, money
from ptce_funding.scenario_files import scenario_from
from report_cases import Reader
from test_optimum import solved
from test_programmes import candidate, programme

quick = settings(max_examples=60, deadline=None, derandomize=True)


def assert_closed(allocation: Allocation) -> None:
    """Each line closes, each funder's lines come to what it brings, all together to the envelope."""
    scenario = allocation.call.scenario
    lines = balance(scenario, allocation.awards, allocation.charges)
    funders = [*(funder.name for funder in scenario.funders), ""]
    assert [(line.funder, line.year) for line in lines] == [
        (name, year) for name in funders for year in scenario.horizon
    ]
    for name in funders:
        carried = 0
        own = [line for line in lines if line.funder == name]
        for line in own:
            assert carried + line.brought == line.granted + line.charged + line.carried + line.unspent
            assert min(line.brought, line.granted, line.charged, line.carried, line.unspent) >= 0
            carried = line.carried
        amount = scenario.funder_amounts[name] if name else scenario.envelope.total
        assert sum(line.brought for line in own) == amount
        assert sum(line.granted + line.charged + line.unspent for line in own) == amount
    together = lines[-scenario.years :]
    assert sum(line.granted for line in together) == allocation.granted
    assert sum(line.charged for line in together) == allocation.charged
    assert sum(line.unspent for line in together) == allocation.unspent
    accounts = by_year(scenario, allocation.awards, allocation.charges)
    assert all(accounts[line.year][0] == line.granted + line.charged for line in together)
    assert sum(paid for _, paid in accounts.values()) == allocation.granted + allocation.charged


@quick
@given(programme_cases())
def test_programmes_close_to_the_euro(one: Case) -> None:
    """Cells and calendar add up to what is granted, and agree with the slices; the balance closes."""
    allocation = allocate(*build(*one))
    scenario, cells, entries = allocation.call.scenario, breakdown(allocation), calendar(allocation)
    volets = list(scenario.volets)
    assert sum(cell.granted for cell in cells) == sum(entry.grant for entry in entries) == allocation.granted
    places = [(volets.index(cell.volet), PHASES.index(cell.phase), cell.year, cell.region) for cell in cells]
    assert places == sorted(set(places))
    assert all(cell.granted and cell.supported for cell in cells)
    supported, granted = Counter[str](), Counter[str]()
    for cell in cells:
        supported[cell.volet] += cell.supported
        granted[cell.volet] += cell.granted
    for each in indicators(allocation).slices["volet"]:
        assert (each.supported, each.granted) == (supported[each.key], granted[each.key])
    for entry in entries:
        assert sum(entry.payments.values()) == entry.grant
        assert min(entry.payments) == entry.first_year
        assert entry.last_year == entry.first_year + scenario.volets[entry.volet].duration - 1
    assert {entry.candidate for entry in entries} == set(allocation.supported)
    assert_closed(allocation)


def test_the_first_national_call_closes() -> None:
    """One year, one funder without a name: what is not granted is unspent."""
    allocation = allocate(*read_call(ROOT / "scenarios" / "aap-2013.toml"))
    assert_closed(allocation)
    lines = balance(allocation.call.scenario, allocation.awards)
    assert lines == (Balance("", 2013, 3_000_000, allocation.granted, 0, 0, allocation.unspent),)
    assert sum(cell.granted for cell in breakdown(allocation)) == allocation.granted


# ------------------------------------------------------------------------------------------------------------ by hand

VOLETS: dict[str, Any] = {
    "study": {"phases": ["project"], "payments": [0.5, 0.5]},
    "trial": {"phases": ["emerging"], "after": ["study"], "duration": 2, "payments": [0.4, 0.0, 0.6]},
    "labelling": {
        "phases": ["consolidation"],
        "unit_cost": 10_000,
        "advantages": {
            "exemption": {"firms": "firms", "jobs": 2, "euros": 500, "years": 3, "charged": "inside"},
            "tax": {"euros": 999.5, "years": 2},
        },
    },
    "capitalisation": {"transversal": True, "fixed": 9_999},
}
#: The study of a (2020), the trial of b (2020) and the label of c (2021), whose three firms bring 9,000 euros of exemption.
AWARDS = (
    Award("a", "study", "", 2020, "", 10_000),
    Award("b", "trial", "", 2020, "", 20_000),
    Award("c", "labelling", "", 2021, "", 10_000),
)
CHARGES = (
    *(Charge("", "capitalisation", "", year, "", 3_333) for year in (2020, 2021, 2022)),
    Charge("c", "labelling", "exemption", 2021, "", 9_000),
)


@pytest.fixture
def scheme() -> Allocation:
    """Three candidates in three volets over three years, with a transversal volet and two advantages."""
    rows = [
        candidate(id_, phase, 1, study=10_000, trial=20_000) | {"region": region, "jobs": 2.5, "firms": 3}
        for id_, phase, region in zip("abc", PHASES, ("Corse", "Corse", "Bretagne"), strict=True)
    ]
    rows[1] |= {"trial.cost": 50_000, "trial.local": 20_000, "trial.own": 10_000}
    allocation = solved((programme(VOLETS), rows), "highs")
    return replace(allocation, awards=AWARDS, charges=CHARGES)


def test_accounts_with_charges(scheme: Allocation) -> None:
    """A transversal cost is paid at once, the exemption in three thirds of 3,000 euros from 2021."""
    assert by_year(scheme.call.scenario, scheme.awards, scheme.charges) == {
        2020: (33_333, 5_000 + 8_000 + 3_333),
        2021: (3_333 + 19_000, 5_000 + 10_000 + 3_333 + 3_000),
        2022: (3_333, 12_000 + 3_333 + 3_000),
        2023: (0, 3_000),
    }
    assert_closed(scheme)


def test_parts_of_charges_and_grants_are_rounded_together() -> None:
    """Two charges of 10 euros in three thirds are 6, then 7, then 7 euros; half a grant of 1 euro beside them makes 7, 7, 7."""
    scenario = scenario_from(programme(VOLETS))
    charges = [Charge(id_, "labelling", "exemption", 2020, "", 10) for id_ in "ab"]
    assert [paid for _, paid in by_year(scenario, (), charges).values()] == [6, 7, 7]
    grants = [Award("a", "study", "", 2020, "", 1)]
    assert [paid for _, paid in by_year(scenario, grants, charges).values()] == [7, 7, 7]


@quick
@given(
    st.lists(
        st.tuples(st.sampled_from(["capitalisation", "labelling"]), st.integers(2020, 2022), st.integers(0, 10**6))
    )
)
def test_payments_of_charges_add_up(drawn: list[tuple[str, int, int]]) -> None:
    """Whatever the charges, what is paid is what is committed."""
    names = {"capitalisation": "", "labelling": "exemption"}
    charges = [Charge("", volet, names[volet], year, "", amount) for volet, year, amount in drawn]
    accounts = by_year(scenario_from(programme(VOLETS)), (), charges)
    assert sum(paid for _, paid in accounts.values()) == sum(committed for committed, _ in accounts.values())
    assert all(paid >= 0 for _, paid in accounts.values())


FUNDERS = [
    {"name": "ville", "amounts": [10_000, 20_000, 0]},
    {"name": "ess", "amount": 70_000},
]


@pytest.mark.parametrize("carry_over", [True, False])
def test_balance_by_funder(carry_over: bool) -> None:
    """What the city leaves of 2020 and 2021 is carried over or lost; the other funder pays when it wants."""
    scenario = scenario_from(programme(VOLETS, funders=FUNDERS, envelope={"carry_over": carry_over}))
    awards = [Award("a", "study", "", 2021, "ville", 10_000), Award("b", "trial", "", 2020, "ess", 20_000)]
    charges = [Charge("", "capitalisation", "", 2020, "ville", 3_333)]
    found = balance(scenario, awards, charges)
    if carry_over:
        assert found[:3] == (
            Balance("ville", 2020, 10_000, 0, 3_333, 6_667, 0),
            Balance("ville", 2021, 20_000, 10_000, 0, 16_667, 0),
            Balance("ville", 2022, 0, 0, 0, 0, 16_667),
        )
    else:
        assert found[:3] == (
            Balance("ville", 2020, 10_000, 0, 3_333, 0, 6_667),
            Balance("ville", 2021, 20_000, 10_000, 0, 0, 10_000),
            Balance("ville", 2022, 0, 0, 0, 0, 0),
        )
    assert found[3:6] == (
        Balance("ess", 2020, 70_000, 20_000, 0, 50_000, 0),
        Balance("ess", 2021, 0, 0, 0, 50_000, 0),
        Balance("ess", 2022, 0, 0, 0, 0, 50_000),
    )
    lost = 0 if carry_over else 6_667
    assert found[6] == Balance("", 2020, 80_000, 20_000, 3_333, 56_667 - lost, lost)


@pytest.mark.parametrize("carry_over", [True, False])
def test_balance_by_tranche(carry_over: bool) -> None:
    """All together bring the tranches; shares that make no whole euros leave the rest to all, not to a funder."""
    envelope = {"total": 100_001, "tranches": [0.5, 0.25, 0.25], "carry_over": carry_over}
    shares = [{"name": "x", "share": 0.5}, {"name": "y", "share": 0.5}]
    scenario = scenario_from(programme(VOLETS, envelope=envelope, funders=shares))
    found = balance(scenario, [Award("a", "study", "", 2020, "x", 40_000)])
    assert [line.brought for line in found if line.funder == "x"] == [50_000, 0, 0]
    together = found[6:]
    assert [line.brought for line in together] == [50_000, 25_000, 25_001]
    assert [line.unspent for line in together] == ([0, 0, 60_001] if carry_over else [10_000, 25_000, 25_001])


def test_calendar_and_breakdown_by_hand(scheme: Allocation) -> None:
    """Two funders of one step are one entry; each entry says who, where, what, when and how it is paid."""
    parts = (
        Award("a", "study", "", 2020, "x", 3_001),
        Award("a", "study", "", 2020, "y", 7_000),
        Award("a", "trial", "", 2021, "x", 20_000),
        *AWARDS[1:],
    )
    entries = calendar(replace(scheme, awards=parts))
    assert [(entry.candidate, entry.volet, entry.first_year, entry.last_year, entry.grant) for entry in entries] == [
        ("a", "study", 2020, 2020, 10_001),
        ("a", "trial", 2021, 2022, 20_000),
        ("b", "trial", 2020, 2021, 20_000),
        ("c", "labelling", 2021, 2021, 10_000),
    ]
    assert entries[0].payments == {2020: 5_000, 2021: 5_001}
    assert entries[1].payments == {2021: 8_000, 2022: 0, 2023: 12_000}
    assert (entries[0].phase, entries[0].region, entries[0].name) == ("project", "Corse", "")
    cells = breakdown(replace(scheme, awards=parts))
    assert [(cell.volet, cell.phase, cell.year, cell.region, cell.supported, cell.granted) for cell in cells] == [
        ("study", "project", 2020, "Corse", 1, 10_001),
        ("trial", "project", 2021, "Corse", 1, 20_000),
        ("trial", "emerging", 2020, "Corse", 1, 20_000),
        ("labelling", "consolidation", 2021, "Bretagne", 1, 10_000),
    ]


def test_indicators_by_hand(scheme: Allocation) -> None:
    """9,999 euros of transversal costs, 9,000 of exemptions inside, 1,999 of taxes outside, 20,000 of local money of 30,000."""
    figures = indicators(scheme)
    assert figures.transversal == {"capitalisation": 9_999}
    assert [(each.advantage, each.supported, each.amount, each.is_inside) for each in figures.advantages] == [
        ("exemption", 1, 9_000, True),
        ("tax", 1, 1_999, False),
    ]
    assert (figures.inside, figures.outside, figures.labelled) == (9_000, 1_999, 1)
    assert figures.public == 40_000 + 9_999 + 9_000 + 1_999
    assert scheme.unspent == 100_000 - 40_000 - 9_999 - 9_000
    assert [each.key for each in figures.slices["volet"]] == ["study", "trial", "labelling"]


def test_local_cofinancing() -> None:
    """Of the funded steps, what collectivités bring beside all that is secured; what is not funded does not count."""
    rows = [
        {"id": "a", "phase": "project", "score": 2, "cost": 30_000, "ask": 10_000, "local": 15_000, "own": 5_000},
        {"id": "b", "phase": "project", "score": 1, "cost": 90_000, "ask": 70_000, "local": 20_000, "own": 0},
    ]
    allocation = solved((programme({"study": {"phases": ["project"]}}, 1, 10_000), rows), "highs")
    figures = indicators(allocation)
    assert (figures.cofinancing, figures.local, figures.labelled) == (20_000, 15_000, None)
    assert (figures.transversal, figures.advantages, figures.public) == ({}, (), 10_000)


# --------------------------------------------------------------------------------------------------------- comparators


def test_comparators_are_what_the_sources_say() -> None:
    """24 M€ for 126 grappes are 190 k€ each, said to be about 200 k€; 1.5 Md€ for 71 poles are 21.1 M€; 12 M€ for 29 PRIDES."""
    others = {each.name: each for each in comparators()}
    grappes, poles, prides = others["grappes"], others["poles-de-competitivite"], others["prides"]
    assert (grappes.per_pole, grappes.years, grappes.per_year, grappes.status) == (200_000, 2, 100_000, "quoted")
    assert (grappes.total, grappes.poles) == (24_000_000, 126)
    assert grappes.total / grappes.poles == pytest.approx(190_000, rel=0.005)
    assert (poles.total, poles.poles, poles.years, poles.status) == (1_500_000_000, 71, 3, "computed")
    assert poles.per_pole == pytest.approx(21_100_000, rel=0.002)
    assert (prides.per_pole, prides.years) == (413_793, 1)
    assert (others["animation"].per_pole, others["animation"].status) == (650_000, "quoted")
    for each in comparators():
        assert each.source
        assert each.title.fr
        assert each.title.en


def test_money_per_pole_by_hand(scheme: Allocation) -> None:
    """40,000 euros for three: a is paid in 2020 and 2021, b from 2020 to 2022, c in 2021 only: six years together."""
    own = per_pole(scheme)
    assert (own.mean, own.years, own.per_year) == (pytest.approx(40_000 / 3), 2, pytest.approx(40_000 / 6))
    # A trial that starts in 2021 is paid until 2023, with nothing in 2022: one more year than that of b, so a has four.
    longer = replace(scheme, awards=(*AWARDS, Award("a", "trial", "", 2021, "", 20_000)))
    assert per_pole(longer).per_year == pytest.approx(60_000 / 8)
    assert per_pole(replace(scheme, awards=())).per_year is None


# -------------------------------------------------------------------------------------------------------------- reports


def test_tables(scheme: Allocation) -> None:
    """The column of awards.csv adds up to what is committed, that of the calendar to what is granted."""
    heading, *rows = awards_table(scheme, "en").rows()
    assert sum(row[heading.index("Amount (€)")] for row in rows) == scheme.granted + scheme.charged
    assert [row[heading.index("Kind")] for row in rows] == [
        *["grant"] * 3,
        *["transversal cost"] * 3,
        "advantage exemption",
    ]
    heading, *rows = calendar_table(scheme, "en").rows()
    years = [heading.index(f"Paid in {year} (€)") for year in (2020, 2021, 2022)]
    assert [sum(row[year] or 0 for row in rows) for year in years] == [13_000, 15_000, 12_000]
    assert sum(row[heading.index("Grant (€)")] for row in rows) == scheme.granted
    heading, *rows = breakdown_table(scheme, "en").rows()
    assert rows[0] == ["study", "project", 2020, "Corse", 1, 10_000, "no", "study"]
    lines = {tuple(row[:3]): row[3] for row in summary_table(scheme, "en").rows()}
    assert lines["", "", "Envelope (€)"] == sum(
        lines["", "", name] for name in ("Granted (€)", "Transversal costs and advantages (€)", "Unspent (€)")
    )
    assert lines["transversal cost", "capitalisation", "Charged (€)"] == 9_999
    assert lines["advantage", "labelling.tax", "Outside the envelope (€)"] == 1_999
    assert lines["balance", "all 2020", "Carried over (€)"] == 66_667
    assert lines["year", "2021", "Committed (AE)"] == 22_333
    assert lines["", "", "Labelled candidates"] == 1


def test_titles_and_codes() -> None:
    """Readers see titles, in their language; what the scenario calls things stands in columns of its own."""
    named = {
        "study": {"phases": ["project"], "title": {"fr": "Étude", "en": "Feasibility study"}},
        "trial": {
            "phases": ["emerging"],
            "title": {"fr": "Essai", "en": "Trial run"},
            "aids_mode": "either",
            "aids": {"post": {"title": {"fr": "aide au poste", "en": "staff"}}, "kit": {}},
            "advantages": {"tax": {"euros": 1_000, "title": {"fr": "Exonération", "en": "Exemption"}}},
        },
    }
    state = {"name": "state", "title": {"fr": "État", "en": "State"}, "amount": 100_000}
    rows = [candidate(id_, phase, 1, study=10_000, trial=20_000) for id_, phase in zip("ab", PHASES, strict=False)]
    made = solved((programme(named, funders=[state]), rows), "highs")
    awards = (Award("a", "study", "", 2020, "state", 10_000), Award("b", "trial", "post", 2020, "state", 20_000))
    made = replace(made, awards=awards, charges=(Charge("b", "trial", "tax", 2020, "state", 1_000),))
    heading, *rows = awards_table(made, "fr").rows()
    assert [row[2:6] for row in rows] == [
        ["Étude", "", 2020, "État"],
        ["Essai", "aide au poste", 2020, "État"],
        ["Essai", "", 2020, "État"],
    ]
    assert [row[-3:] for row in rows] == [["study", "", "state"], ["trial", "post", "state"], ["trial", "", "state"]]
    assert rows[2][heading.index("Nature")].endswith("Exonération")
    heading, *rows = calendar_table(made, "en").rows()
    assert [row[4:6] + row[-2:] for row in rows] == [
        ["Feasibility study", "", "study", ""],
        ["Trial run", "staff", "trial", "post"],
    ]
    assert [(row[0], row[-1]) for row in breakdown_table(made, "fr").rows()[1:]] == [
        ("Étude", "study"),
        ("Essai", "trial"),
    ]
    lines = {tuple(row[:3]): (row[3], row[4]) for row in summary_table(made, "en").rows()}
    assert lines["volet", "Trial run", "Granted (€)"] == (20_000, "trial")
    assert lines["advantage", "Exemption", "Outside the envelope (€)"][1] == "trial.tax"
    assert lines["aid", "staff", "Granted (€)"] == (20_000, "post")


def test_terminal(scheme: Allocation, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Charges are part of the line that says where the money went; both totals and other schemes are shown."""
    monkeypatch.setenv("COLUMNS", "200")
    page, figures = Terminal("en"), indicators(scheme)
    money(page, scheme, figures)
    dimensions(page, scheme, figures)
    beside_others(page, scheme)
    text = capsys.readouterr().out
    assert (
        "Granted €40,000 of €100,000 to 3 candidates; transversal costs and advantages €18,999; unspent €41,001."
        in text
    )
    assert "€58,999 without the advantages outside, €60,998 with them" in text
    assert "1 · €20,000" in text
    assert "€21,126,761" in text


def test_terminal_of_a_plain_call(capsys: pytest.CaptureFixture[str]) -> None:
    """One year, one volet: nothing of this is shown."""
    scenario = programme({"study": {"phases": ["project"]}}, 1)
    Terminal("en").show(solved((scenario, [candidate("a", "project", 1, study=10_000)]), "highs"))
    text = capsys.readouterr().out
    assert "Granted €10,000 of €100,000 to 1 candidates; unspent €90,000." in text
    for word in ("Transversal", "Advantages", "Labelled", "For each pole", "·"):
        assert word not in text


#: As readers look for them.
REGIONS = ("Bretagne", "Île-de-France", "La Réunion", "Occitanie")


def test_regions_are_where_readers_look_for_them(
    solve: Callable[..., Allocation], capsys: pytest.CaptureFixture[str]
) -> None:
    """É stands beside E and Î beside I: in figures, breakdown, rules, on screen, on the page, and among figures of sweeps."""
    rows = [f"{n},emerging,1,10000,10000,{region}" for n, region in enumerate(reversed(REGIONS))]
    rules = [{"name": "each", "measure": "count", "max": 2, "by": ["region"]}]
    allocation = solve("\n".join(["id,phase,score,cost,ask,region", *rows]), rules=rules)
    assert [each.key for each in indicators(allocation).slices["region"]] == list(REGIONS)
    assert [each.region for each in breakdown(allocation)] == list(REGIONS)
    assert allocation.report is not None
    assert [each.group for each in allocation.report.rules] == [(("region", region),) for region in REGIONS]
    dimensions(Terminal("en"), allocation, indicators(allocation))
    assert "".join(re.findall("|".join(REGIONS), capsys.readouterr().out)) == "".join(REGIONS)
    read = Reader(report(as_json(document(allocation, "x")).encode(), "en"))
    cells = [text for tag, text in read.texts if tag in ("td", "th") and text in REGIONS]
    assert len(cells) >= 3 * len(REGIONS)
    copied = [data for tag, data in read.texts if tag == "pre" and "Île-de-France" in data]
    told = [re.findall("^(" + "|".join(REGIONS) + ")\t", data, re.MULTILINE) for data in copied]
    assert [each for each in told if each] == [list(REGIONS)] * 2
    figures = ["value", *(f"granted.region.{region}" for region in REGIONS), "supported.region.Bretagne"]
    assert sorted(figures, key=figure_order) == figures
