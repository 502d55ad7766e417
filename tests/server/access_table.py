"""
Who may ask what: one row for every route and socket, written by hand.

A route that is not here fails the tests, and so does one that lets in somebody it should not or
keeps out somebody it should let in.
"""

from __future__ import annotations

from enum import unique
from typing import Final

from maemae.domain.terms import Term


@unique
class Access(Term):
    """Who may ask; each row of the table has one."""

    ANYBODY = "ANYBODY"
    HALF_WAY = "HALF_WAY"  # whoever showed a password
    VIEWER = "VIEWER"
    TRADER = "TRADER"
    TRADER_STEPPED_UP = "TRADER_STEPPED_UP"
    ADMIN = "ADMIN"
    ADMIN_STEPPED_UP = "ADMIN_STEPPED_UP"
    WATCHER = "WATCHER"  # an administrator, or a token for that alone
    LOGIN = "LOGIN"  # whoever may look, and comes by a login and not by a token
    LOGIN_STEPPED_UP = "LOGIN_STEPPED_UP"


ACCESS: Final[dict[tuple[str, str], Access]] = {
    ("GET", "/api/accounts"): Access.VIEWER,
    ("GET", "/api/accounts/{account_id}"): Access.VIEWER,
    ("POST", "/api/accounts/{account_id}/arm"): Access.TRADER_STEPPED_UP,
    ("POST", "/api/accounts/{account_id}/disarm"): Access.TRADER,
    ("GET", "/api/alerts"): Access.VIEWER,
    ("POST", "/api/alerts/{alert_id}/acknowledge"): Access.TRADER,
    ("GET", "/api/audit"): Access.VIEWER,
    ("GET", "/api/audit/verify"): Access.ADMIN,
    ("POST", "/api/auth/login"): Access.ANYBODY,
    ("GET", "/api/auth/logins"): Access.VIEWER,
    ("POST", "/api/auth/logins/end-all"): Access.LOGIN,
    ("DELETE", "/api/auth/logins/{login_id}"): Access.LOGIN,
    ("POST", "/api/auth/logout"): Access.HALF_WAY,
    ("GET", "/api/auth/me"): Access.VIEWER,
    ("POST", "/api/auth/password"): Access.LOGIN,
    ("POST", "/api/auth/recovery"): Access.HALF_WAY,
    ("POST", "/api/auth/recovery-codes"): Access.LOGIN_STEPPED_UP,
    ("GET", "/api/auth/setup"): Access.ANYBODY,
    ("POST", "/api/auth/setup"): Access.ANYBODY,
    ("POST", "/api/auth/step-up"): Access.HALF_WAY,
    ("POST", "/api/auth/supabase"): Access.ANYBODY,
    ("POST", "/api/auth/ticket"): Access.LOGIN,
    ("GET", "/api/auth/tokens"): Access.LOGIN,
    ("POST", "/api/auth/tokens"): Access.LOGIN_STEPPED_UP,
    ("DELETE", "/api/auth/tokens/{token_id}"): Access.LOGIN,
    ("POST", "/api/auth/totp"): Access.HALF_WAY,
    ("POST", "/api/auth/totp/confirm"): Access.LOGIN_STEPPED_UP,
    ("POST", "/api/auth/totp/enrol"): Access.LOGIN_STEPPED_UP,
    ("GET", "/api/backtests"): Access.VIEWER,
    ("POST", "/api/backtests"): Access.TRADER,
    ("DELETE", "/api/backtests/{backtest_id}"): Access.TRADER,
    ("GET", "/api/backtests/{backtest_id}"): Access.VIEWER,
    ("GET", "/api/backtests/{backtest_id}/report"): Access.VIEWER,
    ("GET", "/api/balances"): Access.VIEWER,
    ("GET", "/api/credentials"): Access.VIEWER,
    ("POST", "/api/credentials"): Access.TRADER_STEPPED_UP,
    ("DELETE", "/api/credentials/{credential_id}"): Access.TRADER_STEPPED_UP,
    ("PUT", "/api/credentials/{credential_id}"): Access.TRADER_STEPPED_UP,
    ("GET", "/api/executions"): Access.VIEWER,
    ("GET", "/api/jobs"): Access.VIEWER,
    ("GET", "/api/kill"): Access.VIEWER,
    ("POST", "/api/kill"): Access.TRADER,
    ("POST", "/api/kill/release"): Access.TRADER_STEPPED_UP,
    ("POST", "/api/kill/trading-state"): Access.TRADER,
    ("GET", "/api/docs"): Access.VIEWER,
    ("GET", "/api/docs/openapi.json"): Access.VIEWER,
    ("GET", "/api/market/bars"): Access.VIEWER,
    ("GET", "/api/market/book"): Access.VIEWER,
    ("GET", "/api/market/clock"): Access.VIEWER,
    ("GET", "/api/market/datasets"): Access.VIEWER,
    ("GET", "/api/market/quotes"): Access.VIEWER,
    ("GET", "/api/market/search"): Access.VIEWER,
    ("GET", "/api/orders"): Access.VIEWER,
    ("POST", "/api/orders"): Access.TRADER,
    ("POST", "/api/orders/preview"): Access.TRADER,
    ("GET", "/api/orders/{account_id}/{cl_ord_id}"): Access.VIEWER,
    ("POST", "/api/orders/{account_id}/{cl_ord_id}/cancel"): Access.TRADER,
    ("POST", "/api/orders/{account_id}/{cl_ord_id}/replace"): Access.TRADER,
    ("POST", "/api/orders/{account_id}/{cl_ord_id}/settle"): Access.TRADER,
    ("GET", "/api/performance"): Access.VIEWER,
    ("GET", "/api/positions"): Access.VIEWER,
    ("GET", "/api/risk/limits"): Access.VIEWER,
    ("PUT", "/api/risk/limits"): Access.TRADER,
    ("GET", "/api/risk/usage"): Access.VIEWER,
    ("GET", "/api/strategies"): Access.VIEWER,
    ("GET", "/api/strategies/runs"): Access.VIEWER,
    ("POST", "/api/strategies/runs"): Access.TRADER,
    ("POST", "/api/strategies/runs/{account_id}/{sleeve_id}/pause"): Access.TRADER,
    ("POST", "/api/strategies/runs/{account_id}/{sleeve_id}/resume"): Access.TRADER,
    ("POST", "/api/strategies/runs/{account_id}/{sleeve_id}/stop"): Access.TRADER,
    ("GET", "/api/strategies/runs/{account_id}/{sleeve_id}/why"): Access.VIEWER,
    ("SOCKET", "/api/stream"): Access.VIEWER,
    ("GET", "/api/system/addresses"): Access.ADMIN,
    ("POST", "/api/system/addresses"): Access.ADMIN_STEPPED_UP,
    ("POST", "/api/system/addresses/withdraw"): Access.ADMIN_STEPPED_UP,
    ("GET", "/api/system/certificates"): Access.VIEWER,
    ("GET", "/api/system/health"): Access.ANYBODY,
    ("GET", "/api/system/metrics"): Access.WATCHER,
    ("GET", "/api/system/ready"): Access.ANYBODY,
    ("GET", "/api/system/version"): Access.VIEWER,
    ("GET", "/api/users"): Access.ADMIN,
    ("POST", "/api/users/invite"): Access.ADMIN_STEPPED_UP,
    ("DELETE", "/api/users/{user_id}"): Access.ADMIN_STEPPED_UP,
    ("GET", "/api/users/{user_id}"): Access.ADMIN,
    ("DELETE", "/api/users/{user_id}/accounts/{account_id}"): Access.ADMIN_STEPPED_UP,
    ("PUT", "/api/users/{user_id}/accounts/{account_id}"): Access.ADMIN_STEPPED_UP,
    ("POST", "/api/users/{user_id}/forget-second-factor"): Access.ADMIN_STEPPED_UP,
    ("POST", "/api/users/{user_id}/lock"): Access.ADMIN_STEPPED_UP,
    ("POST", "/api/users/{user_id}/new-password"): Access.ADMIN_STEPPED_UP,
    ("PUT", "/api/users/{user_id}/role"): Access.ADMIN_STEPPED_UP,
    ("PUT", "/api/users/{user_id}/subject"): Access.ADMIN_STEPPED_UP,
    ("POST", "/api/users/{user_id}/unlock"): Access.ADMIN_STEPPED_UP,
    ("GET", "/api/waiting"): Access.VIEWER,
    ("POST", "/api/waiting/{account_id}/{intent_id}/withdraw"): Access.TRADER,
}
"""Method and path of everything the API offers; a socket's method is SOCKET."""
