"""Charts as SVG: Vega-Lite specifications of a few lines, in one style, drawn without a network and without any script in the page.

Shapes differ where colours do.
"""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from ptce_funding.report.html.drawing import DARK, GREY, INK, LIGHT, clean, drawn

_PANEL, _STEP = 190, 26
#: Longest and shortest bars, and what they share with the names before and the words behind them: a telephone shows all of it,
#: the smaller the more there is.
_BARS, _LEAST_BARS, _ROW, _LETTER = 260, 110, 470, 7
_WRAP, _LINES = 34, 3
_FORMATS = {"euros": "$,.0f", "share": ",.0%", "number": ",.2~f", "whole": ",.0f"}


def bars(rows: Sequence[tuple[str, float, str]], lang: str) -> str:
    """Return horizontal bars, from the first row down.

    Parameters
    ----------
    rows
        Name, length, and what is written at its end.
    """
    data: list[dict[str, Any]] = [
        {"name": _label(name), "value": value, "label": clean(label)} for name, value, label in rows
    ]
    y = _names([row["name"] for row in data])
    # Room at the right for what is written there.
    x = {
        "field": "value",
        "type": "quantitative",
        "axis": None,
        "scale": {"domain": _domain([row["value"] for row in data])},
    }
    layers = [
        {"mark": {"type": "bar", "height": {"band": 0.72}}, "encoding": {"y": y, "x": x}},
        {
            "mark": {"type": "text", "align": "left", "dx": 5},
            "encoding": {"y": y, "x": x, "text": {"field": "label"}},
        },
    ]
    named, said = (
        max((len(line) for row in data for line in row[key].split("\n")), default=0) for key in ("name", "label")
    )
    width = min(max(_ROW - _LETTER * (named + said), _LEAST_BARS), _BARS)
    return drawn({"data": {"values": data}, "width": width, "height": {"step": _step(data)}, "layer": layers}, lang)


def pairs(rows: Sequence[tuple[str, str, float, str]], series: Sequence[str], lang: str) -> str:
    """Return two or more bars for each name, one for each series.

    Parameters
    ----------
    rows
        Name, series, length, and what is written at its end.
    series
        The series in order: dark, light, grey.
    """
    data: list[dict[str, Any]] = [
        {"name": _label(name), "series": clean(part), "value": value, "label": clean(label)}
        for name, part, value, label in rows
    ]
    order = [clean(each) for each in series]
    shared = {
        "y": _names(list(dict.fromkeys(row["name"] for row in data))),
        "yOffset": {"field": "series", "type": "nominal", "scale": {"domain": order}},
        "x": {
            "field": "value",
            "type": "quantitative",
            "axis": None,
            "scale": {"domain": _domain([row["value"] for row in data])},
        },
    }
    colour = {
        "field": "series",
        "type": "nominal",
        "scale": {"domain": order, "range": [DARK, LIGHT, GREY][: len(order)]},
    }
    layers = [
        {"mark": {"type": "bar", "stroke": INK, "strokeWidth": 0.6}, "encoding": shared | {"color": colour}},
        {"mark": {"type": "text", "align": "left", "dx": 5}, "encoding": shared | {"text": {"field": "label"}}},
    ]
    return drawn({"data": {"values": data}, "height": {"step": 22, "for": "offset"}, "layer": layers}, lang)


def panels(
    rows: Sequence[tuple[str, str, float, str]], order: Sequence[str], marked: str, is_one_scale: bool, lang: str
) -> str:
    """Return bars in panels side by side, the same names in each.

    Parameters
    ----------
    rows
        Panel, name, length, and what is written at its end.
    order
        The panels in order.
    marked
        The name that the others are held against; its bars are light.
    is_one_scale
        Whether bars of different panels can be compared.
    """
    data: list[dict[str, Any]] = [
        {
            "panel": _label(panel, _PANEL // 7),
            "name": _label(name),
            "value": value,
            "label": clean(label),
            "marked": name == marked,
        }
        for panel, name, value, label in rows
    ]
    wide = max(_PANEL, 2 * _PANEL // len(order))
    # Room at the right for what is written there.
    room = wide / max(wide - 8 * max(len(row["label"]) for row in data) - 5, wide / 4)
    for row in data:
        # Each panel from zero to its own end, so that they share one axis.
        own = [each["value"] for each in data if is_one_scale or each["panel"] == row["panel"]]
        row["length"] = max(row["value"], 0.0) / (max([*own, 0.0]) or 1.0)
    y = _names(list(dict.fromkeys(row["name"] for row in data)))
    x = {"field": "length", "type": "quantitative", "axis": None, "scale": {"domain": [0, room]}}
    colour = {"condition": {"test": "datum.marked", "value": LIGHT}, "value": DARK}
    layers = [
        {
            "mark": {"type": "bar", "height": {"band": 0.72}, "stroke": INK, "strokeWidth": 0.6},
            "encoding": {"y": y, "x": x, "color": colour},
        },
        {
            "mark": {"type": "text", "align": "left", "dx": 5},
            "encoding": {"y": y, "x": x, "text": {"field": "label"}},
        },
    ]
    heads = [_label(panel, _PANEL // 7) for panel in order]
    header = {"labelExpr": "split(datum.value, '\\n')", "labelLimit": 0, "labelLineHeight": 15}
    return drawn(
        {
            "data": {"values": data},
            "facet": {"field": "panel", "type": "nominal", "sort": heads, "header": header},
            "columns": 3,
            "spacing": 14,
            "spec": {"width": wide, "height": {"step": _step(data)}, "layer": layers},
        },
        lang,
    )


def cells(rows: Sequence[tuple[str, str, str, str]], across: Sequence[str]) -> str:
    """Return a table of coloured cells.

    Parameters
    ----------
    rows
        Name of the row, heading of the column, colour, and what is written in it.
    across
        Headings in order.
    """
    data = [
        {"name": _label(name), "across": clean(head), "fill": fill, "label": clean(label), "ink": _ink_on(fill)}
        for name, head, fill, label in rows
    ]
    axis = {"title": None, "orient": "top", "labelAngle": 0, "ticks": False, "domain": False}
    x = {"field": "across", "type": "nominal", "sort": [clean(each) for each in across], "axis": axis}
    shared = {"x": x, "y": _names(list(dict.fromkeys(row["name"] for row in data)))}
    layers = [
        {
            "mark": {"type": "rect", "stroke": "#8c8c8c", "strokeWidth": 0.6},
            "encoding": shared | {"color": {"field": "fill", "type": "nominal", "scale": None}},
        },
        {
            "mark": {"type": "text", "fontSize": 12},
            "encoding": shared
            | {"text": {"field": "label"}, "color": {"field": "ink", "type": "nominal", "scale": None}},
        },
    ]
    size = {"width": {"step": max(34, 8 * max(len(row["label"]) for row in data) + 8)}, "height": {"step": 24}}
    return drawn({"data": {"values": data}, **size, "layer": layers}, "en")


def _ink_on(fill: str) -> str:
    """Return the colour of letters that can be read on a colour."""
    return "#ffffff" if sum(int(fill[k : k + 2], 16) for k in (1, 3, 5)) < 384 else INK


def points(
    rows: Sequence[tuple[float, float, str]],
    groups: Sequence[str],
    titles: tuple[str, str],
    forms: tuple[str, str],
    lang: str,
) -> str:
    """Return a cloud of points, each group in its own shape and colour.

    Parameters
    ----------
    rows
        Abscissa, ordinate and group.
    groups
        In order; the first is filled.
    titles, forms
        Of the two axes.
    """
    order = [clean(each) for each in groups]
    shapes, fills = ["circle", "triangle-up", "cross"][: len(order)], [DARK, "white", GREY][: len(order)]
    legend = {"symbolSize": 90}
    return drawn(
        {
            "data": {"values": [{"x": x, "y": y, "group": clean(group)} for x, y, group in rows]},
            "height": 300,
            "mark": {"type": "point", "size": 60, "strokeWidth": 1.4, "opacity": 0.9},
            "encoding": {
                "x": _axis("x", titles[0], forms[0]),
                "y": _axis("y", titles[1], forms[1]),
                "shape": {
                    "field": "group",
                    "type": "nominal",
                    "scale": {"domain": order, "range": shapes},
                    "legend": legend,
                },
                "fill": {"field": "group", "type": "nominal", "scale": {"domain": order, "range": fills}},
                "stroke": {
                    "field": "group",
                    "type": "nominal",
                    "scale": {"domain": order, "range": [DARK, "#a65f00", INK][: len(order)]},
                },
            },
        },
        lang,
    )


def curves(
    rows: Sequence[tuple[float, float, str]],
    series: Sequence[str],
    titles: tuple[str, str],
    forms: tuple[str, str],
    lang: str,
) -> str:
    """Return lines through points, one for each series, the second dashed.

    Parameters
    ----------
    rows
        Abscissa, ordinate and series.
    """
    order = [clean(each) for each in series]
    legend = {} if len(order) > 1 else {"legend": None}
    kind = {"field": "series", "type": "nominal"}
    shared = {
        "x": _axis("x", titles[0], forms[0]),
        "y": _axis("y", titles[1], forms[1]),
        "color": kind | {"scale": {"domain": order, "range": [DARK, "#a65f00"][: len(order)]}} | legend,
    }
    dash = kind | {"scale": {"domain": order, "range": [[1, 0], [6, 4]][: len(order)]}} | legend
    shape = kind | {"scale": {"domain": order, "range": ["circle", "triangle-up"][: len(order)]}} | legend
    layers = [
        {"mark": {"type": "line", "strokeWidth": 2}, "encoding": shared | {"strokeDash": dash}},
        {"mark": {"type": "point", "size": 50, "filled": True}, "encoding": shared | {"shape": shape}},
    ]
    values = [{"x": x, "y": y, "series": clean(part)} for x, y, part in rows]
    return drawn({"data": {"values": values}, "height": 280, "layer": layers}, lang)


def spans(rows: Sequence[tuple[str, float, float, str]], base: float, title: str, form: str, lang: str) -> str:
    """Return bars that leave a common value on both sides, as tornado charts do.

    Parameters
    ----------
    rows
        Name, two ends, and what is written at the right.
    base
        The common value.
    """
    data: list[dict[str, Any]] = [
        {"name": _label(name), "low": min(one, other), "high": max(one, other), "label": clean(label)}
        for name, one, other, label in rows
    ]
    low, high = min([base, *(row["low"] for row in data)]), max([base, *(row["high"] for row in data)])
    room = (high - low or abs(base) or 1.0) * 0.06
    x = _axis("low", title, form) | {"scale": {"domain": [low - room, high + room], "nice": False, "zero": False}}
    y = _names([row["name"] for row in data])
    layers = [
        {"mark": {"type": "bar", "height": {"band": 0.6}}, "encoding": {"y": y, "x": x, "x2": {"field": "high"}}},
        {
            "data": {"values": [{"base": base}]},
            "mark": {"type": "rule", "color": "#a65f00", "strokeWidth": 2, "strokeDash": [5, 3]},
            "encoding": {"x": {"field": "base", "type": "quantitative"}},
        },
    ]
    return drawn({"data": {"values": data}, "height": {"step": _step(data) + 6}, "layer": layers}, lang)


def _names(names: Sequence[str]) -> dict[str, Any]:
    """Return an axis of names in the order given, long ones on several lines."""
    axis = {"title": None, "labelExpr": "split(datum.label, '\\n')", "ticks": False, "domain": False, "labelPadding": 6}
    return {"field": "name", "type": "nominal", "sort": list(names), "axis": axis}


def _axis(field: str, title: str, form: str) -> dict[str, Any]:
    axis: dict[str, Any] = {"title": clean(title), "format": _FORMATS[form], "tickCount": 4 if form == "euros" else 5}
    # Labels are measured with one font and shown with another, which may be wider.
    axis |= {"labelSeparation": 24, "labelFlush": False}
    return {"field": field, "type": "quantitative", "axis": axis}


def _domain(values: Sequence[float]) -> list[float]:
    """Return zero and somewhat more than the largest value; bars begin at zero."""
    return [min(0.0, *values, 0.0), 1.28 * max([*values, 0.0]) or 1.0]


def _step(data: Sequence[Mapping[str, Any]]) -> int:
    """Return the height of a bar that has room for its name."""
    lines = max((str(row["name"]).count("\n") + 1 for row in data), default=1)
    return max(_STEP, 16 * lines + 4)


def _label(name: str, wrap: int = _WRAP) -> str:
    """Return a name on as many lines as there is room for."""
    lines = textwrap.wrap(clean(name), wrap, break_long_words=True, break_on_hyphens=False) or ["–"]
    return "\n".join(lines if len(lines) <= _LINES else [*lines[: _LINES - 1], lines[_LINES - 1][: wrap - 1] + "…"])
