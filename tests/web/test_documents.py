"""The documents in the site: every one has an address and a shelf, every link and anchor leads somewhere."""

import re
from html.parser import HTMLParser
from itertools import chain
from urllib.parse import unquote

import httpx
import pytest

from npn.documents.library import SiteDocument, library
from npn.documents.markdown import rendered
from npn.documents.search import EntryKind, SearchEntry, entries_of, search
from npn.errors import CATALOGUE
from npn.people.model import AccountRole
from npn.reference.operations import OPERATIONS
from npn.web.pages.documents.documents import found
from npn.web.pages.documents.shelves import SHELVES
from npn.web.texts import LANGUAGES, texts
from web.town import Town

DOCUMENTS = list(library().documents.values())
MADE = ("/docs", "/docs/api", "/docs/problems", "/docs/transport", "/numbers-needed")


class Reader(HTMLParser):
    """Finds the anchors and the links of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.anchors: list[str] = []
        self.links: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if given.get("id"):
            self.anchors.append(str(given["id"]))
        for name in ("href", "src"):
            if tag in ("a", "img") and given.get(name):
                self.links.append(str(given[name]))


@pytest.fixture(scope="module")
def pages(town: Town) -> dict[str, Reader]:
    """Every page of the documents, by its address, as an English visitor sees it; Danish ones with `da` before."""
    pages = {}
    for language in LANGUAGES:
        browser = town.browser(None, language=language)
        for address in {*MADE, *(document.address for document in DOCUMENTS)}:
            answer = browser.get(address)
            assert answer.status_code == 200, address
            pages[address if language == "en" else f"da {address}"] = Reader(answer.text)
    return pages


def test_every_link_of_the_documents_leads_to_a_page_and_an_anchor_of_the_site(
    town: Town, pages: dict[str, Reader]
) -> None:
    browser, asked, broken = town.browser(None), dict[str, httpx.Response](), []
    for where, page in pages.items():
        for link in page.links:
            if re.match(r"(https?|mailto):", link):
                continue
            path, _, anchor = unquote(link).partition("#")
            path = path.partition("?")[0] or where.removeprefix("da ")
            prefix = "da " if where.startswith("da ") else ""
            if prefix + path not in pages and path not in asked:
                asked[path] = browser.get(path)
                if asked[path].status_code not in (200, 303):
                    broken.append((where, link))
            target = pages.get(prefix + path)
            if anchor and target is not None and anchor not in target.anchors:
                broken.append((where, link))
    assert broken == []


def test_an_anchor_stands_on_its_page_once(pages: dict[str, Reader]) -> None:
    assert {w: p.anchors for w, p in pages.items() if len(set(p.anchors)) != len(p.anchors)} == {}


def test_every_address_that_an_error_names_as_its_type_is_there(pages: dict[str, Reader]) -> None:
    for prefix in ("", "da "):
        for meaning in CATALOGUE.values():
            path, _, anchor = meaning.anchor.partition("#")
            assert anchor in pages[prefix + path].anchors


def test_every_document_stands_on_one_shelf_and_no_shelf_has_one_that_is_missing() -> None:
    shown = [name for shelf in SHELVES for name in shelf.names]
    assert sorted(shown) == sorted({document.name for document in DOCUMENTS if not document.name.startswith("adr/")})


def test_the_reference_has_each_operation_with_a_call_to_the_service_s_own_address(town: Town) -> None:
    page = town.browser(None).get("/docs/api").text
    for operation in OPERATIONS:
        assert page.count(f'id="{operation.name}"') == 1
    assert f"curl -X POST {town.server.url}/v1/series" in page
    assert "`" not in page
    assert page.count("database_unavailable</code>") < 8  # named for the many operations once


def test_no_mark_of_markdown_is_left_on_the_page_of_the_codes(town: Town) -> None:
    for language in LANGUAGES:
        assert "`" not in town.browser(None, language=language).get("/docs/problems").text


@pytest.mark.parametrize("path", [*MADE, "/docs/owner", "/docs/adr/0054-two-people", "/docs/files/architecture.svg"])
def test_head_answers_like_get(town: Town, path: str) -> None:
    with httpx.Client(base_url=town.server.url, trust_env=False) as client:
        got, head = client.get(path), client.head(path)
    assert got.status_code == head.status_code == 200
    assert head.headers["content-length"] == got.headers["content-length"]
    assert not head.content


@pytest.mark.parametrize(
    "path", ["/docs/none", "/docs/adr/none", "/docs/files/none", "/docs/..%2fREADME", "/docs/README"]
)
def test_what_is_no_document_is_not_found(town: Town, path: str) -> None:
    assert town.browser(None).get(path).status_code == 404


def test_a_search_finds_sections_operations_and_codes_with_the_word_marked(town: Town) -> None:
    browser = town.browser(None)
    assert "/docs/problems#quota_exceeded" in browser.get("/docs?q=quota_exceeded").text
    assert "/docs/api#release" in browser.get("/docs?q=release+tail").text
    page = browser.get("/docs?q=recovery+codes").text
    assert "<mark>recovery</mark>" in page
    assert "/docs/owner#your-account" in page
    assert "Nothing was found" in browser.get("/docs?q=zzqx").text


def test_the_search_in_the_header_finds_documents_too(town: Town) -> None:
    page = town.browser(AccountRole.GROUP, language="en").get("/search?q=recovery+codes").text
    assert 'href="/docs/owner#your-account"' in page
    many = town.browser(AccountRole.OWNER, language="da").get("/search?q=witness").text
    assert many.count('href="/docs/') <= 7
    assert 'href="/docs?q=witness"' in many


def test_what_is_searched_for_is_shown_as_text(town: Town) -> None:
    page = town.browser(None).get("/docs", params={"q": "<b>witness & 'x'"}).text
    assert "<b>" not in page
    assert "&lt;b&gt;witness &amp; &#39;x&#39;" in page


def entry(text: str, *, title: str = "T", language: str = "en", kind: EntryKind = EntryKind.GUIDE) -> SearchEntry:
    return SearchEntry.of(document=title, section="", address="/x", language=language, text=text, kind=kind)


@pytest.mark.parametrize("language", ["da", "en"])
@pytest.mark.parametrize(
    "query", ["certifikat", "nøgle", "vidne", "tilslutningsaftale", "draw", "quota", "witness", "recovery", "release"]
)
def test_guides_come_before_references_codes_and_decisions(language: str, query: str) -> None:
    kinds = [hit.entry.kind for hit in found(query, language)]
    assert kinds == sorted(kinds)
    assert len(kinds) > 1


def test_within_a_kind_the_best_comes_first() -> None:
    entries = [
        entry("the key once"),
        entry("keyless", title="Keyhole"),
        entry("a key and a key", title="Key"),
        entry("key key key key key", title="Keys", kind=EntryKind.CODE),
        entry("nothing"),
        entry("keyed"),
    ]
    texts = [hit.entry.text for hit in search(entries, "key", language="en")]
    assert texts == ["a key and a key", "keyless", "the key once", "keyed", "key key key key key"]


@pytest.mark.parametrize("query", ["quota_exceeded", "Quota_Exceeded ", "POST /v1/series", "post  /v1/series"])
def test_a_code_or_an_operation_that_is_asked_for_by_its_name_comes_first(query: str) -> None:
    first = found(query, "en")[0].entry
    assert first.document.casefold() == " ".join(query.casefold().split())


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("Labka II i Hjørring", "hjorring LABKA"),
        ("Labka II i Hjoerring", "Hjørring"),
        ("Ålborg og Århus", "aarhus"),
        ("café", "CAFE"),
        ("the witness_behind code", "witness_behind"),
        ("npn admin init --scheme", "--scheme"),
    ],
)
def test_letters_are_compared_without_case_and_accents(text: str, query: str) -> None:
    assert [hit.entry.text for hit in search([entry("other"), entry(text)], query, language="en")] == [text]


def test_every_word_must_occur_and_the_reader_s_language_comes_first() -> None:
    entries = [entry("witness only"), entry("a witness behind"), entry("witness behind", language="da")]
    assert [hit.entry.language for hit in search(entries, "behind witness", language="da")] == ["da", "en"]
    assert search(entries, "   ", language="da") == []
    assert search(entries, "x " * 5000, language="da") == []


def test_a_long_text_is_cut_around_what_was_found() -> None:
    text = "word " * 300 + "needle " + "word " * 300
    (hit,) = search([entry(text)], "needle", language="en")
    assert [part.text for part in hit.excerpt if part.is_match] == ["needle"]
    assert sum(len(part.text) for part in hit.excerpt) < 300


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.path)
def test_a_document_has_one_title(document: SiteDocument) -> None:
    levels = [section.heading.level for section in library().text(document).sections]
    assert levels.count(1) == 1
    assert levels[0] == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_section_of_every_document_can_be_found(language: str) -> None:
    entries = entries_of(library(), language)
    assert len(entries) > 300
    assert len({found.address for found in entries}) == len(entries)


@pytest.mark.parametrize("document", [d for d in DOCUMENTS if d.language == "da"], ids=lambda document: document.path)
def test_a_danish_guide_names_pages_as_the_pages_do(document: SiteDocument) -> None:
    shown = "\n".join(text for text in (*texts("da").words.values(), *chain(*texts("da").plurals.values())))
    named = re.findall(r"(?<![*\w])\*([^*\n]+)\*(?!\*)", document.source)
    assert named
    assert [name for name in named if name not in shown] == []


def test_a_guide_is_one_address_in_the_reader_s_language(town: Town) -> None:
    danish, english = (town.browser(None, language=language).get("/docs/on-call").text for language in ("da", "en"))
    assert '<article lang="da">' in danish
    assert "når numrene slipper op om natten" in danish
    assert '<article lang="en">' in english
    assert "when numbers run out at night" in english
    assert "Dokumentet findes kun på engelsk." in town.browser(None, language="da").get("/docs/install").text


def test_html_in_a_text_is_text_and_no_link_leads_to_a_script() -> None:
    text = rendered('# T\n<script>x</script> [a](javascript:x) [b](data:text/html,x) <a href="x">', lambda link: link)
    assert "<script" not in text.html
    assert "href=" not in text.html.replace("&quot;", "").replace("href=x", "")


def test_a_link_that_leads_nowhere_here_keeps_its_words() -> None:
    text = rendered("# T\n[gone](away.md) and [there](b.md#c) ![p](p.svg)", {"b.md#c": "/b#c", "p.svg": "/p"}.get)  # type: ignore[arg-type]  # a test's own
    assert text.html == '<p>gone and <a href="/b#c">there</a> <img src="/p" alt="p" /></p>\n'


def test_a_table_of_few_columns_says_in_each_cell_which_column_it_is() -> None:
    few = rendered("# T\n| a | |\n| --- | --- |\n| 1 | 2 |\n", lambda link: link).html
    assert '<td role="cell" data-label="a">1</td>' in few
    assert '<td role="cell">2</td>' in few
    many = rendered("# T\n" + "| a " * 5 + "|\n" + "| --- " * 5 + "|\n" + "| 1 " * 5 + "|\n", lambda link: link).html
    assert "data-label" not in many


def test_a_second_heading_of_the_same_words_has_an_anchor_of_its_own() -> None:
    text = rendered("# T\n## A b\n## A b\n## `A` b, æ!", lambda link: link)
    assert [heading.anchor for heading in text.headings] == ["a-b", "a-b-1", "a-b-æ"]
