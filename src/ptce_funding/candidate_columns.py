"""The columns that candidate tables may have, and how their headings are recognised."""

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from ptce_funding.cells import KINDS, aliases, fold
from ptce_funding.errors import Fault
from ptce_funding.messages import LANGUAGES, N_, Message, message, nearest, translate
from ptce_funding.tables import Table

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Column:
    """What a column holds.

    Parameters
    ----------
    name, label
        Name in programs and scenarios; heading for readers, an English text of the catalogues.
    kind
        One of `cells.KINDS`.
    unit
        Unit of a quantity, an English text of the catalogues.
    choices
        Words that a choice column may hold.
    required
        Whether every table needs the column and every row a value in it.
    minimum, maximum
        Bounds of a quantity.
    """

    name: str
    kind: str
    label: str
    unit: str = ""
    choices: tuple[str, ...] = ()
    required: bool = False
    minimum: float | None = None
    maximum: float | None = None

    def __post_init__(self) -> None:
        assert self.kind in KINDS, self.kind


def _count(name: str, label: str, kind: str = "integer", unit: str = "") -> Column:
    return Column(name, kind, label, unit, minimum=0)


PHASES = ("project", "emerging", "consolidation")

COLUMNS: tuple[Column, ...] = (
    Column("id", "text", N_("Identifier"), required=True),
    Column("name", "text", N_("Name")),
    Column("synthetic", "flag", N_("Synthetic")),
    Column("region", "text", N_("Region")),
    Column("department", "text", N_("Department")),
    Column("phase", "choice", N_("Phase"), choices=PHASES, required=True),
    Column("priority_district", "flag", N_("Priority district")),
    Column("rural_revitalisation", "flag", N_("Rural revitalisation zone")),
    Column("overseas", "flag", N_("Overseas")),
    Column("score", "number", N_("Score")),
    _count("members", N_("Members")),
    _count("member_types", N_("Types of members")),
    Column("voluntary", "flag", N_("Voluntary grouping")),
    _count("ess_members", N_("Members from the social economy")),
    _count("other_stakeholders", N_("Other stakeholders")),
    Column("strategy", "choice", N_("Common strategy"), choices=("none", "draft", "signed")),
    Column("local_member_share", "share", N_("Share of local members"), minimum=0, maximum=1),
    Column("social_utility_share", "share", N_("Share of activities of social utility"), minimum=0, maximum=1),
    _count("commitment_years", N_("Years of commitment"), "number", N_("years")),
    Column("one_off_project", "flag", N_("One-off project")),
    _count("mutualised_functions", N_("Mutualised functions")),
    _count("joint_investments", N_("Joint investments")),
    _count("local_authorities", N_("Local authorities as partners")),
    Column(
        "sole_function",
        "choice",
        N_("Sole function"),
        choices=(
            "none",
            "one_off_project",
            "political_network",
            "development_agency",
            "business_creation_network",
            "resource_centre",
        ),
    ),
    Column("visible_place", "choice", N_("Visible place"), choices=("none", "premises", "activity_zone", "network")),
    Column(
        "rd_approach",
        "choice",
        N_("Research and development approach"),
        choices=("none", "experimentation", "incubator", "other"),
    ),
    Column("democratic_governance", "flag", N_("Democratic governance")),
    Column("ess_policy", "flag", N_("Part of local social economy policy")),
    Column("ess_network", "flag", N_("Linked to social economy networks")),
    Column("evaluation_plan", "flag", N_("Evaluation plan")),
    _count("jobs", N_("Jobs"), "number", N_("FTE")),
    Column("private_law", "flag", N_("Private-law legal person")),
    _count("legal_persons", N_("Legal persons")),
    _count("ess_enterprises", N_("Social economy enterprises")),
    _count("non_ess_enterprises", N_("Enterprises outside the social economy")),
    _count("other_members", N_("Other members (authorities, research, training)")),
    Column("innovative", "flag", N_("Innovative project")),
    Column("defined_territory", "flag", N_("Defined territory of activity")),
    Column("earlier_state_support", "flag", N_("Earlier State support")),
    _count("annual_budget", N_("Annual budget"), "money", N_("euros")),
    _count("staff", N_("Staff"), "number", N_("FTE")),
    _count("cost", N_("Eligible cost"), "money", N_("euros")),
    _count("ask", N_("Grant asked for"), "money", N_("euros")),
    _count("local", N_("Local authorities' money"), "money", N_("euros")),
    _count("public", N_("Other public money"), "money", N_("euros")),
    _count("own", N_("Own money"), "money", N_("euros")),
)

_BY_NAME = {column.name: column for column in COLUMNS}

# The amounts that a candidate gives for the whole, for a volet, or for an aid of a volet.
MONEY = ("cost", "ask", "local", "public", "own")

_PREFIX = re.compile(r"(?P<prefix>[^.]*[^.\s](?:\.[^.\s][^.]*)?)\.(?P<word>[^.\s][^.]*)")


def column_named(name: str) -> Column | None:
    """Return the column of this name, which may be an amount of a volet or an aid; None for a free column."""
    prefix, _, last = name.rpartition(".")
    if prefix and last in MONEY:
        return replace(_BY_NAME[last], name=name)
    return _BY_NAME.get(name)


@cache
def _words() -> Mapping[str, str]:
    """Return the names of the columns by the folded headings that mean them: names, then labels, then other words."""
    words: dict[str, str] = {fold(name): name for name in _BY_NAME}
    for lang in LANGUAGES:
        for column in COLUMNS:
            words.setdefault(fold(translate(column.label, lang)), column.name)
            words.setdefault(fold(column.label), column.name)
    headings: Mapping[str, list[str]] = aliases()["headings"]
    for name, others in headings.items():
        for other in others:
            words.setdefault(fold(other), name)
    return words


def _matching(word: str, known: Sequence[str]) -> str:
    return next((each for each in known if fold(each) == fold(word)), word)


def column_name(heading: str, volets: Mapping[str, Sequence[str]] | None = None) -> str | None:
    """Return the name of the column that `heading` means, or None for a free column.

    Parameters
    ----------
    volets
        Aids by volet: amounts of these are named as the scenario names them, whatever their case and accents.
    """
    if heading in _BY_NAME:
        return heading
    if name := _words().get(fold(heading)):
        return name
    found = _PREFIX.fullmatch(heading.strip())
    if found and (last := _words().get(fold(found["word"]))) in MONEY:
        volet, _, aid = found["prefix"].partition(".")
        volet = _matching(volet, tuple(volets or ()))
        aid = _matching(aid, tuple((volets or {}).get(volet, ())))
        if volets and volet not in volets:
            text = message(
                "The column “{heading}” names no volet of the scenario; it is not read as money of one.",
                heading=heading,
            )
            _log.warning(text)
        return ".".join(each for each in (volet, aid, last) if each)
    return None


def heading_of(name: str, lang: str) -> str:
    """Return the heading of a column for readers of `lang`."""
    column = column_named(name)
    if column is None:
        return name
    prefix = name.rpartition(".")[0]
    label = translate(column.label, lang)
    return f"{prefix}.{label}" if prefix else label


def _told(name: str) -> Message | str:
    """Return the label of a column with its name for programs; the name alone where it is the user's own."""
    column = column_named(name)
    return name if column is None else message("{label} ({name})", label=Message(column.label), name=name)


def assign(
    table: Table,
    columns: Mapping[str, str] | None,
    volets: Mapping[str, Sequence[str]] | None,
    kinds: Mapping[str, str] | None,
) -> tuple[dict[str, int], list[Fault]]:
    """Return the position of every column of a table by the column's name, in their order, and what is wrong with the headings.

    Parameters
    ----------
    columns
        The user's headings by the names of the columns.
    volets
        Aids by volet.
    kinds
        Free columns that are needed.
    """
    faults: list[Fault] = []
    positions = _mapped(table, columns or {}, volets, faults)
    given = set(positions)
    taken = set(positions.values())
    needed = {fold(name): name for name in kinds or {} if name not in table.headings}
    for index, heading in enumerate(table.headings):
        if index in taken:
            continue
        name = column_name(heading, volets) or needed.get(fold(heading), heading)
        if name in given:
            text = message(
                "{file}: the column “{heading}” is left out, since the scenario names another one for {name}.",
                file=table.file,
                heading=heading,
                name=_told(name),
            )
            _log.warning(text)
        elif name in positions:
            reason = message(
                "The headings “{first}” and “{second}” both mean {name}; expected one of them.",
                first=table.headings[positions[name]],
                second=heading,
                name=_told(name),
            )
            faults.append(Fault(table.place(table.heading_number, heading), reason))
        else:
            positions[name] = index
    # A column whose mapped heading is not there has been told already.
    found = set(positions) | {column_name(each, volets) or each for each in columns or {}}
    for name in (column.name for column in COLUMNS if column.required):
        if name not in found:
            reason = message("The column {name} is missing; expected a heading that means it.", name=_told(name))
            hint = nearest(name, table.headings)
            faults.append(Fault(table.place(table.heading_number), reason, hint))
    # In the order of the table, as its reader knows it.
    return dict(sorted(positions.items(), key=lambda each: each[1])), faults


def _mapped(
    table: Table,
    columns: Mapping[str, str],
    volets: Mapping[str, Sequence[str]] | None,
    faults: list[Fault],
) -> dict[str, int]:
    """Return the positions of the columns for which the user named a heading."""
    positions: dict[str, int] = {}
    folded = [fold(heading) for heading in table.headings]
    for key, heading in columns.items():
        name = column_name(key, volets) or key
        wanted = " ".join(heading.split())
        if wanted in table.headings:
            positions[name] = table.headings.index(wanted)
        elif folded.count(fold(wanted)) == 1:
            positions[name] = folded.index(fold(wanted))
        else:
            reason = message(
                "There is no heading “{heading}”, which is named for the column {name}.",
                heading=heading,
                name=_told(name),
            )
            faults.append(Fault(table.place(table.heading_number), reason, nearest(wanted, table.headings)))
    return positions
