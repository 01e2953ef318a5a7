"""Words for columns and for what choice columns hold, rendered in the reader's language."""

from dataclasses import dataclass

from ptce_funding.candidate_columns import column_named
from ptce_funding.cells import aliases
from ptce_funding.messages import translate


@dataclass(frozen=True, slots=True)
class ColumnLabel:
    """The heading of a column for readers; the user's own columns keep their name."""

    name: str

    def render(self, lang: str) -> str:
        """Return the heading in `lang`."""
        column = column_named(self.name)
        return translate(column.label, lang) if column is not None else self.name


@dataclass(frozen=True, slots=True)
class ChoiceWord:
    """One of the words that a choice column may hold."""

    column: str
    value: str

    def render(self, lang: str) -> str:
        """Return the word in `lang`: in French the first alias of the candidate tables."""
        words = aliases()["choices"].get(self.column, {}).get(self.value, [])
        return str(words[0]) if lang == "fr" and words else self.value.replace("_", " ")
