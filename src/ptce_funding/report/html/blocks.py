"""What a page is made of: sections with sentences, tables, figures and commands, in one language and without any markup."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from ptce_funding.candidate_set import protected
from ptce_funding.messages import euros, message, number, percent, signs
from ptce_funding.report.columns import Form

#: A page stays a page: longer tables are cut, and say so.
LONGEST_TABLE = 500

_DIGITS, _GAP_DIGITS = 3, 4
_TONES = Literal["plain", "good", "warning", "quiet"]


@dataclass(frozen=True, slots=True)
class Shown:
    """A number that has a form of its own, where a column holds euros, counts and shares one below the other.

    Parameters
    ----------
    value
        The number, for spreadsheets.
    text
        What readers see.
    """

    value: float | None
    text: str


Value = str | float | Shown | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Parameters
    ----------
    heading
        In the language of the page.
    form
        What it holds.
    """

    heading: str
    form: Form = "text"

    @property
    def is_text(self) -> bool:
        """Whether it is aligned to the left."""
        return self.form == "text"

    def cell(self, value: Value, lang: str) -> str:
        """Return a value as readers see it."""
        if value is None:
            return "–"
        if isinstance(value, str):
            return value
        if isinstance(value, Shown):
            return value.text
        match self.form:
            case "euros":
                return euros(value, lang)
            case "share":
                return percent(value, lang)
            case "gap":
                return percent(value, lang, _GAP_DIGITS)
            case "text":
                return str(value)
        return number(value, lang, _DIGITS)

    def bare(self, value: Value, lang: str) -> str:
        """Return a value as spreadsheets take it: numbers without separators, no text that would be a formula."""
        if isinstance(value, Shown):
            value = value.value
        if value is None or isinstance(value, str):
            return protected(" ".join((value or "").split()))
        text = str(int(value)) if float(value).is_integer() else repr(value)
        return text.replace(".", signs(lang)[1])


@dataclass(frozen=True, slots=True)
class Table:
    """Figures in rows.

    Parameters
    ----------
    caption
        What it shows; no two tables of a page share it.
    columns
        Headings; the first names the rows.
    rows
        Values, one for each column.
    is_folded
        Whether readers open it first.
    """

    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Value]]
    is_folded: bool = False
    kind: ClassVar[str] = "table"

    def shown(self, lang: str) -> list[list[str]]:
        """Return the cells as readers see them, as many rows as a page holds."""
        return [
            [column.cell(value, lang) for column, value in zip(self.columns, row, strict=True)]
            for row in self.rows[:LONGEST_TABLE]
        ]

    def rest(self, lang: str) -> str:
        """Return a sentence on the rows that are left out; "" when none is."""
        left = len(self.rows) - LONGEST_TABLE
        return message("{n} further rows are not shown here.", n=left).render(lang) if left > 0 else ""

    def to_copy(self, lang: str) -> str:
        """Return headings and values with tabs between them, to be pasted into a spreadsheet."""
        lines = [[protected(column.heading) for column in self.columns]]
        lines += [
            [column.bare(value, lang) for column, value in zip(self.columns, row, strict=True)]
            for row in self.rows[:LONGEST_TABLE]
        ]
        return "\n".join("\t".join(line) for line in lines)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A sentence or several."""

    text: str
    tone: _TONES = "plain"
    kind: ClassVar[str] = "paragraph"


@dataclass(frozen=True, slots=True)
class Bullets:
    """Sentences one below the other."""

    items: Sequence[str]
    kind: ClassVar[str] = "bullets"


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and what they stand for, such as key figures or versions."""

    pairs: Sequence[tuple[str, str]]
    is_large: bool = False
    kind: ClassVar[str] = "facts"


@dataclass(frozen=True, slots=True)
class Command:
    """A line for a terminal."""

    text: str
    kind: ClassVar[str] = "command"


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing with its words and its data.

    Parameters
    ----------
    title, description
        What it shows, and what can be read from it, for those who do not see it.
    svg
        The drawing, as `charts` and `france` make it: the only markup of a page that is not escaped.
    table
        Its data.
    """

    title: str
    description: str
    svg: str
    table: Table
    kind: ClassVar[str] = "figure"


Block = Table | Paragraph | Bullets | Facts | Command | Figure


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page with a heading.

    Parameters
    ----------
    id
        Name in the address.
    title
        Heading.
    blocks
        What is in it; a section without any is left out.
    """

    id: str
    title: str
    blocks: Sequence[Block]

    @property
    def is_folded(self) -> bool:
        """Whether it holds nothing but folded tables, so that paper would show its heading alone."""
        return all(isinstance(block, Table) and block.is_folded for block in self.blocks)


@dataclass(frozen=True, slots=True)
class Page:
    """A whole page.

    Parameters
    ----------
    lang
        Its language.
    title, name
        Title for readers, and the short names of what is reported; "" where the title says them.
    kind
        What it reports, in a few words.
    notice
        What must not be overlooked; "" for nothing.
    sections
        Its parts.
    credits
        Whose work it shows and what made it.
    """

    lang: str
    title: str
    name: str
    kind: str
    notice: str
    sections: Sequence[Section]
    credits: Sequence[str] = field(default=())
