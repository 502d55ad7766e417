"""
What the API offers, as OpenAPI; `python -m maemae.server.openapi` writes it without a database.

The types of the dashboard are generated from it.
"""

from __future__ import annotations

import json
import sys

from maemae.server.factory import described_app


def openapi_text() -> str:
    """Return the description as JSON, the same for the same routes."""
    return json.dumps(described_app().openapi(), ensure_ascii=False, indent=1, sort_keys=True)


if __name__ == "__main__":
    sys.stdout.write(openapi_text())
