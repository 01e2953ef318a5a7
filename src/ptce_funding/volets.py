"""The types of volets: what may be granted, to whom, when it is paid, what comes beside it."""

from typing import Annotated, Literal

from pydantic import Field

from ptce_funding.parts import LARGEST_ENVELOPE, Euros, Name, Part, Phase, Quantity, Share, Text


class Grant(Part):
    """Smallest and largest grant, in euros."""

    min: Annotated[Euros, Field(ge=0)] = 0
    max: Annotated[Euros, Field(gt=0)] | None = None


class Support(Part):
    """What one form of support may pay: the terms that a volet has, and that an aid may change."""

    title: Text | None = None
    """Name for readers."""
    grant: Grant | None = None
    """Smallest and largest grant, in euros; no bound unless said."""
    rate: Share | None = None
    """Highest share of the eligible cost that a grant may reach; 1 unless said."""
    rate_bonus: dict[str, Share] | None = None
    """What each flag of a candidate adds to `rate`."""
    public_cap: Share | None = None
    """Highest share of the cost that all public money together may reach; 1 unless said."""
    tolerance: Share | None = None
    """Share of the cost that may stay uncovered; 0 unless said."""
    local_min: Share | None = None
    """Least share of the cost that collectivités bring; 0 unless said."""
    local_required: bool | None = None
    """Whether collectivités must bring at least one euro."""


class Advantage(Part):
    """What a volet brings beside its grant, in euros: firms × jobs × euros × years, rounded up for each candidate."""

    title: Text | None = None
    """Name for readers."""
    firms: Quantity = 1.0
    """Firms of a candidate that have it: a number, or a column of the candidates."""
    jobs: Quantity = 1.0
    """Jobs concerned in each firm: a number, or a column of the candidates."""
    euros: Quantity
    """Euros a job and year: a number, or a column of the candidates."""
    years: Annotated[int, Field(ge=1, le=30)] = 1
    """Years that it lasts, from the year of the award, in equal parts."""
    charged: Literal["inside", "outside"] = "outside"
    """Whether the envelope pays it; its total is told in either case."""


class Volet(Support):
    """A line of support."""

    phases: tuple[Phase, ...] = ()
    """Phases that may enter directly."""
    after: tuple[Name, ...] = ()
    """Volets that open this one once they are finished."""
    duration: Annotated[int, Field(ge=1, le=30)] = 1
    """Years that the support lasts."""
    lag: Annotated[int, Field(ge=0, le=30)] = 0
    """Years between the end of a volet of `after` and the start of this one."""
    payments: Annotated[tuple[Share, ...], Field(min_length=1)] | None = None
    """Share of a grant that is paid each year from the year of its award; the whole at once unless said. Of a transversal volet:
    share of its cost that is committed and paid each year of the horizon; equal parts unless said."""
    unit_cost: Annotated[Euros, Field(gt=0)] | None = None
    """Cost of each step, the same for every candidate and borne in full; no columns are read."""
    aids: dict[str, Support] = {}
    """Forms of support inside the volet; what an aid does not state, it takes from the volet."""
    aids_mode: Literal["either", "both"] | None = None
    """Whether a candidate may get one of the aids, or several together."""
    advantages: dict[Name, Advantage] = {}
    """What the volet brings beside its grants, such as the exemptions that a label opens."""
    transversal: bool = False
    """Whether the volet serves the whole scheme: it has no candidates, and its cost is part of the envelope."""
    fixed: Annotated[Euros, Field(ge=0, le=LARGEST_ENVELOPE)] = 0
    """Transversal: euros that it costs whoever is supported."""
    per_ptce: Annotated[Euros, Field(ge=0, le=LARGEST_ENVELOPE)] = 0
    """Transversal: euros for each supported candidate."""
    min_share: Share | None = None
    """Transversal: least share of the envelope that it costs."""
    max_share: Share | None = None
    """Transversal: largest share of the envelope that it costs."""
