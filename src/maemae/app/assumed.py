"""What a person lets the simulated market assume, by short words instead of the usual models."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from msgspec.structs import replace

from maemae.domain.errors import InvalidValueError
from maemae.venue.assumptions import Assumptions, ThroughFill, TickSlippage, TouchFill, VolumeShare
from maemae.venue.auction import (
    FixedAuctionShare,
    NoSinglePrice,
    SameAuctionShare,
    SinglePrice,
)
from maemae.venue.daily_limit import BehindLimitQueue, LimitTouch
from maemae.venue.impact import LinearImpact, NoImpact, SquareRootImpact
from maemae.venue.interruption import NoInterruption, TwoMinuteAuction
from maemae.venue.latency import FixedLatency
from maemae.venue.model import Model
from maemae.venue.queue_position import BehindDisplayed, NoQueue, Proportional


def assumed(usual: Assumptions, words: Mapping[str, str]) -> Assumptions:
    """
    Return assumptions with some models replaced.

    Args:
        usual: What holds otherwise.
        words: What is replaced, such as `{"impact": "sqrt:2%", "latency": "100ms"}`; see `WORDS`.

    Raises:
        InvalidValueError: A word is not known, or its number is none; what there is, is listed.
    """
    return replace(usual, **{name: _model(name, word) for name, word in words.items()})


def _model(name: str, word: str) -> Model:
    choices = WORDS.get(name)
    if choices is None:
        raise _unknown(f"--assume {name}", ", ".join(WORDS))
    head, _, number = word.strip().lower().partition(":")
    try:
        if head and head in choices:
            return choices[head](number)
        if "" in choices:
            return choices[""](head)
    except ValueError:
        pass  # said below, with what there is
    raise _unknown(f"--assume {name}={word}", ", ".join(_EXAMPLES[name]))


def _ppm(text: str) -> int:
    """Return `2.5%` as parts per million."""
    share = round(float(text.removesuffix("%")) * 10_000)
    if not text.endswith("%") or not 0 <= share <= _WHOLE:
        raise ValueError(text)
    return share


def _whole(text: str, unit: str) -> int:
    number = int(text.removesuffix(unit))
    if number < 1:
        raise ValueError(text)
    return number


def _unknown(what: str, known: str) -> InvalidValueError:
    return InvalidValueError(
        f"{what} 을(를) 알 수 없습니다. 쓸 수 있는 것: {known}.",
        f"{what} is unknown. There is {known}.",
    )


Maker = Callable[[str], Model]

WORDS: Final[Mapping[str, Mapping[str, Maker]]] = {
    "limit_fill": {"touch": lambda _: TouchFill(), "through": lambda _: ThroughFill()},
    "participation": {"": lambda text: VolumeShare(_ppm(text))},
    "slippage": {"": lambda text: TickSlippage(_whole(text, "ticks"))},
    "auction": {"one_price": lambda _: SinglePrice(), "none": lambda _: NoSinglePrice()},
    "auction_share": {
        "same": lambda _: SameAuctionShare(),
        "": lambda text: FixedAuctionShare(_ppm(text)),
    },
    "limit_queue": {"touch": lambda _: LimitTouch(), "behind": lambda _: BehindLimitQueue()},
    "queue": {
        "none": lambda _: NoQueue(),
        "behind": lambda text: BehindDisplayed(_ppm(text) if text else 0),
        "even": lambda _: Proportional(),
    },
    "interruption": {"none": lambda _: NoInterruption(), "vi": lambda _: TwoMinuteAuction()},
    "impact": {
        "none": lambda _: NoImpact(),
        "sqrt": lambda text: SquareRootImpact(_ppm(text)) if text else SquareRootImpact(),
        "linear": lambda text: LinearImpact(_ppm(text)) if text else LinearImpact(),
    },
    "latency": {"": lambda text: FixedLatency(_whole(text, "ms"))},
}
"""What can be replaced, and by which words; an empty word stands for a number alone."""

_EXAMPLES: Final[Mapping[str, tuple[str, ...]]] = {
    "limit_fill": ("touch", "through"),
    "participation": ("10%",),
    "slippage": ("1ticks", "2ticks"),
    "auction": ("one_price", "none"),
    "auction_share": ("same", "2%"),
    "limit_queue": ("touch", "behind"),
    "queue": ("none", "behind", "behind:30%", "even"),
    "interruption": ("none", "vi"),
    "impact": ("none", "sqrt:2%", "linear:10%"),
    "latency": ("100ms",),
}

_WHOLE: Final = 1_000_000
