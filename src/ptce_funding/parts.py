"""What the types of scenario files are made of."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, create_model, model_validator
from pydantic_core import PydanticCustomError, PydanticKnownError

from ptce_funding.languages import LANGUAGES

Phase = Literal["project", "emerging", "consolidation"]
PHASES: tuple[Phase, ...] = ("project", "emerging", "consolidation")

Status = Literal["quoted", "computed", "assumed", "missing"]
STATUSES: tuple[Status, ...] = ("quoted", "computed", "assumed", "missing")

#: Keys of a scenario file that say how it is made of another.
FILE_KEYS = ("extends", "remove")
#: Columns of a step or an award that are not columns of the candidate table.
STEP_COLUMNS = ("volet", "aid", "year", "funder")


def _whole(value: object) -> object:
    """Let an integral float such as 3e6 stand for an integer."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Euros = Annotated[int, BeforeValidator(_whole, json_schema_input_type=int)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Number = Annotated[float, Field(allow_inf_nan=False)]
#: More euros than any envelope has.
LARGEST_ENVELOPE = 10**12
#: A number of at least zero, or the column of the candidates that holds it.
Quantity = Annotated[float, Field(ge=0, le=LARGEST_ENVELOPE, allow_inf_nan=False)] | Annotated[str, Field(min_length=1)]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Scalar = str | bool | int | float
Condition = dict[str, Scalar | tuple[Scalar, ...]]


class Part(BaseModel):
    """A table of the scenario file: strict types, no unknown keys, frozen."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, use_attribute_docstrings=True)


P = TypeVar("P", bound=Part)


def _in_all_languages(base: type[P]) -> type[P]:
    """Return a type of texts with a field for each language that was added to the program."""
    added: dict[str, Any] = dict.fromkeys(LANGUAGES[2:], (str | None, None))
    return (
        create_model(base.__name__, __base__=base, __module__=__name__, __doc__=base.__doc__, **added)
        if added
        else base
    )


@_in_all_languages
class Text(Part):
    """A text in one or more languages; a bare string is French."""

    fr: str | None = None
    en: str | None = None

    @classmethod
    def said(cls, texts: Mapping[str, str]) -> Self:
        """Return a text that was kept in every language that the program spoke then."""
        return cls.model_validate({lang: texts[lang] for lang in LANGUAGES if texts.get(lang)})

    @model_validator(mode="before")
    @classmethod
    def _from_string(cls, value: object) -> object:
        return {"fr": value} if isinstance(value, str) else value

    def render(self, lang: str) -> str:
        """Return the text in `lang`, else in another language."""
        own = getattr(self, lang, None) or (self.en if lang != "fr" else self.fr)
        return own or self.fr or self.en or ""

    def texts(self) -> dict[str, str]:
        """Return the text in every language, for data that must not depend on one."""
        return {lang: self.render(lang) for lang in LANGUAGES}


class Source(Text):
    """Where a parameter comes from. A bare string begins with the status; its text, like one in one language, is shown as it stands."""

    status: Status
    """`quoted`, `computed`, `assumed` or `missing`; the first two need a text."""

    @model_validator(mode="before")
    @classmethod
    def _from_string(cls, value: Any) -> Any:
        if isinstance(value, str):
            word, text = re.match(r"(\w*)[\s:;,]*(.*)", value, re.DOTALL).groups()  # type: ignore[union-attr]
            if word not in STATUSES:
                raise PydanticCustomError("source_status", "no status", {"word": word})
            value = {"status": word} | ({"fr": text} if text else {})
        if isinstance(value, Mapping):
            # Who writes in one language is read in it by everybody.
            texts = [text for lang in LANGUAGES if isinstance(text := value.get(lang), str) and text]
            return {**value, "fr": texts[0], "en": texts[0]} if len(texts) == 1 else value
        if not isinstance(value, cls):
            raise PydanticKnownError("string_type")
        return value

    @model_validator(mode="after")
    def _says_from_where(self) -> "Source":
        if self.status in ("quoted", "computed") and not re.search(r"\w", self.render("fr")):
            raise PydanticCustomError("source_text", "no source", {"status": self.status})
        return self


class Named(Part):
    """Something with a name. A `name` in several languages is a title whose French text serves as the name."""

    name: Name
    """Name, unique among its kind; also its place in paths."""
    title: Text | None = None
    """Name for readers, in one or more languages."""

    @model_validator(mode="before")
    @classmethod
    def _name_from_texts(cls, value: object) -> object:
        if isinstance(value, dict) and isinstance(value.get("name"), dict) and "title" not in value:
            texts = value["name"]
            name = texts.get("fr") or texts.get("en")
            if isinstance(name, str):
                return value | {"name": name, "title": texts}
        return value

    def label(self, lang: str) -> str:
        """Return what readers see."""
        return (self.title.render(lang) if self.title else "") or self.name


def as_tuple(value: Scalar | tuple[Scalar, ...]) -> tuple[Scalar, ...]:
    """Return the values of a condition, one or several."""
    return value if isinstance(value, tuple) else (value,)
