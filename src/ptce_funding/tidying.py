"""Ties settled in the order of the scenario.

Where a candidate could follow another of its plans with the same grants and the same value, a solver picks either. The earlier plan
in the list (aids in the order in which they are declared, then early years) is taken, one candidate at a time, wherever all rows
still hold, so that an arbitrary choice is not read as a decision.
"""

import numpy as np
import numpy.typing as npt

from ptce_funding.formulation import Formulation

Floats = npt.NDArray[np.float64]


def tidied(formulation: Formulation, x: Floats) -> Floats:
    """Return a solution of the same value and the same grants with the earliest plans that its rows allow."""
    return _Tidier(formulation, x).run()


class _Tidier:
    def __init__(self, formulation: Formulation, x: Floats) -> None:
        self.formulation, self.x = formulation, x.copy()
        self.problem, self.plans, self.steps = formulation.problem, formulation.plans, formulation.steps
        rows = self.problem.rows
        self.row = np.repeat(np.arange(len(rows)), np.diff(rows.start))
        self.activity = np.bincount(self.row, weights=rows.value * x[rows.column], minlength=len(rows))
        by_column = np.argsort(rows.column, kind="stable")
        self.entry = by_column
        self.first = np.searchsorted(rows.column[by_column], np.arange(self.problem.n + 1))
        self.z_of_step = np.full(len(self.steps), -1, dtype=np.int64)
        self.z_of_step[formulation.topped] = len(self.plans) + np.arange(len(formulation.topped))
        self.first_step = np.searchsorted(self.plans.plan, np.arange(len(self.plans) + 1))

    def run(self) -> Floats:
        first_plan = np.searchsorted(self.plans.candidate, np.arange(self.plans.candidate.max(initial=-1) + 2))
        for p in np.flatnonzero(self.x[: len(self.plans)] > 0.5).tolist():
            for other in range(int(first_plan[self.plans.candidate[p]]), p):
                if self.moved(p, other):
                    break
        return self.x

    def made_of(self, p: int) -> npt.NDArray[np.int64]:
        return self.plans.step[self.first_step[p] : self.first_step[p + 1]]

    def moved(self, p: int, other: int) -> bool:
        """Move a candidate from one plan to another, if that changes neither grants nor value and keeps all rows."""
        old, new = self.made_of(p), self.made_of(other)
        steps = self.steps
        if len(old) != len(new) or not (
            np.array_equal(steps.floor[old], steps.floor[new])
            and np.array_equal(steps.ceiling[old], steps.ceiling[new])
        ):
            return False
        change = {p: -1.0, other: 1.0}
        for from_, to in zip(self.z_of_step[old].tolist(), self.z_of_step[new].tolist(), strict=True):
            if from_ != to and from_ >= 0:
                change[from_], change[to] = -self.x[from_], self.x[from_]
        columns = np.array(list(change))
        delta = np.array(list(change.values()))
        for objective in self.problem.objectives:
            if abs(float(objective[columns] @ delta)) > 1e-12 * float(np.abs(objective[columns]).max(initial=0.0)):
                return False
        activity = self.activity.copy()
        rows = self.problem.rows
        for column, step in zip(columns.tolist(), delta.tolist(), strict=True):
            entries = self.entry[self.first[column] : self.first[column + 1]]
            activity[self.row[entries]] += rows.value[entries] * step
        touched = activity != self.activity
        slack = 1e-9 * np.maximum(1.0, np.abs(activity))
        holds = (activity >= rows.lower - slack) & (activity <= rows.upper + slack)
        if not holds[touched].all():
            return False
        self.activity = activity
        self.x[columns] += delta
        return True
