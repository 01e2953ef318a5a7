"""How money falls on the regions of one map, and how evenly by their inhabitants."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from ptce_funding.cells import alphabetical
from ptce_funding.comparing.entries import Document
from ptce_funding.geography import LAST_OLD_YEAR, inhabitants, regions_in
from ptce_funding.messages import Message, message


@dataclass(frozen=True)
class Equity:
    """How money falls on the regions of one map.

    Parameters
    ----------
    gini
        From 0, the same for every inhabitant, towards 1, all to the fewest; None where nothing is granted in them, or where it is not
        known of all what is.
    without
        Regions in which nothing is granted, in alphabetical order; None where that is not known of all.
    granted, supported
        Euros and candidates with money by region, those with nothing included, in alphabetical order, then by what else the table
        states, "" where it states nothing. None where it is not known: somebody funded may be there, or nobody funded can be placed.
    elsewhere, unplaced
        Euros and candidates whose region or department the table does not state, or not in words that the map knows.
    rest, rest_supported
        Euros and candidates that no region above holds.
    """

    gini: float | None
    without: tuple[str, ...] | None
    granted: Mapping[str, int | None]
    supported: Mapping[str, int | None]
    elsewhere: int
    unplaced: int
    rest: int
    rest_supported: int

    @property
    def unknown(self) -> tuple[str, ...]:
        """Regions of which it is not known what they get."""
        return tuple(region for region, euros in self.granted.items() if euros is None)

    @property
    def is_told(self) -> bool:
        """Whether anything is known of any region."""
        return len(self.unknown) < len(self.granted)


def equity(document: Document, year: int) -> Equity:
    """Return how the grants of a result fall on the regions of the map in force in a year, those with nothing included."""
    people, candidates = inhabitants(year), document["candidates"]
    granted, supported = Counter[str](), Counter[str]()
    elsewhere, unplaced, unknown, is_anywhere = 0, 0, set[str](), False
    for each in candidates:
        if not each["grant"]:
            continue
        found = regions_in(each["region"], each["department"], year)
        if len(found) != 1:
            elsewhere += each["grant"]
            unplaced += 1
            unknown.update(found)
            is_anywhere |= not found and not each["region"]
        if len(found) < 2:
            # What is on no map stands under its own name.
            region = found[0] if found else each["region"] or ""
            granted[region] += each["grant"]
            supported[region] += 1
    if unplaced and not any(granted[region] for region in people):
        unknown.update(people)
    if not any(each["region"] or each["department"] for each in candidates):
        granted.pop("", None)
    told = [*people, *sorted((each for each in granted if each and each not in people), key=alphabetical)]
    told += [""] if granted[""] else []
    is_open = bool(unknown) or is_anywhere
    funded = [each["grant"] for each in candidates if each["grant"]]
    shown = [region for region in told if region not in unknown]
    return Equity(
        None if is_open else gini({region: granted[region] for region in people}, people),
        None if is_open else tuple(region for region in people if not granted[region]),
        {region: None if region in unknown else granted[region] for region in told},
        {region: None if region in unknown else supported[region] for region in told},
        elsewhere,
        unplaced,
        sum(funded) - sum(granted[region] for region in shown),
        len(funded) - sum(supported[region] for region in shown),
    )


def gini(amounts: Mapping[str, int], people: Mapping[str, int]) -> float | None:
    """Return the Gini coefficient of amounts over people who share those of their group evenly; None where there is no amount.

    Twice the area between the Lorenz curve and the diagonal, the groups in the order of what a head gets.
    """
    money, heads = sum(amounts.values()), sum(people.values())
    if not money or not heads:
        return None
    order = sorted(people, key=lambda group: (Fraction(amounts.get(group, 0), people[group]), group))
    below, area = 0, 0
    for group in order:
        above = below + amounts.get(group, 0)
        area += people[group] * (below + above)
        below = above
    return float(1 - Fraction(area, heads * money))


def region_notes(
    names: Sequence[str], years: Sequence[int], equities: Sequence[Equity | None], year: int
) -> Iterator[Message]:
    """Say what a reader has to know of figures by region: whose map it is, and who has no place on it.

    Parameters
    ----------
    names, years
        Of the results, with the years whose map they were told by.
    equities
        How their money falls on the map of the baseline; None without an allocation.
    year
        Year of that map.
    """
    people = inhabitants(year)
    told = [(name, own, each) for name, own, each in zip(names, years, equities, strict=True) if each is not None]
    if not any(each.granted[region] for _, _, each in told for region in people):
        return
    is_old = year <= LAST_OLD_YEAR
    moved = [name for name, own, _ in told if (own <= LAST_OLD_YEAR) != is_old]
    if moved and is_old:
        yield message(
            "Figures by region are on the map of the baseline, in force until 2015; it is not the map of these scenarios, whose "
            "candidates are placed on it by the region they state where it is on both maps, else by their department: {names:list}.",
            names=moved,
        )
    elif moved:
        yield message(
            "Figures by region are on the map of the baseline, in force since 2016; it is not the map of these scenarios, whose "
            "candidates are placed on it by the region they state where it is on both maps, else by their department, else by the region "
            "that took in theirs: {names:list}.",
            names=moved,
        )
    unplaced = [
        message("{name}: {n} ({amount:euros})", name=name, n=each.unplaced, amount=each.elsewhere)
        for name, _, each in told
        if each.unplaced
    ]
    if unplaced:
        yield message(
            "Funded candidates without a known place on the map of the baseline, who count in no region of it: {told:list}.",
            told=unplaced,
        )
    nowhere = [name for name, _, each in told if set(people) <= set(each.unknown)]
    if nowhere:
        yield message(
            "Nobody funded has a known place on that map, so that what regions get is not known (“–”): {names:list}.",
            names=nowhere,
        )
    for name, _, each in told:
        if each.unknown and name not in nowhere:
            yield message(
                "“{name}”: candidates of whom only a later, larger region is stated may be in these regions, so that what they get is not "
                "known (“–”): {regions:list}.",
                name=name,
                regions=list(each.unknown),
            )
