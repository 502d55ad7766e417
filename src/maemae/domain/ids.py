"""Identifiers as distinct types, so that one is never passed for another."""

from __future__ import annotations

from typing import NewType

AccountId = NewType("AccountId", str)
"""An account at one broker."""

SleeveId = NewType("SleeveId", str)
"""A strategy's own share of an account; MANUAL and EXTERNAL are sleeves too."""

Symbol = NewType("Symbol", str)
"""KRX short code of six characters, digits or capital letters, such as `005930`."""

ClOrdId = NewType("ClOrdId", int)
"""Our number of one request (FIX ClOrdID <11>); a cancel or replace has its own, counted up."""

OrderId = NewType("OrderId", str)
"""The broker's number of an order (FIX OrderID <37>); exists only once acknowledged."""

ExecId = NewType("ExecId", str)
"""Number of one report (FIX ExecID <17>); the same report always carries the same one."""

IntentId = NewType("IntentId", str)
"""Number of one wish of a strategy or a person; the same wish always carries the same one."""

MANUAL_SLEEVE = SleeveId("MANUAL")
"""Orders that a person enters through maemae."""

EXTERNAL_SLEEVE = SleeveId("EXTERNAL")
"""Orders and holdings that came to the account by another way (HTS, MTS)."""
