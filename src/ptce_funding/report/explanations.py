"""Explanations in a terminal, and as data."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rich.text import Text

from ptce_funding.breakdown import texts
from ptce_funding.candidates import Candidates
from ptce_funding.eligibility import Failure, Test
from ptce_funding.explaining.counterfactuals import Counterfactual
from ptce_funding.explaining.explain import Explained, Explanation
from ptce_funding.explaining.margins import Margin
from ptce_funding.explaining.trials import EXACT, Change
from ptce_funding.messages import N_, Message, message, number, translate, yes_no
from ptce_funding.parts import Source
from ptce_funding.problem import Status
from ptce_funding.report.document import provenance
from ptce_funding.report.rounding import rounded
from ptce_funding.report.terminal import Terminal
from ptce_funding.report.words import word

#: Candidates up to which each has a page, above which all are in a table.
_PAGES = 10

#: Width of a line of the table beside its last column.
_REST = 52

#: From values by path to the command that simulates the scenario with them.
Replay = Callable[[Mapping[str, object]], str]


def show_explained(page: Terminal, explained: Explained) -> None:
    """Print a page for each of a few candidates, a table of many."""
    page.head(explained.allocation.call)
    page.funnel(explained.allocation)
    if explained.allocation.status is not Status.OPTIMAL:
        page.say(message("The allocation itself is not proved best within its time limit."), "bold yellow")
    if len(explained.explanations) <= _PAGES:
        for each in explained.explanations:
            _show(page, each)
    else:
        _overview(page, explained.explanations)
    if not all(each.is_proved for each in explained.explanations):
        page.say(message("Some claims are not proved: raise solve.time_limit."), "bold yellow")


def _show(page: Terminal, each: Explanation) -> None:
    page.console.print()
    outcome = word(each.outcome, page.lang)
    style = "bold green" if each.outcome == "funded" else "bold red"
    page.console.print(Text(each.candidate, style="bold"), Text(outcome, style=style))
    for sentence in each.sentences:
        page.say(message("• {sentence}", sentence=sentence))


def _overview(page: Terminal, explanations: Sequence[Explanation]) -> None:
    headings = (N_("Rank"), N_("Candidate"), N_("Outcome"), N_("Margin"), N_("In a word"))
    table = page.table(*headings, right=(0, 3))
    for column in table.columns:
        column.no_wrap = True
    table.columns[4].overflow, table.columns[4].max_width = "ellipsis", max(page.console.width - _REST, 20)
    for each in sorted(explanations, key=lambda each: math.inf if each.rank is None else each.rank):
        margin = margin_shown(each.margin)
        table.add_row(
            "–" if each.rank is None else str(each.rank),
            each.candidate,
            word(each.outcome, page.lang),
            "–" if margin is None else number(margin, page.lang),
            headline(each).render(page.lang),
        )
    page.console.print(table)


def headline(each: Explanation) -> Message:
    """Return what matters most about a candidate, in a few words."""
    margin = each.margin
    if margin is None:
        return each.reasons[0]
    if margin.kind != "value" or margin.group is None:
        return each.standing[0]
    if each.outcome == "funded":
        return message("replaced by {words:list}", words=margin.entering or [message("nobody")])
    return message("pushes out {words:list}", words=margin.leaving or [message("nobody")])


def margin_shown(margin: Margin | None) -> float | None:
    """Return the first difference of a margin; None where there is no number."""
    if margin is None or margin.kind != "value":
        return None
    return rounded(margin.by_group[margin.group or 0])


# ---------------------------------------------------------------------------------------------------------------------- data


def explained_document(explained: Explained, command: str, replay: Replay) -> dict[str, Any]:
    """Return the explanations as nested plain values.

    Parameters
    ----------
    command
        Command that gives them again.
    replay
        Returns the command that simulates the scenario with some values changed.
    """
    allocation = explained.allocation
    candidates = allocation.call.candidates
    return {
        "scenario": allocation.call.scenario.name,
        "status": allocation.status.value,
        "value": rounded(allocation.value),
        "by_group": [rounded(stage.value) for stage in allocation.stages],
        "grant_step": allocation.call.scenario.envelope.grant_step,
        "simulate": replay(EXACT),
        "candidates": [_candidate(each, candidates, replay) for each in explained.explanations],
        **({"pending": list(explained.pending)} if explained.pending else {}),
        "provenance": provenance(allocation, command),
    }


def _candidate(each: Explanation, candidates: Candidates, replay: Replay) -> dict[str, Any]:
    i = candidates.position[each.candidate]
    return {
        "candidate": each.candidate,
        "name": texts(candidates, "name")[each.candidate] or None,
        "synthetic": candidates.synthetic()[i],
        "outcome": each.outcome,
        "grant": each.grant,
        "rank": each.rank,
        "proved": each.is_proved,
        "criteria": [_failure(failure, candidates, i) for failure in each.failures],
        "plans": [
            {
                "volet": plan.volet,
                "aid": plan.aid or None,
                "cost": plan.cost,
                "ask": plan.ask,
                "local": plan.local,
                "public": plan.public,
                "own": plan.own,
                "least_grant": plan.least,
                "largest_grant": plan.most,
                "missing": plan.missing,
                "missing_from": plan.source,
            }
            for plan in each.plans
        ],
        "margin": None if each.margin is None else _margin(each.margin),
        "counterfactuals": [_counterfactual(one, replay) for one in each.counterfactuals],
        "sentences": [sentence.texts() for sentence in each.sentences],
    }


def _failure(failure: Failure, candidates: Candidates, i: int) -> dict[str, Any]:
    criterion = failure.criterion
    return {
        "name": criterion.name,
        "status": criterion.status,
        "source": _source(criterion.source),
        "tests": [_test(test, candidates, i, criterion.source) for test in failure.tests],
        "sentence": failure.message.texts(),
    }


def _test(test: Test, candidates: Candidates, i: int, source: Source | None) -> dict[str, Any]:
    stated = {key: getattr(test, key) for key in ("min", "max", "above", "below", "one_of")}
    return {
        "columns": list(test.columns),
        "found": [_cell(candidates, column, i) for column in test.columns],
        "threshold": {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in stated.items()
            if value is not None
        },
        "source": _source(test.source or source),
    }


def _source(source: Source | None) -> dict[str, str] | None:
    return None if source is None else {"status": source.status, **source.texts()}


def _cell(candidates: Candidates, column: str, i: int) -> Any:
    """Return a cell as plain data; None for a blank one."""
    value, kind = candidates.column(column)[i], candidates.kinds[column]
    if kind == "flag":
        return None if value < 0 else bool(value)
    if isinstance(value, str):
        return value or None
    return None if value != value else value.item()


def _margin(margin: Margin) -> dict[str, Any]:
    return {
        "kind": margin.kind,
        "proved": margin.is_proved,
        "by_group": [rounded(each) for each in margin.by_group],
        "least": [rounded(each) for each in margin.least],
        "most": [rounded(each) for each in margin.most],
        "leaving": list(margin.leaving),
        "entering": list(margin.entering),
        "moved": margin.moved,
    }


def _counterfactual(each: Counterfactual, replay: Replay) -> dict[str, Any]:
    return {
        "kind": each.kind,
        "key": each.key or None,
        "verdict": each.verdict,
        "start": each.start,
        "end": each.end,
        "change": _change(each.change, replay),
        "one_step_less": _change(each.less, replay),
        "sentence": each.sentence.texts(),
    }


def _change(change: Change | None, replay: Replay) -> dict[str, Any] | None:
    if change is None:
        return None
    return {
        "set": dict(change.values),
        "cells": [{"candidate": cell.candidate, "column": cell.column, "value": cell.value} for cell in change.cells],
        # Cells are to be changed in the table first: no command does it.
        "command": None if change.cells else replay({**dict(change.values), **EXACT}),
    }


# -------------------------------------------------------------------------------------------------------------------- tables


def explained_table(explained: Explained, lang: str) -> list[list[Any]]:
    """Return one line for each candidate, with a heading."""
    candidates = explained.allocation.call.candidates
    names, synthetic = texts(candidates, "name"), dict(zip(candidates.ids, candidates.synthetic(), strict=True))
    headings = (
        N_("Candidate"), N_("Name"), N_("Outcome"), N_("Grant (€)"), N_("Rank"), N_("Margin"), N_("Ask at which it turns (€)"),
        N_("Merit at which it turns"), N_("Envelope at which it turns (€)"), N_("Proved"), N_("Reasons"), N_("Synthetic"),
    )  # fmt: skip
    rows = [
        [
            each.candidate,
            names[each.candidate],
            word(each.outcome, lang),
            each.grant,
            each.rank,
            margin_shown(each.margin),
            _turn(each, "ask"),
            _turn(each, "merit"),
            _turn(each, "envelope"),
            yes_no(each.is_proved, lang),
            " | ".join(sentence.render(lang) for sentence in each.sentences),
            yes_no(synthetic[each.candidate], lang),
        ]
        for each in explained.explanations
    ]
    return [[translate(each, lang) for each in headings], *rows]


def _turn(each: Explanation, kind: str) -> float | None:
    """Return where a candidate turns; None where it does not."""
    found = (one.end for one in each.counterfactuals if one.kind == kind and one.verdict == "verified")
    return next(found, None)
