"""What a cell of a table says: French and English writings of text, yes and no, numbers, shares and whole euros.

The grammar of numbers, the same everywhere:

- Thousands may be set apart by a space (ordinary, no-break or narrow), an apostrophe, or, where several groups or the
  other decimal mark leave one reading only, by commas or points: ``1 234,5``, ``1'234.5``, ``1,234.50``, ``1.234.567``.
- The decimal mark is a comma or a point. ``1,234`` is therefore a little more than one. Where a whole number or an
  amount is expected it could as well be thousands, so there it is a fault and not a guess.
- ``12,5 %`` is 0.125. Scientific writing (``1e5``), nan and infinities are faults: nobody writes them into a form.
- An amount may end in (or begin by) ``€``, ``EUR``, ``k€`` or ``M€``. It is whole euros: cents other than ``,00`` are a
  fault, and so are negative amounts and amounts above one million million.

A blank cell is text without characters, a flag of -1, a number that is nan, and an amount of 0.
"""

import datetime
import math
import re
import tomllib
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from ptce_funding.messages import Message, message, nearest, translate

Cell = str | int | float | bool | datetime.date | datetime.datetime | None

KINDS = ("text", "flag", "integer", "number", "share", "money", "choice")

# The largest amount and number that are surely no slip of the keyboard.
MOST_EUROS = 10**12
MOST_NUMBER = 10**15

# A workbook computes in binary: 72000.00000000001 is meant as 72000. Far below a cent.
_NOISE = 1e-6

_SPACES = str.maketrans(dict.fromkeys("\u00a0\u202f\u2009\u2007", " ") | {"\u2212": "-", "\u2019": "'"})
_WHOLE = r"[0-9]+|[0-9]{1,3}(?:[ '][0-9]{3})+"
_NUMBER = re.compile(rf"([+-]?) ?(?:({_WHOLE})(?:([.,])([0-9]+))?|([.,])([0-9]+)) ?(%?)")
_COMMAS = re.compile(r"([+-]?) ?([0-9]{1,3}(?:,[0-9]{3})+)(?:\.([0-9]+))? ?(%?)")
_POINTS = re.compile(r"([+-]?) ?([0-9]{1,3}(?:\.[0-9]{3})+)(?:,([0-9]+))? ?(%?)")
_UNITS = re.compile(r"(?:€ ?)?(.*?) ?(?:(k|m)? ?(?:€|eur|euros?))?", re.IGNORECASE)
_ERROR = re.compile(r"#(?:N/A|[A-ZÉÀ/0-9]+[!?])|Err:[0-9]+|Erreur ?:[0-9]+")
_LONGEST = 400


class CellError(ValueError):
    """A cell does not say what its column expects.

    Parameters
    ----------
    reason
        What was found and what was expected.
    hint
        The nearest valid word, in words of the user's or of the reader's, or None.
    """

    def __init__(self, reason: Message, hint: str | Message | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint


def fold(text: str) -> str:
    """Return `text` without case, accents, punctuation and surplus spaces, to compare words that people typed."""
    text = unicodedata.normalize("NFKD", text).casefold().replace("œ", "oe").replace("æ", "ae")
    text = unicodedata.normalize("NFKD", text).casefold()
    words = "".join(each if each.isalnum() else " " for each in text if not unicodedata.combining(each))
    return " ".join(words.split()) or " ".join(text.split())


def alphabetical(text: str) -> tuple[str, str]:
    """Return what sorts names as readers look for them: É beside E, small letters beside capitals."""
    return fold(text), text


@cache
def aliases() -> Mapping[str, Any]:
    """Return the words of tables that mean a heading, a choice or a flag (``data/aliases.toml``)."""
    return tomllib.loads(files("ptce_funding").joinpath("data/aliases.toml").read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class ChoiceWord:
    """One of the words that a choice column may hold."""

    column: str
    value: str

    def render(self, lang: str) -> str:
        """Return the word in `lang`: in French the first alias of the candidate tables."""
        words = aliases()["choices"].get(self.column, {}).get(self.value, [])
        return str(words[0]) if lang == "fr" and words else translate(self.value.replace("_", " "), lang)


@cache
def _flags() -> Mapping[str, int]:
    words: Mapping[str, list[str]] = aliases()["flags"]
    marks = dict.fromkeys(words["true"], 1) | dict.fromkeys(words["false"], 0)
    return {fold(word): value for word, value in marks.items()}


@cache
def flag_words() -> frozenset[str]:
    """Return the folded words that can only be meant as yes or no, so neither digits nor crosses."""
    return frozenset(word for word in _flags() if len(word) > 1)


@cache
def _choices(name: str, choices: tuple[str, ...]) -> Mapping[str, str]:
    known = {fold(choice): choice for choice in choices}
    words: Mapping[str, list[str]] = aliases()["choices"].get(name, {})
    return {fold(word): choice for choice in choices for word in words.get(choice, ())} | known


def shown(cell: Any) -> str:
    """Return `cell` as a fault quotes it, on one line and not too long."""
    line = "".join(each if each.isprintable() else " " for each in plain(cell))
    return line if len(line) <= 60 else line[:59] + "…"


def plain(cell: Any) -> str:
    """Return `cell` as text: whole numbers without decimals, dates as ISO writes them."""
    match cell:
        case None:
            return ""
        case str():
            return cell
        case bool():
            return "true" if cell else "false"
        case float() if cell.is_integer() and abs(cell) < MOST_NUMBER:
            return str(int(cell))
        case int() if cell.bit_length() > 1000:  # Python refuses to write very long ones
            return f"{cell:#x}"
        case datetime.datetime():
            midnight = cell.time() == datetime.time()
            return cell.date().isoformat() if midnight else cell.isoformat(sep=" ", timespec="seconds")
        case datetime.date():
            return cell.isoformat()
    return str(cell)


def is_blank(cell: Any) -> bool:
    """Return whether `cell` says nothing."""
    return cell is None or (isinstance(cell, str) and (not cell or cell.isspace()))


def text(cell: Any) -> str:
    """Return what `cell` says, in composed characters and without spaces around."""
    value = unicodedata.normalize("NFC", plain(cell)).strip()
    if value.isprintable():
        if value.startswith(("#", "Err")) and _ERROR.fullmatch(value):
            raise CellError(message("The cell holds a failed formula, “{value}”; expected a value.", value=value))
        return value
    value = value.replace("\r\n", "\n").replace("\r", "\n")
    for each in value:
        if not each.isspace() and unicodedata.category(each) in ("Cc", "Cs"):
            code = f"U+{ord(each):04X}"
            raise CellError(message("The text holds the control character {code}; expected readable text.", code=code))
    return value


def flag(cell: Any) -> int:
    """Return 1 for yes, 0 for no, -1 for a blank cell."""
    if isinstance(cell, bool):
        return int(cell)
    word = text(cell)
    if not word:
        return -1
    value = _flags().get(fold(word))
    if value is None:
        raise CellError(message("“{value}” is neither yes nor no.", value=shown(word)))
    return value


def _decimal(cell: Any) -> tuple[Decimal, bool, bool]:
    """Return the number that a text says, whether its mark could set apart thousands, and whether it is a percentage."""
    word = text(cell).translate(_SPACES)
    if len(word) <= _LONGEST:
        if found := _NUMBER.fullmatch(word):
            sign, whole, _, decimals, bare_mark, bare, percent = found.groups()
            digits = re.sub("[ ']", "", whole or "0")
            decimals = decimals or bare or ""
            # "0,125" and "1 234,567" have one reading only.
            doubtful = len(decimals) == 3 and not bare_mark and digits == whole and 0 < len(digits) < 4
            doubtful = doubtful and not digits.startswith("0")
            return _scaled(sign, digits, decimals, percent), doubtful, bool(percent)
        if found := _COMMAS.fullmatch(word) or _POINTS.fullmatch(word):
            sign, whole, decimals, percent = found.groups()
            return _scaled(sign, re.sub("[,.]", "", whole), decimals or "", percent), False, bool(percent)
    raise CellError(
        message("“{value}” is not a number; expected something like {example}.", value=shown(cell), example=1234.5)
    )


def _scaled(sign: str, whole: str, decimals: str, percent: str) -> Decimal:
    return Decimal(f"{sign}{whole}.{decimals or '0'}").scaleb(-2 if percent else 0)


def _checked(value: float, cell: Any) -> float:
    if not -MOST_NUMBER <= value <= MOST_NUMBER:  # nan too
        raise CellError(message("“{value}” is not a number that can be used here.", value=shown(cell)))
    return value + 0.0  # a negative zero becomes zero


def _refuse_other(cell: Any) -> None:
    """Raise for what is neither text nor a number: a date, or a workbook's yes and no."""
    if isinstance(cell, (bool, datetime.date)):
        raise CellError(
            message("“{value}” is not a number; expected something like {example}.", value=shown(cell), example=1234.5)
        )


def number(cell: Any) -> float:
    """Return the number in `cell`, nan for a blank one."""
    if is_blank(cell):
        return math.nan
    if isinstance(cell, float):
        return _checked(cell, cell)
    if isinstance(cell, int) and not isinstance(cell, bool):
        return _checked(float(cell) if -MOST_NUMBER <= cell <= MOST_NUMBER else math.inf, cell)
    _refuse_other(cell)
    return _checked(float(_decimal(cell)[0]), cell)


def share(cell: Any) -> float:
    """Return the share in [0, 1] in `cell`, nan for a blank one."""
    value = number(cell)
    if not (math.isnan(value) or 0 <= value <= 1):
        raise CellError(message("“{value}” is not a share; expected 0 to 1, or 0 % to 100 %.", value=shown(cell)))
    return value


def _whole(value: float) -> int | None:
    nearest_whole = round(value)
    return nearest_whole if abs(value - nearest_whole) < _NOISE else None


def integer(cell: Any) -> float:
    """Return the whole number in `cell`, as a float; nan for a blank one."""
    if is_blank(cell):
        return math.nan
    if isinstance(cell, str):
        value, doubtful, percent = _decimal(cell)
        if doubtful:
            raise CellError(_doubt(cell))
        whole = None if percent else _whole(_checked(float(value), cell))
    else:
        whole = _whole(number(cell))
    if whole is None:
        raise CellError(message("“{value}” is not a whole number.", value=shown(cell)))
    return _checked(float(whole), cell)


def _doubt(cell: Any) -> Message:
    return message(
        "“{value}” may be read as thousands or as decimals; expected a whole number without comma or point.",
        value=shown(cell),
    )


def money(cell: Any) -> int:
    """Return the whole euros in `cell`, 0 for a blank one."""
    if is_blank(cell):
        return 0
    if isinstance(cell, str):
        word = text(cell).translate(_SPACES)
        found = _UNITS.fullmatch(word)
        unit = (found[2] or "").casefold() if found else ""
        try:
            value, doubtful, percent = _decimal(found[1] if found else word)
        except CellError:
            percent = True
        if percent:
            raise CellError(
                message(
                    "“{value}” is not an amount; expected whole euros like {example:euros}.",
                    value=shown(cell),
                    example=130000,
                )
            )
        if doubtful:
            raise CellError(_doubt(cell))
        amount = float(value.scaleb({"": 0, "k": 3, "m": 6}[unit]))
    else:
        amount = number(cell)
    if amount < 0:
        raise CellError(message("The amount “{value}” is negative; expected zero or more.", value=shown(cell)))
    if amount > MOST_EUROS:
        raise CellError(
            message(
                "The amount “{value}” is too large; expected at most {most:euros}.", value=shown(cell), most=MOST_EUROS
            )
        )
    euros = _whole(amount)
    if euros is None:
        raise CellError(message("“{value}” is not a whole number of euros.", value=shown(cell)))
    return euros


def choice(cell: Any, name: str, choices: tuple[str, ...]) -> str:
    """Return the word of `choices` that `cell` means in the column `name`, "" for a blank one."""
    word = text(cell)
    if not word:
        return ""
    known = _choices(name, choices)
    value = known.get(fold(word))
    if value is None:
        close = nearest(fold(word), known)
        words = [ChoiceWord(name, each) for each in choices]
        raise CellError(
            message("“{value}” is unknown; expected one of: {choices:list}.", value=shown(word), choices=words),
            message("{words:list}", words=[ChoiceWord(name, known[close])]) if close else None,
        )
    return value


# What reads a cell of each kind but choices, which need their words.
PARSERS: Mapping[str, Callable[[Any], str | int | float]] = {
    "text": text,
    "flag": flag,
    "integer": integer,
    "number": number,
    "share": share,
    "money": money,
}


def infer(cells: list[Any]) -> str:
    """Return the kind of a column that nobody described: flag, number or text.

    Digits are never flags here, and digits after a zero (postcodes, telephone numbers) are text.
    """
    filled = [cell for cell in cells if not is_blank(cell)]
    if filled and all(isinstance(cell, bool) or fold(plain(cell)) in flag_words() for cell in filled):
        return "flag"
    if not filled:
        return "text"
    for cell in filled:
        if isinstance(cell, str) and re.match(r"\s*0[0-9]", cell):
            return "text"
        try:
            number(cell)
        except CellError:
            return "text"
    return "number"
