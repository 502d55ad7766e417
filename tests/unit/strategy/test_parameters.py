"""Parameters are typed, stay in their range, and a slip is explained."""

from __future__ import annotations

import pytest

from maemae.domain.errors import ParameterError
from maemae.strategy.author import Strategy
from maemae.strategy.parameters import param, values_from_text
from tests.strategy_runs import raises


class Rule(Strategy):
    fast = param(10, low=2, high=60)
    slow = param(30, low=10, high=240)
    share = param(0.1, low=0.01, high=1.0)


def test_parameter_when_not_given_has_its_default() -> None:
    assert (Rule().fast, Rule().slow, Rule().share) == (10, 30, 0.1)


def test_parameter_when_given_has_that_value() -> None:
    assert (Rule(fast=2).fast, Rule(slow=240).slow) == (2, 240)


def test_parameter_of_decimals_takes_whole_numbers_as_decimals() -> None:
    share = Rule(share=1).share

    assert share == 1
    assert type(share) is float


@pytest.mark.parametrize("value", [1, 61, -5])
def test_parameter_when_out_of_range_names_itself_and_the_range(value: int) -> None:
    with raises(ParameterError, "fast", str(value), "2 to 60"):
        Rule(fast=value)


@pytest.mark.parametrize("value", [10.0, True])
def test_parameter_when_not_a_whole_number_is_refused(value: float) -> None:
    with raises(ParameterError, "fast", "whole number"):
        Rule(fast=value)


def test_parameter_when_nan_is_refused() -> None:
    with raises(ParameterError, "share", "0.01 to 1.0"):
        Rule(share=float("nan"))


def test_parameter_when_unknown_names_the_nearest() -> None:
    with raises(ParameterError, "fsat", "Did you mean fast?"):
        Rule(fsat=5)


def test_parameter_when_set_during_a_run_is_refused() -> None:
    rule = Rule()
    with raises(ParameterError, "fast", "fixed"):
        rule.fast = 7


def test_parameter_when_default_is_out_of_range_is_refused() -> None:
    with raises(ParameterError, "10 to 20"):
        param(5, low=10, high=20)


def test_parameter_when_named_like_the_api_is_refused() -> None:
    with raises(ParameterError, "cash"):
        type("Clash", (Strategy,), {"cash": param(1, low=0, high=2)})


def test_parameters_are_listed_as_declared() -> None:
    listed = [(each.name, each.default, each.low, each.high) for each in Rule.parameters()]

    assert listed == [("fast", 10, 2, 60), ("slow", 30, 10, 240), ("share", 0.1, 0.01, 1.0)]


def test_parameters_of_a_subclass_add_to_its_parents() -> None:
    class Wider(Rule):
        extra = param(1, low=0, high=9)

    assert [each.name for each in Wider.parameters()] == ["fast", "slow", "share", "extra"]


def test_parameter_when_a_subclass_fixes_it_is_none_any_more() -> None:
    fixed: type[Rule] = type("Fixed", (Rule,), {"fast": 5})

    assert [each.name for each in fixed.parameters()] == ["slow", "share"]
    assert fixed().fast == 5


def test_values_from_text_have_the_parameters_types() -> None:
    assert values_from_text(Rule, {"fast": "5", "share": "0.5"}) == {"fast": 5, "share": 0.5}


@pytest.mark.parametrize("text", ["5.5", "five", "", "99"])
def test_values_from_text_when_unfit_names_the_parameter(text: str) -> None:
    with raises(ParameterError, "fast", "2 to 60"):
        values_from_text(Rule, {"fast": text})


def test_values_from_text_when_unknown_names_the_nearest() -> None:
    with raises(ParameterError, "slwo", "Did you mean slow?"):
        values_from_text(Rule, {"slwo": "5"})
