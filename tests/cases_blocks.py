"""Random problems of a few blocks."""

import random

import numpy as np

from ptce_funding.problem import Blocks, Problem, RowBuilder


def small_problem(seed: int, largest: int = 30) -> Problem:
    """Return a random problem of three to twelve blocks, with room, coupled by a few limits.

    Parameters
    ----------
    largest
        Upper bound of the largest part.
    """
    rng = random.Random(seed)
    owner: list[int] = []
    pairs: list[tuple[int, int]] = []
    spread: list[float] = []
    room: list[float] = []
    blocks = rng.randint(3, 12)
    forced = [rng.random() < 0.2 for _ in range(blocks)]
    for block in range(blocks):
        parts = range(len(spread), len(spread) + rng.randint(0, 2))
        spread += [float(rng.randint(1, largest)) for _ in parts]
        for _ in range(rng.randint(1, 3)):
            own = [part for part in parts if rng.random() < 0.7]
            pairs += [(len(owner), part) for part in own]
            most = sum(spread[part] for part in own)
            room.append(float(rng.randint(0, int(most))) if own and rng.random() < 0.3 else np.inf)
            owner.append(block)
    choices, n = len(owner), len(owner) + len(spread)
    rows = RowBuilder()
    for block in range(blocks):
        column = np.flatnonzero(np.array(owner) == block)
        rows.add(column, np.ones(len(column)), 1.0 if forced[block] else -np.inf, 1.0)
    for part, most in enumerate(spread):
        having = [choice for choice, other in pairs if other == part]
        rows.add(np.array([choices + part, *having]), np.array([1.0, *[-most] * len(having)]), -np.inf, 0.0)
    for choice in np.flatnonzero(np.isfinite(room)).tolist():
        own = [part for other, part in pairs if other == choice]
        most = sum(spread[part] for part in own)
        value = np.array([*[1.0] * len(own), most - room[choice]])
        rows.add(np.array([*(choices + part for part in own), choice]), value, -np.inf, most)
    single = rows.count
    cost = np.array([rng.randint(0, 15) for _ in owner] + [1] * len(spread), dtype=float)
    for _ in range(rng.randint(1, 3)):
        column = np.array([i for i in range(n) if rng.random() < 0.8] or [0])
        rows.add(
            column, cost[column], -np.inf, float(int((cost[:choices].sum() + sum(spread)) * rng.uniform(0.1, 0.6)))
        )
    if rng.random() < 0.4:
        column = np.array([i for i in range(choices) if rng.random() < 0.5] or [0])
        least = rng.randint(0, 2)
        lower = float(least) if rng.random() < 0.5 else -np.inf
        rows.add(column, np.ones(len(column)), lower, float(least + rng.randint(0, 4)))
    value = [round(rng.uniform(0, 3), 3) for _ in owner] + [round(rng.uniform(0, 0.3), 3) for _ in spread]
    return Problem(
        objectives=(np.array(value),),
        lower=np.zeros(n),
        upper=np.array([1.0] * choices + spread),
        integer=np.ones(n, dtype=bool),
        rows=rows.rows(),
        blocks=Blocks(
            owner=np.array(owner),
            parts=len(spread),
            choice=np.array([choice for choice, _ in pairs], dtype=np.int64),
            part=np.array([part for _, part in pairs], dtype=np.int64),
            room=np.array(room),
            is_forced=np.array(forced),
            rows=single,
        ),
    )
