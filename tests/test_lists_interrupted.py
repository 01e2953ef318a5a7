"""`alternatives` stopped in the midst of its search: what was found is told, and no more than that."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cases import build
from conftest import ROOT, scenario_data
from ptce_funding import Alternatives, Interrupted, alternatives
from sweep_cases import hearing_interrupts
from test_diversity import FIVE

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and terminals as Unix knows them")

WORDS = ["alternatives", str(ROOT / "scenarios" / "aap-2013.toml"), "--within", "5%", "--lang", "en"]


def five(seed: str | None = None, told: Callable[[int], None] | None = None) -> Alternatives:
    """Seek lists of the five, as far as it is not stopped."""
    volets = {"v": {"phases": ["emerging"], "tolerance": 0.0}}
    scenario = scenario_data(envelope={"total": 30_000, "grant_step": 10_000}, volets=volets, solve={"gap": 0.0})
    return alternatives(*build(scenario, FIVE), 0.25, seed=seed, told=told)


def exchanged(found: Alternatives) -> list[tuple[str, ...]]:
    """Return who is on the lists that show who may change sides."""
    return [each.allocation.supported for each in found.variants if each.shows]


def stopped_after(n: int) -> Alternatives:
    """Return what is known of the five when the search for them is stopped before its turn `n`, counted from 0."""
    turns = iter(range(n))

    def told(_: int) -> None:
        if next(turns, None) is None:
            raise KeyboardInterrupt

    with pytest.raises(Interrupted) as stopped:
        five("1", told)
    found: Alternatives = stopped.value.found
    return found


def test_what_was_found_stands() -> None:
    """At first the optimum alone, of which nothing is proved; then lists, and candidates who change sides, which lists prove."""
    first = stopped_after(0)
    assert len(first.variants) == 1
    assert {each.is_proved for each in first.memberships} == {False}
    second = stopped_after(1)
    assert len(second.variants) == 2
    assert [each.candidate for each in second.memberships if each.is_proved] == list(second.of_kind("sometimes"))
    assert second.of_kind("sometimes")
    assert set(exchanged(second)) < set(exchanged(five()))
    for found in (first, second):
        assert found.is_interrupted
        assert not found.is_settled
        assert not found.is_all
        # Whoever stops a search could choose what is drawn from.
        assert found.draw is None


def test_what_was_proved_stands() -> None:
    """Stopped in the search for different lists, it has settled who changes sides: everybody."""
    turns = 0
    while not (found := stopped_after(turns)).is_settled:
        turns += 1
    assert turns > 1
    assert found.of_kind("sometimes") == ("a", "b", "c", "d", "e")
    assert not found.is_all


def until_found(terminal: int, n: int) -> None:
    """Read a terminal until it tells of so many lists; not every number is shown."""
    shown = b""
    while not any(int(found) >= n for found in re.findall(rb": (\d+) found", shown)):
        shown += os.read(terminal, 4096)


def test_interrupted(tmp_path: Path) -> None:
    """Ctrl-C at the terminal, some lists found of hundreds: they are shown, written and marked."""
    script = str(Path(sys.executable).with_name("ptce-fund"))
    terminal, errors = pty.openpty()
    with hearing_interrupts():
        process = subprocess.Popen(
            [script, *WORDS, "--draw", "--seed", "1", "--out", "stopped"],
            stdout=subprocess.PIPE,
            stderr=errors,
            env=os.environ | {"TERM": "xterm", "COLUMNS": "200"},
            cwd=tmp_path,
            text=True,
            start_new_session=True,
        )
    os.close(errors)
    with process:
        until_found(terminal, 4)
        os.killpg(process.pid, signal.SIGINT)
        printed, _ = process.communicate(timeout=60)
    os.close(terminal)
    assert process.returncode == 130
    said = " ".join(printed.split())
    assert "Interrupted: these are the lists found until then; there may be more. No list is drawn" in said
    assert "is not proved." in said
    page = json.loads((tmp_path / "stopped" / "alternatives.partial.json").read_bytes())
    assert page["is_interrupted"]
    assert not page["is_settled"]
    assert page["draw"] is None
    assert len(page["lists"]) >= 4
    assert {each["lists_within"] for each in page["members"] if each["proved"]} == {"sometimes"}
