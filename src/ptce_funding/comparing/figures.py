"""The figures of a result by name, as sweeps name theirs."""

from ptce_funding.comparing.entries import Entry
from ptce_funding.comparing.equity import Equity
from ptce_funding.comparing.yardstick import Worth

#: Dimensions by which candidates and money are told.
DIMENSIONS = ("phase", "volet", "region")


def figures(entry: Entry, worth: Worth | None, equity: Equity | None) -> dict[str, float | int | None]:
    """Return the figures of a result by name; money in euros, None for what it does not tell.

    `granted.volet.NAME` and `supported.volet.NAME` tell one volet, and so for phases and regions, which are those of one map for all
    results; a PTCE and a job cost what is granted and charged, divided by those supported.
    """
    document = entry.document
    told: dict[str, float | int | None] = {
        "envelope": entry.parameter("envelope.total"),
        "withdrawn": document["withdrawn"] or None,
    }
    told |= {stage: n for stage, n in document["funnel"].items() if stage != "funded"}
    if worth is None or equity is None:
        return told
    own, spent, supported = document["indicators"], document["granted"] + document["charged"], document["supported"]
    told |= {name: document[name] for name in ("granted", "charged", "unspent")}
    told |= {"public_money": own["public_money"]["with_advantages"], "supported": supported}
    told |= {name: own[name] for name in ("labelled", "jobs", "mean_grant")}
    told |= {"cost_per_ptce": _each(spent, supported), "cost_per_job": _each(spent, own["jobs"])}
    told |= {name: own[name] for name in ("cofinancing", "local_cofinancing", "cofinancing_per_euro")}
    told |= {
        "value": document["value"],
        "common_value": worth.value,
        "unvalued_steps": worth.unknown or None,
        "gini": equity.gini,
        "regions_without": None if equity.without is None else len(equity.without),
        "granted_elsewhere": equity.rest or None,
        "supported_elsewhere": equity.rest_supported or None,
    }
    for dimension in ("phase", "volet"):
        for each in own["by"].get(dimension, ()):
            told[f"supported.{dimension}.{each['key']}"] = each["supported"]
            told[f"granted.{dimension}.{each['key']}"] = each["granted"]
    told |= {f"supported.region.{region}": n for region, n in equity.supported.items()}
    return told | {f"granted.region.{region}": amount for region, amount in equity.granted.items()}


def _each(euros: int, number: float | None) -> float | None:
    return round(euros / number, 2) if number else None
