"""What all charts share: colours, style, and the way from a Vega-Lite specification to an SVG that its page can hold.

Colours differ in lightness as well as in hue (after Okabe and Ito, Color Universal Design, 2008), so that they survive colour-blind
eyes and black-and-white print.
"""

import re
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

from ptce_funding.messages import euros, signs

#: Dark blue for what is told, orange for what it is held against, grey for what is neither.
DARK, LIGHT, GREY, INK = "#1f4e79", "#e69f00", "#bdbdbd", "#1a1a1a"

#: Width of a chart without panels.
_WIDTH = 400

_SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
_SVG = "http://www.w3.org/2000/svg"
# No network is there: names of colours and fonts only.
_CONFIG: dict[str, Any] = {
    "aria": False,
    "background": "white",
    "font": "sans-serif",
    "view": {"stroke": None},
    "axis": {
        "labelFontSize": 13,
        "titleFontSize": 13,
        "titleFontWeight": "normal",
        "labelColor": INK,
        "titleColor": INK,
        "labelLimit": 280,
        "gridColor": "#e3e3e3",
        "domainColor": "#8c8c8c",
        "tickColor": "#8c8c8c",
        "labelLineHeight": 15,
        "titlePadding": 12,
    },
    "legend": {
        "labelFontSize": 13,
        "titleFontSize": 13,
        "labelColor": INK,
        "columnPadding": 28,
        "orient": "top",
        "title": None,
        "labelLimit": 300,
    },
    "header": {"labelFontSize": 13, "labelColor": INK, "title": None, "labelAnchor": "start"},
    "bar": {"color": DARK},
    "text": {"fontSize": 13, "color": INK},
}
_PATH = f"{{{_SVG}}}path"

#: Control characters, and those that turn the direction of what follows them.
_UNWELCOME = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff\ud800-\udfff]")


def clean(text: str) -> str:
    """Return a text without control characters, and without marks that would turn the direction of what follows."""
    return _UNWELCOME.sub("", text)


def drawn(spec: Mapping[str, Any], lang: str) -> str:
    """Draw a specification."""
    import vl_convert

    longest = max(
        (len(line) for row in spec["data"]["values"] for line in str(row.get("name", "")).split("\n")), default=0
    )
    # Names are measured with one font and shown with another, which may be wider.
    padding = {"left": 8 + 2 * longest, "right": 30, "top": 4, "bottom": 4}
    width = {} if "facet" in spec else {"width": _WIDTH}
    whole = {"$schema": _SCHEMA, **width, "padding": padding, "config": _CONFIG, **spec}
    return _tidy(vl_convert.vegalite_to_svg(whole, format_locale=_numbers(lang), allowed_base_urls=[]))


def _numbers(lang: str) -> dict[str, Any]:
    """Return how a language writes numbers, as the drawing asks for it."""
    thousands, point = signs(lang)
    return {"decimal": point, "thousands": thousands, "grouping": [3], "currency": euros(0, lang).split("0")}


def _tidy(svg: str) -> str:
    """Return a drawing without what its page does not need: roles of its parts, classes, empty paths, a fixed size."""
    ElementTree.register_namespace("", _SVG)
    root = ElementTree.fromstring(svg)
    for each in root.iter():
        for name in [
            name for name in each.attrib if name in ("role", "class", "pointer-events") or name.startswith("aria-")
        ]:
            del each.attrib[name]
        for child in [child for child in each if _is_idle(child)]:
            each.remove(child)
        if each.get("opacity") == "1":
            del each.attrib["opacity"]
        for name in ("d", "transform"):
            if name in each.attrib:
                each.set(name, re.sub(r"-?[0-9]+\.[0-9]+", lambda found: f"{float(found[0]):.1f}", each.attrib[name]))
    return ElementTree.tostring(root, encoding="unicode")


def _is_idle(element: ElementTree.Element) -> bool:
    path = element.get("d") if element.tag == _PATH else None
    return path is not None and (not path or path.startswith("M0,0h0v0h0Z"))
