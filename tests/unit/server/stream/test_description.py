from __future__ import annotations

from typing import Any

from maemae.server.stream.description import describe_stream
from maemae.server.stream.envelope import Channel


def test_every_channel_is_in_the_description_with_all_its_fields() -> None:
    described: dict[str, Any] = {}
    describe_stream(described)

    schemas = described["components"]["schemas"]
    consts = {
        schema["properties"]["channel"].get("const")
        for schema in schemas.values()
        if "channel" in schema.get("properties", {})
    }
    assert consts - {None} == {channel.value for channel in Channel}
    assert set(schemas["OrdersMessage"]["required"]) == set(schemas["OrdersMessage"]["properties"])
    assert {"StreamMessage", "StreamAsking", "Subscribe"} <= set(schemas)


def test_description_when_made_twice_is_the_same() -> None:
    once: dict[str, Any] = {}
    describe_stream(once)
    before = repr(once)
    describe_stream(once)

    assert repr(once) == before
