"""What solving says of each candidate, and the file that keeps it until everything is said."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ptce_funding.allocation import Allocation
from ptce_funding.explaining.counterfactuals import Counterfactual
from ptce_funding.explaining.margins import Margin
from ptce_funding.explaining.trials import Cell, Change
from ptce_funding.messages import Message
from ptce_funding.parts import Text
from ptce_funding.scenario import Scenario
from ptce_funding.sweeping.runs import run_hash


@dataclass(frozen=True)
class Answer:
    """What solving says of a candidate.

    Parameters
    ----------
    margin
        What it adds, or would cost; None where it could not be funded.
    counterfactuals
        What would let it in, or make it drop out.
    is_whole
        Whether the latter were sought.
    """

    margin: Margin | None = None
    counterfactuals: tuple[Counterfactual, ...] = ()
    is_whole: bool = True


class Kept:
    """Answers in a file, a line for each as it comes: whatever stops an explanation loses at most those under way.

    Parameters
    ----------
    path
        The file, which comes with the first answer; None to keep none. What it holds of another call, or cannot be read, is no answer.
    call
        What the answers depend on, as `call_hash` returns it.
    """

    def __init__(self, path: Path | None, call: str) -> None:
        self._path, self._call = path, call
        self._answers = {} if path is None else dict(_read(path, call))

    def answer(self, id_: str, is_whole: bool) -> Answer | None:
        """Return what is kept of a candidate; None where that is not enough."""
        found = self._answers.get(id_)
        return None if found is None or (is_whole and not found.is_whole) else found

    def keep(self, id_: str, answer: Answer) -> None:
        """Keep an answer.

        Raises
        ------
        OSError
            When the file cannot be written.
        """
        if self._path is None:
            return
        line = json.dumps({"call": self._call, "candidate": id_, "answer": answer}, ensure_ascii=False, default=_plain)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            # After a line that was torn, a new one begins.
            file.write(f"\n{line}\n")


def call_hash(scenario: Scenario, base: Allocation, solver: str) -> str:
    """Return the SHA-256 of all that answers depend on: the call, the program, and the allocation that is explained."""
    found = repr((base.status, base.stages, base.awards))
    return run_hash(scenario, base.call.criteria, base.call.candidates.digest(), solver, found)


def _plain(value: Any) -> dict[str, Any]:
    """Return a sentence in every language, and anything else by its fields."""
    return value.texts() if isinstance(value, Message) else vars(value)


def _read(path: Path, call: str) -> Iterator[tuple[str, Answer]]:
    lines = path.read_bytes().splitlines() if path.is_file() else []
    for line in lines:
        try:
            stated = json.loads(line)
            if stated["call"] == call:
                yield str(stated["candidate"]), _answer(stated["answer"])
        except (ValueError, TypeError, KeyError, AttributeError):
            continue


def _answer(stated: dict[str, Any]) -> Answer:
    margin: dict[str, Any] | None = stated["margin"]
    if margin is not None:
        margin = {key: tuple(value) if isinstance(value, list) else value for key, value in margin.items()}
    return Answer(
        None if margin is None else Margin(**margin),
        tuple(map(_counterfactual, stated["counterfactuals"])),
        stated["is_whole"],
    )


def _counterfactual(stated: dict[str, Any]) -> Counterfactual:
    said = {key: None if stated[key] is None else _said(stated[key]) for key in ("sentence", "letter")}
    changes = {key: _change(stated[key]) for key in ("change", "less")}
    return Counterfactual(**stated | changes | said)


def _said(texts: dict[str, str]) -> Message:
    """Return a sentence as it was written in every language: a template is not known by it."""
    return Message("{text}", (("text", Text.said(texts)),))


def _change(stated: dict[str, Any] | None) -> Change | None:
    if stated is None:
        return None
    values = tuple((str(path), value) for path, value in stated["values"])
    return Change(values, tuple(Cell(**cell) for cell in stated["cells"]))
