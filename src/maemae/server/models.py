"""How requests and answers are read and written."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Asked(BaseModel):
    """A body of a request: what is not declared is refused, so nothing slips in."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Told(BaseModel):
    """A body of an answer; read from our structs by their fields."""

    model_config = ConfigDict(frozen=True, from_attributes=True)
