"""What a sweep varies: the `[sweep]` table of a scenario."""

from typing import Annotated, Any

from pydantic import Field

from ptce_funding.designs import Design, Distribution
from ptce_funding.parts import Name, Number, Part

#: More cells than anybody waits for.
LARGEST_DESIGN = 100_000


class Vary(Part):
    """One parameter that is varied: a range, a list, or a distribution."""

    path: Name
    """Dotted path of the parameter, as for `--set`."""
    low: Number | None = None
    """Least value of a range or a distribution."""
    high: Number | None = None
    """Largest value of a range or a distribution."""
    count: Annotated[int, Field(ge=2, le=LARGEST_DESIGN)] | None = None
    """Number of equally spaced values of a range, both ends included."""
    values: Annotated[tuple[Any, ...], Field(min_length=1)] | None = None
    """The values themselves, of any type."""
    distribution: Distribution | None = None
    """What is drawn from: `uniform` (`low`, `high`), `triangular` (`low`, `mode`, `high`) or `normal` (`mean`, `deviation`)."""
    mode: Number | None = None
    """Most likely value of a triangular distribution."""
    mean: Number | None = None
    """Mean of a normal distribution."""
    deviation: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    """Standard deviation of a normal distribution."""


class Sweep(Part):
    """Many runs of the scenario over values of some of its parameters."""

    design: Design = "grid"
    """`grid`: every combination; `latin` (Latin hypercube) or `sobol`: samples; `single`: one parameter at a time."""
    samples: Annotated[int, Field(ge=1, le=LARGEST_DESIGN)] | None = None
    """Number of samples of `latin` and `sobol`; 64 unless said."""
    seed: Annotated[int, Field(ge=0, lt=2**31)] | None = None
    """Seed of `latin` and `sobol`; 0 unless said."""
    frontier: bool = False
    """Whether the values of `envelope.total` are run once more, with the yearly tranches and without."""
    vary: tuple[Vary, ...] = ()
    """What is varied."""
