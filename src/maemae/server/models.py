"""How requests and answers are read and written."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict

from maemae.domain.instant import kst_datetime


class Asked(BaseModel):
    """A body of a request: what is not declared is refused, so nothing slips in."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Told(BaseModel):
    """A body of an answer; read from our structs by their fields."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


class Sentence(Told):
    """One sentence in both languages, saying the same."""

    ko: str
    en: str


def _moment(value: object) -> object:
    return kst_datetime(value) if isinstance(value, int) else value


Moment = Annotated[datetime, BeforeValidator(_moment)]
"""An instant; made of nanoseconds since the epoch, shown in Korean time."""
