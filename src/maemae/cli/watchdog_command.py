"""`maemae watchdog`: acts when the executor of a data folder is dead."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
import typer

from maemae.cli.asking import ModeOption, mode_of
from maemae.cli.executor_options import AccountOption, DatabaseOption
from maemae.cli.invocation import Invocation
from maemae.cli.options import both, command
from maemae.cli.parsing import MOST_PORT, choice_from_text, count_from_text
from maemae.cli.screen import UP, WARNING, Screen
from maemae.cli.server_options import BrokerOption, BrokerPortOption, EmulatorOption
from maemae.domain.ids import AccountId
from maemae.ports import Alert
from maemae.settings import database_from_text
from maemae.trading.emergency.reach import Reach


class WatchdogOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of `maemae watchdog`."""

    mode: ModeOption = None
    account: AccountOption = None
    broker: BrokerOption = "sim"
    emulator: EmulatorOption = False
    broker_port: BrokerPortOption = None
    database: DatabaseOption = None
    policy: Annotated[
        str,
        typer.Option(
            metavar="nothing|cancel_buys|cancel_all|liquidate",
            help=both("실행기가 죽었을 때 스스로 어디까지", "how far it goes by itself"),
        ),
    ] = "cancel_buys"


class _Told:
    """Alerts on the screen (`maemae.ports.Notifier`)."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen

    async def notify(self, alert: Alert) -> None:
        """Show one."""
        from maemae.cli.words import clock

        self._screen.say(
            f"{clock(alert.at)} 알림 {alert.code} {alert.subject}: {alert.text.ko}",
            f"{clock(alert.at)} ALERT {alert.code} {alert.subject}: {alert.text.en}",
            f"bold {UP}" if alert.is_critical else WARNING,
        )


def run(call: Invocation, options: WatchdogOptions) -> None:
    """Watch until interrupted."""
    policies = {reach.value.lower(): reach for reach in Reach}
    policy = choice_from_text("--policy", options.policy, policies)
    port = options.broker_port
    given = None if port is None else count_from_text("--broker-port", port, 1, MOST_PORT)
    database = None if options.database is None else database_from_text(options.database)
    mode, settings, screen = mode_of(call, options.mode), call.settings, call.screen
    from maemae.app.kiwoom.parts import account_at_kiwoom
    from maemae.app.sim_place import find_place
    from maemae.app.trade_request import BrokerName
    from maemae.app.watchdogs import WatchRequest, watch

    names = {each.value.lower().replace("_", "-"): each for each in BrokerName}
    broker = choice_from_text("--broker", options.broker, names)
    account_id, place = AccountId(options.account or settings.account_id), None
    if broker is BrokerName.KIWOOM_REST:
        account_id, place = account_at_kiwoom(
            settings, options.account, is_emulated=options.emulator
        )
    request = WatchRequest(
        mode=mode,
        account_id=account_id,
        broker=broker,
        emulator_port=None if place is None else place.port,
        port=find_place(settings).port if given is None else given,
        policy=policy,
        database=database,
    )

    def ready() -> None:
        screen.say(
            f"지킵니다: {settings.data_folder(mode)}, 실행기가 죽으면 {policy}. "
            "Ctrl-C 로 멈춥니다.",
            f"Watching {settings.data_folder(mode)}; if its executor dies: {policy}. Ctrl-C stops.",
            "bold",
        )

    watch(settings, request, _Told(screen), ready)


COMMAND: Final = (
    "watchdog",
    both(
        "지킴이: 실행기가 죽으면 정해 둔 비상 조치를 합니다.",
        "Act when the executor is dead, as configured.",
    ),
    command(WatchdogOptions, run),
)
"""Name, help and function."""
