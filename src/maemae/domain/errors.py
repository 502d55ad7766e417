"""
Every exception maemae raises.

* MaemaeError
  x DomainError                 the caller asked for something that cannot be
    - InvalidValueError         a value outside its range: a quantity of 0, a price off the tick
    - InvalidTransitionError    a report that the status of an order cannot accept
    - UnknownSymbolError        no such instrument in the catalogue or the universe
    - UnknownRuleError          no dated rule covers that day or that product
  x StrategyError               the user's strategy failed; the run stops, nothing else does
    - ParameterError            a parameter that does not exist or lies outside its range
    - StrategyRaisedError       the strategy's own code raised
    - StrategyStuckError        the strategy's own code did not come back in time
    - LookAheadError            an indicator whose past values change when the future does
  x DataError                   market data that cannot be used as it is
    - SchemaError               columns, types or time zone are not as declared
    - BadBarsError              NaN, negative prices, bars unsorted or duplicate
    - MissingDataError          nothing stored for that symbol or those days
    - SourceBlockedError        a site refuses us; asking again makes it worse
    - SourceUnavailableError    a site cannot be reached or understood now; nothing is lost
  x StorageError                the journal cannot be read or written
    - JournalCorruptError       a record is damaged or out of sequence; stop and restore
    - CommitUnknownError        a commit that may or may not have happened; rebuild from the store
    - FencedError               another executor took over; stop without sending anything
  x BrokerError                 the broker, or the way to it
    - NotAcceptedError          a request that is proved not to have been accepted
    - OutcomeUnknownError       a request that may or may not have been accepted; never repeat it
    - BrokerUnavailableError    a query or connection that failed; it says nothing of the account
  x ConfigError                 found at start; the process does not start

Each carries one sentence in Korean and in English that says what to do. A refusal of the
risk gate is not here: it is expected, so it is a value (`maemae.domain.refusal.Refusal`).
"""

from __future__ import annotations

from maemae.domain.text import Text


class MaemaeError(Exception):
    """Anything maemae raises on purpose; `text` is the sentence a person reads."""

    def __init__(self, ko: str, en: str) -> None:
        super().__init__(ko, en)
        self.text = Text(ko, en)

    def __str__(self) -> str:
        """Return the English sentence, for logs; screens choose from `text`."""
        return self.text.en


class DomainError(MaemaeError):
    """The caller asked for something that cannot be."""


class InvalidValueError(DomainError):
    """A value outside its range."""


class InvalidTransitionError(DomainError):
    """A report that the status of an order cannot accept."""


class UnknownSymbolError(DomainError):
    """No such instrument."""


class UnknownRuleError(DomainError):
    """No dated rule covers that day or that product."""


class StrategyError(MaemaeError):
    """The user's strategy failed."""


class ParameterError(StrategyError):
    """A parameter that does not exist or lies outside its range."""


class StrategyRaisedError(StrategyError):
    """The strategy's own code raised; the cause is chained."""


class StrategyStuckError(StrategyError):
    """The strategy's own code did not come back in time."""


class LookAheadError(StrategyError):
    """An indicator whose past values change when the future does."""


class DataError(MaemaeError):
    """Market data that cannot be used as it is."""


class SchemaError(DataError):
    """Columns, types or the time zone are not as declared."""


class BadBarsError(DataError):
    """NaN, negative prices, bars unsorted or duplicate."""


class MissingDataError(DataError):
    """Nothing is stored for that symbol or those days."""


class SourceBlockedError(DataError):
    """A site refuses us; asking again makes it worse."""


class SourceUnavailableError(DataError):
    """A site cannot be reached or understood now; what came before is kept."""


class StorageError(MaemaeError):
    """The journal cannot be read or written."""


class JournalCorruptError(StorageError):
    """A record is damaged or out of sequence."""


class CommitUnknownError(StorageError):
    """A commit that may or may not have happened."""


class FencedError(StorageError):
    """Another executor took over; stop without sending anything."""


class SleptError(MaemaeError):
    """
    This machine slept, and the steady clock with it.

    Attributes:
        slept: How long [ns].
    """

    def __init__(self, ko: str, en: str, slept: int) -> None:
        super().__init__(ko, en)
        self.slept = slept


class BrokerError(MaemaeError):
    """The broker, or the way to it."""


class NotAcceptedError(BrokerError):
    """
    A request that is proved not to have been accepted.

    Attributes:
        code: The broker's own code, empty if none.
        resend: Whether the same request may be sent once more.
    """

    def __init__(self, ko: str, en: str, code: str = "", *, resend: bool = False) -> None:
        super().__init__(ko, en)
        self.code = code
        self.resend = resend


class OutcomeUnknownError(BrokerError):
    """A request that may or may not have been accepted; never repeat it."""


class BrokerUnavailableError(BrokerError):
    """A query or connection that failed; it says nothing of the account."""


class ConfigError(MaemaeError):
    """Found at start; the process does not start."""
