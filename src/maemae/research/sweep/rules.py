"""
Reads a strategy's rules out of its code, where they are as plain as the kernel needs them.

A method that `when` names may do one thing: buy with a size, a stop and a target that never
change within a run, perhaps only while nothing is held, or close. Anything else is not guessed
at: it is refused with a sentence, and the strategy runs in the engine.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from functools import lru_cache
from typing import Final, TypeGuard

import msgspec

from maemae.domain.errors import InvalidValueError
from maemae.domain.ids import Symbol
from maemae.domain.intent import Size
from maemae.strategy.author import Strategy
from maemae.strategy.exits import Hold
from maemae.strategy.order_pad import ppm, size_of_buy
from maemae.strategy.parameters import Param


class Enter(msgspec.Struct, frozen=True):
    """
    Buy.

    Attributes:
        size: How much; never everything.
        stop_loss, take_profit: Distance from the entry at which to leave [ppm]; None for none.
        trail: Distance below the highest price at which to leave [ppm]; None for none.
        hold: Sessions after the entry's at whose opening to leave; None for no such end.
        only_if_flat: Whether nothing is bought of what is held.
    """

    size: Size
    stop_loss: int | None = None
    take_profit: int | None = None
    trail: int | None = None
    hold: int | None = None
    only_if_flat: bool = False


class Leave(msgspec.Struct, frozen=True):
    """Close whatever is held."""


Rule = Enter | Leave


def rule_of(strategy: Strategy, method: Callable[[Symbol], None]) -> Rule:
    """
    Return what a method does with the instrument that it is called with.

    Args:
        strategy: Set up, with its parameters.
        method: One of its own, or `close` itself.

    Raises:
        InvalidValueError: It does anything that the kernel does not know.
    """
    function = getattr(method, "__func__", None)
    if getattr(method, "__self__", None) is not strategy or function is None:
        raise _unknown(method, "전략의 메서드가 아닙니다", "it is no method of the strategy")
    if function is Strategy.close:
        return Leave()
    return _Reader(strategy, method).read()


def require_known(kind: type[Strategy]) -> None:
    """
    Refuse strategies that act on every bar or fill, or change what buying and closing mean.

    Raises:
        InvalidValueError: They do.
    """
    for name in ("on_bar", "on_fill"):
        if getattr(kind, name) is not getattr(Strategy, name):
            raise InvalidValueError(
                f"{kind.__name__} 은(는) {name} 을 씁니다. 커널은 when() 만 압니다.",
                f"{kind.__name__} has {name}. The kernel knows when() only.",
            )
    for name in _MEANT:
        if inspect.getattr_static(kind, name) is not inspect.getattr_static(Strategy, name):
            raise _overridden(kind, name)


def require_unchanged(strategy: Strategy) -> None:
    """
    Refuse a strategy that gave itself another way of buying or closing.

    Raises:
        InvalidValueError: It did.
    """
    own = vars(strategy)
    for name in _MEANT:
        if name in own:
            raise _overridden(type(strategy), name)


def _overridden(kind: type[Strategy], name: str) -> InvalidValueError:
    return InvalidValueError(
        f"{kind.__name__} 은(는) {name} 을 바꿔 놓았습니다. 커널은 원래 뜻만 압니다.",
        f"{kind.__name__} overrides {name}. The kernel knows its first meaning only.",
    )


class _Reader:
    """Reads one method."""

    def __init__(self, strategy: Strategy, method: Callable[[Symbol], None]) -> None:
        self._strategy = strategy
        self._method = method
        self._me = self._symbol = ""

    def read(self) -> Rule:
        body = self._body()
        only_if_flat = False
        if len(body) == 1 and isinstance(body[0], ast.If) and not body[0].orelse:
            if not self._asks_whether_flat(body[0].test):
                raise self._odd(body[0])
            only_if_flat, body = True, body[0].body
        if len(body) != 1 or not isinstance(body[0], ast.Expr):
            raise self._odd(body[0] if body else None)
        call = body[0].value
        if not isinstance(call, ast.Call):
            raise self._odd(body[0])
        if self._calls(call, "close") and not only_if_flat and not call.keywords:
            return Leave()
        if not self._calls(call, "buy"):
            raise self._odd(body[0])
        return self._entry(call, only_if_flat=only_if_flat)

    def _body(self) -> list[ast.stmt]:
        """Return the statements of the method, its docstring left out."""
        found = _parsed(getattr(self._method, "__func__", self._method))
        if not isinstance(found, ast.FunctionDef) or found.decorator_list:
            raise self._odd(None)
        names = [argument.arg for argument in found.args.args]
        if len(names) != 2 or found.args.vararg or found.args.kwarg or found.args.kwonlyargs:
            raise self._odd(None)
        self._me, self._symbol = names
        first = found.body[0]
        is_said = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
        return found.body[1:] if is_said else found.body

    def _asks_whether_flat(self, test: ast.expr) -> bool:
        """Whether a condition is `not self.position(symbol).qty`, or `… == 0`."""
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            return self._is_qty(test.operand)
        if not isinstance(test, ast.Compare) or len(test.ops) != 1:
            return False
        right = test.comparators[0]
        is_nothing = isinstance(right, ast.Constant) and right.value == 0
        return isinstance(test.ops[0], ast.Eq) and is_nothing and self._is_qty(test.left)

    def _is_qty(self, found: ast.expr) -> bool:
        if not isinstance(found, ast.Attribute) or found.attr != "qty":
            return False
        call = found.value
        return self._calls(call, "position") and isinstance(call, ast.Call) and not call.keywords

    def _calls(self, found: ast.expr, name: str) -> bool:
        """Whether an expression calls a method of the strategy with the instrument alone."""
        if not isinstance(found, ast.Call) or len(found.args) != 1:
            return False
        argument = found.args[0]
        is_symbol = isinstance(argument, ast.Name) and argument.id == self._symbol
        return is_symbol and self._is_mine(found.func, name)

    def _is_mine(self, found: ast.expr, name: str) -> bool:
        if not isinstance(found, ast.Attribute) or found.attr != name:
            return False
        return isinstance(found.value, ast.Name) and found.value.id == self._me

    def _entry(self, call: ast.Call, *, only_if_flat: bool) -> Enter:
        given: dict[str | None, float | None] = {}
        hold = None
        for word in call.keywords:
            if word.arg == "hold":
                hold = self._sessions(word.value)
            elif word.arg in _WORDS:
                given[word.arg] = self._value(word.value)
            else:
                raise self._odd(call)
        shares, cash = given.get("shares"), given.get("cash")
        size = size_of_buy(given.get("weight"), _whole(shares), _whole(cash))
        stop, take, trail = (
            None if given.get(name) is None else ppm(name, given[name] or 0.0)
            for name in ("stop_loss", "take_profit", "trail")
        )
        return Enter(size, stop, take, trail, hold, only_if_flat=only_if_flat)

    def _sessions(self, found: ast.expr) -> int | None:
        """Return the sessions of `Hold(sessions=…)` or of `Hold(bars=…)`, a bar a session."""
        if isinstance(found, ast.Constant) and found.value is None:
            return None
        if not (isinstance(found, ast.Call) and isinstance(found.func, ast.Name)):
            raise self._odd(found)
        is_hold = getattr(self._method, "__globals__", {}).get(found.func.id) is Hold
        counts = [_whole(self._number(word.value)) or 0 for word in found.keywords]
        is_known = {word.arg for word in found.keywords} <= {"sessions", "bars"}
        if found.args or not (is_hold and is_known and counts) or min(counts) < 1:
            raise self._odd(found)
        return min(counts)

    def _value(self, found: ast.expr) -> float | None:
        """Return a number that is the same throughout a run."""
        if isinstance(found, ast.Constant) and _is_number(found.value):
            return found.value
        if isinstance(found, ast.Attribute) and self._is_mine(found, found.attr):
            return self._attribute(found)
        if isinstance(found, ast.UnaryOp) and isinstance(found.op, ast.USub):
            return -self._number(found.operand)
        if isinstance(found, ast.BinOp):
            return self._computed(found)
        if isinstance(found, ast.Call):
            return self._chosen(found)
        raise self._odd(found)

    def _number(self, found: ast.expr) -> float:
        value = self._value(found)
        if value is None:
            raise self._odd(found)
        return value

    def _attribute(self, found: ast.Attribute) -> float:
        """Return a parameter, or what `setup` or the class have set once."""
        strategy, name = self._strategy, found.attr
        declared = inspect.getattr_static(type(strategy), name, None)
        value = vars(strategy).get(name, declared)
        is_plain = isinstance(declared, Param | int | float | None)
        if not is_plain or type(value) not in {int, float}:
            raise self._odd(found)
        number: float = value
        return number

    def _computed(self, found: ast.BinOp) -> float:
        left, right = self._number(found.left), self._number(found.right)
        if isinstance(found.op, ast.Add):
            return left + right
        if isinstance(found.op, ast.Sub):
            return left - right
        if isinstance(found.op, ast.Mult):
            return left * right
        if isinstance(found.op, ast.Div) and right:
            return left / right
        raise self._odd(found)

    def _chosen(self, found: ast.Call) -> float:
        """Return the least or the greatest of some numbers, where those words are Python's."""
        name = found.func.id if isinstance(found.func, ast.Name) else ""
        choose = {"min": min, "max": max}.get(name)
        around = getattr(self._method, "__globals__", {})
        if choose is None or name in around or found.keywords or len(found.args) < 2:
            raise self._odd(found)
        return choose(self._number(each) for each in found.args)

    def _odd(self, found: ast.AST | None) -> InvalidValueError:
        words = "" if found is None else ast.unparse(found).splitlines()[0]
        return _unknown(self._method, f"`{words}` 을(를) 옮길 수 없습니다", f"it has `{words}`")


@lru_cache(maxsize=64)
def _parsed(function: Callable[..., object]) -> ast.stmt | None:
    """Return the definition of a function; None where its source cannot be had."""
    try:
        source = textwrap.dedent(inspect.getsource(function))
        return ast.parse(source).body[0]
    except (OSError, TypeError, SyntaxError):
        return None


def _is_number(value: object) -> TypeGuard[float | None]:
    return isinstance(value, int | float | None) and not isinstance(value, bool)


def _whole(value: float | None) -> int | None:
    """Return a number that buy() will look at; a fraction is its fault to find."""
    return None if value is None else int(value) if float(value).is_integer() else 0


def _unknown(method: object, ko: str, en: str) -> InvalidValueError:
    name = getattr(method, "__qualname__", repr(method))
    return InvalidValueError(
        f"커널은 {name} 을(를) 모릅니다: {ko}.", f"The kernel does not know {name}: {en}."
    )


_WORDS: Final = frozenset({"weight", "shares", "cash", "stop_loss", "take_profit", "trail"})
_MEANT: Final = (
    "buy", "close", "position", "when", "indicator", "indicators", "join", "_seat",
    "__getattribute__",
)  # fmt: skip
