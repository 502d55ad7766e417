"""Methods that do their work when they are called, and not only once somebody waits for it."""

from __future__ import annotations

from inspect import isasyncgenfunction, iscoroutinefunction, isgeneratorfunction

from maemae.domain.errors import StrategyError


def require_plain(method: object) -> None:
    """
    See that calling a method runs it.

    Raises:
        StrategyError: It is written with `async` or `yield`: nothing in it would ever run.
    """
    if any(is_deferred(method) for is_deferred in _DEFERRED):
        name = getattr(method, "__name__", repr(method))
        raise StrategyError(
            f"{name} 에 async 나 yield 가 있어 안의 코드가 돌지 않습니다. 보통 메서드로 쓰세요.",
            f"{name} has async or yield, so nothing in it would run. Write a plain method.",
        )


_DEFERRED = (iscoroutinefunction, isasyncgenfunction, isgeneratorfunction)
