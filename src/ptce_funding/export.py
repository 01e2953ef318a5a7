"""The formulation written for other solvers, with readable names."""

import re
import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from ptce_funding.call import Call
from ptce_funding.errors import NoAllocationError
from ptce_funding.files import write_whole
from ptce_funding.messages import message
from ptce_funding.solvers.highs import solve, write_model
from ptce_funding.solvers.stages import at_least


def export_model(call: Call, path: Path) -> tuple[int, int]:
    """Write the problem of a call as LP or MPS, by the ending of `path`; money in grant steps.

    With a strict priority the file states the last objective, the earlier ones held at their optimum, so that its optimum is the
    allocation's.

    Returns
    -------
    tuple
        Numbers of rows and columns.

    Raises
    ------
    NoAllocationError
        When an earlier objective has no allocation.
    SolverError
        When the file cannot be written by HiGHS.
    """
    formulation = call.formulation
    ids = call.candidates.columns["id"]
    problem, row_names = formulation.problem, formulation.row_names(ids)
    *earlier, last = problem.objectives
    if earlier:
        solution = solve(replace(problem, objectives=tuple(earlier)), call.scenario.solve)
        if solution.x is None:
            raise NoAllocationError(
                message("No allocation keeps all the rules of the scenario “{name}”.", name=call.scenario.name)
            )
        for number, objective in enumerate(earlier):
            problem = problem.with_rows(at_least(objective, float(objective @ solution.x)))
            row_names.append(f"value_of_group_{number + 1}")
    columns = readable(formulation.column_names(ids))
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / f"model{path.suffix}"
        write_model(replace(problem, objectives=(last,)), draft, columns, readable(row_names))
        write_whole({path: draft.read_bytes()})
    return len(problem.rows), problem.n


def readable(names: Iterable[str]) -> list[str]:
    """Return names that LP and MPS readers accept: ASCII without spaces or operators, unique, at most 200 characters."""
    seen: Counter[str] = Counter()
    safe = []
    for name in names:
        word = re.sub(r"[^A-Za-z0-9_.()]+", "_", _ascii(name))[:200]
        word = word or "unnamed"
        seen[word] += 1
        safe.append(word if seen[word] == 1 else f"{word}#{seen[word]}")
    return safe


def _ascii(text: str) -> str:
    import unicodedata

    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
