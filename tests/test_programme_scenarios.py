"""The programmes that were proposed (2011, 2012): pools, sourced figures, the way from a project to a label, the targets."""

import re
import shlex
import shutil
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from conftest import ROOT
from ptce_funding.allocation import Allocation, allocate
from ptce_funding.call import prepare
from ptce_funding.candidates import MONEY, Candidates
from ptce_funding.cli.options import toml_value
from ptce_funding.costing import cost
from ptce_funding.errors import CandidatesError
from ptce_funding.indicators import indicators
from ptce_funding.loading import read_call
from ptce_funding.messages import euros, number
from ptce_funding.problem import Status
from ptce_funding.report.tables import summary_table
from ptce_funding.scenario import Scenario
from ptce_funding.scenario_files import overridden, read_scenario
from ptce_funding.synthesis import read_profile, synthesise

NOTES = ("note-2011-50m", "note-2011-100m")
TARGETS = ("pole-target-50", "pole-target-100")
SCENARIOS = (*NOTES, "proposition-2012-20m", *TARGETS)
#: How many can get as far as the label with any money: of the committed table, the fewest and the most of ten seeds.
REACH = {"note-2011": (89, 92, 99), "pole-target": (105, 100, 108)}
PAGES = ("note-2011", "proposition-2012", "pole-target")
#: What the pages compute of what is stated, or take from 003:481, from 2013 and from precedents; 2.5 M€ cut by 34 % is 1.65 M€.
COMPUTED: dict[str, set[float]] = {
    "note-2011": {1.5e9, 3.3, 0.067, 0.06, 3 * 2 * 10_500 * 3, 540_000 / 9, 160 - 23, 24e6, 210e6}
    | {2.5e6, 2.5e6 * 0.66, 0.34, 0.66, 50e6 * 0.33 * 0.66},
    "proposition-2012": {3e6, 20e6 / 50, 20e6 / 160, 540_000 / 9},
    "pole-target": {116, 540_000 / 9, *REACH["note-2011"], *REACH["pole-target"]},
}
PARTS = {"étude": "feasibility", "poste": "post", "investissement": "investment", "label": "labelling"}
POST, INVESTMENT = "experimentation.post.", "experimentation.investment."


def path_of(name: str) -> Path:
    return ROOT / "scenarios" / f"{name}.toml"


def scenario_of(name: str) -> Scenario:
    return read_scenario(path_of(name))


def candidates_of(name: str) -> Candidates:
    return read_call(path_of(name))[1]


def asked(path: Path, *sets: str) -> tuple[Scenario, Candidates]:
    """Return what a command asks with its `--set`."""
    return read_call(path, {each.partition("=")[0]: toml_value(each.partition("=")[2]) for each in sets})


@cache
def solved(path: Path, *sets: str) -> Allocation:
    """Return what `ptce-fund simulate` finds; each question is asked once."""
    return allocate(*asked(path, *sets))


@cache
def costed(path: Path, *sets: str) -> Allocation:
    """Return what `ptce-fund cost` finds, proved."""
    found = cost(*asked(path, *sets))
    assert found.status is Status.OPTIMAL
    assert found.allocation is not None
    return found.allocation


def page_of(name: str) -> str:
    return (ROOT / "docs" / f"{name}.md").read_text("utf-8")


def labelled(allocation: Allocation) -> set[str]:
    return {award.candidate for award in allocation.awards if award.volet == "labelling"}


def phases_of(allocation: Allocation) -> dict[str, str]:
    candidates = allocation.call.candidates
    return dict(zip(candidates.ids, candidates.column("phase").tolist(), strict=True))


def asks(candidates: Candidates, prefix: str) -> np.ndarray:
    return candidates.column(f"{prefix}ask") > 0


# ------------------------------------------------------------------------------------------------------------------- pools


@pytest.mark.parametrize("name", SCENARIOS)
def test_who_came_and_who_was_admissible(name: str) -> None:
    """More than 160 replies (003:181), at the rate of 2013 (130 of 180, 002:36), which is the pool of the targets.

    Of the 160, 23 are existing clusters (002:26), the others are halved.
    """
    allocation = solved(path_of(name))
    received, admissible = (180, 130) if name in TARGETS else (160, round(160 * 130 / 180))
    assert (allocation.funnel["received"], allocation.funnel["admissible"]) == (received, admissible)
    if name not in TARGETS:
        phases = Counter(phases_of(allocation).values())
        assert phases == {"consolidation": 23, "emerging": 69, "project": 68}


@pytest.mark.parametrize("name", ["note-2011-50m", "pole-target-100"])
def test_one_aid_and_studies_for_projects_only(name: str) -> None:
    """“Soit… soit” (003:680): a dossier asks for a post or an investment; only projects ask for a study (003:674)."""
    candidates = candidates_of(name)
    assert (asks(candidates, POST) ^ asks(candidates, INVESTMENT)).all()
    assert (asks(candidates, "feasibility.") == (candidates.column("phase") == "project")).all()
    for prefix in (POST, INVESTMENT, "feasibility."):
        silent = ~asks(candidates, prefix)
        assert not any(candidates.column(prefix + each)[silent].any() for each in MONEY)


def test_proposal_has_the_dossiers_of_the_note() -> None:
    """Same dossiers but for their money: some ask for both aids, nobody for neither."""
    note, proposal = candidates_of("note-2011-50m"), candidates_of("proposition-2012-20m")
    for name in note.columns:
        if not name.endswith(tuple(f".{each}" for each in MONEY)):
            assert note.column(name).tolist() == proposal.column(name).tolist(), name
    assert (asks(proposal, POST) | asks(proposal, INVESTMENT)).all()
    assert 30 < (asks(proposal, POST) & asks(proposal, INVESTMENT)).sum() < 80


def test_asks_have_the_size_of_their_precedents() -> None:
    """24 M€ for 126 grappes, 210 M€ for 376 pôles d'excellence rurale."""
    profile = read_profile("note-2011")
    post, investment = profile.money[0].ask, profile.money[1].ask
    assert post.mean == pytest.approx(24e6 / 126, rel=0.01)
    assert investment.mean == pytest.approx(210e6 / 376, rel=0.01)
    candidates = candidates_of("note-2011-50m")
    for prefix, quantity in ((POST, post), (INVESTMENT, investment)):
        ask = candidates.column(f"{prefix}ask")[asks(candidates, prefix)]
        assert ask.mean() == pytest.approx(quantity.mean, rel=0.08)
        assert (quantity.min, quantity.max) == (min(quantity.min, ask.min()), max(quantity.max, ask.max()))


def test_asks_may_be_limited_to_phases(tmp_path: Path) -> None:
    """The first amounts stay those of whoever asks for nothing; an unknown phase is a fault with the nearest word."""
    text = (ROOT / "src" / "ptce_funding" / "profiles" / "note-2011.toml").read_text("utf-8")
    own = tmp_path / "own.toml"
    own.write_text(text.replace('phases = ["project"]', 'phases = ["emerging", "project"]'), "utf-8")
    pool = synthesise(read_profile(own), 3)
    assert (asks(pool, "feasibility.") == (pool.column("phase") != "consolidation")).all()
    assert (asks(pool, POST) | asks(pool, INVESTMENT)).all()
    own.write_text(text.replace('phases = ["project"]', 'phases = ["projet"]'), "utf-8")
    with pytest.raises(CandidatesError) as caught:
        read_profile(own)
    assert [(each.place.path, each.hint) for each in caught.value.faults] == [("money.2.phases", "project")]


# ---------------------------------------------------------------------------------------------------------------- figures


def test_what_the_note_says() -> None:
    """003:670-696: 50 to 100 M€ over 3 years, 50 clusters, four lines, post or investment, local money, 3 years of exemptions."""
    low, high = (scenario_of(name) for name in NOTES)
    assert (low.envelope.total, high.envelope.total) == (50_000_000, 100_000_000)
    assert low.years == high.years == 3
    assert list(low.volets) == ["feasibility", "experimentation", "labelling", "capitalisation"]
    assert low.volets["feasibility"].phases == ("project",)
    assert list(low.volets["experimentation"].aids) == ["post", "investment"]
    assert (low.volets["experimentation"].aids_mode, low.volets["experimentation"].local_required) == ("either", True)
    assert low.volets["labelling"].after == ("experimentation",)
    assert low.volets["labelling"].advantages["exemptions"].years == 3
    assert low.volets["capitalisation"].transversal
    assert [(rule.min, rule.where) for rule in low.rules] == [(50, {"volet": "labelling"})]


def test_ends_of_the_note_differ_by_their_money_only() -> None:
    words = {"name", "title", "description", "sources"}
    low, high = (scenario_of(name) for name in NOTES)
    raised = overridden(low, {"envelope.total": 100_000_000})
    assert raised.model_dump(exclude=words) == high.model_dump(exclude=words)


def test_what_the_proposal_says() -> None:
    """003:209-215: 20 M€, a transversal line and direct support, at work and projects alike, post and investment."""
    scenario = scenario_of("proposition-2012-20m")
    assert (scenario.envelope.total, scenario.first_year) == (20_000_000, 2012)
    assert list(scenario.transversal_volets) == ["transversal"]
    direct = scenario.volets["experimentation"]
    assert set(direct.phases) == {"project", "emerging", "consolidation"}
    assert (list(direct.aids), direct.aids_mode, direct.local_required) == (["post", "investment"], "both", True)
    assert scenario.sources["years"].status == "assumed"


@pytest.mark.parametrize("name", SCENARIOS)
def test_terms_borrowed_from_precedents(name: str) -> None:
    """75 % and 45 000 € a year for a post; 33 %, 50 % in rural zones and 1 M€ for an investment; all told as assumed.

    Neither text names a payer, so no funder is stated, and the gap is told.
    """
    scenario = scenario_of(name)
    assert scenario.funders == ()
    assert scenario.sources["funders"].status == "missing"
    supports = scenario.supports()
    post, investment = supports["experimentation", "post"], supports["experimentation", "investment"]
    assert (post.rate, post.grant and post.grant.max) == (0.75, 4 * 2 * 45_000)
    assert (investment.rate, investment.rate_bonus) == (0.33, {"rural_revitalisation": 0.17})
    assert (investment.grant and investment.grant.max, investment.public_cap) == (1_000_000, 0.8)
    for path in ("post.rate", "post.grant", "investment.rate", "investment.rate_bonus", "investment.grant"):
        assert scenario.sources[f"volets.experimentation.aids.{path}"].status == "assumed"
    (line,) = scenario.transversal_volets.values()
    assert line.fixed == 3 * 3 * 60_000
    assert line.per_ptce == pytest.approx(1_000_000 / 120, rel=0.05)
    for path, source in scenario.sources.items():
        # A quotation names the line of a text or a page.
        text = source.render("en")
        assert source.status != "quoted" or "00" in text or "decree" in text, path


def test_exemptions_beside_the_envelope() -> None:
    """3 firms × 2 jobs × 10 500 € × 3 years for each label, told and not charged; 145 M€ for 59 % of 23 500 jobs in 2014."""
    allocation = solved(path_of("note-2011-50m"))
    exemptions = allocation.call.scenario.volets["labelling"].advantages["exemptions"]
    assert exemptions.euros == pytest.approx(145e6 / (0.59 * 23_500), rel=0.01)
    assert {each.candidate for each in allocation.benefits} == labelled(allocation)
    assert {(each.amount, each.is_inside) for each in allocation.benefits} == {(189_000, False)}


# ------------------------------------------------------------------------------------------------------------ what comes out


@pytest.mark.parametrize("name", SCENARIOS)
def test_proved_in_a_few_seconds(name: str) -> None:
    allocation = solved(path_of(name))
    assert allocation.runtime < 20
    assert allocation.status is Status.OPTIMAL
    assert allocation.report is not None
    assert not allocation.report.violations
    assert not allocation.report.broken


@pytest.mark.parametrize("name", NOTES)
def test_from_a_project_to_a_label(name: str) -> None:
    """A project has its study, then experimentation, then the label within three years; an existing cluster starts at once."""
    allocation = solved(path_of(name))
    assert len(labelled(allocation)) >= 50
    phase = phases_of(allocation)
    years: dict[str, dict[str, int]] = defaultdict(dict)
    for award in allocation.awards:
        years[award.candidate][award.volet] = award.year
    paths = {phase[id_]: years[id_] for id_ in labelled(allocation)}
    assert paths["project"] == {"feasibility": 2012, "experimentation": 2013, "labelling": 2014}
    assert {"project", "emerging", "consolidation"} == set(paths)
    for id_ in labelled(allocation):
        volets = list(years[id_])
        assert sorted(volets, key=years[id_].__getitem__) == volets
        assert ("feasibility" in volets) == (phase[id_] == "project")
    existing = [years[id_] for id_ in labelled(allocation) if phase[id_] == "consolidation"]
    assert min(each["experimentation"] for each in existing) == 2012


def test_two_years_of_experimentation_leave_projects_without_label() -> None:
    """The duration that is assumed is the longest with which a project goes all the way."""
    allocation = solved(path_of("note-2011-50m"), "volets.experimentation.duration=2")
    assert {phases_of(allocation)[id_] for id_ in labelled(allocation)} == {"emerging", "consolidation"}


def test_targets_merge_by_name() -> None:
    """50 (003:670) and 100 (003:708), the same target; no rule of the note is left, and no tranche."""
    for name, least in zip(TARGETS, (50, 100), strict=True):
        scenario = scenario_of(name)
        (target,) = scenario.targets
        assert (target.name, target.min, target.max) == ("poles-labellises", least, None)
        assert (target.measure, target.where) == ("count", {"volet": "labelling"})
        assert (scenario.rules, scenario.envelope.tranches) == ((), None)
    stated = tomllib.loads((ROOT / "scenarios" / "pole-target-100.toml").read_text("utf-8"))
    assert set(stated) == {"extends", "name", "title", "description", "targets", "sources"}


def test_a_hundred_labels_need_more_dossiers_than_came_in_2011() -> None:
    """With any money, fewer than 100 of 160 get as far as the label; of 180, as many as in 2013, 100 or more do."""
    scenario = overridden(scenario_of("pole-target-50"), {"envelope.total": 10**9})

    def reach(name: str, seed: int) -> int:
        steps = prepare(scenario, synthesise(read_profile(name), seed)).possible
        return len(np.unique(steps.candidate[steps.volet == steps.volets.index("labelling")]))

    for name, ends in REACH.items():
        counts = [reach(name, seed) for seed in range(10)]
        assert (reach(name, 2011), min(counts), max(counts)) == ends
        assert len(labelled(allocate(scenario, synthesise(read_profile(name), 2011)))) == ends[0]


# ------------------------------------------------------------------------------------------------------------------- pages


def listed(allocation: Allocation) -> Allocation:
    """Return the jury's list as a result."""
    listing = allocation.listing
    stages = tuple(replace(each, value=value) for each, value in zip(allocation.stages, listing.values, strict=True))
    return replace(allocation, awards=listing.awards, charges=listing.charges, stages=stages)


def facts(allocation: Allocation) -> dict[str, str]:
    """Return the figures of summary.csv by their words."""
    lines = {}
    for *words, value, _ in summary_table(allocation, "fr").rows()[1:]:
        if isinstance(value, int | float):
            lines[" · ".join(filter(None, words))] = number(value, "fr", 0 if value > 1e4 else 1)
    return lines


def calendar(allocation: Allocation, keys: Iterable[str]) -> list[list[str]]:
    """Return candidates and money of volets and aids by year, what is no grant, commitments and payments."""
    lines = []
    for year, sums in indicators(allocation).years.items():
        cells = [str(year)]
        for key in keys:
            paid = [each.grant for each in allocation.awards if each.year == year and key in (each.volet, each.aid)]
            cells.append(f"{len(paid)} · {euros(sum(paid), 'fr')}" if paid else "–")
        charged = sum(each.amount for each in allocation.charges if each.year == year)
        lines.append([*cells, *(euros(each, "fr") for each in (charged, *sums))])
    return lines


def figures(text: str) -> set[float]:
    """Return the figures of prose; not those of tables, code, links, sources and years."""
    aside = r"```.*?```|`[^`]+`|^\|[^\n]*$|\]\([^)]+\)|\d{3}:[\d-]+|\b20\d\d\b"
    text = re.sub(aside, "", text, flags=re.DOTALL | re.MULTILINE)
    units = {"k€": 1e3, "M€": 1e6, "Md€": 1e9, "%": 0.01}
    found = re.findall(r"(\d+(?:\s\d{3})*(?:,\d+)?)(?:\s(k€|M€|Md€|%))?", text)
    return {round(float(re.sub(r"\s", "", each).replace(",", ".")) * units.get(unit, 1), 9) for each, unit in found}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the scenarios, with those that docs/pole-target.md gives to paste beside them."""
    copy = shutil.copytree(ROOT / "scenarios", tmp_path_factory.mktemp("pages") / "scenarios")
    for text in re.findall(r"```toml\n(.*?)```", page_of("pole-target"), re.DOTALL):
        (copy / f"{tomllib.loads(text)['name']}.toml").write_text(text, "utf-8")
    return copy


def columns_of(page: str, folder: Path) -> dict[str, Allocation]:
    """Return the results of the commands of a page, by the words after the command, which head the columns of its tables."""
    found = {}
    pattern = re.compile(r"^\$ ptce-fund (\w+) scenarios/(\S+)\.toml(.*?) +# (.+)$", re.MULTILINE)
    for verb, name, options, words in pattern.findall(page):
        path = path_of(name) if path_of(name).exists() else folder / f"{name}.toml"
        sets = [each for each in shlex.split(options) if each != "--set"]
        found[words] = {"simulate": solved, "cost": costed}[verb](path, *sets)
        found[f"{words}, liste du jury"] = listed(found[words])
    assert page.count("$ ptce-fund") == len(found) / 2
    return found


def expected(header: list[str], labels: list[str], columns: dict[str, Allocation]) -> list[list[str]]:
    """Return the lines of a table with this header, and these words before each line."""
    if header[0] in columns:
        return calendar(columns[header[0]], [PARTS.get(each, "evaluation") for each in header[1:-3]])
    told = [facts(columns[each]) for each in header[1:]]
    return [[label, *(each.get(label, "–") for each in told)] for label in labels]


@pytest.mark.parametrize("name", PAGES)
def test_pages_tell_the_results(name: str, folder: Path) -> None:
    """The tables of a page are what its commands give today; its prose has no figure that is not stated, computed or in them."""
    page = page_of(name)
    columns = columns_of(page, folder)
    first = next(iter(columns.values()))
    assert f"Candidats **synthétiques** (profil `{name}`, graine 2011)" in page
    assert first.call.candidates.digest() == synthesise(read_profile(name), 2011).digest()
    assert (first.call.candidates.column("synthetic") == 1).all()
    words = ("reçus", "recevables", "finançables", "financés")
    funnel = " → ".join(f"{count} {word}" for count, word in zip(first.funnel.values(), words, strict=True))
    shared = f"{len(first.listing.order)} candidats de la liste du jury, {len({*first.supported} & {*first.listing.order})} sont"
    assert (funnel in page, shared in page) == (True, name == "proposition-2012")
    known = set(COMPUTED[name])
    for block in re.findall(r"(?:^\|.*\n)+", page.partition("## Ce que cela donne")[2], re.MULTILINE):
        header, _, *lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in block.splitlines()]
        assert lines == expected(header, [line[0] for line in lines], columns)
        known |= figures("\n".join(" ; ".join(line) for line in lines))
    files = [path_of(each) for each in SCENARIOS if each.startswith((name, "note-2011"))]
    files.append(ROOT / "src" / "ptce_funding" / "profiles" / f"{name}.toml")
    stated = re.findall(r"\d[\d_]*(?:\.\d+)?", " ".join(path.read_text("utf-8") for path in files))
    known |= {float(each.replace("_", "")) for each in stated}
    assert not figures(page.replace(funnel, "").replace(shared, "")) - known


@pytest.mark.parametrize(("name", "least"), [*zip(TARGETS, (50, 100), strict=True)])
def test_one_grant_step_less_is_not_enough(name: str, least: int) -> None:
    """The same money the other way: `simulate` reaches the target with it, and not with less; the page gives both."""
    total = costed(path_of(name)).call.scenario.envelope.total
    for money, is_enough in ((total, True), (total - 1_000, False)):
        assert f"{name}.toml --set envelope.total={money} " in page_of("pole-target")
        assert (len(labelled(solved(path_of(name), f"envelope.total={money}"))) >= least) == is_enough
