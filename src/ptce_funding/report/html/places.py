"""Where the money goes on the map, by department and by region."""

from collections import defaultdict
from collections.abc import Callable

from ptce_funding.cells import alphabetical
from ptce_funding.geography import department_code, department_names, departments, region_in
from ptce_funding.messages import N_, message, translate
from ptce_funding.report.documents import Candidate, Result
from ptce_funding.report.html.blocks import Block, Figure, Paragraph, Section, Table
from ptce_funding.report.html.france import NO_MONEY, NOBODY, Place, classes, drawn, palette
from ptce_funding.report.html.writer import Writer

#: Identifiers told in a sentence.
_NAMED = 20


def places(result: Result, w: Writer) -> Section:
    """Return the maps; blank where the table states neither departments nor regions."""
    year, blocks = result.years[0], list[Block]()
    names = dict(zip(departments(), department_names(), strict=True))
    by_department = _by(result, lambda each: department_code(each.department) if each.department else None)
    by_region = _by(result, lambda each: region_in(each.region, each.department, year))
    if by_department:
        found = {code: _place(f"{names[code]} ({code})", each) for code, each in by_department.items()}
        title = translate(N_("Money by department"), w.lang)
        blocks += [_map(title, found, result, w, by_region=False), _not_placed(result, by_department, w)]
    if by_region:
        found = {name: _place(name, each) for name, each in by_region.items()}
        title = translate(N_("Money and candidates by region"), w.lang)
        blocks += [_map(title, found, result, w, by_region=True), _not_placed(result, by_region, w)]
    return Section("map", translate(N_("Map of France"), w.lang), blocks)


def _by(result: Result, key_of: Callable[[Candidate], str | None]) -> dict[str, list[Candidate]]:
    found: dict[str, list[Candidate]] = defaultdict(list)
    for each in result.candidates:
        key = key_of(each)
        if key is not None:
            found[key].append(each)
    return {key: found[key] for key in sorted(found, key=alphabetical)}


def _place(name: str, candidates: list[Candidate]) -> Place:
    funded = sum(each.grant > 0 for each in candidates)
    return Place(name, len(candidates), funded, sum(each.grant for each in candidates))


def _map(title: str, found: dict[str, Place], result: Result, w: Writer, by_region: bool) -> Figure:
    bounds = classes(list(found.values()))
    legend = [
        (NOBODY, w.say(message("no candidate"))),
        (NO_MONEY, w.say(message("candidates, no money"))),
        *(
            (colour, w.say(message("above {low:euros}, up to {high:euros}", low=low, high=high)))
            for colour, (low, high) in zip(palette(len(bounds)), bounds, strict=True)
        ),
    ]
    told = {key: _told(place, w) for key, place in found.items()}
    columns = [
        w.column(N_("Region") if by_region else N_("Department")),
        w.column(N_("Granted"), "euros"),
        w.column(N_("Candidates funded"), "whole"),
        w.column(N_("Candidates received"), "whole"),
    ]
    rows = [(place.name, place.granted, place.funded, place.candidates) for place in found.values()]
    most = max(found.values(), key=lambda place: place.granted)
    if most.granted:
        text = message(
            "The darker, the more money; most goes to {name}: {amount:euros}. Thick lines are the regions of that time; the overseas ones "
            "and the inner suburbs of Paris are drawn apart, each to its own scale.",
            name=most.name,
            amount=most.granted,
        )
    else:
        text = message("Nobody receives anything. Thick lines are the regions of that time.")
    svg = drawn(found, told, legend, result.years[0], by_region)
    return Figure(title, w.say(text), svg, Table(title, columns, rows))


def _told(place: Place, w: Writer) -> str:
    return w.say(
        message(
            "{name}: {amount:euros}, {funded} funded of {n} received",
            name=place.name,
            amount=place.granted,
            funded=place.funded,
            n=place.candidates,
        )
    )


def _not_placed(result: Result, groups: dict[str, list[Candidate]], w: Writer) -> Paragraph:
    """Say who is not on a map."""
    placed = {each.candidate for group in groups.values() for each in group}
    without = [each for each in result.candidates if each.candidate not in placed]
    if not without:
        return Paragraph(w.say(message("Every candidate has a place on this map.")), "quiet")
    text = message(
        "Without a place on this map, since their table states none: {n} candidates, with {amount:euros} granted ({who:list}).",
        n=len(without),
        amount=sum(each.grant for each in without),
        who=[each.candidate for each in without[:_NAMED]] + (["…"] if len(without) > _NAMED else []),
    )
    return Paragraph(w.say(text), "warning")
