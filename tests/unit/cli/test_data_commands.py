from __future__ import annotations

from pathlib import Path

import pytest

from tests.shared_data import shared
from tests.unit.cli.conftest import CommandLine


def test_import_says_what_came(with_data: CommandLine) -> None:
    outcome = with_data("data", "import", "bars.csv", "--name", "other", "--basis", "adjusted")

    assert outcome.code == 0
    assert "other: 1종목, 봉 3개, 2024-01-02 ~ 2024-01-04, DAY, ADJUSTED" in outcome.out


def test_import_when_columns_are_korean_takes_them_by_map(maemae: CommandLine) -> None:
    korean = "일자,시가,고가,저가,종가,거래량\n2024/01/02,100,110,90,105,10\n"
    Path("bars.csv").write_text(korean, encoding="cp949")
    names = zip(
        ("date", "open", "high", "low", "close", "volume"),
        korean.split()[0].split(","),
        strict=True,
    )
    columns = [word for ours, theirs in names for word in ("--map", f"{ours}={theirs}")]

    outcome = maemae(
        "data", "import", "bars.csv", "--name", "k", "--basis", "raw", "--symbol", "000010",
        *columns,
    )  # fmt: skip

    assert outcome.code == 0, outcome.err


def test_list_shows_every_dataset(with_data: CommandLine) -> None:
    outcome = with_data("data", "list", "--lang", "en")

    assert "sample  RAW    DAY        1     3         0  2024-01-02 ~ 2024-01-04" in outcome.out


def test_list_when_there_is_none_says_how_to_get_some(maemae: CommandLine) -> None:
    outcome = maemae("data", "list")

    assert outcome.code == 0
    assert "maemae data import" in outcome.out


def test_check_shows_definitions_and_examples(maemae: CommandLine) -> None:
    bars = "symbol,date,open,high,low,close,volume\n000010,2024-01-02,100,90,90,105,10\n"
    Path("bars.csv").write_text(bars, encoding="utf-8")
    maemae("data", "import", "bars.csv", "--name", "sample", "--basis", "raw")

    outcome = maemae("data", "check", "sample", "--lang", "en")

    assert outcome.code == 0
    assert "In a bar that traded" in outcome.out
    assert "· 000010 2024-01-02 open=100 high=90" in outcome.out


@pytest.mark.parametrize(("high", "code"), [(90, 1), (110, 0)])
def test_check_when_strict_fails_on_findings_only(
    maemae: CommandLine, high: int, code: int
) -> None:
    bars = f"symbol,date,open,high,low,close,volume\n000010,2024-01-02,100,{high},90,105,10\n"
    Path("bars.csv").write_text(bars, encoding="utf-8")
    maemae("data", "import", "bars.csv", "--name", "sample", "--basis", "raw")

    assert maemae("data", "check", "sample", "--strict").code == code


def test_check_when_there_is_no_such_dataset_suggests_one(with_data: CommandLine) -> None:
    outcome = with_data("data", "check", "sampel")

    assert outcome.code == 1
    assert "sample" in outcome.err


@pytest.fixture
def five_minutes() -> Path:
    """Return real intraday bars; asked for before the home of a test hides where they are."""
    return shared("bars5m_greatbps_yahoo_2025_2026.parquet")


def test_import_of_real_intraday_bars(five_minutes: Path, maemae: CommandLine) -> None:
    words = ("--name", "five", "--basis", "raw", "--interval", "5m")

    outcome = maemae("data", "import", str(five_minutes), *words)

    assert outcome.code == 0, outcome.err
    assert "5m" in outcome.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--from", "krx", "--basis", "raw"), "pykrx"),
        (("--from", "fdr", "--basis", "raw"), "no raw prices"),
        (("--from", "pykrx", "--basis", "raw", "--interval", "5m"), "daily bars only"),
        (("--from", "fdr", "--basis", "adjusted", "--emulator"), "daily bars only"),
        (("--from", "pykrx", "--basis", "both"), "--basis"),
        (("--from", "pykrx", "--basis", "raw", "--market", "nyse"), "--market"),
        (("--from", "fdr", "--basis", "adjusted", "--name", "a/b"), "cannot name a dataset"),
        (("--from", "fdr", "--basis", "adjusted", "--until", "2020-01-02"), "Name instruments"),
    ],
)
def test_download_when_it_cannot_be_says_so_in_one_sentence(
    maemae: CommandLine, words: tuple[str, ...], said: str
) -> None:
    asked = ("--name", "d", "--symbols", "005930", "--since", "2025-01-02")

    outcome = maemae("data", "download", "--lang", "en", *asked, *words)

    assert outcome.code == 1
    assert said in outcome.err
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize(
    ("source", "basis", "plan"),
    [("pykrx", "raw", "7 requests are left, about 7 s"), ("fdr", "adjusted", "2 requests")],
)
def test_download_shows_its_plan_and_asks_nothing(
    maemae: CommandLine, source: str, basis: str, plan: str
) -> None:
    outcome = maemae(
        "data", "download", "--from", source, "--basis", basis, "--name", "d", "--plan",
        "--symbols", "005930,000660", "--since", "2024-01-02", "--until", "2025-06-30",
        "--lang", "en",
    )  # fmt: skip

    assert outcome.code == 0, outcome.err
    assert plan in outcome.out


def a_file_of_prints() -> None:
    prints = (
        "code,when,price,volume\n"
        "000010,2024-01-03 09:00:12,100,3\n"  # the opening auction
        "000010,2024-01-03 09:00:12,101,2\n"  # another print of that second
        "000010,2024-01-03 15:30:21,105,9\n"  # the closing auction
        "000010,2024-01-03 15:45:00,105,4\n"  # after hours
    )
    Path("ticks.csv").write_text(prints, encoding="utf-8")


PRINTS = (
    "data", "import", "ticks.csv", "--name", "ticks", "--basis", "raw", "--interval", "tick",
    "--tz", "Asia/Seoul", "--map", "symbol=code", "--map", "datetime=when",
)  # fmt: skip


def test_prints_become_bars_by_the_session(maemae: CommandLine) -> None:
    a_file_of_prints()
    assert maemae(*PRINTS).code == 0

    made = maemae("data", "aggregate", "ticks", "--to", "5m", "--name", "five", "--lang", "en")
    told = maemae("data", "list", "--lang", "en")

    assert made.code == 0, made.err
    assert "five: 1 symbols, 2 bars" in made.out
    assert "outside of regular sessions: 1" in made.out
    assert "TICK" in told.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("data", "aggregate", "ticks", "--to", "tick", "--name", "x"), "do not make"),
        (("data", "aggregate", "ticks", "--to", "often", "--name", "x"), "not a bar interval"),
        (("data", "aggregate", "tacks", "--to", "1m", "--name", "x"), "Did you mean ticks"),
        (("data", "aggregate", "ticks", "--to", "1m", "--name", "ticks"), "exists"),
        (("data", "stats", "tacks"), "Did you mean ticks"),
        (("data", "stats", "ticks", "--report", "ticks.csv/x.html"), "ticks.csv"),
        (("backtest", "golden_cross", "--data", "ticks"), "aggregate ticks --to 1m"),
    ],
)
def test_prints_when_asked_for_what_cannot_be_say_so_in_one_sentence(
    maemae: CommandLine, words: tuple[str, ...], said: str
) -> None:
    a_file_of_prints()
    maemae(*PRINTS)

    outcome = maemae(*words, "--lang", "en")

    assert outcome.code == 1
    assert said in outcome.err
    assert "Traceback" not in outcome.err


def test_stats_shows_years_and_writes_a_page(with_data: CommandLine) -> None:
    outcome = with_data("data", "stats", "sample", "--report", "stats.html")

    assert outcome.code == 0, outcome.err
    assert "채움" in outcome.out
    assert "데이터 통계" in Path("stats.html").read_text(encoding="utf-8")


def test_universe_limits_a_backtest_and_shows_in_its_report(with_data: CommandLine) -> None:
    Path("n.csv").write_text(
        "symbol,kind,since,until,known_at\n000010,관리종목,2024-01-02,,2024-01-01\n",
        encoding="utf-8",
    )

    brought = with_data("data", "designations", "n.csv", "--data", "sample", "--lang", "en")
    run = with_data(
        "backtest", "golden_cross", "--data", "sample", "--report", "u.html",
        "--universe", "price>=50 without=관리종목",
    )  # fmt: skip

    assert "1 designations" in brought.out
    assert run.code == 0, run.err
    assert "universe=price>=50 without=관리종목" in run.out
    assert "유니버스는 평균 0종목" in Path("u.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("universe", "said"),
    [
        ("top200", "cannot be understood"),
        ("cap>=3000억", "column shares"),
        ("without=투자경고", "maemae data designations"),
    ],
)
def test_universe_when_it_cannot_be_says_so_in_one_sentence(
    with_data: CommandLine, universe: str, said: str
) -> None:
    outcome = with_data(
        "backtest", "golden_cross", "--data", "sample", "--universe", universe, "--lang", "en"
    )

    assert outcome.code == 1
    assert said in outcome.err
