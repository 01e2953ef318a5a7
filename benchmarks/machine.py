"""On what is measured: the machine, and the versions of what decides."""

import os
import platform
import subprocess
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from instances import ROOT

PACKAGES = ("ptce-fund", "highspy", "pulp", "numpy", "scipy")


def machine() -> dict[str, str]:
    """Return what is known of this machine, by name."""
    told = {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "processor": _named(Path("/proc/cpuinfo"), "model name") or platform.processor() or platform.machine(),
        "cores": str(_cores()),
        "memory": _memory(),
        "load at the start": f"{os.getloadavg()[0]:.2f}" if hasattr(os, "getloadavg") else "",
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "Python": platform.python_version(),
        **{name: version(name) for name in PACKAGES},
        "CBC": _cbc(),
        "commit": _commit(),
    }
    return {name: text for name, text in told.items() if text}


def _named(path: Path, name: str) -> str:
    """Return what stands after a name and a colon in a file of the system, "" where there is none."""
    try:
        lines: Iterable[str] = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.partition(":")[0].strip() == name), "")


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _memory() -> str:
    words = _named(Path("/proc/meminfo"), "MemTotal").split()
    return f"{int(words[0]) / 2**20:.1f} GiB" if words else ""


def _said(*words: str) -> str:
    """Return what a command says, "" where it cannot be run or fails."""
    try:
        found = subprocess.run(words, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return found.stdout


def _cbc() -> str:
    """Return the version of the CBC that comes with PuLP."""
    import warnings

    import pulp

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        path = pulp.PULP_CBC_CMD().path
    lines = _said(str(path), "-quit").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("Version:")), "")


def _commit() -> str:
    """Return the commit, and whether files differ from it."""
    commit = _said("git", "-C", str(ROOT), "rev-parse", "--short=12", "HEAD").strip()
    is_changed = bool(_said("git", "-C", str(ROOT), "status", "--porcelain").strip())
    return f"{commit}, with changes" if commit and is_changed else commit
