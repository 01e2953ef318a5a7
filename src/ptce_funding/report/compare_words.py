"""Words for what comparisons are told by, for every face: they are the same for a comparison just made and for one read back."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from ptce_funding.comparing.moves import Exchange, Move
from ptce_funding.comparing.price import Price
from ptce_funding.messages import N_, Message, euros, joined, message, number, percent, translate
from ptce_funding.parts import Text
from ptce_funding.report import comparisons
from ptce_funding.report.sweep_words import figure_form
from ptce_funding.report.words import word


def shown(name: str, value: float | None, lang: str, is_difference: bool = False) -> str:
    """Return a figure as readers see it; a difference with its sign."""
    if value is None:
        return "–"
    sign = "+" if is_difference and value > 0 else ""
    is_money = figure_form(name) == "euros" or name == "mean_grant"
    return sign + (euros(value, lang) if is_money else number(value, lang, 3 if name == "gini" else 2))


def reasons_of(move: Move | comparisons.Move, lang: str, is_short: bool = False) -> str:
    """Return why a candidate is not funded where it is not.

    Parameters
    ----------
    is_short
        Whether to leave out its rank where what stands in its way is known.
    """
    reasons: Sequence[Text | Message] = move.reasons
    if is_short and move.outcome == "outranked" and len(reasons) > 1:
        reasons = reasons[1:]
    return joined((reason.render(lang) for reason in reasons), lang)


def source_of(source: Any, lang: str) -> str:
    """Return where a parameter comes from, in the author's words or in those of this program."""
    return Text.said(source).render(lang) if isinstance(source, dict) else str(source)


def status_of(price: Price | comparisons.Price, lang: str) -> str:
    """Return how the solve with the change ended."""
    return translate(N_("refused by the scenario"), lang) if price.status == "invalid" else word(price.status, lang)


def change_of(price: Price | comparisons.Price, lang: str) -> list[str]:
    """Return where a bound stands and where it is moved to, or that the condition is let go."""
    if price.before is None or price.after is None:
        return [translate(N_("let go"), lang)]
    return [_bound(price.measure, value, lang) for value in (price.before, price.after)]


def _bound(measure: str | None, value: Fraction | float, lang: str) -> str:
    if measure == "amount":
        return euros(float(value), lang)
    return percent(float(value), lang, 2) if measure == "share" else number(float(value), lang, 2)


def gain_of(price: Price | comparisons.Price, lang: str) -> str:
    """Return the value gained; where the gaps of the proofs overlap, between what it lies."""
    if price.value is None:
        return status_of(price, lang)
    if price.is_separable:
        return shown("value", price.value, lang, True)
    if price.least is None or price.most is None:
        return translate(N_("inconclusive (gain unknown)"), lang)
    least, most = (shown("value", value, lang, True) for value in (price.least, price.most))
    return message("inconclusive: between {least} and {most}", least=least, most=most).render(lang)


def exchange_of(each: Exchange | comparisons.Exchange) -> Iterator[Message]:
    """Say whom the larger of two envelopes funds in place of others."""
    figures = {
        "larger": each.larger,
        "smaller": each.smaller,
        "n": each.entering,
        "granted": each.granted,
        "leaving": each.leaving,
        "freed": each.freed,
    }
    if each.worth is None or each.lost is None:
        yield message(
            "“{larger}” has more money than “{smaller}”. Candidates taken in: {n}, with {granted:euros}; dropped: {leaving}, with "
            "{freed:euros}.",
            **figures,
        )
    else:
        yield message(
            "“{larger}” has more money than “{smaller}”. Candidates taken in: {n}, with {granted:euros}, worth {worth:number} to the "
            "baseline; dropped: {leaving}, with {freed:euros}, worth {lost:number}.",
            worth=round(each.worth, 2),
            lost=round(each.lost, 2),
            **figures,
        )
    if each.paths:
        yield message("They differ in more than the envelope: {paths:list}.", paths=list(each.paths))
