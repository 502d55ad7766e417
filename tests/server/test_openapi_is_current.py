"""The types of the page are those of the API as it is."""

from __future__ import annotations

from pathlib import Path

from tests.node import WEB, run_script


def test_generated_types_when_made_again_are_the_committed_ones(tmp_path: Path) -> None:
    again = tmp_path / "schema.gen.ts"
    run_script("build-if-changed.mjs", "install")
    run_script("generate-api", str(again))

    committed = (WEB / "src" / "api" / "schema.gen.ts").read_text("utf-8")
    assert again.read_text("utf-8") == committed, "run web/scripts/generate-api and commit"
