"""What is worked out for a candidate only when somebody asks, such as the words of a refusal."""

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

import numpy as np
import numpy.typing as npt

T = TypeVar("T")


class OnDemand(Mapping[int, T]):
    """A mapping by position whose values are made when they are asked for.

    Parameters
    ----------
    present
        Which positions are there, shape (positions,).
    make
        Returns the value of a position.
    """

    def __init__(self, present: npt.NDArray[np.bool_], make: Callable[[int], T]) -> None:
        self.present, self.make = present, make

    def __getitem__(self, position: int) -> T:
        if position not in self:
            raise KeyError(position)
        return self.make(int(position))

    def __contains__(self, position: object) -> bool:
        if not isinstance(position, int | np.integer):
            return False
        return 0 <= int(position) < len(self.present) and bool(self.present[int(position)])

    def __iter__(self) -> Iterator[int]:
        return iter(np.flatnonzero(self.present).tolist())

    def __len__(self) -> int:
        return int(self.present.sum())
