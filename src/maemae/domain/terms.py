"""Closed vocabularies of trading; every value is upper-case ASCII and stored as it stands."""

from __future__ import annotations

from enum import StrEnum, unique


class Term(StrEnum):
    """
    One word of a closed vocabulary.

    Hashed as the string it is: the hash of an Enum is Python code, and the order path looks
    words up in tables several dozen times for each order. Modules on that path bind their members
    once, by names of their own: in Python 3.11 `Side.BUY` takes as long as making a report.
    """

    __hash__ = str.__hash__


@unique
class Side(Term):
    """FIX Side <54>."""

    BUY = "BUY"
    SELL = "SELL"

    @property
    def opposite(self) -> Side:
        """The other side."""
        return Side.SELL if self is Side.BUY else Side.BUY


@unique
class OrdType(Term):
    """FIX OrdType <40>; stops live in the core, not at the broker."""

    MARKET = "MARKET"
    LIMIT = "LIMIT"


@unique
class TimeInForce(Term):
    """FIX TimeInForce <59>; KRX knows no order that outlives its day."""

    DAY = "DAY"
    IOC = "IOC"
    FOK = "FOK"


@unique
class Mode(Term):
    """Whose market an executor trades on."""

    SIM = "SIM"  # our own simulated venue
    PAPER = "PAPER"  # the broker's paper server (모의투자)
    REAL = "REAL"  # real money (실전투자)


@unique
class Purpose(Term):
    """Why an order exists; decides which checks of the gate apply."""

    NEW = "NEW"  # opens or adds to a position
    REDUCE = "REDUCE"  # shrinks a position: strategy exits, stops, take-profits
    LIQUIDATE = "LIQUIDATE"  # the kill switch or a crash policy empties the book


@unique
class Cause(Term):
    """What an order goes back to; screens and reports say it in words."""

    SIGNAL = "SIGNAL"  # a strategy wished it
    PERSON = "PERSON"  # a person entered it
    STOP = "STOP"  # the price fell to the stop
    TAKE = "TAKE"  # the price rose to the target
    TIME = "TIME"  # held for as long as it was to be
    KILL = "KILL"  # the kill switch empties the book


@unique
class TradingState(Term):
    """Whether the executor may send orders; it starts HALTED."""

    HALTED = "HALTED"
    REDUCING = "REDUCING"  # only orders that shrink a position
    ACTIVE = "ACTIVE"


@unique
class Market(Term):
    """Board on which an instrument is listed."""

    KOSPI = "KOSPI"
    KOSDAQ = "KOSDAQ"
    KONEX = "KONEX"


@unique
class Product(Term):
    """Kind of cash instrument; ticks, band and tax depend on it."""

    STOCK = "STOCK"
    ETF = "ETF"
    ETN = "ETN"
    GOLD = "GOLD"  # a gram of gold in KRX's own market for it (금현물)


@unique
class ExecutionVenue(Term):
    """Where an order is executed."""

    KRX = "KRX"
    NXT = "NXT"


@unique
class PriceBasis(Term):
    """Whether prices stand as traded or were rewritten for later corporate actions."""

    RAW = "RAW"
    ADJUSTED = "ADJUSTED"
