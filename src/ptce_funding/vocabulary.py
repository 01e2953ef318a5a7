"""Words for columns and for what choice columns hold, rendered in the reader's language."""

from dataclasses import dataclass

from ptce_funding.candidate_columns import column_named
from ptce_funding.cells import ChoiceWord
from ptce_funding.messages import translate

__all__ = ["ChoiceWord", "ColumnLabel"]


@dataclass(frozen=True, slots=True)
class ColumnLabel:
    """The heading of a column for readers; the user's own columns keep their name."""

    name: str

    def render(self, lang: str) -> str:
        """Return the heading in `lang`."""
        column = column_named(self.name)
        return translate(column.label, lang) if column is not None else self.name
