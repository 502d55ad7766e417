"""Of two that want an epoch one gets it, and everybody older can see it."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from maemae.domain.errors import StorageError
from maemae.trading.emergency.epochs import Epochs


def test_epochs_before_the_first_are_0(tmp_path: Path) -> None:
    assert Epochs(tmp_path).newest() == 0


def test_epoch_when_claimed_is_seen_by_everybody(tmp_path: Path) -> None:
    other = Epochs(tmp_path)

    assert Epochs(tmp_path).claim(5, "a")

    assert other.newest() == 5


@pytest.mark.parametrize("epoch", [4, 5])
def test_epoch_when_not_above_the_newest_is_not_given(tmp_path: Path, epoch: int) -> None:
    Epochs(tmp_path).claim(5, "a")

    assert not Epochs(tmp_path).claim(epoch, "b")


def test_epoch_when_wanted_by_many_at_once_is_given_once(tmp_path: Path) -> None:
    Epochs(tmp_path).claim(1, "before")
    given: list[bool] = []
    start = threading.Barrier(8)

    def claim() -> None:
        start.wait()
        given.append(Epochs(tmp_path).claim(2, "x"))

    threads = [threading.Thread(target=claim) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(given) == [False] * 7 + [True]


def test_epochs_keep_the_newest_and_few_others(tmp_path: Path) -> None:
    epochs = Epochs(tmp_path)
    for epoch in range(1, 40):
        assert epochs.claim(epoch, "a")

    assert epochs.newest() == 39
    assert len(list((tmp_path / "epochs").iterdir())) == 10


def test_epochs_when_they_cannot_be_read_say_so(tmp_path: Path) -> None:
    (tmp_path / "epochs").write_text("")

    with pytest.raises(StorageError, match="no new order"):
        Epochs(tmp_path).newest()
