"""Candidate tables written for spreadsheets."""

import csv
import io
import math
from pathlib import Path
from typing import Any

import numpy as np

from ptce_funding.candidate_columns import column_named, heading_of
from ptce_funding.candidate_set import Candidates, protected
from ptce_funding.cells import aliases
from ptce_funding.errors import CandidatesError, Fault, Place
from ptce_funding.files import os_reason, write_whole
from ptce_funding.messages import message, signs


def write_candidates(candidates: Candidates, path: str | Path, *, lang: str = "fr") -> None:
    """Write a CSV table that spreadsheets open as it is meant, and that `read_candidates` reads back.

    In French: semicolons, decimal commas, French headings and words; in English: commas, points, English ones. The
    encoding is UTF-8 with a byte order mark. Text that a spreadsheet would take for a formula gets an apostrophe
    before it, which stays when the table is read again; `Candidates.digest` does not count it. Free columns keep
    their heading, and their kind is inferred again on reading unless it is given.

    Parameters
    ----------
    path
        File to write; it is replaced at once, or left as it was.
    lang
        Language of headings, words and numbers.

    Raises
    ------
    CandidatesError
        When the file cannot be written.
    """
    path = Path(path)
    headings = [protected(heading_of(name, lang)) for name in candidates.columns]
    mark = signs(lang)[1]
    columns = [[_csv(each, mark) for each in written(candidates, name, lang)] for name in candidates.columns]
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";" if mark == "," else ",")
    writer.writerow(headings)
    writer.writerows(zip(*columns, strict=True))
    try:
        write_whole({path: text.getvalue().encode("utf-8-sig")})
    except OSError as error:
        reason = message("The file cannot be written: {reason}.", reason=os_reason(error))
        raise CandidatesError([Fault(Place(file=str(path)), reason)]) from error


def written(candidates: Candidates, name: str, lang: str) -> list[str | int | float | None]:
    """Return the cells of a column as tables of a language have them: texts and words, amounts, numbers; None for a blank one."""
    values = candidates.columns[name].tolist()
    match candidates.kinds[name]:
        case "text":
            return [each or None for each in values]
        case "choice":
            words = _choice_words(name, lang)
            return [words.get(each, each) or None for each in values]
        case "flag":
            flags = aliases()["flags"]
            yes, no = (flags["true"][0], flags["false"][0]) if lang == "fr" else ("yes", "no")
            return [None if each < 0 else yes if each else no for each in values]
        case "money":
            return list(values)
    return [None if math.isnan(each) else each for each in values]


def _choice_words(name: str, lang: str) -> dict[str, str]:
    column = column_named(name)
    words: dict[str, Any] = aliases()["choices"].get(name, {})
    if lang != "fr" or column is None:
        return {}
    return {each: words[each][0] for each in column.choices if each in words}


def _csv(value: str | float | None, mark: str) -> str:
    """Return a cell as text: numbers by the shortest decimal writing that reads back the same, never a scientific one."""
    match value:
        case None:
            return ""
        case float():
            return np.format_float_positional(value, trim="-").replace(".", mark)
        case str():
            return protected(value)
    return str(value)
