"""Programs of other makers that slow tests drive; where one is missing they are skipped, or fail when all are called for."""

import os
import shutil
from typing import NoReturn

import pytest

from ptce_funding.errors import InputError
from ptce_funding.report.html.printing import browser

#: Set to anything, as `.ci/run` does, a program that is missing makes tests fail: none is left out unseen.
NEEDED = "PTCE_FUND_NEEDS_TOOLS"


def tool(name: str) -> str:
    """Return the path of a program."""
    return shutil.which(name) or _missing(f"{name} is not installed")


def browser_tool() -> str:
    """Return the browser that prints reports."""
    try:
        return browser()
    except InputError as error:
        _missing(error.render("en"))


def _missing(reason: str) -> NoReturn:
    if os.environ.get(NEEDED):
        pytest.fail(f"{reason}, and {NEEDED} is set")
    pytest.skip(f"{reason}; set {NEEDED} to fail instead")
