"""Whole euros, shares without loss.

Shares come from TOML as binary floats; what their author wrote is the shortest decimal that reads back the same, so that is what
the exact arithmetic uses: 0.6 is three fifths. A computed share such as 0.3333333333333333 stands for the simple fraction beside
it, else three thirds would not make a whole.
"""

from fractions import Fraction
from functools import lru_cache
from math import ceil, floor

#: Decimals that count. Finer differences are beyond what a solver can tell apart.
_DECIMALS = 9
#: Numbers with more decimals than this are taken for computed ones.
_WRITTEN = 6
#: Largest denominator of the simple fraction that a computed number may stand for.
_SIMPLE = 10_000


@lru_cache(maxsize=4096)
def exact(number: float) -> Fraction:
    """Return the number that its author meant.

    Parameters
    ----------
    number
        A share, a bound or a cell. Up to six decimals it is the decimal itself. With more, it is the fraction with a denominator
        of at most 10,000 that lies within a thousand-millionth, if there is one, else the decimal rounded to nine places.
    """
    if isinstance(number, int):
        return Fraction(number)
    written = Fraction(repr(round(float(number), _DECIMALS)))
    if written * 10**_WRITTEN % 1 == 0:
        return written
    simple = written.limit_denominator(_SIMPLE)
    return simple if abs(simple - written) < Fraction(1, 10**_DECIMALS) else written


def share_of(share: float, amount: int) -> int:
    """Return `share` of `amount` in whole euros, rounded down."""
    return floor(exact(share) * amount)


def steps_down(amount: Fraction | int, step: int) -> int:
    """Return how many whole grant steps fit into `amount`."""
    return floor(Fraction(amount) / step)


def steps_up(amount: Fraction | int, step: int) -> int:
    """Return the least number of whole grant steps that makes `amount` or more."""
    return ceil(Fraction(amount) / step)
