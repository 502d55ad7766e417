"""A small stand-in for S3-compatible storage on this machine: signed PUT, GET, LIST and DELETE."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import md5
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

_SIGNED = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/]+)/\d{8}/(?P<region>[^/]+)/s3/aws4_request, ?"
    r"SignedHeaders=[a-z0-9;-]+, ?Signature=[0-9a-f]{64}"
)


class Bucket:
    """
    What a bucket holds and what was asked of it.

    Attributes:
        objects: By path.
        unsigned: Requests that carried no signature; each was refused.
        lost_answers: Writes that will be done and not answered.
        is_down: Whether every request fails.
    """

    def __init__(self, access_key: str) -> None:
        self.access_key = access_key
        self.objects: dict[str, bytes] = {}
        self.unsigned = 0
        self.lost_answers = 0
        self.is_down = False
        self.address = ""


@contextmanager
def a_bucket(access_key: str = "writer") -> Iterator[Bucket]:
    """Serve a bucket on a loopback address while the block runs."""
    bucket = Bucket(access_key)

    class Handler(_Handler):
        held = bucket

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        bucket.address = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield bucket
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    held: Bucket
    protocol_version = "HTTP/1.1"

    def do_PUT(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        if not self._is_allowed():
            return
        path = self._path()
        if self.headers.get("If-None-Match") == "*" and path in self.held.objects:
            self._answer(412, b"<Error><Code>PreconditionFailed</Code></Error>")
            return
        self.held.objects[path] = content
        if self.held.lost_answers:
            self.held.lost_answers -= 1
            self._answer(503, b"<Error><Code>SlowDown</Code></Error>")
            return
        self._answer(200, b"", {"ETag": f'"{_tag(content)}"'})

    def do_GET(self) -> None:
        if not self._is_allowed():
            return
        query = parse_qs(urlsplit(self.path).query)
        if "list-type" in query:
            self._list(query.get("prefix", [""])[0])
            return
        content = self.held.objects.get(self._path())
        if content is None:
            self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
            return
        stamp = {"ETag": f'"{_tag(content)}"', "Last-Modified": "Mon, 23 Nov 2026 00:00:00 GMT"}
        self._answer(200, content, stamp)

    def do_DELETE(self) -> None:
        if self._is_allowed():
            self.held.objects.pop(self._path(), None)
            self._answer(204, b"")

    def do_POST(self) -> None:
        """Delete several, as S3's bulk delete does."""
        content = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if not self._is_allowed():
            return
        bucket = self._path().split("/")[1]
        keys = re.findall(r"<Key>([^<]+)</Key>", content)
        for key in keys:
            self.held.objects.pop(f"/{bucket}/{key}", None)
        deleted = "".join(f"<Deleted><Key>{escape(key)}</Key></Deleted>" for key in keys)
        self._answer(200, f"<DeleteResult>{deleted}</DeleteResult>".encode())

    def log_message(self, *_told: object) -> None:
        """Keep quiet."""

    def _list(self, prefix: str) -> None:
        bucket = self._path().rstrip("/")
        found = sorted(
            (path.removeprefix(f"{bucket}/"), content)
            for path, content in self.held.objects.items()
            if path.startswith(f"{bucket}/{prefix}")
        )
        rows = "".join(
            f"<Contents><Key>{escape(key)}</Key><Size>{len(content)}</Size>"
            f"<LastModified>2026-11-23T00:00:00.000Z</LastModified>"
            f"<ETag>&quot;{_tag(content)}&quot;</ETag></Contents>"
            for key, content in found
        )
        text = (
            f"<ListBucketResult><Prefix>{escape(prefix)}</Prefix><KeyCount>{len(found)}</KeyCount>"
            f"<IsTruncated>false</IsTruncated>{rows}</ListBucketResult>"
        )
        self._answer(200, text.encode())

    def _is_allowed(self) -> bool:
        if self.held.is_down:
            self._answer(500, b"<Error><Code>InternalError</Code></Error>")
            return False
        signed = _SIGNED.fullmatch(self.headers.get("Authorization", ""))
        if signed is None or "x-amz-date" not in self.headers:
            self.held.unsigned += 1
        if signed is None or signed["key"] != self.held.access_key:
            self._answer(403, b"<Error><Code>AccessDenied</Code></Error>")
            return False
        return True

    def _path(self) -> str:
        return unquote(urlsplit(self.path).path)

    def _answer(self, status: int, content: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def _tag(content: bytes) -> str:
    return md5(content, usedforsecurity=False).hexdigest()
