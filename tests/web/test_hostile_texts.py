"""Texts are data: with one hostile text in every name of the database, no page shows more than a text of it.

As every role every page is fetched and taken apart; as operator every page is opened in a browser, and every form is
sent with the text in it. In the slow suite the browser is every role's.
"""

import csv
import io
import re
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, Request

sys.path.insert(0, str(Path(__file__).parent.parent / "soap"))  # for its `messages`

from agreements_texts import TEXTS
from chromium import CHROMIUM, chromium
from command import npn
from messages import Answered, Message, look_up_body, password_card
from npn.config import Settings
from npn.people.approvals import Decision
from npn.people.model import AccountRole
from npn.web import pages
from npn.web.pages.onboarding.connecting import TRAP
from npn.web.routes import TABLE
from npn.wiring.assembly import build
from npn.wording import hidden_in
from operators import named
from running import running
from web.formfields import forms_of
from web.hostile import MARK, PAYLOAD, VISIBLE, metadata, poison
from web.town import ROLES, Town, founded, town_of

pages.load()
GETS = sorted((route for route in TABLE.values() if route.method == "GET"), key=lambda route: route.path)
EVERYBODY = (None, *ROLES)
OPERATOR = AccountRole.OPERATOR
FORBIDDEN = {"zqx", "script", "iframe", "object", "embed", "img", "base", "audio", "video", "frame"}
ADDRESSES = {"href", "src", "action", "formaction", "srcset", "data", "poster", "content"}
PAIRED = {"select", "textarea", "title", "option", "form", "table", "td", "th", "main", "ul", "dl", "svg", "style"}
COUNTED = {"person_session", "call_day", "refused_calls", "ledger_head"}  # written by whoever looks at a page
SEEN = {  # what an operator's pages surely show: else the others prove nothing
    "connected_system.name", "organisation.name", "regional_unit.name", "account.name", "account.email",
    "contact.name", "support_case.subject", "case_entry.text", "outgoing_mail.subject", "approval.reason",
    "agreement_proposal.title", "agreement_acceptance.accepted_by", "transport_exception.reason", "live_range.purpose",
}  # fmt: skip


@dataclass
class Hostile:
    """The town after every name in it was overwritten; `paths`: each page's address, made before."""

    town: Town
    paths: Mapping[str, str]
    marks: Mapping[str, str]
    key: str
    database: sa.Engine

    def state(self) -> dict[str, list[tuple[object, ...]]]:
        """Return all that the database holds, but for what every visit writes."""
        with self.database.connect() as connection:
            tables = [table for table in metadata.sorted_tables if table.name not in COUNTED]
            return {
                t.name: [tuple(row) for row in connection.execute(sa.text(f'SELECT * FROM "{t.name}"'))] for t in tables
            }


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hostile]:
    folder = tmp_path_factory.mktemp("hostile")
    settings = Settings(database=f"sqlite:///{folder / 'npn.db'}", witness=str(folder / "npn.witness"))
    texts = {language: _hostile_text(text) for language, text in TEXTS.items()}
    founded(settings, texts)
    service = build(settings)
    wish = {"system": "labka-nord", "smallest_draw": 2, "largest_draw": 10**8, "quota": None, "quota_days": None}
    decided = service.approvals.propose("limits", wish, by=named(service, "somebody"), reason="a second one")
    service.approvals.decide(decided.id, Decision.REJECTED, by="account:else")
    service.close()
    before = town_of(None, settings)  # type: ignore[arg-type]  # it is not asked for anything that serves
    paths = {route.path: before.address(route.path) for route in GETS}
    key = str(before.service.systems.rotate_key(before.ours, by="admin:t"))
    before.service.close()
    engine = sa.create_engine(settings.database)
    with engine.begin() as connection:
        connection.execute(sa.text("PRAGMA foreign_keys = OFF"))
        marks = poison(connection)
    with running(settings, folder, toml={"sign_in_attempts": 1000}) as server:
        town = town_of(server, settings)
        yield Hostile(town, paths, marks, key, engine)
        town.connections.close()
        town.service.close()
        assert '"exception"' not in server.log.read_text("utf-8")
    engine.dispose()


def _hostile_text(text: str) -> str:
    """Put the text into an agreement's first heading of a section, and under it; marks are an agreement's own."""
    under = VISIBLE.replace("\\", r"\\").replace("![zqx](https://zqx.invalid/x.png)", "")  # which is refused
    heading = under.replace("{", "(").replace("}", ")")  # a brace begins a mark there
    return re.sub(r"^(## \S+ [^\n{]+)$", rf"\1 {heading}\n\n{under}", text, count=1, flags=re.MULTILINE)


@dataclass
class Taken(HTMLParser):
    """A page taken apart: what in it is more than text."""

    wrong: list[str] = field(default_factory=list)
    open: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if is_of_messages(tag, dict(attrs)):
            self.open[tag] = self.open.get(tag, 0) + 1
            return
        if tag in FORBIDDEN:
            self.wrong.append(f"<{tag}>")
        self.open[tag] = self.open.get(tag, 0) + 1
        alert = tag == "div" and ("role", "alert") in attrs  # what is wrong with a form takes the focus
        for name, value in attrs:
            if alert and name == "autofocus":
                continue
            sound = re.fullmatch(r"[a-z][a-z0-9-]*|viewbox", name) is not None
            if not sound or name.startswith(("on", "hx-", "zq", "data-hx")) or name in ("style", "srcdoc", "autofocus"):
                self.wrong.append(f"<{tag} {name}>")
            leads_away = re.match(r"\s*(javascript|data|vbscript|https?:|//)", value or "", re.IGNORECASE)
            if name in ADDRESSES and leads_away and value not in SUPERVISORS:
                self.wrong.append(f"<{tag} {name}={value!r}>")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        self.open[tag] = self.open.get(tag, 0) - 1

    def handle_comment(self, data: str) -> None:
        self.wrong.append(f"<!--{data}-->")


def is_of_messages(tag: str, attrs: Mapping[str, str | None]) -> bool:
    """Whether a tag is the one script, of our own address, or a frame in which none runs."""
    if tag == "script":
        ours = re.fullmatch(r"/static/[0-9a-f]{16}/messages\.js", attrs.get("src") or "")
        return set(attrs) == {"src", "defer"} and ours is not None
    return tag == "iframe" and attrs.get("sandbox") == "allow-same-origin" and "src" not in attrs


SUPERVISORS = ("https://digst.dk", "https://www.datatilsynet.dk")  # named by the platform's own statements


def in_header(value: str) -> bool:
    """Whether the hostile text stands in a header; within a word it is a random token that has the mark by lot."""
    return re.search(rf"(?<![\w-]){MARK}(?![\w-])", value, re.IGNORECASE) is not None


def test_the_mark_is_seen_in_a_header_and_not_in_a_token() -> None:
    assert in_header(f"attachment; filename={PAYLOAD}.csv")
    assert in_header(f"attachment; filename*=UTF-8''{quote(PAYLOAD)}")
    assert not in_header(f"npn_visitor=A{MARK}B-_{MARK.upper()}9; Path=/; HttpOnly")


def wrong_with(answer: httpx.Response) -> list[str]:
    """Return what in an answer is more than a text."""
    kind = answer.headers.get("content-type", "").partition(";")[0]
    wrong = [f"header {name}" for name, value in answer.headers.items() if in_header(value)]
    if answer.status_code >= 500:
        wrong.append(f"status {answer.status_code}")
    if kind == "text/html":
        taken = Taken()
        taken.feed(answer.text)
        taken.close()
        wrong += taken.wrong + [f"unclosed <{tag}>" for tag in PAIRED if taken.open.get(tag, 0)]
        policy = answer.headers["content-security-policy"]
        allowed = policy.replace("script-src 'self'", "") if "/messages.js" in answer.text else policy
        wrong += ["script is allowed"] if "script-src" in allowed else []
    elif kind == "text/csv":
        between = ";" if answer.content.startswith(b"\xef\xbb\xbf") else ","
        text = answer.content.decode("utf-8-sig")
        cells = [cell for row in csv.reader(io.StringIO(text), delimiter=between) for cell in row]
        figures = re.compile(r"-\d+(,\d)?")  # no formula: a number below zero
        wrong += [
            f"formula {cell!r}"
            for cell in cells
            if cell[:1] in ("=", "+", "-", "@", "\t", "\r") and not figures.fullmatch(cell)
        ]
    elif kind == "application/pdf":
        wrong += [] if answer.content.startswith(b"%PDF-") else ["no PDF"]
    return wrong


@pytest.mark.parametrize("language", ["da", "en"])
@pytest.mark.parametrize("role", EVERYBODY)
def test_no_page_of_anybody_shows_more_than_a_text(hostile: Hostile, role: AccountRole | None, language: str) -> None:
    browser = hostile.town.browser(role, language=language)
    before = hostile.state()
    shown, wrong = "", {}
    for route in GETS:
        if route.path == "/language/{language}":
            continue
        answer = browser.get(hostile.paths[route.path])
        wrong[route.path] = wrong_with(answer)
        shown += answer.text if answer.headers.get("content-type", "").startswith("text/") else ""
    assert {path: found for path, found in wrong.items() if found} == {}
    assert hostile.state() == before
    if role is OPERATOR:
        assert {column for mark, column in hostile.marks.items() if mark not in shown} & SEEN == set()


BESIDE = ("/docs/transport", "/openapi.json", "/metrics", "/soap/npn?wsdl")


def test_the_pages_for_vendors_show_no_more_than_a_text_either(hostile: Hostile) -> None:
    browser = hostile.town.browser(None)
    answers = {path: browser.get(path) for path in BESIDE}
    assert {path: wrong_with(answer) for path, answer in answers.items() if wrong_with(answer)} == {}
    assert MARK in answers["/docs/transport"].text


def test_programs_get_a_text_as_the_value_that_it_is(hostile: Hostile) -> None:
    town = hostile.town
    series = town.series[town.ours]
    with town.server.client(hostile.key) as client:
        me = client.get("/v1/me").json()
        assert me["name"].startswith(PAYLOAD)
        assert client.get(f"/v1/series/{series}").json()["purpose"].startswith(PAYLOAD)
        for path in ("/v1/series", f"/v1/series/{series}", f"/v1/series/{series}/numbers", "/v1/pools"):
            for form in ("application/json", "text/csv", "*/*"):
                answer = client.get(path, headers={"Accept": form})
                assert answer.status_code in (200, 406), (path, form, answer.text)
                assert [name for name, value in answer.headers.items() if in_header(value)] == []
                assert wrong_with(answer) == []
        first = client.get(f"/v1/series/{series}").json()["first"]
        card = password_card(town.ours, hostile.key.removeprefix(f"npn_{town.ours}_"))
        message = Message(look_up_body(first), credentials=card)
        answer = client.post("/soap/npn", content=message.bytes(), headers={"Content-Type": "text/xml"})
    assert answer.status_code == 200
    assert "<zqx" not in answer.text
    name = Answered(200, "text/xml", answer.content).one("SystemName")
    assert name.startswith("=HYPERLINK(0) zqx</select>")  # without what XML can't hold


@pytest.mark.parametrize(
    "command",
    [
        ("system", "list"),
        ("system", "show", "labka-nord"),
        ("case", "list"),
        ("case", "show", "{case}"),
        ("account", "list"),
    ],
    ids=" ".join,
)
def test_a_terminal_shows_what_is_in_a_name_and_obeys_none_of_it(hostile: Hostile, command: tuple[str, ...]) -> None:
    case = hostile.paths["/cases/{case}"].rpartition("/")[2]
    shown = npn("admin", *(part.format(case=case) for part in command), on=hostile.town.service.settings)
    assert shown.status == 0, shown.err
    assert MARK in shown.out
    assert hidden_in(shown.out, lines=True) is None
    assert not [line for line in shown.lines if line.startswith("zqx: 1")] or command[1] == "show"


TYPED = f"typed {VISIBLE[:120]} \u202etyped"
_OUT = ("/sign-out", "/language")


@pytest.mark.parametrize("role", [OPERATOR, AccountRole.REGION, AccountRole.OWNER, None])
def test_what_can_not_be_seen_is_kept_from_no_form_of_anybody(hostile: Hostile, role: AccountRole | None) -> None:
    """Each form is sent with the text in every field that is typed into: it is shown again, and nothing is kept."""
    browser = hostile.town.browser(role, language="en")
    sent, wrong = 0, {}
    for route in GETS:
        if route.path.startswith(_OUT):
            continue
        for form in forms_of(browser.get(hostile.paths[route.path]).text):
            typed = [name for name in form.typed if name != TRAP]
            if not typed or form.action in _OUT:
                continue
            sent += 1
            path = form.action or hostile.paths[route.path]
            values = {**form.values, **dict.fromkeys(typed, TYPED)}
            if "opened" in values:  # whoever fills a form in at once is taken for a program
                values["opened"] = str(int(time.time()) - 60)
            answer = browser.client.post(path, data=values)
            assert answer.status_code in (400, 403, 404, 409, 422, 429), (path, answer.status_code)
            wrong[path] = wrong_with(answer)
    assert sent
    assert {path: found for path, found in wrong.items() if found} == {}
    assert "\u202etyped" not in str(hostile.state())


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    if not CHROMIUM.exists():
        pytest.skip("Debian's chromium is not installed")
    with chromium() as opened:
        yield opened


LOOK = """() => [
    typeof window.zqx,
    [...document.scripts].filter(e => !e.src.endsWith('/messages.js')).length,
    document.querySelectorAll('zqx, iframe:not([sandbox="allow-same-origin"])').length,
    document.querySelectorAll('object, embed, base, img, [zqx], [hx-get], [hx-post]').length,
    [...document.querySelectorAll('*')].flatMap(e => [...e.attributes])
        .filter(a => a.name.startsWith('on') || a.name.startsWith('hx-') || a.name === 'style').length,
]"""


NOT_FOR_THEM = re.compile(r"responded with a status of 40[34] ")  # a page that is not there for a role


def opened(browser: Chromium, hostile: Hostile, role: AccountRole | None, said: list[str]) -> Page:
    """Return a page of somebody's browser; `said` gets what it asks of others, what it sends and complains of."""
    context = browser.new_context(base_url=hostile.town.server.url, locale="da-DK")
    cookies = hostile.town.browser(role).client.cookies
    context.add_cookies([{"name": n, "value": v, "url": hostile.town.server.url} for n, v in cookies.items()])
    page = context.new_page()

    def asked(request: Request) -> None:
        ours = request.url.startswith(f"{hostile.town.server.url}/") and not ASKED_OF_TEXT.search(request.url)
        if request.method != "GET" or not ours:
            said.append(f"{request.method} {request.url}")

    page.on("request", asked)
    page.on("dialog", lambda dialog: (said.append(f"dialog {dialog.message}"), dialog.dismiss())[0])
    page.on("pageerror", lambda error: said.append(f"error {error}"))
    page.on("console", lambda message: None if NOT_FOR_THEM.search(message.text) else said.append(message.text))
    page.on("download", lambda download: download.cancel())
    return page


ASKED_OF_TEXT = re.compile(r"(?<![\w-])zqx", re.IGNORECASE)  # not within a token, which may hold these letters
UNANSWERED = "Failed to load resource: the server responded with a status of 422 (Unprocessable Entity)"
FILES = (".txt", ".jws", ".pdf", "/pdf", "/jws", ".csv", ".jsonl", "{file}")


def look_at_every_page(browser: Chromium, hostile: Hostile, role: AccountRole | None) -> None:
    """Open every page in a browser: nothing is carried out, nobody else is asked, nothing is changed."""
    said: list[str] = []
    page = opened(browser, hostile, role, said)
    before, seen = hostile.state(), {}
    for route in GETS:
        path = hostile.paths[route.path]
        if route.path.endswith(FILES) or route.path.startswith("/language"):
            continue
        page.goto(path, wait_until="load")
        for name in ("mouseover", "focus"):
            page.dispatch_event("main", name)
        seen[route.path] = page.evaluate(LOOK)
    page.context.close()
    assert {path: found for path, found in seen.items() if found != ["undefined", 0, 0, 0, 0]} == {}
    checks = [route for route in GETS if route.path.endswith("/check") and role in route.rule.roles]
    assert said in ([UNANSWERED] * len(checks), []), "a check whose address has no answers: 422"  # or is not for them
    assert hostile.state() == before


def test_nothing_in_a_name_is_carried_out_in_an_operator_s_browser(browser: Chromium, hostile: Hostile) -> None:
    look_at_every_page(browser, hostile, OPERATOR)


@pytest.mark.slow
@pytest.mark.parametrize("role", EVERYBODY)
def test_nothing_in_a_name_is_carried_out_in_anybody_s_browser(
    browser: Chromium, hostile: Hostile, role: AccountRole | None
) -> None:
    look_at_every_page(browser, hostile, role)
