"""What the parameters of a scenario are called, and how their values are written, for people who do not write scenario files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ptce_funding.candidate_columns import column_named
from ptce_funding.eligibility import CriteriaSet
from ptce_funding.messages import N_, Message, euros, message, number, percent, yes_no
from ptce_funding.scenario import Scenario
from ptce_funding.toml_lines import dotted
from ptce_funding.vocabulary import ChoiceWord, ColumnLabel

#: What a value is: a number of something, a phase, the name of a volet, one of the words of the format.
Form = Literal["plain", "euros", "percent", "year", "phase", "volet", "word"]
PLAIN: Form = "plain"
EUROS: Form = "euros"
PERCENT: Form = "percent"
YEAR: Form = "year"
PHASE: Form = "phase"
VOLET: Form = "volet"
WORD: Form = "word"
_Kind = tuple[str, Form]

# Terms of a volet or of one of its aids.
_SUPPORT: dict[str, _Kind] = {
    "grant": (N_("smallest and largest grant"), EUROS),
    "grant.min": (N_("smallest grant"), EUROS),
    "grant.max": (N_("largest grant"), EUROS),
    "rate": (N_("highest share of the cost that is granted"), PERCENT),
    "rate_bonus": (N_("additions to the highest share"), PERCENT),
    "public_cap": (N_("ceiling on public money, as a share of the cost"), PERCENT),
    "tolerance": (N_("share of the cost that may stay uncovered"), PERCENT),
    "local_min": (N_("least share that collectivités bring"), PERCENT),
    "local_required": (N_("money of collectivités demanded"), PLAIN),
}
_MEASURED: dict[str, _Kind] = {
    "measure": (N_("what is measured"), WORD),
    "of": (N_("what the share is of"), WORD),
    "where": (N_("what is counted"), PLAIN),
    "by": (N_("in each"), PLAIN),
    "min": (N_("minimum"), PLAIN),
    "max": (N_("maximum"), PLAIN),
    "only_possible": (N_("groups where nobody can be funded skipped"), PLAIN),
}

#: What parameters are called and what they count, by path; `*` stands for a name that its author chose.
PARAMETERS: dict[str, _Kind] = {
    "first_year": (N_("first year"), YEAR),
    "years": (N_("number of years"), PLAIN),
    "candidates": (N_("candidates"), PLAIN),
    "envelope": (N_("envelope"), PLAIN),
    "envelope.total": (N_("amount of the envelope"), EUROS),
    "envelope.tranches": (N_("share of the envelope by year"), PERCENT),
    "envelope.carry_over": (N_("what a year leaves may serve later"), PLAIN),
    "envelope.cuts": (N_("share withdrawn each year"), PERCENT),
    "envelope.grant_step": (N_("step of grants"), EUROS),
    "envelope.candidate_max": (N_("most for one candidate"), EUROS),
    "envelope.payments_max": (N_("ceiling on payments by year"), EUROS),
    "funders": (N_("funders"), PLAIN),
    "funders.*.share": (N_("share of the envelope that it brings"), PERCENT),
    "funders.*.amount": (N_("amount that it brings"), EUROS),
    "funders.*.amounts": (N_("amount that it brings each year"), EUROS),
    "funders.*.pays": (N_("what it may pay for"), PLAIN),
    "volets.*.phases": (N_("phases that may apply"), PHASE),
    "volets.*.after": (N_("volets that open it"), VOLET),
    "volets.*.duration": (N_("duration in years"), PLAIN),
    "volets.*.lag": (N_("years of waiting before it"), PLAIN),
    "volets.*.payments": (N_("share paid each year"), PERCENT),
    "volets.*.unit_cost": (N_("cost of each"), EUROS),
    "volets.*.aids": (N_("aids"), PLAIN),
    "volets.*.aids_mode": (N_("one aid or several together"), WORD),
    "volets.*.transversal": (N_("serves the whole scheme"), PLAIN),
    "volets.*.fixed": (N_("fixed cost"), EUROS),
    "volets.*.per_ptce": (N_("cost for each PTCE"), EUROS),
    "volets.*.min_share": (N_("least share of the envelope"), PERCENT),
    "volets.*.max_share": (N_("largest share of the envelope"), PERCENT),
    **{f"volets.*.{term}": kind for term, kind in _SUPPORT.items()},
    **{f"volets.*.aids.*.{term}": kind for term, kind in _SUPPORT.items()},
    "volets.*.advantages": (N_("advantages"), PLAIN),
    "volets.*.advantages.*.firms": (N_("firms that have it"), PLAIN),
    "volets.*.advantages.*.jobs": (N_("jobs in each firm"), PLAIN),
    "volets.*.advantages.*.euros": (N_("euros a job and year"), EUROS),
    "volets.*.advantages.*.years": (N_("duration in years"), PLAIN),
    "volets.*.advantages.*.charged": (N_("paid by the envelope or outside it"), WORD),
    "eligibility.criteria": (N_("eligibility criteria"), PLAIN),
    "eligibility.set.*.status": (N_("part that the criterion plays"), WORD),
    "eligibility.set.*.weight": (N_("points"), PLAIN),
    **{f"eligibility.set.*.{bound}": (N_("threshold"), PLAIN) for bound in ("min", "max", "above", "below", "one_of")},
    # As the ledger calls the terms of a criterion.
    "eligibility.*": (N_("threshold"), PLAIN),
    "eligibility.*.weight": (N_("points"), PLAIN),
    "value.criteria": (N_("what makes the merit"), PLAIN),
    "value.criteria.*": (N_("weight in the merit"), PLAIN),
    "value.criteria.*.weight": (N_("weight in the merit"), PLAIN),
    "value.criteria.*.normalise": (N_("divided by its largest value"), PLAIN),
    "value.scale": (N_("what a candidate counts for"), WORD),
    "value.phases.*": (N_("weight of the phase"), PLAIN),
    "value.volets.*": (N_("weight of the volet"), PLAIN),
    "value.fixed": (N_("share of the value that the least grant brings"), PERCENT),
    "value.discount": (N_("value lost for each year of waiting"), PERCENT),
    "priority": (N_("priority"), PLAIN),
    "priority.mode": (N_("how the priority is read"), WORD),
    "priority.column": (N_("what the priority looks at"), PLAIN),
    "priority.order": (N_("groups, first served first"), PLAIN),
    "priority.share": (N_("share kept for the first group"), PERCENT),
    "priority.of": (N_("what that share is of"), WORD),
    "rules": (N_("rules"), PLAIN),
    **{f"rules.*.{term}": kind for term, kind in _MEASURED.items()},
    "targets": (N_("targets"), PLAIN),
    **{f"targets.*.{term}": kind for term, kind in _MEASURED.items()},
    "links": (N_("links between candidates"), PLAIN),
    "decisions": (N_("decisions made by hand"), PLAIN),
    "solve": (N_("solution"), PLAIN),
    "solve.solver": (N_("solver"), PLAIN),
    "solve.gap": (N_("gap at which the search may stop"), PLAIN),
    "solve.time_limit": (N_("time limit (s)"), PLAIN),
    "solve.seed": (N_("seed"), PLAIN),
}


# Words of the format that values are made of.
_VALUES = {
    "either": N_("one of them"),
    "both": N_("several together"),
    "inside": N_("by the envelope"),
    "outside": N_("outside the envelope"),
    "none": N_("none"),
    "strict": N_("one group after the other"),
    "floor": N_("a share kept for the first group"),
    "weight": N_("by weights"),
    "granted": N_("of the money granted"),
    "envelope": N_("of the envelope"),
    "hard": N_("refuses"),
    "scored": N_("brings points"),
    "exclusion": N_("excludes"),
    "ignored": N_("ignored"),
}
_MEASURES = {
    "amount": N_("euros"),
    "share": N_("a share of the money"),
    "count": N_("number of candidates"),
}
_SCALES = {"candidate": N_("its merit alone"), "cost": N_("its merit for each euro of cost")}
# Decimals of numbers; two less for per cents.
_DIGITS = 6

_PATTERNS = {tuple(pattern.split(".")): kind for pattern, kind in PARAMETERS.items()}


def parameter_label(path: str | Sequence[str], scenario: Scenario, criteria: CriteriaSet | None = None) -> Message:
    """Return what a parameter is called: what it concerns, by its title, then what it is; the path where that has no name.

    Parameters
    ----------
    path
        Dotted path, or its words; entries of lists by name or position.
    scenario, criteria
        Whose titles are meant.
    """
    words = _words(path)
    pattern = _pattern(words)
    if pattern is None:
        return message("{path}", path=".".join(words))
    label = message(_PATTERNS[pattern][0])
    # What lies deeper, such as a column of a condition, is told after the name.
    for word in words[len(pattern) :]:
        label = message("{label}, {columns:list}", label=label, columns=[ColumnLabel(each) for each in word.split("+")])
    titles = [_title(words[: n + 1], scenario, criteria) for n, each in enumerate(pattern) if each == "*"]
    if titles:
        label = message("{titles:list}: {label}", titles=titles, label=label)
    return message("{label:capital}", label=label)


@dataclass(frozen=True, slots=True)
class ParameterValue:
    """The value of a parameter as people write it: amounts in euros, shares in per cent, years bare, words in their language.

    Parameters
    ----------
    value
        Plain, or a text of several languages; a tuple of such, or of pairs of a name and such.
    form
        What a number counts.
    """

    value: Any
    form: Form = PLAIN

    def render(self, lang: str) -> str:
        """Return the value in `lang`."""
        value = self.value
        if isinstance(value, tuple):
            return ", ".join(ParameterValue(each, self.form).render(lang) for each in value)
        if hasattr(value, "render"):
            return str(value.render(lang))
        if isinstance(value, bool):
            return yes_no(value, lang)
        if not isinstance(value, int | float) or self.form == YEAR:
            return str(value)
        if self.form == EUROS and value == int(value):
            return euros(int(value), lang)
        return percent(value, lang, _DIGITS - 2) if self.form == PERCENT else number(value, lang, _DIGITS)


def parameter_value(path: str | Sequence[str], value: Any, scenario: Scenario) -> ParameterValue:
    """Return the value of a parameter for readers."""
    words = _words(path)
    pattern = _pattern(words)
    form = PLAIN if pattern is None else _PATTERNS[pattern][1]
    column = words[-1] if pattern is None or len(pattern) < len(words) else ""
    if words[0] in ("rules", "targets") and words[-1] in ("min", "max"):
        rule = _entries(words[0], scenario).get(words[1])
        form = measured_form(rule.measure) if rule is not None else PLAIN
    if form == PHASE or (words[0] == "priority" and scenario.priority.column == "phase"):
        column = "phase"
    if form == VOLET:
        column = "volet"
    if column == "year":
        form = YEAR
    # Words of the format, and where there are none the columns that may stand for them.
    known = {"measure": _MEASURES, "scale": _SCALES}.get(words[-1], _VALUES)
    is_column = words[-1] in ("measure", "scale") or (words[:1] + words[2:3] == ("volets", "advantages"))
    is_ordered = words == ("priority", "order")

    def readable(value: Any) -> Any:
        if value is None:
            return message("not stated")
        if isinstance(value, Mapping) and not value:
            return message("no condition")
        if isinstance(value, Mapping):
            return tuple(
                message("{key} = {value}", key=key, value=ParameterValue(readable(each), form))
                for key, each in value.items()
            )
        if isinstance(value, list | tuple):
            if is_ordered and value and all(isinstance(each, list | tuple) for each in value):
                # Who is served together is told together.
                return tuple(message("({group:list})", group=[readable(each) for each in group]) for group in value)
            return tuple(map(readable, value)) or message("none")
        if isinstance(value, str) and column == "volet":
            return _title(("volets", value), scenario, None)
        if not isinstance(value, str):
            return value
        if column == "funder":
            return _title(("funders", value), scenario, None)
        if form == WORD and value in known:
            return message(known[value])
        if is_column and column_named(value) is not None:
            return ColumnLabel(value)
        return ChoiceWord(column, value) if column and value not in known else value

    return ParameterValue(readable(value), form)


def measured_form(measure: str) -> Form:
    """Return what the bounds of a rule count."""
    column = column_named(measure)
    if column is not None and column.kind == "money":
        return EUROS
    forms: dict[str, Form] = {"amount": EUROS, "share": PERCENT}
    return forms.get(measure, PLAIN)


def _words(path: str | Sequence[str]) -> tuple[str, ...]:
    return dotted(path) if isinstance(path, str) else tuple(path)


def _pattern(words: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return the pattern that a path begins with, the longest and the most definite first."""
    for size in range(len(words), 0, -1):
        for pattern in _PATTERNS:
            if len(pattern) == size and all(each in ("*", word) for each, word in zip(pattern, words, strict=False)):
                return pattern
    return None


def _title(words: tuple[str, ...], scenario: Scenario, criteria: CriteriaSet | None) -> Any:
    """Return what people call the thing whose name ends a path."""
    *above, name = words
    match above:
        case ["funders" | "rules" | "targets" as kind]:
            entry = _entries(kind, scenario).get(name)
            return name if entry is None else entry.title or entry.name
        case ["value", "criteria"]:
            return ColumnLabel(name)
        case ["value", "phases"]:
            return ChoiceWord("phase", name)
        case ["eligibility", *_]:
            titles = {each.name: each.title for each in (criteria.criteria if criteria is not None else ())}
            return titles.get(name) or name
    volet = scenario.volets.get(words[1] if words[0] == "volets" else name)
    if volet is None or above[-1] == "volets":
        return volet.title or name if volet is not None else name
    part = (volet.aids if above[-1] == "aids" else volet.advantages).get(name)
    return part.title or name if part is not None else name


def _entries(kind: str, scenario: Scenario) -> dict[str, Any]:
    """Return the entries of a list of the scenario by position and by name."""
    entries = getattr(scenario, kind)
    return {str(n): each for n, each in enumerate(entries, start=1)} | {each.name: each for each in entries}
