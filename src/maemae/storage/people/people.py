"""Everything that is kept about people and their ways in."""

from __future__ import annotations

from maemae.storage.envelope import Vault
from maemae.storage.people.addresses import AllowedAddresses
from maemae.storage.people.armings import Armings
from maemae.storage.people.attempts import Attempts, Pause
from maemae.storage.people.grants import Grants
from maemae.storage.people.invitations import Invitations
from maemae.storage.people.known_devices import KnownDevices
from maemae.storage.people.logins import Logins
from maemae.storage.people.recovery_codes import RecoveryCodes
from maemae.storage.people.second_factors import SecondFactors
from maemae.storage.people.tickets import Tickets
from maemae.storage.people.tokens import Tokens
from maemae.storage.people.users import Users
from maemae.storage.server_store import ServerStore


class People:
    """
    The repositories of people, over one store.

    Args:
        store: Where they are.
        vault: Seals what must be read again.
        person: How long somebody waits after failures.
        address: How long an address waits after failures.
    """

    def __init__(self, store: ServerStore, vault: Vault, person: Pause, address: Pause) -> None:
        self.users = Users(store)
        self.second_factors = SecondFactors(store, vault)
        self.attempts = Attempts(store, person, address)
        self.known_devices = KnownDevices(store, person)
        self.logins = Logins(store)
        self.tokens = Tokens(store)
        self.recovery_codes = RecoveryCodes(store)
        self.invitations = Invitations(store)
        self.tickets = Tickets(store)
        self.grants = Grants(store)
        self.armings = Armings(store)
        self.addresses = AllowedAddresses(store)
