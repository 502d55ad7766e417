"""
The API's own documentation: one page made of the OpenAPI, without a script and from nowhere else.

It shows every route with what it takes and gives, and an example of each; anchors are operation
ids, so that a page may point at a route.
"""

from __future__ import annotations

import html
import json
from base64 import b64encode
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse

from maemae.domain.text import Language
from maemae.server.language import language_of
from maemae.server.security.gates import Viewer

router = APIRouter(prefix="/api/docs", tags=["docs"])

Described = Mapping[str, Any]

_STYLE: Final = """
:root{color-scheme:light dark}
body{font:15px/1.6 system-ui,sans-serif;margin:0 auto;max-width:70rem;padding:1rem}
nav a{margin-right:.8rem}
section{border-top:1px solid #8886;margin-top:1.5rem}
h2{text-transform:capitalize}
h3 code{font-size:1rem;word-break:break-all}
table{border-collapse:collapse;width:100%}
td,th{border-bottom:1px solid #8884;padding:.2rem .6rem .2rem 0;text-align:left;vertical-align:top}
pre{background:#8882;overflow:auto;padding:.6rem}
.method{display:inline-block;font-weight:700;min-width:4.5rem}
"""
_METHODS: Final = ("get", "post", "put", "delete")
_DEEPEST: Final = 4
_REF: Final = "#/components/schemas/"
_WORDS: Final = {
    Language.KO: ("API 설명서", "이름", "꼴", "뜻", "보내는 것", "받는 것", "예"),
    Language.EN: ("API reference", "Name", "Type", "Meaning", "Takes", "Gives", "Example"),
}


@router.get("", operation_id="getDocs", response_class=HTMLResponse)
def get_docs(request: Request, _: Viewer) -> HTMLResponse:
    """Show this page."""
    page = docs_page(request.app.openapi(), language_of(request))
    headers = {"Content-Security-Policy": policy()}
    return HTMLResponse(page, headers=headers)


@router.get("/openapi.json", operation_id="getOpenApi", response_class=Response)
def get_openapi(request: Request, _: Viewer) -> JSONResponse:
    """Return the OpenAPI, for programs."""
    return JSONResponse(request.app.openapi())


def policy() -> str:
    """Return what the page may do: show itself in its own style."""
    digest = b64encode(sha256(_STYLE.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    )


def docs_page(described: Described, language: Language) -> str:
    """Return the page as HTML; everything in it is escaped."""
    title = f"maemae {described['info']['version']} · {_WORDS[language][0]}"
    groups: dict[str, list[str]] = {}
    for path, operations in described["paths"].items():
        for method in _METHODS:
            if method in operations:
                operation = operations[method]
                tag = operation.get("tags", ["maemae"])[0]
                shown = "".join(_operation(described, method, path, operation, language))
                groups.setdefault(tag, []).append(shown)
    links = "".join(f'<a href="#{_text(tag)}">{_text(tag)}</a>' for tag in groups)
    sections = "".join(
        f'<section><h2 id="{_text(tag)}">{_text(tag)}</h2>{"".join(shown)}</section>'
        for tag, shown in groups.items()
    )
    return (
        f'<!doctype html><html lang="{language.value.lower()}"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{_text(title)}</title><style>{_STYLE}</style><h1>{_text(title)}</h1>"
        f"<nav>{links}</nav><main>{sections}</main></html>"
    )


def _operation(
    described: Described, method: str, path: str, operation: Described, language: Language
) -> Iterator[str]:
    _, _, _, _, takes, gives, example = _WORDS[language]
    anchor = _text(operation.get("operationId", path))
    yield f'<article id="{anchor}"><h3><span class="method">{method.upper()}</span>'
    words = operation.get("summary" if language is Language.KO else "description", "")
    yield f"<code>{_text(path)}</code></h3><p>{_text(words)}</p>"
    rows = [
        (each["name"], _kind(each["schema"]), each.get("description", ""))
        for each in operation.get("parameters", ())
    ]
    body = _content(operation.get("requestBody", {}))
    rows += _fields(described, body)
    if rows:
        yield f"<h4>{takes}</h4>{_table(rows, language)}"
    if body is not None:
        yield f"<h4>{example}</h4><pre>{_json(example_of(described, body))}</pre>"
    answer = _content(operation.get("responses", {}).get("200", {}))
    if answer is not None:
        yield f"<h4>{gives}</h4>{_table(_fields(described, answer), language)}"
        yield f"<pre>{_json(example_of(described, answer))}</pre>"
    yield "</article>"


def _content(told: Described) -> Described | None:
    """Return the schema of a JSON body; None if there is none."""
    schema: Described | None = told.get("content", {}).get("application/json", {}).get("schema")
    return schema or None


def _fields(described: Described, schema: Described | None) -> list[tuple[str, str, str]]:
    found = _resolved(described, schema or {})
    if found.get("type") == "array":
        found = _resolved(described, found["items"])
    return [
        (name, _kind(each), each.get("description", ""))
        for name, each in found.get("properties", {}).items()
    ]


def _table(rows: list[tuple[str, str, str]], language: Language) -> str:
    if not rows:
        return ""
    heads = "".join(f"<th>{word}</th>" for word in _WORDS[language][1:4])
    lines = "".join(
        f"<tr><td><code>{_text(name)}</code></td><td>{_text(kind)}</td><td>{_text(what)}</td></tr>"
        for name, kind, what in rows
    )
    return f"<table><tr>{heads}</tr>{lines}</table>"


def _kind(schema: Described) -> str:
    """Return the type of a value in a word or two."""
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix(_REF)
    if "anyOf" in schema:
        return " | ".join(_kind(each) for each in schema["anyOf"])
    if schema.get("type") == "array":
        return f"[{_kind(schema.get('items', {}))}]"
    return str(schema.get("format") or schema.get("type") or "any")


def _resolved(described: Described, schema: Described) -> Described:
    if "$ref" not in schema:
        return schema
    name = str(schema["$ref"]).removeprefix(_REF)
    found: Described = described["components"]["schemas"][name]
    return found


def example_of(described: Described, schema: Described, depth: int = 0) -> object:
    """Return a value that fits a schema: its own example where it has one, and what it needs."""
    found = _resolved(described, schema)
    examples = [*found.get("examples", ()), *found.get("enum", ())]
    if examples or "const" in found or "default" in found:
        return [*examples, found.get("const", found.get("default"))][0]
    if depth > _DEEPEST:
        return None
    ways = found.get("anyOf") or found.get("oneOf")
    if ways:
        return example_of(described, ways[0], depth + 1)
    if "properties" in found:
        return {
            name: example_of(described, each, depth + 1)
            for name, each in found["properties"].items()
            if name in found.get("required", ()) or "examples" in each
        }
    if found.get("type") == "array":
        return [example_of(described, found.get("items", {}), depth + 1)]
    return None


def _json(value: object) -> str:
    return _text(json.dumps(value, ensure_ascii=False, indent=2))


def _text(words: object) -> str:
    return html.escape(str(words))
