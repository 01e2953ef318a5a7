"""What the pages in a terminal are made of: sentences, tables, and the words for what stands in them."""

from collections.abc import Iterable, Sequence
from textwrap import fill
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ptce_funding.audit import RuleCheck
from ptce_funding.messages import Message, number, plain, translate
from ptce_funding.report.words import key_word, measured

#: Rows of a table in the terminal; the files hold all.
LONGEST = 12


class _Console(Console):
    """A console that leaves it to the command line to end when nobody reads any more."""

    def on_broken_pipe(self) -> None:
        """Pass the error on."""
        raise BrokenPipeError


class Printer:
    """Print pieces of a page in one language.

    Parameters
    ----------
    lang
        Language.
    to_errors
        Whether to print on standard error, where standard output is for data.
    """

    def __init__(self, lang: str, to_errors: bool = False) -> None:
        self.lang = lang
        self.titles: dict[tuple[str, str], str] = {}
        self.console = _Console(stderr=to_errors, highlight=False, soft_wrap=False, emoji=False, markup=False)

    def key(self, dimension: str, key: str) -> str:
        return key_word(self.titles, dimension, key, self.lang)

    def say(self, text: Message, style: str = "") -> None:
        # Rich breaks lines at no-break spaces too, which would tear numbers apart; textwrap does not.
        lines = fill(text.render(self.lang), self.console.width, break_long_words=False, break_on_hyphens=False)
        self.console.print(Text(lines, style=style), soft_wrap=True)

    def command(self, text: Message) -> None:
        """Print a sentence that ends in a command, in one line: broken by a line end it could not be pasted."""
        self.console.print(Text(text.render(self.lang)), soft_wrap=True)

    def table(self, *headings: str, right: Sequence[int] = ()) -> Table:
        table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False)
        for position, heading in enumerate(headings):
            table.add_column(
                translate(heading, self.lang),
                justify="right" if position in right else "left",
                no_wrap=position in right,
                # A word cut short may be taken for another.
                overflow="ellipsis" if position in right else "fold",
            )
        return table

    def rule_name(self, check: RuleCheck) -> str:
        group = ", ".join(self.key(column, self.plain(value)) for column, value in check.group)
        return check.rule.label(self.lang) + (f" ({group})" if group else "")

    def measure(self, check: RuleCheck, value: Any) -> str:
        return measured(check.rule.measure, value, self.lang) or "–"

    def lines(self, values: Iterable[float | None]) -> str:
        """Write numbers below each other: what is told by priority group takes a line for each."""
        return "\n".join("–" if value is None else number(value, self.lang, 2) for value in values)

    def plain(self, value: Any) -> str:
        return plain(value, self.lang)
