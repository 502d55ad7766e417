"""One server for the tests of a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.server.rig import ServerRig, a_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerRig]:
    """Give a server without executors."""
    with a_server(tmp_path_factory.mktemp("server")) as running:
        yield running
