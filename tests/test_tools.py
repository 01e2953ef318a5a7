"""What a missing program does to the tests that need it."""

import pytest

import tools
from ptce_funding.report.html import printing


@pytest.mark.parametrize("find", [lambda: tools.tool("java"), tools.browser_tool], ids=["java", "browser"])
def test_a_missing_program_skips_or_fails(find, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is named either way; where all are called for, nothing is left out."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("BROWSER_FOR_PDF", raising=False)
    monkeypatch.setattr(printing, "_ELSEWHERE", ())
    monkeypatch.delenv(tools.NEEDED, raising=False)
    with pytest.raises(pytest.skip.Exception, match=r"java is not installed|No browser"):
        find()
    monkeypatch.setenv(tools.NEEDED, "1")
    with pytest.raises(pytest.fail.Exception, match=tools.NEEDED):
        find()
