"""A report is one file that asks for nothing, believes nobody, and leaves nothing out."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections import Counter
from hashlib import sha256
from html.parser import HTMLParser

import msgspec
import pytest

from maemae.domain.terms import Side
from maemae.domain.text import Language, Text
from maemae.research.report.model import Assumption, Benchmark, RefusalCount, RunReport
from maemae.research.report.render import render
from maemae.research.report.view import MAX_TRADES, symbol_rows
from maemae.research.report.words import DEFINITIONS, WORDS
from tests.unit.research.report.run_reports import a_report, a_trade

pytestmark = pytest.mark.thorough

HOSTILE = "</script><script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{ 7*7 }}"
VOID = {"meta", "br", "img", "link"}


class Page(HTMLParser):
    """What a browser would find."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.contents: dict[str, list[str]] = {}
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open:
            self.contents.setdefault(self.open[-1], []).append(data)

    @property
    def visible(self) -> str:
        hidden = {"script", "style"}
        return " ".join(
            text for tag, texts in self.contents.items() if tag not in hidden for text in texts
        )

    def values(self, tag: str, name: str) -> list[str]:
        return [value for one, key, value in self.attributes if (one, key) == (tag, name)]


def a_hostile_report() -> RunReport:
    bad = Text(HOSTILE, HOSTILE)
    trade = msgspec.structs.replace(
        a_trade(), symbol=HOSTILE, name=HOSTILE, exit_reason=bad, side=Side.SELL
    )
    return a_report(
        trades=[trade],
        title=HOSTILE,
        strategy=HOSTILE,
        parameters={HOSTILE: HOSTILE},
        venue=HOSTILE,
        assumptions=[Assumption(HOSTILE, bad)],
        price_basis=bad,
        price_warning=bad,
        data_warnings=[bad],
        benchmark=Benchmark(HOSTILE, [1.0, 2.0, 3.0]),
        refusals=[RefusalCount(HOSTILE, bad, 1)],
        order_hash=HOSTILE,
        book_hash=HOSTILE,
    )


@pytest.mark.parametrize("language", list(Language))
def test_report_when_every_text_is_hostile_runs_none_of_it(language: Language) -> None:
    harmless, hostile = (
        Page(render(a_report(), language)),
        Page(render(a_hostile_report(), language)),
    )

    assert hostile.tags["script"] == harmless.tags["script"] == 2
    assert hostile.tags["img"] == 0
    assert not [name for _, name, _ in hostile.attributes if name.startswith("on")]
    assert hostile.visible.count(HOSTILE) >= 15


def test_report_asks_for_nothing_from_outside() -> None:
    html = render(a_report(benchmark=Benchmark("KOSPI", [1.0, 2.0, 3.0])))

    assert not re.findall(r"https?:|//\w+\.\w+|url\(|@import|<link|<iframe|<base", html)
    assert not [name for _, name, _ in Page(html).attributes if name in {"src", "href", "style"}]


def test_report_allows_only_its_own_script_and_style() -> None:
    page = Page(render(a_report()))
    policy = next(value for value in page.values("meta", "content") if "default-src" in value)

    def digest(content: str) -> str:
        return b64encode(sha256(content.encode()).digest()).decode()

    style, script = page.contents["style"][0], page.contents["script"][-1]

    assert policy.startswith("default-src 'none';")
    assert f"style-src 'sha256-{digest(style)}'" in policy
    assert f"script-src 'sha256-{digest(script)}'" in policy


def test_report_closes_every_element() -> None:
    assert Page(render(a_report())).open == []


def test_report_is_the_same_each_time() -> None:
    assert render(a_report()) == render(a_report())


def test_report_is_korean_unless_told_otherwise() -> None:
    korean, english = Page(render(a_report())), Page(render(a_report(), Language.EN))

    assert (korean.values("html", "lang"), english.values("html", "lang")) == (["ko"], ["en"])
    assert "최대 낙폭" in korean.visible
    assert "+50,000원" in korean.visible
    assert "Max drawdown" in english.visible
    assert "+₩50,000" in english.visible
    assert not re.search(
        "[가-힣]", english.visible.replace("골든크로스", "").replace("가람전자", "")
    )


@pytest.mark.parametrize(
    "equity",
    [[1_000_000], [1_000_000] * 30, [900_000, -5, 0], [0, 0, 0], [-1, -2]],
    ids=["one day", "flat", "lost", "nothing", "negative"],
)
def test_report_of_a_strange_run_shows_dashes_not_nan(equity: list[int]) -> None:
    html = render(a_report(equity=equity, trades=[], refusals=[]))
    page = Page(html)

    assert not re.search(r"\b(nan|none|inf|infinity)\b", page.visible, re.IGNORECASE)
    assert "–" in page.visible
    assert all(re.fullmatch(r"[MLHVZaz\d., -]+", d) for d in page.values("path", "d"))


def test_report_without_trades_and_refusals_says_so() -> None:
    page = Page(render(a_report(trades=[], refusals=[])))

    assert "청산한 거래가 없습니다." in page.visible
    assert "거부된 주문이 없습니다." in page.visible
    assert "trades" not in page.values("table", "id")


def test_report_when_trades_are_many_shows_the_first_and_counts_the_rest() -> None:
    page = Page(render(a_report(trades=[a_trade(pnl) for pnl in range(1_234)])))

    assert "처음 500건입니다. 734건이 더 있습니다." in page.visible
    assert page.values("th", "scope").count("row") == MAX_TRADES + 1


def test_report_shows_a_gain_as_up_and_a_loss_as_down() -> None:
    gain, loss = (Page(render(a_report(equity=[1_000_000, end]))) for end in (1_200_000, 800_000))

    assert "result up" in gain.values("p", "class")
    assert "line up" in gain.values("path", "class")
    assert "result down" in loss.values("p", "class")
    assert "line down" in loss.values("path", "class")


def test_report_colors_up_red_and_down_blue() -> None:
    style = Page(render(a_report())).contents["style"][0]
    colors = re.findall(r"--(up|down): #(..)(..)(..)", style)

    assert len(colors) == 6
    for name, red, _, blue in colors:
        assert (int(red, 16) > int(blue, 16)) is (name == "up")


def test_report_gives_the_crosshair_every_drawn_session() -> None:
    page = Page(render(a_report(benchmark=Benchmark("KOSPI", [200.0, 210.0, 220.0]))))

    rows = json.loads(page.contents["script"][0])

    assert rows[1] == [50.0, "2024.01.03", "1,100,000원", "0.00%", "50%", "–", "1,050,000원"]
    assert rows[2][:4] == [100.0, "2024.01.04", "1,050,000원", "−4.55%"]


def test_report_leaves_deposits_out_of_months_and_drawdown() -> None:
    plain = a_report(equity=[1_000_000, 1_500_000])
    report = msgspec.structs.replace(plain, flows=[0, 500_000])

    rows = json.loads(Page(render(report)).contents["script"][0])

    assert rows[1][3] == "0.00%"
    assert "+50.0" in Page(render(plain)).contents["td"]
    assert "+50.0" not in Page(render(report)).contents["td"]


def test_report_says_what_it_assumes_and_what_it_cannot_promise() -> None:
    warning = Text("수정주가입니다.", "Adjusted.")
    page = Page(render(a_report(price_warning=warning, data_warnings=[Text("빈 날", "A gap")])))

    for sentence in (
        "수정주가입니다.",
        "빈 날",
        "다음 봉 시가",
        "호가가 틀립니다.",
        "aa11",
        "bb22",
    ):
        assert sentence in page.visible
    assert "과거의 성과는 미래의 수익을 보장하지 않습니다." in page.visible


def test_symbols_are_ranked_by_the_sum_of_their_trades() -> None:
    sums = {f"{n:06d}": n - 15 for n in range(31)}
    trades = [a_trade(pnl, symbol) for symbol, pnl in sums.items()]
    trades += [a_trade(-100, "000030")]

    earned, lost = symbol_rows(trades, Language.KO)

    assert [row.symbol for row in earned] == [f"{n:06d}" for n in range(29, 19, -1)]
    assert [row.symbol for row in lost][:2] == ["000030", "000000"]
    assert (lost[0].pnl, lost[0].trades, lost[0].width) == ("−85원", 2, 100.0)
    assert len(lost) == 10


def test_words_exist_for_every_definition_and_say_both_languages() -> None:
    assert set(DEFINITIONS) <= set(WORDS)
    assert all(text.ko and text.en for text in [*WORDS.values(), *DEFINITIONS.values()])
