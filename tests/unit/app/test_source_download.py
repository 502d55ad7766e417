"""pykrx and FinanceDataReader, unchanged, at a double of their sites: planned, kept, resumed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from maemae.app.source_download import SourceDownload, SourceRequest
from maemae.catalogue.catalogue import Catalogue
from maemae.catalogue.sources.polite import Manners, PoliteRequests
from maemae.domain.errors import (
    ConfigError,
    InvalidValueError,
    MissingDataError,
    SourceBlockedError,
    SourceUnavailableError,
)
from maemae.domain.ids import Symbol
from maemae.domain.terms import Market, PriceBasis
from maemae.krx.calendar import sessions
from maemae.settings import Settings
from tests.architecture.source_tree import REPOSITORY
from tests.price_site import ADJUSTED, RAW, PriceSite, close_of, price_site

pytestmark = pytest.mark.thorough

SAMSUNG, HYNIX, GONE = Symbol("005930"), Symbol("000660"), Symbol("003620")
FIRST, LAST = date(2022, 6, 1), date(2025, 3, 31)
HTML = b"<!DOCTYPE html><html><body>Access denied</body></html>"
RAW_PYKRX = ("pykrx", PriceBasis.RAW)
ADJUSTED_PYKRX = ("pykrx", PriceBasis.ADJUSTED)
ADJUSTED_FDR = ("fdr", PriceBasis.ADJUSTED)
EVERY = [RAW_PYKRX, ADJUSTED_PYKRX, ADJUSTED_FDR]


@pytest.fixture(autouse=True)
def _no_lists_of_another_test() -> Iterator[None]:
    """pykrx keeps its lists for the life of the process."""
    yield
    ticker = sys.modules.get("pykrx.website.krx.market.ticker")
    if ticker is not None:
        ticker.StockTicker._instance = None


@pytest.fixture(autouse=True)
def _no_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KRX_ID", raising=False)
    monkeypatch.delenv("KRX_PW", raising=False)


@pytest.fixture(name="site")
def _site() -> Iterator[PriceSite]:
    with price_site() as site:
        yield site


class Slept(list[float]):
    """A clock that only sleeping moves."""

    def now(self) -> float:
        return sum(self)


def download(
    home: Path,
    site: PriceSite,
    what: tuple[str, PriceBasis] = RAW_PYKRX,
    symbols: tuple[Symbol, ...] = (SAMSUNG, HYNIX),
    slept: Slept | None = None,
) -> SourceDownload:
    clock = Slept() if slept is None else slept
    manners = Manners()
    polite = PoliteRequests(manners, clock.append, clock.now, site.reroute)
    request = SourceRequest(
        source=what[0],
        dataset="from_site",
        symbols=symbols,
        basis=what[1],
        first=FIRST,
        last=LAST,
        market=Market.KOSDAQ,
        replace=True,
    )
    return SourceDownload(Settings(home=home), request, manners, polite)


def whole(getting: SourceDownload) -> list[tuple[str, int]]:
    return [(told.symbol, told.bars) for told in getting.run()]


@pytest.mark.parametrize("what", EVERY)
def test_bars_come_into_the_catalogue_as_the_site_has_them(
    tmp_path: Path, site: PriceSite, what: tuple[str, PriceBasis]
) -> None:
    days = sessions(FIRST, LAST)
    getting = download(tmp_path, site, what)

    told = whole(getting)
    manifest = getting.store()

    catalogue = Catalogue(tmp_path / "catalogue")
    panel = catalogue.panel("from_site", [SAMSUNG])
    base = RAW if what[1] is PriceBasis.RAW else ADJUSTED
    assert told == [(SAMSUNG, len(days)), (HYNIX, len(days))]
    assert panel.dates == days
    assert panel.close[0].tolist() == [close_of(day, base) for day in days]
    assert (manifest.basis, panel.basis, manifest.other_basis_symbols) == (what[1], what[1], 0)
    assert catalogue.instruments("from_site")[HYNIX].market is Market.KOSDAQ


def test_delisted_instrument_comes_too(tmp_path: Path, site: PriceSite) -> None:
    assert whole(download(tmp_path, site, symbols=(GONE,)))[0][1] == len(sessions(FIRST, LAST))


@pytest.mark.parametrize(("what", "requests"), [(RAW_PYKRX, 9), (ADJUSTED_FDR, 2)])
def test_plan_tells_no_fewer_requests_than_are_made(
    tmp_path: Path, site: PriceSite, what: tuple[str, PriceBasis], requests: int
) -> None:
    getting = download(tmp_path, site, what)

    before = getting.plan
    whole(getting)
    after = getting.plan

    assert (before.requests, before.secs, before.done) == (requests, requests, 0)
    assert site.asked.total() <= requests
    assert (after.requests, after.done) == (0, 2)


def test_requests_keep_their_distance(tmp_path: Path, site: PriceSite) -> None:
    slept = Slept()

    whole(download(tmp_path, site, slept=slept))

    assert sum(slept) == pytest.approx(site.asked.total() - 1)


@pytest.mark.parametrize("what", EVERY)
def test_server_when_it_stumbles_is_asked_again(
    tmp_path: Path, site: PriceSite, what: tuple[str, PriceBasis]
) -> None:
    site.replies = [(503, b"busy"), (200, b"half of an ans"), None]
    slept = Slept()

    told = whole(download(tmp_path, site, what, slept=slept))

    assert [bars for _, bars in told] == [len(sessions(FIRST, LAST))] * 2
    assert slept[:2] == [2.0, 4.0]


@pytest.mark.parametrize("what", EVERY)
@pytest.mark.parametrize(
    "reply", [(403, b""), (429, b""), (200, HTML), (200, b"LOGOUT"), (401, b"")]
)
def test_site_when_it_blocks_is_never_asked_again(
    tmp_path: Path, site: PriceSite, what: tuple[str, PriceBasis], reply: tuple[int, bytes]
) -> None:
    site.always = reply

    with pytest.raises(SourceBlockedError) as caught:
        whole(download(tmp_path, site, what))

    assert site.asked.total() == 1
    assert ("KRX_ID" in str(caught.value)) == (reply in [(200, b"LOGOUT"), (401, b"")])


def test_site_when_it_stays_down_is_given_up_and_gone_on_with(
    tmp_path: Path, site: PriceSite
) -> None:
    site.replies = [None, None, None, *[(500, b"")] * 4]  # both lists and a window come through

    with pytest.raises(SourceUnavailableError, match="go on later"):
        whole(download(tmp_path, site))
    asked = dict(site.asked)
    whole(download(tmp_path, site))

    first = next(what for what in asked if what.startswith("MDCSTAT01701"))
    assert site.asked[first] == 1


def test_series_that_change_are_forgotten_and_the_others_kept(
    tmp_path: Path, site: PriceSite
) -> None:
    for what, more in ((ADJUSTED_FDR, 2), (RAW_PYKRX, 0)):
        first = download(tmp_path, site, what)
        whole(first)
        first.store()
        before = site.asked.total()

        whole(download(tmp_path, site, what))

        assert site.asked.total() - before == more


def test_instrument_when_unknown_is_told_of(tmp_path: Path, site: PriceSite) -> None:
    getting = download(tmp_path, site, ADJUSTED_PYKRX, (SAMSUNG, Symbol("999999")))
    whole(getting)

    getting.store()

    assert getting.absent == ("999999",)


def test_download_when_nothing_came_makes_no_dataset(tmp_path: Path, site: PriceSite) -> None:
    getting = download(tmp_path, site, ADJUSTED_FDR, (Symbol("999999"),))
    whole(getting)

    with pytest.raises(MissingDataError, match="gave no bars"):
        getting.store()


def test_answer_when_its_columns_changed_is_not_taken_for_no_bars(
    tmp_path: Path, site: PriceSite
) -> None:
    site.damaged = {"KR7005930003"}

    with pytest.raises(SourceUnavailableError, match="newer pykrx"):
        whole(download(tmp_path, site))


def test_raw_prices_of_fdr_are_refused(tmp_path: Path, site: PriceSite) -> None:
    with pytest.raises(InvalidValueError, match="no raw prices"):
        download(tmp_path, site, ("fdr", PriceBasis.RAW))


@pytest.mark.parametrize("source", ["pykrx", "fdr"])
def test_library_when_absent_is_told_how_to_get(
    tmp_path: Path, site: PriceSite, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("maemae.catalogue.sources.libraries.find_spec", lambda _: None)

    with pytest.raises(ConfigError, match=r"pip install 'maemae\[sources\]'"):
        download(tmp_path, site, (source, PriceBasis.ADJUSTED))


def test_windows_of_different_bases_never_meet(tmp_path: Path, site: PriceSite) -> None:
    whole(download(tmp_path, site, RAW_PYKRX))

    adjusted = download(tmp_path, site, ADJUSTED_PYKRX)
    whole(adjusted)
    adjusted.store()

    close = Catalogue(tmp_path / "catalogue").panel("from_site").close
    assert int(close.max()) < RAW


LONE = """
import sys
from pathlib import Path
from tests.price_site import PriceSite
from tests.unit.app.test_source_download import download
site = PriceSite()
site.url = sys.argv[2]
for told in download(Path(sys.argv[1]), site).run():
    pass
"""


def test_download_when_killed_goes_on_where_it_was(tmp_path: Path, site: PriceSite) -> None:
    site.hold_at = 6  # the lists, both windows of Samsung, one of Hynix, and one more on its way
    command = [sys.executable, "-c", LONE, str(tmp_path), site.url]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    with subprocess.Popen(command, cwd=REPOSITORY, env=environment) as child:
        assert site.arrived.wait(60)
        os.kill(child.pid, signal.SIGKILL)
    site.hold_at = None
    kept = list((tmp_path / "download").rglob("*.parquet"))

    getting = download(tmp_path, site)
    left = getting.plan.done
    told = whole(getting)
    getting.store()

    windows = [count for what, count in site.asked.items() if what.startswith("MDCSTAT01701")]
    assert len(kept) >= 2
    assert left == 1
    assert sorted(windows) == [1] * (len(windows) - 1) + [2]  # only what was on its way
    assert told == [(SAMSUNG, len(sessions(FIRST, LAST))), (HYNIX, len(sessions(FIRST, LAST)))]
    assert pl.read_parquet(kept[0]).height > 0
