"""What the types of scenario files are made of."""

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

Phase = Literal["project", "emerging", "consolidation"]
PHASES: tuple[Phase, ...] = ("project", "emerging", "consolidation")

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


class Text(Part):
    """A text in one or more languages; a bare string is French."""

    fr: str | None = None
    en: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_string(cls, value: object) -> object:
        return {"fr": value} if isinstance(value, str) else value

    def render(self, lang: str) -> str:
        """Return the text in `lang`, else in another language."""
        texts = {"fr": self.fr, "en": self.en}
        return texts.get(lang) or self.fr or self.en or ""


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
