"""Tables of a report as typed columns, for every kind of file."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ptce_funding.messages import Message, translate

#: What a column holds: texts, whole numbers, euros, any numbers, shares of one, gaps (shares that may be tiny), days, or values of
#: which each says itself what it is.
Form = Literal["text", "whole", "euros", "number", "share", "gap", "day", "any"]


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    key
        Name for programs, the same in every language.
    heading
        Name for readers.
    form
        What it holds.
    values
        One for each row; None where there is nothing to say.
    forms
        What each row holds, where rows differ.
    """

    key: str
    heading: str
    form: Form
    values: tuple[Any, ...]
    forms: tuple[Form, ...] = ()

    def form_of(self, row: int) -> Form:
        """Return what a row holds."""
        return self.forms[row] if self.forms else self.form


@dataclass(frozen=True)
class Table:
    """One table of a report.

    Parameters
    ----------
    name
        Name for programs and files; "" for the main one.
    title
        Name for readers.
    columns
        Its columns, all of one length.
    is_prose
        Whether it is read from top to bottom, and nobody sorts it.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    is_prose: bool = False

    @property
    def height(self) -> int:
        """Number of rows below the headings."""
        return len(self.columns[0].values)

    def rows(self) -> list[list[Any]]:
        """Return the rows with their headings."""
        body = zip(*(column.values for column in self.columns), strict=True)
        return [[column.heading for column in self.columns], *map(list, body)]


def table_of(
    name: str, title: str, headings: Sequence[str | Message], rows: Iterable[Sequence[Any]], lang: str
) -> Table:
    """Return a table of rows under English headings.

    The English headings are the keys of the columns, and tell the forms; see `form_named`.
    """
    keys, shown = (
        [each.render(tongue) if isinstance(each, Message) else translate(each, tongue) for each in headings]
        for tongue in ("en", lang)
    )
    columns = list(zip(*rows, strict=True)) or [()] * len(shown)
    return Table(
        name,
        translate(title, lang),
        tuple(
            Column(key, heading, form_named(key), tuple(values))
            for key, heading, values in zip(keys, shown, columns, strict=True)
        ),
    )


def form_named(name: str) -> Form:
    """Return what stands under an English name: those of amounts, commitments and payments end in (€), (AE) and (CP)."""
    return "euros" if name.endswith(("(€)", "(AE)", "(CP)")) else "any"
