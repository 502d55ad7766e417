"""The messages of the stream in the OpenAPI, which has no words for a socket of its own."""

from __future__ import annotations

from typing import Any, Final

from pydantic import TypeAdapter

from maemae.server.stream.envelope import Asking, StreamMessage

_REF: Final = "#/components/schemas/{model}"


def describe_stream(openapi: dict[str, Any]) -> None:
    """
    Add the messages to a description of the API, as components of their own.

    `StreamAsking` is what a client says on `/api/stream`, `StreamMessage` what it is told.
    """
    components = openapi.setdefault("components", {}).setdefault("schemas", {})
    for name, adapter in (
        ("StreamAsking", TypeAdapter[Any](Asking)),
        ("StreamMessage", TypeAdapter[Any](StreamMessage)),
    ):
        schema = adapter.json_schema(ref_template=_REF, mode="serialization")
        for each, definition in schema.pop("$defs").items():
            components.setdefault(each, definition)
        components[name] = schema
