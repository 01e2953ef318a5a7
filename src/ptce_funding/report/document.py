"""The result as data: `allocation.json`, the same in every language."""

import hashlib
import json
import os
import platform
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from fractions import Fraction
from importlib.metadata import version
from typing import Any

import numpy as np

from ptce_funding.accounts import balance
from ptce_funding.allocation import Allocation
from ptce_funding.audit import RuleCheck
from ptce_funding.breakdown import breakdown, calendar, texts
from ptce_funding.comparators import comparators
from ptce_funding.indicators import Indicators, indicators, line, unspent_reasons
from ptce_funding.ledger import LedgerLine, ledger
from ptce_funding.messages import LANGUAGES, Message
from ptce_funding.outcomes import asked, outcomes
from ptce_funding.parts import Text
from ptce_funding.report.rounding import bound_shown, gap_shown, rounded
from ptce_funding.report.words import labels
from ptce_funding.settlement import worth_of
from ptce_funding.value import served_order
from ptce_funding.vocabulary import ColumnLabel

#: Of what is written; raised when what reads it has to know.
FORMAT = 1

#: Libraries whose version may show in a result.
_LIBRARIES = ("ptce-fund", "highspy", "pulp", "numpy", "pydantic", "python-calamine")


def document(allocation: Allocation, command: str, clash: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the result as nested plain values.

    Parameters
    ----------
    allocation
        The result.
    command
        Command that gives it again.
    clash
        Why there is no allocation, as `clash_document` tells it; None where there is one, or where it is not known.
    """
    call, scenario = allocation.call, allocation.call.scenario
    figures = indicators(allocation)
    return {
        "format": FORMAT,
        "scenario": scenario.name,
        **_asked(allocation),
        "status": allocation.status.value,
        "absence": None if allocation.absence is None else allocation.absence.texts(),
        "value": rounded(allocation.value),
        "bound": bound_shown(allocation.value, allocation.bound),
        "gap": gap_shown(allocation.value, allocation.bound),
        "groups": _groups(allocation),
        "granted": allocation.granted,
        "charged": allocation.charged,
        "withdrawn": scenario.withdrawn,
        "unspent": allocation.unspent,
        "unspent_reasons": [reason.texts() for reason in unspent_reasons(allocation)],
        "supported": len(allocation.supported),
        "funnel": allocation.funnel,
        "indicators": _indicators(figures),
        "synthetic_candidates": call.candidates.is_synthetic,
        "awards": award_lines(allocation),
        **_money(allocation),
        "candidates": _candidates(allocation),
        "line": dict(zip(("above", "below"), line(allocation), strict=True)),
        "refused": [
            {
                "candidate": refusal.candidate,
                "outcome": refusal.outcome,
                "reasons": [reason.texts() for reason in refusal.reasons],
            }
            for refusal in allocation.refused
        ],
        "rules": [rule_line(check) for check in (allocation.report.rules if allocation.report else ())],
        "ranking": {
            "value": rounded(sum(allocation.listing.values)),
            "list": list(allocation.listing.order),
            "broken": [_broken(check) for check in allocation.listing.report.broken]
            + [violation.texts() for violation in allocation.listing.report.violations],
            "granted": sum(award.grant for award in allocation.listing.awards),
            "awards": [
                {
                    "candidate": award.candidate,
                    "volet": award.volet,
                    "aid": award.aid or None,
                    "year": award.year,
                    "grant": award.grant,
                }
                for award in allocation.listing.awards
            ],
        },
        "clash": clash,
        "provenance": provenance(allocation, command),
        "sources": [ledger_line(each) for each in ledger(scenario, call.criteria, call.candidates.is_synthetic)],
    }


def _asked(allocation: Allocation) -> dict[str, Any]:
    """Return what the scenario asks, in the words of its author."""
    scenario, scale = allocation.call.scenario, allocation.call.scenario.value.scale
    return {
        "title": None if scenario.title is None else scenario.title.model_dump(),
        "envelope": scenario.envelope.total,
        "years": list(scenario.horizon),
        "priority": scenario.priority.mode,
        "has_served_order": bool(served_order(scenario)),
        "scale": None if scale == "candidate" else {lang: ColumnLabel(scale).render(lang) for lang in LANGUAGES},
        "labels": labels(scenario),
    }


def provenance(allocation: Allocation, command: str) -> dict[str, Any]:
    """Return what is needed to get the result again."""
    call, scenario = allocation.call, allocation.call.scenario
    criteria = call.criteria.model_dump_json()
    return {
        "scenario_sha256": scenario.digest(),
        "candidates_sha256": call.candidates.digest(),
        "criteria_sha256": hashlib.sha256(criteria.encode()).hexdigest(),
        "versions": {"python": platform.python_version(), **{name: version(name) for name in _LIBRARIES}},
        "solver": allocation.solver,
        "options": {"gap": scenario.solve.gap, "time_limit": scenario.solve.time_limit, "threads": 1},
        "seed": scenario.solve.seed,
        "date": _today(),
        "command": command,
    }


def as_json(value: Any) -> str:
    """Write a document: indented, accents as they are, one line at the end."""
    return json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def rule_line(check: RuleCheck) -> dict[str, Any]:
    """Return what one group of a rule came to."""
    rule = check.rule
    return {
        "name": rule.name,
        "group": dict(check.group),
        "measure": rule.measure,
        "of": rule.of,
        "activity": _number(check.activity),
        "min": rule.min,
        "max": rule.max,
        "slack": _number(check.slack),
        "kept": check.is_kept,
        "skipped": check.is_skipped,
    }


def award_lines(allocation: Allocation) -> list[dict[str, Any]]:
    """Return the awards."""
    return [
        {
            "candidate": award.candidate,
            "volet": award.volet,
            "aid": award.aid or None,
            "year": award.year,
            "funder": award.funder or None,
            "grant": award.grant,
        }
        for award in allocation.awards
    ]


def ledger_line(each: LedgerLine) -> dict[str, Any]:
    """Return one parameter of the ledger."""
    return {
        "path": each.path,
        "name": each.name.texts(),
        "value": each.value,
        "shown": {lang: each.shown.render(lang) for lang in LANGUAGES},
        "status": each.status,
        "source": told_source(each.source),
    }


def told_source(source: Text | Message) -> str | dict[str, str]:
    """Return a source in every language; alone, an author's that is the same in all of them."""
    texts = source.texts()
    return texts if isinstance(source, Message) or len(set(texts.values())) > 1 else texts["en"]


def _groups(allocation: Allocation) -> list[dict[str, Any]]:
    """Return value, bound and gap by priority group; empty unless the priority is strict."""
    priority = allocation.call.scenario.priority
    if priority.mode != "strict":
        return []
    names: list[list[Any] | None] = [*(list(group) for group in priority.order), None]
    return [
        {
            "group": name,
            "value": rounded(stage.value),
            "bound": bound_shown(stage.value, stage.bound),
            "gap": gap_shown(stage.value, stage.bound),
        }
        for name, stage in zip(names, allocation.stages, strict=False)
    ]


def _indicators(figures: Indicators) -> dict[str, Any]:
    """Return the key figures."""
    return {
        "mean_grant": rounded(figures.mean, 2),
        "smallest_grant": figures.smallest,
        "largest_grant": figures.largest,
        "mean_grant_per_year": rounded(figures.per_year, 2),
        "cofinancing": figures.cofinancing,
        "local_cofinancing": figures.local,
        "cofinancing_per_euro": rounded(figures.leverage, 4),
        "jobs": rounded(figures.jobs, 3),
        "labelled": figures.labelled,
        "transversal": [{"volet": volet, "cost": cost} for volet, cost in figures.transversal.items()],
        "advantages": [
            {
                "volet": each.volet,
                "advantage": each.advantage,
                "supported": each.supported,
                "amount": each.amount,
                "charged": _side(each.is_inside),
            }
            for each in figures.advantages
        ],
        "public_money": {
            "envelope": figures.public - figures.outside,
            "advantages_inside": figures.inside,
            "advantages_outside": figures.outside,
            "with_advantages": figures.public,
        },
        "by": {
            name: [{"key": each.key, "supported": each.supported, "granted": each.granted} for each in slices]
            for name, slices in figures.slices.items()
        },
        "by_year": [
            {"year": year, "committed": committed, "paid": paid} for year, (committed, paid) in figures.years.items()
        ],
    }


def _money(allocation: Allocation) -> dict[str, Any]:
    """Return charges and advantages, who gets what when, what funders bring and keep, and other schemes to compare with."""
    return {
        "charges": [
            {
                "candidate": charge.candidate or None,
                "volet": charge.volet,
                "advantage": charge.advantage or None,
                "year": charge.year,
                "funder": charge.funder or None,
                "amount": charge.amount,
            }
            for charge in allocation.charges
        ],
        "advantages": [
            {
                "candidate": benefit.candidate,
                "volet": benefit.volet,
                "advantage": benefit.advantage,
                "year": benefit.year,
                "amount": benefit.amount,
                "charged": _side(benefit.is_inside),
            }
            for benefit in allocation.benefits
        ],
        "calendar": [
            {
                **asdict(entry),
                "aid": entry.aid or None,
                "payments": [{"year": year, "paid": paid} for year, paid in entry.payments.items()],
            }
            for entry in calendar(allocation)
        ],
        "breakdown": [asdict(cell) for cell in breakdown(allocation)],
        "balance": [
            asdict(line) | {"funder": line.funder or None}
            for line in balance(allocation.call.scenario, allocation.awards, allocation.charges)
        ],
        "comparators": [
            {
                "name": each.name,
                "title": each.title.model_dump(),
                "total": each.total,
                "poles": each.poles,
                "per_pole": each.per_pole,
                "years": each.years,
                "per_pole_and_year": rounded(each.per_year, 2),
                "status": each.status,
                "source": told_source(each.source),
            }
            for each in comparators()
        ],
    }


def _candidates(allocation: Allocation) -> list[dict[str, Any]]:
    """Return every candidate with what it is and what it gets; what the table does not state is None."""
    candidates = allocation.call.candidates
    told = {column: texts(candidates, column) for column in ("name", "region", "department", "phase")}
    synthetic, merit = candidates.synthetic(), allocation.call.fundable.merit.tolist()
    asks = asked(allocation) if allocation.has_allocation else {}
    funded, worth = worth_of(allocation.call, allocation.grants)
    owner = allocation.call.formulation.steps.candidate[funded]
    value = np.bincount(owner, weights=worth, minlength=len(candidates)).tolist()
    return [
        {
            "candidate": each.candidate,
            **{column: values[each.candidate] or None for column, values in told.items()},
            "merit": rounded(merit[i]),
            "outcome": each.outcome,
            "asked": asks.get(each.candidate),
            "grant": each.grant,
            "value": rounded(value[i]),
            "set_by": [reason.texts() for reason in each.reasons] if each.outcome == "funded" else [],
            "synthetic": synthetic[i],
        }
        for i, each in enumerate(outcomes(allocation))
    ]


def _side(is_inside: bool) -> str:
    """Return whether the envelope pays an advantage, as scenarios say it."""
    return "inside" if is_inside else "outside"


def _broken(check: RuleCheck) -> dict[str, Any]:
    line: Mapping[str, Any] = rule_line(check)
    return {key: line[key] for key in ("name", "group", "activity", "min", "max", "slack")}


def _number(value: Fraction | None) -> float | int | None:
    if value is None:
        return None
    return int(value) if value.denominator == 1 else round(float(value), 9)


def _today() -> str:
    """Return today's date; that of SOURCE_DATE_EPOCH where results must not depend on the day."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    moment = datetime.fromtimestamp(int(epoch), UTC) if epoch and epoch.isdecimal() else datetime.now(UTC)
    return moment.date().isoformat()
