"""What one pole gets, beside what one pole got of other schemes (``data/comparators.toml``)."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from ptce_funding.allocation import Allocation
from ptce_funding.breakdown import calendar
from ptce_funding.parts import Text


@dataclass(frozen=True)
class Comparator:
    """Another scheme.

    Parameters
    ----------
    name, title
        Short name, and name for readers.
    per_pole
        Euros for one pole over `years`.
    years
        Years that the money is for.
    status
        `quoted`, or `computed` as `total` / `poles`.
    source
        Where it is said.
    total, poles
        Euros for all poles over `years`, and their number; None where only the money of one is known.
    """

    name: str
    title: Text
    per_pole: int
    years: int
    status: str
    source: Text
    total: int | None = None
    poles: int | None = None

    @property
    def per_year(self) -> float:
        """Euros for one pole and year."""
        return self.per_pole / self.years


@dataclass(frozen=True, slots=True)
class PerPole:
    """What one supported candidate gets; None when nobody is supported.

    Parameters
    ----------
    mean
        Euros for a supported candidate.
    years
        Years from its first to its last payment, in the mean.
    per_year
        Euros for a supported candidate and year.
    """

    mean: float | None
    years: float | None
    per_year: float | None


@cache
def comparators() -> tuple[Comparator, ...]:
    """Return the other schemes."""
    text = files("ptce_funding").joinpath("data", "comparators.toml").read_text("utf-8")
    found = []
    for name, stated in tomllib.loads(text).items():
        computed = {} if "per_pole" in stated else {"per_pole": round(stated["total"] / stated["poles"])}
        status = "computed" if computed else "quoted"
        texts = {key: Text(**stated[key]) for key in ("title", "source")}
        found.append(Comparator(name=name, status=status, **computed | stated | texts))
    return tuple(found)


def per_pole(allocation: Allocation) -> PerPole:
    """Return the mean grant of a supported candidate, in all and for each year from its first to its last payment."""
    paid: dict[str, list[int]] = {}
    for entry in calendar(allocation):
        paid.setdefault(entry.candidate, []).extend(year for year, amount in entry.payments.items() if amount)
    if not paid:
        return PerPole(None, None, None)
    spans = sum(max(years) - min(years) + 1 for years in paid.values())
    return PerPole(allocation.granted / len(paid), spans / len(paid), allocation.granted / spans)
