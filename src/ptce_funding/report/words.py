"""Words for the values that results are told by."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from ptce_funding.messages import LANGUAGES, N_, euros, number, percent, plain, translate
from ptce_funding.scenario import Scenario

#: What readers see, by dimension, name and language; and in one language, by dimension and name.
Labels = dict[str, dict[str, dict[str, str]]]
Titles = dict[tuple[str, str], str]

_WORDS = {
    "project": N_("project"),
    "emerging": N_("emerging"),
    "consolidation": N_("consolidation"),
    "phase": N_("phase"),
    "volet": N_("volet"),
    "aid": N_("aid"),
    "year": N_("year"),
    "region": N_("region"),
    "funder": N_("funder"),
    "funded": N_("funded"),
    "outranked": N_("outranked"),
    "rejected": N_("rejected by hand"),
    "unfundable": N_("not fundable"),
    "inadmissible": N_("not admissible"),
    "optimal": N_("optimal"),
    "feasible": N_("feasible, not proved best"),
    "infeasible": N_("no allocation exists"),
    "unknown": N_("none found, none excluded"),
    "quoted": N_("quoted"),
    "computed": N_("computed"),
    "assumed": N_("assumed"),
    "missing": N_("missing"),
    "grant": N_("grant"),
    "transversal": N_("transversal cost"),
    "advantage": N_("advantage"),
    "inside": N_("paid by the envelope"),
    "outside": N_("outside the envelope"),
}


_STAGES = {
    "received": N_("received"),
    "admissible": N_("admissible"),
    "fundable": N_("fundable"),
    "funded": N_("candidates funded"),
}


def stage_word(stage: str, lang: str) -> str:
    """Return the word for the candidates of a stage of the funnel."""
    return translate(_STAGES[stage], lang)


def word(key: str, lang: str) -> str:
    """Return the word of `lang` for a value; the value itself where it is the user's own."""
    return translate(_WORDS[key], lang) if key in _WORDS else key


def labels(scenario: Scenario) -> Labels:
    """Return what readers see of volets, aids, advantages, funders and rules."""
    found: Labels = {}
    for lang in LANGUAGES:
        for (dimension, name), title in titles(scenario, lang).items():
            found.setdefault(dimension, {}).setdefault(name, {})[lang] = title
    return found


def titles_in(labels: Labels, lang: str) -> Titles:
    """Return the labels of one language."""
    return {
        (dimension, name): told.get(lang) or told["en"]
        for dimension, named in labels.items()
        for name, told in named.items()
    }


def titles(scenario: Scenario, lang: str) -> Titles:
    """Return what readers see of volets, aids, advantages, funders and rules; those without a title are left out."""
    found: dict[tuple[str, str], str] = {}
    for name, volet in scenario.volets.items():
        stated = [("volet", name, volet.title), *(("aid", aid, terms.title) for aid, terms in volet.aids.items())]
        stated += [("advantage", each, terms.title) for each, terms in volet.advantages.items()]
        found |= {(dimension, key): title.render(lang) for dimension, key, title in stated if title is not None}
    found |= {("funder", funder.name): funder.label(lang) for funder in scenario.funders}
    return found | {("rule", rule.name): rule.label(lang) for rule in (*scenario.rules, *scenario.targets)}


def key_word(titles: Mapping[tuple[str, str], str], dimension: str, key: str | None, lang: str) -> str:
    """Return what readers see of a value of a dimension; `titles` are those of the scenario."""
    if not key:
        return translate(N_("not stated"), lang)
    return word(key, lang) if dimension == "phase" else titles.get((dimension, key)) or key


class StepTitles:
    """What readers of one language see of the volets, aids and funders of awards: their names where they have no title."""

    def __init__(self, scenario: Scenario, lang: str) -> None:
        self._titles = titles(scenario, lang)
        # Aids of several volets may share a name, not a title.
        self._aids = {
            (name, aid): terms.title.render(lang)
            for name, volet in scenario.volets.items()
            for aid, terms in volet.aids.items()
            if terms.title is not None
        }

    def volet(self, name: str) -> str:
        """Return the title of a volet."""
        return self._titles.get(("volet", name)) or name

    def aid(self, volet: str, name: str) -> str:
        """Return the title of an aid of a volet."""
        return self._aids.get((volet, name)) or name

    def funder(self, name: str) -> str:
        """Return the title of a funder."""
        return self._titles.get(("funder", name)) or name


def measured(measure: str | None, value: float | Fraction | None, lang: str) -> str | None:
    """Return what a rule measures, in its unit."""
    if value is None:
        return None
    if measure == "amount":
        return euros(float(value), lang)
    return percent(float(value), lang) if measure == "share" else number(float(value), lang, 2)


def tightness(slack: float | Fraction | None, bounds: Iterable[float | Fraction | None]) -> tuple[bool, float]:
    """Return what sorts rules of different units, the tightest first: the slack as a part of the largest bound; unknown ones last."""
    known = [abs(float(bound)) for bound in bounds if bound is not None]
    return slack is None, abs(float(slack or 0)) / (max(known, default=0.0) or 1.0)


def group_names(groups: Iterable[Sequence[object] | None], lang: str) -> list[str]:
    """Return priority groups by rank and members; None stands for those whom no group names."""
    names = [
        translate(N_("the others"), lang)
        if group is None
        else ", ".join(plain(each, lang) if not isinstance(each, str) else word(each, lang) for each in group)
        for group in groups
    ]
    return [f"{n}. {name}" for n, name in enumerate(names, start=1)]
