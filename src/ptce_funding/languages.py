"""The languages that the program speaks, and their catalogues.

Kept to a few lines and imports: the command line reads it before anything else.
"""

import gettext
import os
from functools import cache

DOMAIN = "ptce_funding"
# os.path, for pathlib costs a tenth of `--help`.
LOCALES = os.path.join(os.path.dirname(__file__), "locales")  # noqa: PTH118, PTH120
#: French, English, and every other language that has a catalogue: a language is added by its file.
LANGUAGES = (
    "fr",
    "en",
    *sorted(
        lang
        for lang in set(os.listdir(LOCALES)) - {"fr", "en"}  # noqa: PTH208
        if os.path.isfile(os.path.join(LOCALES, lang, "LC_MESSAGES", f"{DOMAIN}.mo"))  # noqa: PTH113, PTH118
    ),
)


@cache
def catalogue(lang: str) -> gettext.NullTranslations:
    """Return the translations of `lang`; the source texts themselves where there is no catalogue."""
    return gettext.translation(DOMAIN, LOCALES, [lang], fallback=True)


def translate(text: str, lang: str) -> str:
    """Return `text`, a template of the source language, in `lang`."""
    return catalogue(lang).gettext(text) if text else ""


def N_(text: str) -> str:
    """Mark `text` for the catalogues where it is written, to be translated where it is read."""
    return text
