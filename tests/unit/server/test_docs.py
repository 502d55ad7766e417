"""The documentation shows every route with an example, runs nothing and escapes everything."""

from __future__ import annotations

import json
import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest
from pydantic import TypeAdapter

from maemae.domain.text import Language
from maemae.server.docs import docs_page, policy
from maemae.server.factory import described_app
from maemae.server.security.public import offered
from maemae.server.summaries import SUMMARIES

pytestmark = pytest.mark.thorough


class Tags(HTMLParser):
    """Collects what a page is made of."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.anchors: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of a tag."""
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.anchors |= {value or "" for name, value in attrs if name == "id"}


def read(page: str) -> Tags:
    tags = Tags()
    tags.feed(page)
    return tags


def test_page_shows_every_route_and_runs_nothing() -> None:
    described = described_app().openapi()
    operations = {
        operation["operationId"]
        for methods in described["paths"].values()
        for operation in methods.values()
    }

    tags = read(docs_page(described, Language.KO))

    assert operations <= tags.anchors
    assert "script" not in tags.tags
    assert tags.attributes <= {"id", "href", "class", "lang", "charset", "name", "content"}


def test_every_route_has_a_name_words_and_one_of_its_own() -> None:
    described = described_app().openapi()
    operations = [each for methods in described["paths"].values() for each in methods.values()]
    names = [each["operationId"] for each in operations]

    assert len(set(names)) == len(names)
    assert not [name for name in names if not re.fullmatch(r"[a-z]+([A-Z][a-z]+)+", name)]
    assert not [each["operationId"] for each in operations if not each.get("description")]
    assert set(names) == set(SUMMARIES)
    assert all(re.search("[가-힣].*[.]$", each["summary"]) for each in operations)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (Language.KO, "주문을 냅니다. Idempotency-Key 하나에 한 번입니다."),
        (Language.EN, "Place an order, once for each Idempotency-Key."),
    ],
)
def test_page_says_what_a_route_does_in_its_readers_language(
    language: Language, words: str
) -> None:
    article = docs_page(described_app().openapi(), language).split('<article id="placeOrder">')[1]

    assert f"<p>{words}</p>" in article.split("</article>")[0]


def test_every_body_that_is_taken_has_an_example_in_the_page() -> None:
    described = described_app().openapi()
    page = docs_page(described, Language.EN)
    assert page.count("<h4>Example</h4>") == sum(
        "requestBody" in each
        for methods in described["paths"].values()
        for each in methods.values()
    )


def test_example_of_every_body_is_one_that_its_route_takes() -> None:
    described = described_app().openapi()
    page = docs_page(described, Language.EN)
    articles = {each.partition('"')[0]: each for each in page.split('<article id="')[1:]}
    taken = []
    for method, path, dependant in offered(described_app().routes):
        if dependant is None or not dependant.body_params:
            continue
        (field,) = dependant.body_params
        name = described["paths"][path][method.lower()]["operationId"]
        shown = re.search(r"<h4>Example</h4><pre>(.*?)</pre>", articles[name], re.DOTALL)
        assert shown is not None, name
        example = json.loads(unescape(shown.group(1)))
        assert "&quot;…&quot;" not in shown.group(1), f"{name} has no example of its own"
        kind: Any = field.field_info.annotation
        TypeAdapter(kind).validate_python(example)
        taken.append(name)

    assert {"placeOrder", "pressKill", "startRun", "startBacktest"} <= set(taken)


def test_words_when_they_hold_markup_are_shown_as_words() -> None:
    evil = "<script>alert(1)</script>"
    described = {
        "info": {"version": evil},
        "paths": {f"/{evil}": {"get": {"operationId": evil, "tags": [evil], "description": evil}}},
    }
    assert "script" not in read(docs_page(described, Language.KO)).tags


def test_policy_allows_the_page_its_style_and_nothing_else() -> None:
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-[\w+/]{43}='; base-uri 'none'; "
        r"form-action 'none'; frame-ancestors 'none'",
        policy(),
    )
