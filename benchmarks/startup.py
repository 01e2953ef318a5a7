"""How long whole processes take, as ratios to an empty one; bytecode must be compiled, as `uv sync` leaves it."""

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from instances import ROOT
from parts import Outcome, Setting, Table, seconds

EMPTY = "python -c pass"
#: Commands by what is said of them, as arguments of Python.
COMMANDS: dict[str, tuple[str, ...]] = {
    EMPTY: ("-c", "pass"),
    "ptce-fund --help": ("-m", "ptce_funding", "--help"),
    "ptce-fund simulate scenarios/aap-2013.toml": ("-m", "ptce_funding", "simulate", "scenarios/aap-2013.toml"),
}


@dataclass(frozen=True)
class Start:
    """One process: its command, and the seconds that it took."""

    command: str
    seconds: float

    def __str__(self) -> str:
        return f"{self.command}: {seconds(self.seconds)} s"

    def plain(self) -> dict[str, Any]:
        """Return all of this as plain values."""
        return asdict(self)


def measure(setting: Setting) -> Iterator[Start]:
    """Start every command in turn, again and again."""
    for _ in range(setting.starts):
        for name, arguments in COMMANDS.items():
            begin = time.perf_counter()
            subprocess.run([sys.executable, *arguments], cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
            yield Start(name, time.perf_counter() - begin)


def outcome(records: Sequence[Start]) -> Outcome:
    """Tell medians, and their ratio to that of an empty process."""
    medians = {
        name: statistics.median(taken)
        for name in COMMANDS
        if (taken := [each.seconds for each in records if each.command == name])
    }
    ratios = {name: median / medians[EMPTY] for name, median in medians.items()}
    rows = [(f"`{name}`", seconds(median), f"{ratios[name]:.1f}") for name, median in medians.items()]
    told = [{"command": name, "median": median, "ratio": ratios[name]} for name, median in medians.items()]
    return Outcome(tables=(Table("Startup", ("command", "median (s)", "ratio"), rows),), figures=told)
