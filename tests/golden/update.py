"""
Keeps the golden runs anew and prints what changed: `python -m tests.golden.update`.

Do it only for a change that is meant to change orders, and say in its commit why.
"""

from __future__ import annotations

import sys

import msgspec
import pytest

from tests.golden.runs import CASES, EXPECTED, expected, golden, sparse


def main() -> None:
    """Run every case that has data; keep the others as they are."""
    before = expected() if EXPECTED.exists() else {}
    after = dict(before)
    for strategy, dataset in CASES:
        case = f"{strategy}-{dataset}"
        try:
            after[case] = golden(sparse(strategy, dataset))
        except pytest.skip.Exception as absent:
            sys.stdout.write(f"{case}: {absent}\n")
            continue
        same = before.get(case) == after[case]
        sys.stdout.write(f"{case}: {'same' if same else f'{before.get(case)} -> {after[case]}'}\n")
    content = msgspec.json.format(msgspec.json.encode(after), indent=2)
    EXPECTED.write_bytes(content + b"\n")


if __name__ == "__main__":
    main()
