"""Whose installation this is."""

from __future__ import annotations

from typing import Final

OWNER: Final = "owner"
"""Whose executors run here; the first administrator has this name unless another is chosen."""
