"""Words for the values that results are told by."""

from ptce_funding.messages import LANGUAGES, N_, translate
from ptce_funding.scenario import Scenario

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


def labels(scenario: Scenario) -> dict[str, dict[str, dict[str, str]]]:
    """Return what readers see of volets, aids, advantages, funders and rules: by dimension, name and language."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    for lang in LANGUAGES:
        told = titles(scenario, lang) | {
            ("rule", rule.name): rule.label(lang) for rule in (*scenario.rules, *scenario.targets)
        }
        for (dimension, name), title in told.items():
            found.setdefault(dimension, {}).setdefault(name, {})[lang] = title
    return found


def titles(scenario: Scenario, lang: str) -> dict[tuple[str, str], str]:
    """Return what readers see of volets, aids, advantages and funders, by dimension and name; those without a title are left out."""
    found: dict[tuple[str, str], str] = {}
    for name, volet in scenario.volets.items():
        stated = [("volet", name, volet.title), *(("aid", aid, terms.title) for aid, terms in volet.aids.items())]
        stated += [("advantage", each, terms.title) for each, terms in volet.advantages.items()]
        found |= {(dimension, key): title.render(lang) for dimension, key, title in stated if title is not None}
    return found | {("funder", funder.name): funder.label(lang) for funder in scenario.funders}
