"""The JSON Schema of scenario files."""

import json
from typing import Any

from ptce_funding.parts import Named
from ptce_funding.scenario import Scenario

# The short form of a source.
_SOURCE = r"^((quoted|computed)\b\W*\w|(assumed|missing)\b)"


def schema() -> dict[str, Any]:
    """Return the JSON Schema of scenario files, for editors."""
    document = Scenario.model_json_schema()
    document["properties"] |= {
        "extends": {"type": "string", "description": "Scenario file from which this one is a difference."},
        "remove": {
            "type": "array",
            "items": {"type": "string"},
            "description": "Paths of the extended scenario that are dropped before this one is laid over it.",
        },
    }
    # The short forms that the types accept before they check.
    kinds = document["$defs"]
    for kind, short in (("Text", "string"), ("MeritCriterion", "number")):
        kinds[kind] = {"anyOf": [{"type": short}, kinds[kind]], "description": kinds[kind]["description"]}
    kinds["Source"] = {
        "anyOf": [{"type": "string", "pattern": _SOURCE}, kinds["Source"]],
        "description": kinds["Source"]["description"],
    }
    for kind in (each.__name__ for each in Named.__subclasses__()):
        name = kinds[kind]["properties"]["name"]
        kinds[kind]["properties"]["name"] = {"anyOf": [name, {"$ref": "#/$defs/Text"}]}
    # A file that extends another need state nothing itself.
    required = document.pop("required")
    document["anyOf"] = [{"required": ["extends"]}, {"required": required}]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "ptce-fund scenario"} | document


def schema_text() -> str:
    """Return the JSON Schema as the text of its file."""
    return json.dumps(schema(), ensure_ascii=False, indent=2) + "\n"
