"""
A double of the two sites whose daily bars pykrx and FinanceDataReader read, on this machine.

It speaks the formats that the libraries' own sources show: Naver's chart as XML, KRX's lists and
prices as JSON with thousands separators. Prices tell their day. Switches make it fail, demand a
login or block; every request is noted.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from maemae.krx.calendar import sessions

LISTED = {"005930": ("KR7005930003", "삼성전자"), "000660": ("KR7000660001", "SK하이닉스")}
GONE = {"003620": ("KR7003620002", "쌍용씨앤이")}
BEGUN = date(2020, 1, 2)
TODAY = date(2026, 11, 27)
ADJUSTED, RAW = 1_000, 50_000

Reply = tuple[int, bytes]


def close_of(day: date, base: int) -> int:
    """Return the close of a day; every instrument has the same."""
    return base + day.toordinal() % 1_000


class PriceSite:
    """
    The double.

    Attributes:
        asked: Requests by what they were for.
        replies: What to answer instead, once each, oldest first; None for the right answer.
        always: What to answer instead, always.
        damaged: Instruments whose rows lack a column.
    """

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.replies: list[Reply | None] = []
        self.always: Reply | None = None
        self.damaged: set[str] = set()
        self.arrived = threading.Event()
        self.hold_at: int | None = None
        self.url = ""

    def reroute(self, address: str) -> str:
        """Return this double's address for one of the sites."""
        parts = urlsplit(address)
        return f"{self.url}{parts.path}" + (f"?{parts.query}" if parts.query else "")

    def answer(self, path: str, form: dict[str, str]) -> Reply:
        """Answer one request."""
        what = _what(path, form)
        self.asked[what] += 1
        if self.hold_at == self.asked.total():
            self.arrived.set()
            threading.Event().wait(60)
        if self.always is not None:
            return self.always
        instead = self.replies.pop(0) if self.replies else None
        if instead is not None:
            return instead
        if path.endswith("sise.nhn"):
            return 200, _naver(form["symbol"], int(form["count"]))
        return 200, json.dumps(self._krx(form)).encode()

    def _krx(self, form: dict[str, str]) -> dict[str, Any]:
        kind = form["bld"].rsplit("/", 1)[1]
        if kind in ("finder_stkisu", "finder_listdelisu"):
            listed = LISTED if kind == "finder_stkisu" else GONE
            return {"block1": [_found(code, *about) for code, about in listed.items()]}
        first, last = (date.fromisoformat(form[name]) for name in ("strtDd", "endDd"))
        rows = [_krx_row(day) for day in _days(max(first, BEGUN), min(last, TODAY))]
        if form["isuCd"] in self.damaged:
            rows = [{"TRD_DD": row["TRD_DD"]} for row in rows]
        return {"output": rows[::-1]}


@contextmanager
def price_site() -> Iterator[PriceSite]:
    """Serve the double as long as the block lasts."""
    site = PriceSite()

    class Handler(BaseHTTPRequestHandler):
        served: ClassVar[PriceSite] = site

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            self._give(parts.path, parts.query)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._give(urlsplit(self.path).path, body)

        def _give(self, path: str, form: str) -> None:
            one = {name: values[0] for name, values in parse_qs(form).items()}
            code, content = self.served.answer(path, one)
            self.send_response(code)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        site.url = f"http://127.0.0.1:{server.server_address[1]}"
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        serving.start()
        try:
            yield site
        finally:
            server.shutdown()
            serving.join()


def _what(path: str, form: dict[str, str]) -> str:
    if path.endswith("sise.nhn"):
        return f"naver {form['symbol']}"
    kind = form.get("bld", path).rsplit("/", 1)[1]
    return f"{kind} {form['isuCd']} {form['strtDd']}" if "isuCd" in form else kind


def _days(first: date, last: date) -> list[date]:
    return sessions(first, last) if first <= last else []


def _naver(symbol: str, count: int) -> bytes:
    days = _days(BEGUN, TODAY)[-count:] if symbol in LISTED else []
    items = "".join(
        f'<item data="{day:%Y%m%d}|{close}|{close + 5}|{close - 5}|{close}|{day.day}" />\n'
        for day in days
        for close in (close_of(day, ADJUSTED),)
    )
    head = '<?xml version="1.0" encoding="EUC-KR" ?>\n<protocol>\n'
    return f'{head}<chartdata symbol="{symbol}">\n{items}</chartdata>\n</protocol>'.encode()


def _found(code: str, full_code: str, name: str) -> dict[str, str]:
    return {
        "full_code": full_code,
        "short_code": code,
        "codeName": name,
        "marketCode": "STK",
        "marketName": "유가증권",
        "marketEngName": "KOSPI",
        "ord1": "",
        "ord2": "16",
    }


def _krx_row(day: date) -> dict[str, str]:
    close = close_of(day, RAW)
    return {
        "TRD_DD": f"{day:%Y/%m/%d}",
        "TDD_CLSPRC": f"{close:,}",
        "FLUC_TP_CD": "1",
        "CMPPREVDD_PRC": "1",
        "FLUC_RT": "0.01",
        "TDD_OPNPRC": f"{close:,}",
        "TDD_HGPRC": f"{close + 50:,}",
        "TDD_LWPRC": f"{close - 50:,}",
        "ACC_TRDVOL": f"{1_000 * day.day:,}",
        "ACC_TRDVAL": f"{close * 1_000 * day.day:,}",
        "MKTCAP": "1,000,000",
        "LIST_SHRS": "5,969,782,550",
    }
