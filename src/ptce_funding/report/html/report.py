"""A report: from a result, in a file or just made, to the bytes of its page."""

from pathlib import Path

from ptce_funding.report.comparisons import Compared
from ptce_funding.report.documents import Costing
from ptce_funding.report.html.blocks import Page
from ptce_funding.report.html.comparison import comparison_page
from ptce_funding.report.html.costing import costing_page
from ptce_funding.report.html.page import written
from ptce_funding.report.html.result import result_page
from ptce_funding.report.html.sweeping import sweep_page
from ptce_funding.report.reading import parsed
from ptce_funding.sweeping.store import Results, read

#: How every SQLite file begins.
_SQLITE = b"SQLite format 3\x00"


def report(result: bytes | Results, lang: str, file: Path | None = None) -> bytes:
    """Return the page of a result.

    Parameters
    ----------
    result
        Bytes of `allocation.json`, `cost.json` or `compare.json`, or a sweep.
    lang
        Language of the page.
    file
        Where the bytes come from, for what is said of faults.

    Raises
    ------
    InputError
        When the bytes are no result, or not one as this version writes it.
    """
    return written(_page(result, lang, file))


def report_file(path: Path, lang: str) -> bytes:
    """Return the page of the result in a file: `allocation.json`, `cost.json`, `compare.json`, or the store of a sweep.

    Raises
    ------
    OSError
        When it cannot be read.
    InputError
        When it holds no result, or not one as this version writes it.
    """
    with path.open("rb") as file:
        if file.read(len(_SQLITE)) == _SQLITE:
            return report(read(path), lang)
    return report(path.read_bytes(), lang, path)


def _page(result: bytes | Results, lang: str, file: Path | None) -> Page:
    if isinstance(result, Results):
        return sweep_page(result, lang)
    told = parsed(result, file)
    if isinstance(told, Compared):
        return comparison_page(told, lang)
    return costing_page(told, lang) if isinstance(told, Costing) else result_page(told, lang)
