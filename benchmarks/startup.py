"""How long whole processes take, as ratios to an empty one: `python benchmarks/startup.py`.

Medians over interleaved runs, so that what else the machine does hits all alike. Run it in an environment whose bytecode is
compiled, as `uv sync` leaves it.
"""

import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUNS = 21

COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "ptce-fund --help": [sys.executable, "-m", "ptce_funding", "--help"],
    "ptce-fund simulate scenarios/aap-2013.toml": [
        sys.executable,
        "-m",
        "ptce_funding",
        "simulate",
        "scenarios/aap-2013.toml",
    ],
}


def seconds(command: list[str]) -> float:
    """Return the wall-clock time of one process."""
    begin = time.perf_counter()
    subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begin


if __name__ == "__main__":
    taken: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(RUNS):
        for name, command in COMMANDS.items():
            taken[name].append(seconds(command))
    base = statistics.median(taken["python -c pass"])
    print("| command | median (s) | ratio |\n|---|---|---|")
    for name, times in taken.items():
        median = statistics.median(times)
        print(f"| `{name}` | {median:.3f} | {median / base:.1f} |")
