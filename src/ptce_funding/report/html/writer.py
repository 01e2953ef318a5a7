"""Values and sentences in the language of a page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ptce_funding.messages import Message, message, percent, plain, translate
from ptce_funding.report.columns import Form
from ptce_funding.report.documents import Candidate, Entry, Rule, Stated, Texts
from ptce_funding.report.html.blocks import Column, Facts
from ptce_funding.report.rounding import gap_shown
from ptce_funding.report.words import Titles, key_word, measured


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes in one language, with the titles of one scenario.

    Parameters
    ----------
    lang
        Language.
    titles
        What readers see of volets, aids, advantages, funders and rules: by dimension and name.
    """

    lang: str
    titles: Titles

    def say(self, text: Message) -> str:
        """Return a sentence."""
        return text.render(self.lang)

    def texts(self, texts: Texts | str) -> str:
        """Return a text that is kept in every language, or in one for all."""
        if isinstance(texts, str):
            return texts
        return texts.get(self.lang) or texts.get("en") or next((text for text in texts.values() if text), "")

    def column(self, heading: str, form: Form = "text") -> Column:
        """Return a column; its heading is marked for the catalogues where it is written."""
        return Column(translate(heading, self.lang), form)

    def facts(self, pairs: Sequence[tuple[str, str | None]], is_large: bool = False) -> Facts:
        """Return names, marked where they are written, with what is known of them."""
        known = [(translate(name, self.lang), value) for name, value in pairs if value]
        return Facts(known, is_large)

    def key(self, dimension: str, key: str | None) -> str:
        """Return what readers see of a value of a dimension."""
        return key_word(self.titles, dimension, key, self.lang)

    def candidate(self, each: Candidate | Entry) -> str:
        """Return a candidate's identifier, with its name where the table states one."""
        return f"{each.candidate}, {each.name}" if each.name else each.candidate

    def rule_name(self, rule: Rule) -> str:
        """Return a rule's name with its group."""
        return self.with_group(rule.name, rule.group)

    def with_group(self, name: str, group: Mapping[str, Any]) -> str:
        """Return the title of a rule, and the group that it is about."""
        told = ", ".join(self.key(column, self.plain(value)) for column, value in group.items())
        return self.key("rule", name) + (f" ({told})" if told else "")

    def measure(self, measure: str, value: float | None) -> str | None:
        """Return what a rule measures, in its unit."""
        return measured(measure, value, self.lang)

    def parameter(self, path: str, line: Stated) -> tuple[str, str]:
        """Return what a parameter is called and its value; its path and the plain value where an older result tells no more."""
        if line.name is None or line.shown is None:
            return path, self.plain(line.value)
        return self.texts(line.name), "" if line.value is None else self.texts(line.shown)

    def plain(self, value: Any) -> str:
        """Return the value of a parameter, of whatever kind."""
        return plain(value, self.lang)

    def gap(self, value: float | None, bound: float | None) -> str | None:
        """Return the distance of a value from its bound, rounded up: no gap is shown as none."""
        gap = gap_shown(value, bound, 6)
        return None if gap is None else percent(gap, self.lang, 4)

    def years(self, first: int, last: int) -> str:
        """Return a stretch of years; years take no separator of thousands."""
        if first == last:
            return str(first)
        return self.say(message("{first} to {last}", first=str(first), last=str(last)))
