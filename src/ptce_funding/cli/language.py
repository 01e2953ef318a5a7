"""The language of the command line: French unless `--lang` or PTCE_FUND_LANG says otherwise.

Help is written in English in the code and translated when it is shown, ours and click's own by the same catalogue: click asks
the standard `gettext` for its texts, so that is where the catalogue is bound.
"""

import gettext
import os
from collections.abc import Sequence

from ptce_funding.languages import DOMAIN, LANGUAGES, LOCALES

VARIABLE = "PTCE_FUND_LANG"


def requested(arguments: Sequence[str]) -> str:
    """Return the language that a command line asks for; an unknown one is left to click to report."""
    asked = os.environ.get(VARIABLE, "")
    for position, argument in enumerate(arguments):
        if argument == "--lang" and position + 1 < len(arguments):
            asked = arguments[position + 1]
        elif argument.startswith("--lang="):
            asked = argument.partition("=")[2]
    return asked if asked in LANGUAGES else LANGUAGES[0]


def speak(lang: str) -> None:
    """Let click and this program's help speak `lang`."""
    os.environ["LANGUAGE"] = lang
    gettext.bindtextdomain(DOMAIN, LOCALES)
    gettext.textdomain(DOMAIN)
