"""The page of one result."""

from collections.abc import Mapping

from ptce_funding.messages import N_, message, translate
from ptce_funding.parts import Text
from ptce_funding.report.documents import Result
from ptce_funding.report.html import france
from ptce_funding.report.html.blocks import Page, Section
from ptce_funding.report.html.clash import clash
from ptce_funding.report.html.money import calendar, cells, money
from ptce_funding.report.html.places import places
from ptce_funding.report.html.proof import line, proof, rules
from ptce_funding.report.html.sources import candidates, replay, sources
from ptce_funding.report.html.summary import funnel, summary
from ptce_funding.report.html.writer import Writer
from ptce_funding.report.words import titles_in


def result_page(result: Result, lang: str) -> Page:
    """Return the page of a result."""
    w = Writer(lang, titles_in(result.labels, lang))
    return Page(
        lang=lang,
        title=title_of(result.title, result.scenario, lang),
        name=result.scenario,
        kind=translate(N_("Allocation of an envelope"), lang),
        notice=notice(result.synthetic_candidates, lang),
        sections=[
            summary(result, w),
            clash(result.clash, w),
            funnel(result, w),
            *allocation_sections(result, w),
            sources(result.sources, result.has_allocation, w),
            replay(result.provenance, w),
        ],
        credits=credits_of(result.provenance.versions, lang, has_map=result.has_allocation),
    )


def allocation_sections(result: Result, w: Writer) -> list[Section]:
    """Return what is told of an allocation, between the summary and the sources; of its absence only what is known."""
    if not result.has_allocation:
        return [proof(result, w)]
    where = money(result, w)
    where = Section(where.id, where.title, [*where.blocks, cells(result, w)])
    return [
        where,
        places(result, w),
        line(result, w),
        rules(result, w),
        calendar(result, w),
        proof(result, w),
        candidates(result, w),
    ]


def title_of(title: Text | None, name: str, lang: str) -> str:
    """Return what readers see of a scenario."""
    return (title.render(lang) if title is not None else "") or name


def notice(is_synthetic: bool, lang: str) -> str:
    """Return the warning that candidates are made up; "" where they are not."""
    if not is_synthetic:
        return ""
    return message("Synthetic candidates: drawn from a profile; no real dossier.").render(lang)


def credits_of(versions: Mapping[str, str], lang: str, has_map: bool) -> list[str]:
    """Return what made the page, and whose work it shows."""
    made = message("Made by ptce-fund {version}.", version=versions.get("ptce-fund", ""))
    lines = [made.render(lang)]
    if has_map:
        lines.append(message("Outlines of the map: {source}.", source=france.credit()).render(lang))
    return lines
