"""A Supabase project as far as tokens go: it signs them, and shows the keys that it signs with."""

from __future__ import annotations

import base64
import hmac
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey


class SupabaseProject:
    """
    One project.

    Attributes:
        url: Of the project.
        asked: How often the keys were fetched.
        is_down: Whether it answers nothing of use.
    """

    def __init__(self) -> None:
        self.url = ""
        self.asked = 0
        self.is_down = False
        self._keys: list[ECKey] = []
        self.add_key("first")

    def add_key(self, kid: str) -> None:
        """Sign with a new key from now on; the earlier ones are shown still."""
        self._keys.append(ECKey.generate_key("P-256", {"kid": kid, "use": "sig", "alg": "ES256"}))

    def token(self, now: int, *, header: dict[str, Any] | None = None, **claims: object) -> str:
        """Return a token of a moment [s]; None takes a claim out."""
        usual = {
            "iss": f"{self.url}/auth/v1",
            "aud": "authenticated",
            "sub": "7f1d",
            "aal": "aal2",
            "iat": now,
            "exp": now + 3_600,
            "role": "authenticated",
        }
        told = {name: value for name, value in (usual | claims).items() if value is not None}
        key = self._keys[-1]
        return jwt.encode({"alg": "ES256", "kid": key.kid} | (header or {}), told, key)

    def confused_token(self, now: int) -> str:
        """Return a token signed symmetrically, with the public key as the secret."""
        key = self._keys[-1]
        head = {"alg": "HS256", "kid": key.kid}
        claims: dict[str, object] = {"iss": f"{self.url}/auth/v1", "sub": "7f1d"}
        claims |= {"aud": "authenticated", "aal": "aal2"}
        claims |= {"iat": now, "exp": now + 3_600}
        text = f"{_encoded(head)}.{_encoded(claims)}"
        public = key.as_pem(private=False)
        signature = hmac.digest(public, text.encode(), "sha256")
        return f"{text}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"

    def stranger_token(self, now: int) -> str:
        """Return a token that another project signed, under a name of this one's."""
        other = SupabaseProject()
        other.url = self.url
        other._keys = [ECKey.generate_key("P-256", {"kid": self._keys[-1].kid or ""})]
        return other.token(now)

    def shown_keys(self) -> bytes:
        """Return what is published."""
        keys = [key.as_dict(private=False) for key in self._keys]
        return json.dumps({"keys": keys}).encode()


def _encoded(part: Mapping[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


@contextmanager
def a_project() -> Iterator[SupabaseProject]:
    """Give a project that answers on a free port of this machine."""
    project = SupabaseProject()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            project.asked += 1
            is_known = self.path == "/auth/v1/.well-known/jwks.json" and not project.is_down
            body = project.shown_keys() if is_known else b"{}"
            self.send_response(200 if is_known else 503)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_request(self, code: object = "-", size: object = "-") -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        project.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield project
        finally:
            server.shutdown()
            thread.join()
