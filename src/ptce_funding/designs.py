"""The designs of sweeps and the distributions that they draw from, by name. Kept apart: the command line needs no more to start."""

from typing import Literal

Design = Literal["grid", "latin", "sobol", "single"]
Distribution = Literal["uniform", "triangular", "normal"]

#: Designs that draw samples.
SAMPLED: tuple[Design, ...] = ("latin", "sobol")

#: Parameters of each distribution, in the order in which a command line gives them.
DISTRIBUTIONS: dict[Distribution, tuple[str, ...]] = {
    "uniform": ("low", "high"),
    "triangular": ("low", "mode", "high"),
    "normal": ("mean", "deviation"),
}
