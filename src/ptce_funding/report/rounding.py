"""Numbers of a result as they are shown: what is proved stays true when it is rounded."""

import math
from fractions import Fraction

from ptce_funding.allocation import relative_gap

#: Decimals of values and bounds in data, and of gaps.
VALUE_DIGITS, GAP_DIGITS = 6, 9

# Numbers are binary; so near to a decimal, one is meant to be that decimal.
_VALUE_NOISE, _GAP_NOISE = Fraction(1, 10**9), Fraction(1, 10**12)
# Sums of the same numbers in another order differ by as much.
_SAME = 5e-15


def rounded(value: float | None, digits: int = VALUE_DIGITS) -> float | None:
    """Round to the nearest; None for what is not known or has no end."""
    return None if value is None or math.isinf(value) else float(round(value, digits)) + 0.0


def rounded_up(value: float | None, digits: int = VALUE_DIGITS, noise: Fraction = _VALUE_NOISE) -> float | None:
    """Round a bound so that it stays one; a bound that only rounding sets apart from a value is that value."""
    if value is None or math.isinf(value):
        return None
    scaled = Fraction(value) * 10**digits
    nearest = round(scaled)
    whole = nearest if abs(scaled - nearest) < noise * 10**digits else math.ceil(scaled)
    return float(Fraction(whole, 10**digits)) + 0.0


def bound_shown(value: float | None, bound: float | None, digits: int = VALUE_DIGITS) -> float | None:
    """Return the bound rounded up, or the rounded value itself where there is no gap: the two are then the same number."""
    return rounded(value, digits) if gap_shown(value, bound) == 0 else rounded_up(bound, digits)


def gap_shown(value: float | None, bound: float | None, digits: int = GAP_DIGITS) -> float | None:
    """Return the relative gap between a value and its bound, rounded up: zero only where they are the same number.

    None where it is not known, or where there is no value to compare with.
    """
    gap = relative_gap(value, bound)
    if gap is not None and gap < _SAME:
        return 0.0
    shown = rounded_up(gap, digits, _GAP_NOISE)
    return 10.0**-digits if shown == 0 else shown
