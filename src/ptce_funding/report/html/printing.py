"""A page as PDF, printed by a browser that is installed."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ptce_funding.errors import Fault, InputError, Place
from ptce_funding.files import os_reason
from ptce_funding.messages import Message, message

#: Browsers that print without a window, by the names of their programs. Firefox takes pictures, but prints nothing.
BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "microsoft-edge-stable",
    "msedge",
    "brave-browser",
)
#: Where they are when no path leads to them.
_ELSEWHERE = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe",
)
#: Seconds; a page takes about two.
_LONGEST = 60


def browser() -> str:
    """Return the program that prints; that of the variable BROWSER_FOR_PDF where it is set.

    Raises
    ------
    InputError
        When none is found.
    """
    for each in _candidates():
        found = shutil.which(each)
        if found is not None:
            return found
    text = message(
        "No browser that prints was found: install Chromium, Chrome or Edge, set BROWSER_FOR_PDF to the program, or open the HTML report "
        "and print it from there."
    )
    raise _failure(text)


def _candidates() -> Iterator[str]:
    stated = os.environ.get("BROWSER_FOR_PDF")
    if stated:
        yield stated
    yield from BROWSERS
    yield from _ELSEWHERE


def printed(page: bytes, program: str) -> bytes:
    """Return a page as PDF.

    Parameters
    ----------
    page
        HTML.
    program
        Browser, as `browser` finds it.

    Raises
    ------
    InputError
        When the browser fails.
    """
    with tempfile.TemporaryDirectory(prefix="ptce-fund-") as name:
        folder = Path(name)
        source, target = folder / "report.html", folder / "report.pdf"
        source.write_bytes(page)
        words = [
            program,
            "--headless",
            "--disable-gpu",
            "--no-first-run",
            # Nothing leaves the machine: the page asks for nothing, and no name would lead anywhere.
            "--host-resolver-rules=MAP * ~NOTFOUND",
            f"--user-data-dir={folder / 'profile'}",
            "--no-pdf-header-footer",
            f"--print-to-pdf={target}",
            *_sandbox(),
            source.as_uri(),
        ]
        try:
            done = subprocess.run(words, capture_output=True, timeout=_LONGEST, check=False)
        except OSError as error:
            text = message("The browser {program} does not start: {reason}.", program=program, reason=os_reason(error))
            raise _failure(text) from None
        except subprocess.TimeoutExpired:
            text = message(
                "The browser {program} did not print within {limit} s: open the HTML report and print it from there.",
                program=program,
                limit=_LONGEST,
            )
            raise _failure(text) from None
        if not target.is_file():
            told = done.stderr.decode(errors="replace").strip().splitlines()
            text = message(
                "The browser {program} does not print: {reason}", program=program, reason=told[-1] if told else ""
            )
            raise _failure(text)
        return target.read_bytes()


def _failure(text: Message) -> InputError:
    return InputError([Fault(Place(), text)])


def _sandbox() -> list[str]:
    """Return what a browser demands of an administrator, such as in a container; the page holds no script."""
    is_root = sys.platform != "win32" and os.geteuid() == 0
    return ["--no-sandbox"] if is_root else []
