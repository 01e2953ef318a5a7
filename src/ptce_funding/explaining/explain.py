"""Why each candidate of a call is or is not funded, proved by solving."""

from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future, as_completed
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from ptce_funding.allocation import Allocation, as_table
from ptce_funding.call import prepare
from ptce_funding.candidates import Candidates
from ptce_funding.conditions import Condition, conditions
from ptce_funding.eligibility import Failure
from ptce_funding.errors import Fault, InputError, Interrupted, Place, ScenarioError
from ptce_funding.explaining import counterfactuals, margin_words, words
from ptce_funding.explaining.answers import Answer, Kept, call_hash
from ptce_funding.explaining.counterfactuals import Counterfactual
from ptce_funding.explaining.financing import FinancingPlan, plans_of
from ptce_funding.explaining.margins import Margin, forced, margin_of, ranks
from ptce_funding.explaining.trials import Outcome, Trials
from ptce_funding.messages import Message, message, nearest
from ptce_funding.outcomes import CandidateOutcome, outcomes
from ptce_funding.pool import working_processes
from ptce_funding.refusals import Outcome as Fate
from ptce_funding.scenario import Scenario
from ptce_funding.scenario_files import origin_of
from ptce_funding.solver_names import RANKING

if TYPE_CHECKING:
    import pandas as pd

#: Fates of candidates that could be funded: they have a margin, and a rank.
FUNDABLE = ("funded", "outranked", "rejected")


@dataclass(frozen=True)
class Explanation:
    """Why a candidate is or is not funded.

    Parameters
    ----------
    candidate
        Identifier.
    outcome
        What became of it.
    grant
        Euros.
    reasons
        What the allocation says of it.
    failures
        The criteria that it fails.
    plans
        What it asks for, and how far its financing plans close.
    margin
        What it adds, or would cost; None where it could not be funded.
    standing
        What the margin means, in words.
    counterfactuals
        What would let it in, or make it drop out.
    rank
        Rank of importance among those that could be funded; None for others, and where it was not asked for.
    ranked
        How many have a rank.
    is_rank_proved
        Whether what all of these add is known.
    """

    candidate: str
    outcome: Fate
    grant: int
    reasons: tuple[Message, ...]
    failures: tuple[Failure, ...] = ()
    plans: tuple[FinancingPlan, ...] = ()
    margin: Margin | None = None
    standing: tuple[Message, ...] = ()
    counterfactuals: tuple[Counterfactual, ...] = ()
    rank: int | None = None
    ranked: int = 0
    is_rank_proved: bool = True

    @property
    def sentences(self) -> tuple[Message, ...]:
        """All of it in words."""
        told = (*self.reasons, *self.standing, *(each.sentence for each in self.counterfactuals))
        return told if self.rank is None else (*told, margin_words.rank(self.rank, self.ranked, self.is_rank_proved))

    @property
    def is_proved(self) -> bool:
        """Whether every search that it rests on ended."""
        is_known = self.margin is None or (self.margin.is_proved and self.is_rank_proved)
        return is_known and all(each.verdict != "unproved" for each in self.counterfactuals)


@dataclass(frozen=True)
class Explained:
    """A call explained.

    Parameters
    ----------
    allocation
        What is explained: the call solved to the optimum, whatever gap its scenario allows.
    explanations
        Those asked for, in order of identifier; none without an allocation.
    pending
        Whose solving was interrupted, of those asked for and those whom ranks need: while there are any, nobody has a rank.
    needed
        How many were to be solved.
    """

    allocation: Allocation
    explanations: tuple[Explanation, ...]
    pending: tuple[str, ...] = ()
    needed: int = 0


def explain(
    scenario: Scenario,
    candidates: "Candidates | pd.DataFrame",
    ids: Collection[str] | None = None,
    *,
    solver: str | None = None,
    processes: int = 1,
    is_ranked: bool = True,
    progress: Callable[[int, int], None] | None = None,
    store: Path | None = None,
) -> Explained:
    """Explain why candidates are or are not funded, each claim verified by solving the call with what is claimed.

    Parameters
    ----------
    scenario, candidates
        The call.
    ids
        Whom to explain; everybody unless said.
    solver
        As for `allocate`, except the jury's list, which proves nothing.
    processes
        How many processes solve; the result does not depend on it.
    is_ranked
        Whether ranks of importance are wanted: they take a solve for each candidate that could be funded.
    progress
        Called with the number of candidates that are done, and of all.
    store
        File that keeps what is done, candidate by candidate; what it holds of the same call is not done again.

    Raises
    ------
    ScenarioError, CandidatesError
        When scenario and candidates do not fit together.
    InputError
        When somebody asked for is no candidate.
    SolverError
        When the solver fails or is not installed.
    AuditError
        When a result breaks a rule: a fault of this program.
    Interrupted
        When the user stops it once the allocation is known; it carries what was explained.
    """
    table, name = as_table(candidates, scenario), solver or scenario.solve.solver
    if name.casefold() == RANKING:
        text = message("The jury's list proves nothing: an explanation needs a solver.")
        raise ScenarioError([Fault(origin_of(scenario).place(("solve", "solver")), text)])
    wanted = _known(table, ids)
    explainer = Explainer(scenario, table, name)
    base = explainer.trials.base
    if not base.has_allocation:
        return Explained(base, ())
    tasks = [(id_, id_ in wanted) for id_ in table.ids if id_ in wanted or (is_ranked and explainer.is_fundable(id_))]
    kept = Kept(store, call_hash(scenario, base, name))
    known = ((id_, kept.answer(id_, is_whole)) for id_, is_whole in tasks)
    found = {id_: answer for id_, answer in known if answer is not None}

    def keep(id_: str, answer: Answer) -> None:
        found[id_] = answer
        kept.keep(id_, answer)
        if progress is not None:
            progress(len(found), len(tasks))

    todo = [task for task in tasks if task[0] not in found]
    # What was done before an interruption is passed on with it.
    with suppress(KeyboardInterrupt):
        if processes > 1 and len(todo) > 1:
            _share_out(scenario, table, name, todo, min(processes, len(todo)), keep)
        else:
            for task in todo:
                keep(task[0], explainer.answer(*task))
    explanations = [explainer.explanation(id_, found[id_]) for id_, is_whole in tasks if is_whole and id_ in found]
    pending = tuple(id_ for id_, _ in tasks if id_ not in found)
    if pending:
        raise Interrupted(Explained(base, tuple(explanations), pending, len(tasks)))
    if is_ranked:
        margins = {id_: each.margin for id_, each in found.items() if each.margin is not None}
        placed, is_proved = ranks(margins), all(each.is_proved for each in margins.values())
        explanations = [
            replace(each, rank=placed.get(each.candidate), ranked=len(placed), is_rank_proved=is_proved)
            for each in explanations
        ]
    return Explained(base, tuple(explanations), needed=len(tasks))


def _known(candidates: Candidates, ids: Collection[str] | None) -> frozenset[str]:
    """Return the candidates asked for."""
    faults = [
        Fault(
            Place(file=candidates.file),
            message("There is no candidate “{id}” in the table.", id=id_),
            nearest(id_, candidates.ids),
        )
        for id_ in dict.fromkeys(ids or ())
        if id_ not in candidates.position
    ]
    if faults:
        raise InputError(faults)
    return frozenset(candidates.ids if ids is None else ids)


class Explainer:
    """What explains the candidates of a call one by one; what is solved for one serves the others.

    Parameters
    ----------
    scenario, candidates
        The call.
    solver
        Name of the solver.
    """

    def __init__(self, scenario: Scenario, candidates: Candidates, solver: str) -> None:
        self.trials = Trials(scenario, candidates, solver)

    @cached_property
    def _fates(self) -> dict[str, CandidateOutcome]:
        return {each.candidate: each for each in outcomes(self.trials.base)}

    @cached_property
    def _base(self) -> Outcome:
        """The allocation that is explained, as the problem sees it."""
        base = self.trials.base
        x = base.call.formulation.columns_of(base.grants)
        values = tuple(float(objective @ x) for objective in base.call.formulation.problem.objectives)
        bounds = (float("inf") if stage.bound is None else stage.bound for stage in base.stages)
        return Outcome(base.status, x, values, tuple(map(max, bounds, values)), base.awards)

    def is_fundable(self, id_: str) -> bool:
        """Return whether a candidate has a margin."""
        return self._fates[id_].outcome in FUNDABLE

    def answer(self, id_: str, is_whole: bool) -> Answer:
        """Return what solving says of a candidate; its margin alone unless `is_whole`."""
        fate, call = self._fates[id_], self.trials.base.call
        i = call.candidates.position[id_]
        if fate.outcome == "inadmissible":
            return Answer()
        if not self.is_fundable(id_):
            return Answer(None, self._plan(i) if is_whole else (), is_whole)
        is_funded = fate.outcome == "funded"
        decision = self._decision(id_)
        free = call if decision is None else prepare(decision.without(self.trials.scenario), self.trials.candidates)
        other = forced(free, self.trials.solver, i, is_in=not is_funded)
        margin = margin_of(id_, self._base, other, is_funded)
        if not is_whole:
            return Answer(margin, (), is_whole)
        inside, outside = (self._base, other) if is_funded else (other, self._base)
        found: list[Counterfactual] = []
        if decision is not None:
            found += counterfactuals.without_decision(self.trials, decision, id_)
        else:
            target = outside.values or self._base.values
            found.append(counterfactuals.merit(self.trials, call, i, margin, inside, target, is_funded))
        if fate.outcome == "outranked":
            found += counterfactuals.ask(self.trials, call, i)
            found.append(counterfactuals.envelope(self.trials, call, i))
            found += counterfactuals.rules(self.trials, call, i)
        return Answer(margin, tuple(found))

    def explanation(self, id_: str, answer: Answer) -> Explanation:
        """Return the explanation of a candidate, given what solving says of it; without its rank."""
        fate, call = self._fates[id_], self.trials.base.call
        i = call.candidates.position[id_]
        told = Explanation(id_, fate.outcome, fate.grant, fate.reasons, counterfactuals=answer.counterfactuals)
        if fate.outcome == "inadmissible":
            failures = call.screening.failures[i]
            return replace(told, reasons=tuple(map(words.failed, failures)), failures=failures)
        told = replace(told, plans=plans_of(call, i))
        if answer.margin is None:
            return told
        return replace(told, margin=answer.margin, standing=self._standing(answer.margin, fate.outcome == "funded"))

    def _decision(self, id_: str) -> Condition | None:
        stated = conditions(self.trials.scenario)
        return next((each for each in stated if each.kind == "decision" and each.key == id_), None)

    def _plan(self, i: int) -> tuple[Counterfactual, ...]:
        """Return what would make a candidate fundable."""
        call = self.trials.base.call
        plans = plans_of(call, i)
        found = list(counterfactuals.cofinancing(self.trials, call, i, plans))
        if not found and any(plan.least <= plan.most for plan in plans):
            # Its plan closes: it is the money of the scheme that is short.
            found.append(counterfactuals.envelope(self.trials, call, i))
        return tuple(found)

    def _standing(self, margin: Margin, is_funded: bool) -> tuple[Message, ...]:
        """Return what a margin means, in words."""
        values, group = self._base.values, margin.group
        told = [(margin_words.replacement if is_funded else margin_words.loss)(self.trials.scenario, margin, values)]
        if margin.kind != "value":
            return tuple(told)
        if margin.is_proved and group is not None:
            is_near = abs(margin.by_group[group]) <= self.trials.gap * abs(values[group])
            told += [margin_words.at_the_line(is_funded)] if is_near else []
        return (*told, margin_words.moves(margin, is_funded))


# ----------------------------------------------------------------------------------------------------------------- processes

_explainer: Explainer | None = None


def _begin(scenario: Scenario, candidates: Candidates, solver: str) -> None:
    global _explainer
    _explainer = Explainer(scenario, candidates, solver)


def _answered(id_: str, is_whole: bool) -> Answer:
    assert _explainer is not None
    return _explainer.answer(id_, is_whole)


def _share_out(
    scenario: Scenario,
    candidates: Candidates,
    solver: str,
    tasks: Sequence[tuple[str, bool]],
    processes: int,
    keep: Callable[[str, Answer], None],
) -> None:
    """Have several processes answer, and keep each answer as it comes."""
    with working_processes(processes, _begin, scenario, candidates, solver) as submit:
        futures: dict[Future[Answer], str] = {submit(_answered, *task): task[0] for task in tasks}
        for future in as_completed(futures):
            keep(futures[future], future.result())
