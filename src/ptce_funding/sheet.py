"""Rows with names, over an envelope that is given or sought.

Money is in grant steps. Where the envelope is sought it is a column, and every limit that is a share of it a row over that column.
"""

from fractions import Fraction
from math import floor

import numpy as np
import numpy.typing as npt

from ptce_funding.money import steps_down, steps_up
from ptce_funding.problem import RowBuilder
from ptce_funding.scenario import Scenario

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: More than anything measured can come to; solvers take larger bounds for infinite.
BEYOND = 1e15
#: Largest denominator of a share that is cleared from its row.
CLEARED = 10_000
#: What rows with finer shares keep clear of their bound, in grant steps: the solver may use up as much of its tolerance.
MARGIN = 2e-7


class Sheet:
    """Named rows.

    Parameters
    ----------
    scenario
        The call.
    envelope
        Column of the envelope where it is sought, in grant steps; None where the scenario gives it.
    margin
        Euros that rows with charges keep clear of their bound.
    """

    def __init__(self, scenario: Scenario, envelope: int | None, margin: int = 0) -> None:
        self.total, self.step, self.envelope = scenario.envelope.total, scenario.envelope.grant_step, envelope
        self.margin = margin
        self.rows, self.names = RowBuilder(), list[str]()

    def add(self, name: str, column: Ints, value: Floats, lower: float, upper: float) -> None:
        """Add ``lower <= activity <= upper``."""
        self.rows.add(column, value, lower, upper)
        self.names.append(name)

    def within(
        self, name: str, column: Ints, value: Floats, share: Fraction, is_whole: bool = True, loose: int = 0
    ) -> None:
        """Add ``activity <= share × envelope``.

        Parameters
        ----------
        is_whole
            Whether the activity is a whole number of grant steps.
        loose
            Euros by which the bound may turn out higher, where the envelope is sought.
        """
        if self.envelope is not None:
            self.share_of(name, column, value, share, self.envelope, is_floor=False, is_whole=is_whole, loose=loose)
            return
        # Charges are whole euros, grants whole steps: no fraction of a bound is of use.
        euros = floor(share * self.total)
        bound = Fraction(euros // self.step if is_whole else Fraction(euros - self.margin, self.step))
        self.add(name, column, value, -np.inf, float(bound))

    def between(
        self, name: str, column: Ints, value: Floats, minimum: Fraction | None, maximum: Fraction | None
    ) -> None:
        """Add ``minimum × envelope <= activity <= maximum × envelope``, for an activity in whole grant steps."""
        if self.envelope is None:
            lower = -np.inf if minimum is None else min(float(steps_up(minimum * self.total, self.step)), BEYOND)
            upper = np.inf if maximum is None else float(steps_down(maximum * self.total, self.step))
            self.add(name, column, value, lower, upper)
            return
        for share, is_floor in ((minimum, True), (maximum, False)):
            if share is not None:
                self.share_of(name, column, value, share, self.envelope, is_floor)

    def share_of(
        self,
        name: str,
        column: Ints,
        value: Floats,
        share: Fraction,
        whole: int,
        is_floor: bool,
        is_whole: bool = True,
        loose: int = 0,
    ) -> None:
        """Add ``activity - share × whole >= 0``, or ``<= 0`` for a cap, where `whole` is a column.

        Parameters
        ----------
        loose
            Euros by which a cap may be passed.
        """
        column = np.concatenate([column, [whole]])
        scale, slack = float(share.denominator), 0.0
        if share.denominator > CLEARED:
            scale, slack = 1.0, MARGIN
        coefficients = np.concatenate([value * scale, [-float(share * int(scale))]])
        if is_whole and slack == 0.0:
            # Without fractions every coefficient is a whole number, and so is every activity: no tolerance can be used up.
            coefficients = np.rint(coefficients)
        upper = loose * scale / self.step - slack
        self.add(name, column, coefficients, *((slack, np.inf) if is_floor else (-np.inf, upper)))
