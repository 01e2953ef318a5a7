"""What is wrong with a text that is not TOML, in words of this program: Python's own reader speaks English."""

import re
import tomllib

from ptce_funding.errors import Fault, Place
from ptce_funding.messages import N_, Message, message

_END = N_("there is something behind the value; a decimal has a point (0.5), a text stands in quotation marks")
_TEXT = N_("a text has no closing quotation mark")
_SIGN = N_("a sign stands here that may not, such as the end of a line inside a text")
_TABLE = N_("this table is complete where it stands first, and takes nothing more")
_CODE = N_("what follows the backslash is no sign")

#: What is said of each message of `tomllib`; others are told as they are.
SAID = {
    "Invalid statement": N_("expected a key and its value, or a heading in brackets"),
    "Expected newline or end of document after a statement": _END,
    "Expected '=' after a key in a key/value pair": N_("an equals sign is missing after the key"),
    "Expected ']' at the end of a table declaration": N_("the heading has no closing bracket"),
    "Expected ']]' at the end of an array declaration": N_("the heading has no closing brackets"),
    "Expected": _TEXT,
    "Found invalid character": _SIGN,
    "Illegal character": _SIGN,
    "Cannot declare": N_("this heading stands in the file already"),
    "Cannot overwrite a value": N_("this key has a value already"),
    "Duplicate inline table key": N_("this key stands twice"),
    "Cannot mutate immutable namespace": _TABLE,
    "Cannot redefine namespace": _TABLE,
    "Invalid initial character for a key part": N_("a key is missing, or must stand in quotation marks"),
    "Unclosed array": N_("a list has no closing bracket"),
    "Unclosed inline table": N_("a table has no closing brace, or a comma is missing in it"),
    "Unescaped '\\' in a string": N_("a backslash must be doubled, or the text stand in single quotation marks"),
    "Invalid hex value": _CODE,
    "Escaped character is not a Unicode scalar value": _CODE,
    "Unterminated string": _TEXT,
    "Invalid date or datetime": N_("there is no such day or hour"),
    "Invalid value": N_("a value is missing, or a text without its quotation marks"),
}

_PLACE = re.compile(r"(?P<what>.*) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)", re.DOTALL)


def syntax_fault(path: str, error: tomllib.TOMLDecodeError, source: str) -> Fault:
    """Return the fault of a text that is not TOML, with its line."""
    found = _PLACE.fullmatch(str(error))
    line = int(found["line"]) if found and found["line"] else source.rstrip("\n").count("\n") + 1
    reason = message(
        "This is not valid TOML ({what}): “{line}”.",
        what=_told(found["what"] if found else str(error)),
        line=source.splitlines()[line - 1].strip()[:80] if source.strip() else "",
    )
    return Fault(Place(file=path, line=line), reason)


def _told(what: str) -> Message:
    # The longest first: one may begin another.
    beginning = next((each for each in sorted(SAID, key=len, reverse=True) if what.startswith(each)), None)
    return message("{what}", what=what) if beginning is None else message(SAID[beginning])
