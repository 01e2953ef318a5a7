"""Letters to candidates, in Markdown: what was decided on each, why, and what would have changed it.

They are read by those whom they concern: whole sentences, nothing about other candidates, nothing about how it was computed. Sources
of thresholds stay in the explanations.
"""

from collections import Counter
from collections.abc import Iterator

import numpy as np

from ptce_funding.accounts import payments
from ptce_funding.breakdown import texts
from ptce_funding.eligibility import Failure, Test, shown_cell
from ptce_funding.explaining.explain import Explained, Explanation
from ptce_funding.messages import Message, message
from ptce_funding.outcomes import asked
from ptce_funding.refusals import standings
from ptce_funding.steps import CEILINGS
from ptce_funding.value import served_order
from ptce_funding.vocabulary import ColumnLabel

#: Conditions of a call that concern whoever they keep out: not the envelope, nor decisions on others.
_TOLD = ("rules", "links", "priority")


def letters(explained: Explained, lang: str) -> str:
    """Return one section for each candidate explained, without what concerns others."""
    scenario, candidates = explained.allocation.call.scenario, explained.allocation.call.candidates
    names, synthetic = texts(candidates, "name"), dict(zip(candidates.ids, candidates.synthetic(), strict=True))
    title = scenario.title.render(lang) if scenario.title else scenario.name
    lines = [f"# {_escaped(title)}", ""]
    if candidates.is_synthetic:
        lines += [_plain(message("Synthetic candidates: nothing here tells of a real application."), lang), ""]
    writer = _Writer(explained)
    for each in explained.explanations:
        name = names[each.candidate]
        lines += [f"## {_escaped(each.candidate)}" + (f" – {_escaped(name)}" if name else ""), ""]
        if synthetic[each.candidate]:
            note = _plain(message("Synthetic candidate: no real application."), lang)
            lines += [f"*{note}*", ""]
        for paragraph in writer.paragraphs(each):
            # Sentences that differ in what a letter leaves out are told once.
            told = dict.fromkeys(_plain(sentence, lang) for sentence in paragraph)
            lines += [" ".join(told), ""] if told else []
    return "\n".join(lines)


class _Writer:
    """Writes the paragraphs of letters, each a list of sentences."""

    def __init__(self, explained: Explained) -> None:
        self.allocation, self.call = explained.allocation, explained.allocation.call
        self.asks = asked(self.allocation)
        self.rank, self.n = standings(self.call)
        self.decisions = {each.candidate: each for each in self.call.scenario.decisions}

    def paragraphs(self, each: Explanation) -> Iterator[list[Message]]:
        """Give what was decided, why, and what would have changed it."""
        match each.outcome:
            case "funded":
                yield from self._funded(each)
                return
            case "inadmissible":
                yield [message("Your application is not admissible, and could not be retained.")]
                for failure in each.failures:
                    yield list(self._failure(failure, self.call.candidates.position[each.candidate]))
            case "unfundable":
                yield [message("Your application is admissible, but it cannot be funded as it stands.")]
                yield [_unfundable(reason) for reason in each.reasons]
            case "rejected":
                decision = self.decisions[each.candidate]
                yield [
                    message(
                        "Your application was set aside by a decision taken by {by}, for this reason: “{reason}”.",
                        by=decision.by,
                        reason=decision.reason,
                    )
                ]
            case "outranked":
                yield [message("Your application is admissible and could be funded, but it was not retained.")]
                yield [*self._rank(each), self._choice(each)]
        told = _changes(each)
        yield told
        if told:
            yield [
                message(
                    "All this comes from a calculation in which nothing else changes; it promises nothing for another call."
                )
            ]

    # ------------------------------------------------------------------------------------------------------- the funded

    def _funded(self, each: Explanation) -> Iterator[list[Message]]:
        decision, i = self.decisions.get(each.candidate), self.call.candidates.position[each.candidate]
        yield [message("Your application was retained for a grant of {grant:euros}.", grant=each.grant)]
        if decision is not None:
            yield [
                message(
                    "It was retained by a decision taken by {by}, for this reason: “{reason}”.",
                    by=decision.by,
                    reason=decision.reason,
                )
            ]
        steps, grants = self.call.formulation.steps, self.allocation.grants
        for s in np.flatnonzero((steps.candidate == i) & (grants > 0)).tolist():
            yield list(self._step(s))
        due: Counter[int] = Counter()
        for award in self.allocation.awards:
            if award.candidate == each.candidate:
                due.update(payments(self.call.scenario, award))
        parts = [message("{amount:euros} in {year}", amount=due[year], year=year) for year in sorted(due) if due[year]]
        yield [message("The payments are planned as follows: {parts:list}.", parts=parts)]

    def _step(self, s: int) -> Iterator[Message]:
        """Give what one step is granted, and what set it."""
        steps, unit = self.call.formulation.steps, self.call.scenario.envelope.grant_step
        grant, floor, ceiling = (int(each[s]) * unit for each in (self.allocation.grants, steps.floor, steps.ceiling))
        stated, aid = self.call.scenario.volets[steps.volets[steps.volet[s]]], steps.aids[steps.aid[s]]
        volet = message("{volet}", volet=stated.title or steps.volets[steps.volet[s]])
        if aid:
            volet = message("{volet} ({aid})", volet=volet, aid=stated.aids[aid].title or aid)
        yield message(
            "For “{volet}”, the grant is {grant:euros}, committed in {year}.",
            volet=volet,
            grant=grant,
            year=int(steps.year[s]),
        )
        if stated.unit_cost is not None:
            yield message("It is the cost of this step, the same for everybody.")
        elif grant == steps.ask[s]:
            yield message("It is the whole of what you asked for.")
        elif grant == ceiling:
            yield message("It is limited by {bound}.", bound=message(CEILINGS[steps.ceiling_reason[s]]))
        elif grant == floor:
            yield message("It is the least that could be granted; the most was {ceiling:euros}.", ceiling=ceiling)
        else:
            yield message("It could range from {floor:euros} to {ceiling:euros}.", floor=floor, ceiling=ceiling)

    # ------------------------------------------------------------------------------------------------------ the refused

    def _failure(self, failure: Failure, i: int) -> Iterator[Message]:
        """Give a criterion by its title, what was found and what is required."""
        is_exclusion = failure.criterion.status == "exclusion"
        if is_exclusion:
            yield message("Your application falls under the exclusion “{criterion}”.", criterion=failure.criterion)
        else:
            yield message("The criterion “{criterion}” is not met.", criterion=failure.criterion)
        yield from (self._test(test, i, is_exclusion) for test in failure.tests)

    def _test(self, test: Test, i: int, is_exclusion: bool) -> Message:
        found = [shown_cell(self.call.candidates, column, i) for column in test.columns]
        values = {"columns": [ColumnLabel(column) for column in test.columns], "found": found}
        if is_exclusion:
            return message("Under “{columns:list}”, what was found is: {found:list}.", **values)
        required = test.threshold()
        if test.sum_of:
            return message(
                "Under “{columns:list}”, added up, what was found is: {found:list}; what is required is: {required}.",
                required=required,
                **values,
            )
        return message(
            "Under “{columns:list}”, what was found is: {found:list}; what is required is: {required}.",
            required=required,
            **values,
        )

    def _rank(self, each: Explanation) -> Iterator[Message]:
        rank = int(self.rank[self.call.candidates.position[each.candidate]])
        is_grouped = bool(served_order(self.call.scenario))
        basis = message("by priority and by mark") if is_grouped else message("by mark")
        if rank == 1 and self.n > 1:
            yield message("Your application ranks first of {n} that could be funded, {basis}.", n=self.n, basis=basis)
        elif rank > 1:
            yield message(
                "Your application ranks number {rank} of {n} that could be funded, {basis}.",
                rank=rank,
                n=self.n,
                basis=basis,
            )

    def _choice(self, each: Explanation) -> Message:
        """Return why the choice that was made does without a candidate that could be funded."""
        margin = each.margin
        # The same request as in what would have changed: of aids that exclude each other, all that is asked for.
        told = (one.start for one in each.counterfactuals if one.kind == "ask" and one.start is not None)
        ask = int(next(told, self.asks[each.candidate]))
        if margin is None or not margin.is_proved:
            return message(
                "The choice made seeks the greatest overall value that the rules and the envelope allow; the list found does not include "
                "your request, of {ask:euros}, and the calculation did not end within its time.",
                ask=ask,
            )
        if margin.kind != "value":
            return message(
                "No choice that includes your request, of {ask:euros}, can respect both the rules of the call and its envelope.",
                ask=ask,
            )
        group = margin.group
        if group is None:
            return message(
                "A list that includes your request, of {ask:euros}, has the same overall value as the one retained; the order set for "
                "equal lists decided.",
                ask=ask,
            )
        if len(margin.by_group) > 1 and group < int(
            self.call.fundable.group[self.call.candidates.position[each.candidate]]
        ):
            return message(
                "The choice made serves the priority groups in order; your request, of {ask:euros}, would have lowered the value of a "
                "group that is served before yours.",
                ask=ask,
            )
        if margin.leaving:
            return message(
                "The choice made seeks the greatest overall value that the rules and the envelope allow; your request, of {ask:euros}, "
                "would have taken the place of other projects, for a lower overall value.",
                ask=ask,
            )
        return message(
            "The choice made seeks the greatest overall value that the rules and the envelope allow; your request, of {ask:euros}, would "
            "have lowered it.",
            ask=ask,
        )


def _unfundable(reason: Message) -> Message:
    """Return a reason as a sentence."""
    values = dict(reason.values)
    if values.keys() == {"volet", "reason"}:
        return message("For “{volet}”, {reason}.", **values)
    return message("The reason is as follows: {reason}.", reason=reason)


def _changes(each: Explanation) -> list[Message]:
    """Return what would have changed the decision: the candidate's own money and mark, and the rules in its way."""
    told = []
    for one in each.counterfactuals:
        # To an applicant, a larger envelope explains nothing, unless it is what nobody could be paid from.
        is_own = one.kind in ("ask", "merit", "cofinancing") or each.outcome in ("unfundable", "rejected")
        if one.letter is not None and (is_own or one.key.split(".")[0] in _TOLD):
            told.append(one.letter)
    return told


def _plain(text: Message, lang: str) -> str:
    return _escaped(text.render(lang))


def _escaped(text: str) -> str:
    """Return a text that Markdown shows as it is."""
    return "".join(f"\\{each}" if each in "\\`*_[]<>#" else each for each in text)
