"""Requests that routes take, made of what the OpenAPI says of them."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]


def names_account(described: Schema, method: str, path: str) -> bool:
    """Whether a route takes an account somewhere: in its path, its query or its body."""
    operation = described["paths"][path][method.lower()]
    named = {each["name"] for each in operation.get("parameters", ())}
    body = example_body(described, method, path) or {}
    return "account_id" in named or "account_id" in body


def example_parameters(described: Schema, method: str, path: str, where: str) -> dict[str, str]:
    """Return values of what a route must be told in its `path` or its `query`."""
    parameters = described["paths"][path][method.lower()].get("parameters", ())
    return {
        each["name"]: str(_example(described, {**each, **each["schema"]}))
        for each in parameters
        if each["in"] == where and each.get("required", False)
    }


def example_body(described: Schema, method: str, path: str) -> Schema | None:
    """
    Return some body that a route takes; None if it takes none.

    Args:
        described: The OpenAPI.
        method: Of the route.
        path: As the OpenAPI writes it.
    """
    operation = described["paths"][path][method.lower()]
    content = operation.get("requestBody", {}).get("content")
    if content is None:
        return None
    body = _example(described, content["application/json"]["schema"])
    assert isinstance(body, dict)
    return body


def _example(described: Schema, schema: Schema) -> object:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return _example(described, described["components"]["schemas"][name])
    for word in ("const", "default"):
        if word in schema:
            return schema[word]
    for word in ("examples", "enum", "anyOf", "oneOf"):
        if word in schema:
            first = schema[word][0]
            return _example(described, first) if word.endswith("Of") else first
    if schema.get("type") == "object":
        required = schema.get("required", ())
        properties = schema.get("properties", {})
        return {name: _example(described, properties[name]) for name in required}
    return _plain(schema)


def _plain(schema: Schema) -> object:
    kinds: dict[str, object] = {
        "integer": schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1),
        "number": 1,
        "boolean": False,
        "array": [],
        "string": "x" * max(1, schema.get("minLength", 1)),
    }
    return kinds[schema["type"]]
