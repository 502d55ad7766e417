"""Every field that the API tells is shown with an example, and each one fits its schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import jsonschema_rs
import pytest

from maemae.domain.text import Language
from maemae.server.docs import docs_page, example_of
from maemae.server.factory import described_app

pytestmark = pytest.mark.thorough

DESCRIBED: Final[dict[str, Any]] = described_app().openapi()
MODELS: Final[dict[str, Any]] = DESCRIBED["components"]["schemas"]


def models_in(part: object) -> set[str]:
    """Return the models that are told or asked in a part, and all that these hold."""
    found: set[str] = set()
    waiting: list[object] = [part]
    while waiting:
        each = waiting.pop()
        if isinstance(each, Mapping):
            name = str(each.get("$ref", "")).removeprefix("#/components/schemas/")
            if name and name not in found:
                found.add(name)
                waiting.append(MODELS[name])
            waiting.extend(each.values())
        elif isinstance(each, list):
            waiting.extend(each)
    return found


def told() -> set[str]:
    """Return every model of an answer, and of a message of the stream."""
    answers = [
        operation["responses"]
        for methods in DESCRIBED["paths"].values()
        for operation in methods.values()
    ]
    return models_in([*answers, MODELS["StreamMessage"]])


FIELDS: Final = sorted(
    (model, name) for model in told() for name in MODELS[model].get("properties", {})
)


def is_valid(schema: Mapping[str, Any], value: object) -> bool:
    whole = {**schema, "components": DESCRIBED["components"]}
    return jsonschema_rs.is_valid(whole, value, validate_formats=True)


def shows_itself(field: Mapping[str, Any]) -> bool:
    """Tell whether a field has an example, or is one of few values, or made of models."""
    if {"examples", "enum", "const", "$ref"} & set(field):
        return True
    ways = field.get("anyOf") or field.get("oneOf") or [field.get("items")]
    return all(way and (way.get("type") == "null" or shows_itself(way)) for way in ways)


def test_models_of_answers_are_found() -> None:
    assert {"OrderRow", "ShownPreview", "Balance", "Problem", "StreamOrder"} <= told()
    assert len(FIELDS) > 400


def test_every_field_of_every_answer_has_an_example() -> None:
    lacking = [
        field for field in FIELDS if not shows_itself(MODELS[field[0]]["properties"][field[1]])
    ]

    assert lacking == []


def test_every_parameter_has_an_example_that_fits_it() -> None:
    parameters = [
        each
        for methods in DESCRIBED["paths"].values()
        for operation in methods.values()
        for each in operation.get("parameters", ())
    ]
    assert len(parameters) > 80
    for each in parameters:
        schema = each["schema"]
        assert "default" in schema or "examples" in each or shows_itself(schema), each["name"]
        for example in schema.get("examples", ()):
            assert is_valid(schema, example), f"{each['name']}: {example!r}"


def test_examples_of_every_model_fit_it() -> None:
    for model in sorted(told()):
        for name, field in MODELS[model].get("properties", {}).items():
            for example in field.get("examples", ()):
                assert is_valid(field, example), f"{model}.{name}: {example!r}"
        whole = example_of(DESCRIBED, MODELS[model])
        assert is_valid({"$ref": f"#/components/schemas/{model}"}, whole), (model, whole)


def test_page_shows_no_placeholder() -> None:
    page = docs_page(DESCRIBED, Language.EN)
    shown = "".join(each.partition("</pre>")[0] for each in page.split("<pre>")[1:])

    assert "&quot;…&quot;" not in page
    assert shown.count("70000") > 10
