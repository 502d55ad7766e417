"""Parameters of a strategy: typed class attributes with a range."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Generic, NoReturn, Self, TypeVar, overload

from maemae.domain.errors import ParameterError
from maemae.domain.near_match import suggestion

N = TypeVar("N", int, float)


class Param(Generic[N]):
    """
    One parameter: a whole number if its default is one, otherwise a decimal.

    Attributes:
        name: The class attribute it is.
        default: Its value unless another is given.
        low, high: Its range, both ends included.
    """

    def __init__(self, default: N, low: N, high: N) -> None:
        self.name = "param"
        self.default: N = default
        self.low: N = low
        self.high: N = high
        self.default = self.checked(default)

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...

    @overload
    def __get__(self, instance: object, owner: type) -> N: ...

    def __get__(self, instance: object | None, owner: type) -> Self | N:
        if instance is None:
            return self
        value: N = vars(instance).get(self.name, self.default)
        return value

    def __set__(self, instance: object, value: N) -> NoReturn:
        raise ParameterError(
            f"매개변수 {self.name} 은(는) 실행 중에 바꿀 수 없습니다. 만들 때 넘기세요.",
            f"Parameter {self.name} is fixed once the strategy is made. Pass it then.",
        )

    @property
    def kind(self) -> type[int] | type[float]:
        """Whether it takes whole numbers or decimals."""
        return type(self.default)

    def checked(self, value: object) -> N:
        """
        Return the value as this parameter's type.

        Raises:
            ParameterError: It has another type or lies outside the range.
        """
        whole = self.kind is int
        accepted = int if whole else int | float
        if not isinstance(value, accepted) or isinstance(value, bool):
            raise ParameterError(
                f"매개변수 {self.name} 의 값 {value!r} 은(는) {'정수' if whole else '숫자'}가 "
                f"아닙니다. {self.low}~{self.high} 에서 고르세요.",
                f"Parameter {self.name} must be {'a whole number' if whole else 'a number'}, "
                f"not {value!r}. Choose from {self.low} to {self.high}.",
            )
        if math.isnan(value) or not self.low <= value <= self.high:
            raise ParameterError(
                f"매개변수 {self.name} 의 값 {value} 은(는) 범위 밖입니다. "
                f"{self.low}~{self.high} 에서 고르세요.",
                f"Parameter {self.name} is {value}, outside its range. "
                f"Choose from {self.low} to {self.high}.",
            )
        fitting: N = type(self.default)(value)
        return fitting

    def from_text(self, text: str) -> N:
        """
        Return the value that a person typed.

        Raises:
            ParameterError: It is no number of this type, or lies outside the range.
        """
        try:
            return self.checked(self.kind(text))
        except ValueError:
            return self.checked(text)


def param(default: N, *, low: N, high: N) -> Param[N]:
    """
    Declare a parameter of a strategy.

    Args:
        default: Value unless another is given; its type is the parameter's.
        low: Lowest value allowed.
        high: Highest value allowed.

    Raises:
        ParameterError: The default lies outside the range.
    """
    return Param(default, low, high)


AnyParam = Param[int] | Param[float]


def declared(owner: type) -> dict[str, AnyParam]:
    """Return the parameters of a class in the order of their declaration."""
    found: dict[str, AnyParam] = {}
    for base in reversed(owner.__mro__):
        for name, value in vars(base).items():
            if isinstance(value, Param):
                found[name] = value
            else:
                found.pop(name, None)  # a subclass fixed it to a constant
    return found


def find_param(owner: type, name: str) -> AnyParam:
    """
    Return the parameter of that name.

    Raises:
        ParameterError: The class has none; the sentence names the nearest one.
    """
    known = declared(owner)
    if name not in known:
        hint = suggestion(name, known)
        raise ParameterError(
            f"{owner.__name__} 에는 매개변수 {name} 이(가) 없습니다. {hint.ko}",
            f"{owner.__name__} has no parameter {name}. {hint.en}",
        )
    return known[name]


def bound(owner: type, values: Mapping[str, object]) -> dict[str, float]:
    """
    Return a value for every parameter of a class.

    Raises:
        ParameterError: A name is unknown, or a value has another type or is out of range.
    """
    known = declared(owner)
    given = {
        name: (known.get(name) or find_param(owner, name)).checked(value)
        for name, value in values.items()
    }
    return {name: given.get(name, each.default) for name, each in known.items()}


def values_from_text(owner: type, texts: Mapping[str, str]) -> dict[str, float]:
    """
    Return the values that a person typed, such as `{"fast": "5"}`.

    Raises:
        ParameterError: A name is unknown, or a value is no number or out of range.
    """
    return {name: find_param(owner, name).from_text(text) for name, text in texts.items()}
