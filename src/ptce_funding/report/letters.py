"""What is told to those who were refused: paragraphs for letters, in Markdown."""

from collections.abc import Iterator

from ptce_funding.breakdown import texts
from ptce_funding.explaining.explain import Explained, Explanation
from ptce_funding.messages import Message, message

#: What the refusal is, by outcome.
_LEAD = {
    "inadmissible": message("The application is not admissible: it does not meet what follows."),
    "unfundable": message("The application is admissible, but cannot be funded: its financing plan does not allow it."),
    "outranked": message("The application is admissible and could be funded, but was not retained."),
    "rejected": message("The application was set aside by a decision."),
}


def letters(explained: Explained, lang: str) -> str:
    """Return one section for each refused candidate, without what concerns others."""
    scenario, candidates = explained.allocation.call.scenario, explained.allocation.call.candidates
    names, synthetic = texts(candidates, "name"), dict(zip(candidates.ids, candidates.synthetic(), strict=True))
    title = scenario.title.render(lang) if scenario.title else scenario.name
    lines = [f"# {title}", ""]
    if candidates.is_synthetic:
        lines += [_plain(message("Synthetic candidates: nothing here tells of a real application."), lang), ""]
    for each in explained.explanations:
        if each.outcome != "funded":
            name = names[each.candidate]
            lines += [f"## {each.candidate}" + (f" – {_escaped(name)}" if name else ""), ""]
            if synthetic[each.candidate]:
                note = _plain(message("Synthetic candidate: no real application."), lang)
                lines += [f"*{note}*", ""]
            lines += [line for paragraph in _paragraphs(each, lang) for line in (paragraph, "")]
    return "\n".join(lines)


def _paragraphs(each: Explanation, lang: str) -> Iterator[str]:
    yield _plain(_LEAD[each.outcome], lang)
    yield _listed(each.reasons, lang)
    # Whom it would push out concerns others.
    if each.standing:
        yield _plain(each.standing[0], lang)
    # What was decided on another candidate concerns that one.
    is_own = each.outcome == "rejected"
    told = tuple(one.sentence for one in each.counterfactuals if is_own or not one.key.startswith("decisions."))
    if told:
        yield _plain(message("What would have changed this:"), lang)
        yield _listed(told, lang)


def _listed(sentences: tuple[Message, ...], lang: str) -> str:
    return "\n".join(f"- {_plain(each, lang)}" for each in sentences)


def _plain(text: Message, lang: str) -> str:
    return _escaped(text.render(lang))


def _escaped(text: str) -> str:
    """Return a text that Markdown shows as it is."""
    return "".join(f"\\{each}" if each in "\\`*_[]<>#" else each for each in text)
