"""Node.js for tests: the system's, or the one that set-up puts beside Python."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.architecture.source_tree import REPOSITORY

WEB = REPOSITORY / "web"


def run_script(name: str, *arguments: str) -> None:
    """Run a script of the page's folder; what it says is shown if it fails."""
    paths = (str(Path(sys.executable).parent), os.environ["PATH"])
    environment = {**os.environ, "PATH": os.pathsep.join(paths), "PYTHON": sys.executable}
    script = WEB / "scripts" / name
    command = [str(script)] if not script.suffix else ["node", str(script)]
    ended = subprocess.run(
        [*command, *arguments], check=False, capture_output=True, text=True, env=environment
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
