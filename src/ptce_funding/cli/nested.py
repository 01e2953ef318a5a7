"""`ptce-fund simulate --nested`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ptce_funding.cli.options import lang_of, toml_value
from ptce_funding.messages import N_, message

if TYPE_CHECKING:
    from ptce_funding.candidates import Candidates
    from ptce_funding.scenario import Scenario


class EnvelopesType(click.ParamType[tuple[int, ...]]):
    """Amounts in whole euros with commas between them, as TOML writes numbers: ``3e6,5_000_000``."""

    name = "amount,amount"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, ...]:
        """Return the amounts, upwards."""
        if isinstance(value, tuple):
            return value
        lang = lang_of(ctx)
        words = [word.strip() for word in str(value).split(",")]
        amounts = [_amount(word) for word in words]
        wrong = [word for word, amount in zip(words, amounts, strict=True) if amount is None]
        if wrong:
            text = message(
                "Found {found:list}, expected envelopes in whole euros, such as 3e6,5e6,20e6.",
                found=[message("“{word}”", word=each) for each in wrong],
            )
            self.fail(text.render(lang), param, ctx)
        found = sorted(amount for amount in amounts if amount is not None)
        if len(set(found)) < max(len(found), 2):
            text = message(
                "Found “{found}”, expected two different envelopes or more, such as 3e6,5e6,20e6.", found=value
            )
            self.fail(text.render(lang), param, ctx)
        return tuple(found)


def _amount(word: str) -> int | None:
    """Return a word as a whole number above zero; None where it is none."""
    try:
        value = toml_value(word)
    except (ValueError, RecursionError):
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # An infinite number has no remainder.
    return int(value) if value > 0 and value % 1 == 0 else None


def simulate_nested(
    lang: str,
    scenario: "Scenario",
    candidates: "Candidates",
    envelopes: tuple[int, ...],
    solver: str | None,
    folder: Path | None,
    as_json: bool,
    command: str,
) -> int:
    """Solve the envelopes, print and write them.

    Parameters
    ----------
    command
        Command of the scenario alone.
    """
    from ptce_funding.cli.progress import counting
    from ptce_funding.nesting import nested
    from ptce_funding.report.document import as_json as to_json
    from ptce_funding.report.nesting import nested_document, show, write_nested
    from ptce_funding.report.terminal import Terminal

    with counting(lang, N_("Solving {name}"), name=scenario.name) as told:
        result = nested(scenario, candidates, envelopes, solver=solver, told=lambda done, of: told(done, of, 0))
    page = nested_document(result, f"{command} --nested {','.join(map(str, envelopes))}")
    terminal = Terminal(lang, to_errors=as_json)
    show(terminal, result)
    if folder is not None:
        terminal.written(write_nested(result, folder, page, lang))
    if as_json:
        click.echo(to_json(page), nl=False)
    return 0 if result.rungs[0].nested.has_allocation else 2
