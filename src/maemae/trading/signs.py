"""What an executor shows of its life in the data folder, beside the store."""

from __future__ import annotations

from maemae.ports import Lease
from maemae.trading.emergency.epochs import Epochs
from maemae.trading.emergency.heartbeat import Heartbeat


class FolderSigns:
    """Epochs and beat as files (`maemae.trading.lease.Signs`), for a watchdog to look at."""

    def __init__(self, epochs: Epochs, heartbeat: Heartbeat) -> None:
        self._epochs = epochs
        self._heartbeat = heartbeat

    def claim(self, epoch: int, holder: str) -> bool:
        """Take an epoch; false if it, or a newer one, is taken already."""
        return self._epochs.claim(epoch, holder)

    def newest(self) -> int:
        """Return the highest epoch that anybody took."""
        return self._epochs.newest()

    def show(self, lease: Lease) -> None:
        """Show a beat."""
        self._heartbeat.show(lease)
