"""From the sections of a page to its bytes: one file, no script, nothing fetched."""

import base64
import hashlib
from collections.abc import Callable, Sequence
from functools import cache
from importlib.resources import files
from typing import Any
from xml.etree import ElementTree

from ptce_funding.messages import N_, message, translate
from ptce_funding.report.html.blocks import Block, Figure, Page, Section
from ptce_funding.report.html.drawing import clean

#: Drawings wider than this are not made to fit a telephone, on which nobody could read them.
_FITS = 640

#: Words of the page itself.
_WORDS = {
    "contents": N_("Contents"),
    "skip": N_("Go to the contents of the report"),
    "command": N_("Command"),
    "to_copy": N_("The same figures, to copy into a spreadsheet"),
}


def written(page: Page) -> bytes:
    """Return a page as HTML."""
    from markupsafe import Markup

    style = _text("style.css")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    template = _environment().get_template("page.html")
    text: str = template.render(
        page=page,
        sections=[section for section in page.sections if section.blocks],
        style=Markup(style),
        style_hash=Markup(digest),
        words={key: translate(word, page.lang) for key, word in _WORDS.items()},
        data_of=lambda title: message("Figures of “{title}”", title=title).render(page.lang),
        drawing=drawing,
        number_of=_numbers(page.sections),
    )
    return (text + "\n").encode()


@cache
def _environment() -> Any:
    from jinja2 import Environment, FunctionLoader, StrictUndefined
    from markupsafe import Markup

    def finalised(value: Any) -> Any:
        return clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    return Environment(
        loader=FunctionLoader(_text),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=finalised,
    )


def _text(name: str) -> str:
    return files("ptce_funding").joinpath("report", "html", "templates", name).read_text("utf-8")


def _numbers(sections: Sequence[Section]) -> Callable[[Block], int]:
    """Return what gives each block its number; identifiers of a page are made of them."""
    numbers = {id(block): number for number, block in enumerate((b for each in sections for b in each.blocks), 1)}
    return lambda block: numbers[id(block)]


def drawing(figure: Figure, number: int) -> Any:
    """Return a drawing as SVG with title and description, and with identifiers that are its own."""
    from markupsafe import Markup

    root = ElementTree.fromstring(figure.svg)
    space = root.tag.partition("}")[0] + "}"
    own = {each.get("id", ""): f"f{number}-{each.get('id')}" for each in root.iter() if each.get("id")}
    for each in root.iter():
        for name, value in each.attrib.items():
            if name == "id":
                each.set(name, own[value])
            elif value.startswith("url(#"):
                each.set(name, f"url(#{own[value[5:-1]]})")
    if float(root.get("width", "0")) > _FITS:
        root.set("class", "wide")
    root.set("role", "img")
    root.set("aria-labelledby", f"f{number}-title f{number}-desc")
    for place, (name, text) in enumerate((("title", figure.title), ("desc", figure.description))):
        element = ElementTree.Element(f"{space}{name}", {"id": f"f{number}-{name}"})
        element.text = clean(text)
        root.insert(place, element)
    return Markup(ElementTree.tostring(root, encoding="unicode"))
