"""
What a customer does with the package `kiwoom-playground`; runs in its environment, not in ours.

Takes the URLs of both interfaces and the keys as arguments. Prints what it was told as JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from kiwoom_rest.client import KiwoomClient


async def play(base_url: str, socket_url: str, app_key: str, secret_key: str) -> dict[str, Any]:
    """Register for trades and orders, then buy, and listen until the fill is told."""
    core = KiwoomClient(app_key, secret_key, base_url=base_url, ws_url=socket_url).core
    told: list[dict[str, Any]] = []
    await core.connect_ws(told.append)
    data = [{"item": ["005930"], "type": ["0B"]}, {"item": [""], "type": ["00", "04"]}]
    await core.send_ws({"trnm": "REG", "grp_no": "1", "refresh": "1", "data": data})
    await heard(told, "REG")
    order = {"dmst_stex_tp": "KRX", "stk_cd": "005930", "ord_qty": "3", "ord_uv": ""}
    loop = asyncio.get_running_loop()
    answer = await loop.run_in_executor(
        None, lambda: core.call("kt10000", **order, trde_tp="3", cond_uv="")
    )
    for kind in ("00", "04", "0B", "PING"):
        await heard(told, kind)
    await core.disconnect_ws()
    return {"answer": answer, "told": told}


async def heard(told: list[dict[str, Any]], kind: str) -> None:
    """Return once a frame or an entry of a kind was told."""
    for _ in range(2_000):
        if kind in {frame.get("trnm") for frame in told} | {
            entry["type"] for frame in told for entry in frame.get("data") or []
        }:
            return
        await asyncio.sleep(0.01)
    raise SystemExit(f"no {kind} among {told[-3:]}")


if __name__ == "__main__":
    json.dump(asyncio.run(play(*sys.argv[1:])), sys.stdout)
