"""From the public form to the first draw of production, through HTTP as the people would do it."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex

import httpx
import pytest

from command import npn
from letters import letters
from mail_catcher import Mailbox, certificate, mailbox, text_of
from npn.config import Settings
from npn.people.model import AccountRole
from npn.systems.model import Environment
from npn.wiring.assembly import build
from npn.wiring.service import Service
from prepared import initialised
from running import Running, running

_TOKEN = re.compile(r'name="token" value="([^"]+)"')
_HIDDEN = re.compile(r'<input type="hidden" name="(opened|again)" value="([^"]*)">')
FORM = {
    "requester_name": "Rikke Rekvirent",
    "requester_email": "rikke@vendor.dk",
    "system": "Labka III",
    "vendor": "CSC",
    "owner": "Region Nord",
    "environment": "production",
    "expected_per_day": "2000",
    "transport": "https_certificate",
    "addresses": "192.0.2.10\nlab.example.dk",
    "technical_name": "Tore Teknik",
    "technical_email": "tore@vendor.dk",
    "administrative_name": "Anne Adm",
    "administrative_email": "anne@nord.dk",
    "comment": "Vi vil gerne i gang i marts",
}


@dataclass
class Visitor:
    """Somebody's browser: it keeps cookies, and sends forms with the token of the page they stand on."""

    client: httpx.Client

    def get(self, path: str) -> str:
        answer = self.client.get(path, headers={"Accept": "text/html"}, follow_redirects=True)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[-2000:])
        return answer.text

    def post(self, page: str, values: dict[str, str] | None = None, *, to: str = "") -> httpx.Response:
        found = _TOKEN.search(self.get(page))
        assert found
        answer = self.client.post(to or page, data={**(values or {}), "token": found[1]}, follow_redirects=True)
        assert answer.status_code in (200, 422), (page, answer.status_code)
        return answer

    def status(self, path: str) -> int:
        return self.client.get(path, headers={"Accept": "text/html"}).status_code


@dataclass
class Place:
    """A running service that really sends mail, and everybody's browsers."""

    server: Running
    service: Service
    box: Mailbox
    browsers: list[httpx.Client]

    def visitor(self, role: AccountRole | None = None) -> Visitor:
        client = self.server.client()
        self.browsers.append(client)
        client.cookies.set("npn_language", "da")
        if role is not None:
            account = next(each for each in self.service.accounts.list() if each.role is role)
            client.cookies.set("npn_session", self.service.sessions.begin(account, proved=True).token)
        return Visitor(client)

    def mail(self, to: str, word: str) -> str:
        """Wait for a mail that has the word, and give its text."""
        return wait_for(lambda: next((t for m in self.box.to(to) if word in (t := text_of(m))), ""))


def wait_for(found: Callable[[], str]) -> str:
    deadline = time.monotonic() + 90
    while not (value := found()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return value


def path_in(text: str) -> str:
    found = re.search(r"https?://[^/\s]+(/\S+)", text)
    assert found, text
    return found[1]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("place")
    settings = Settings(database=f"sqlite:///{folder / 'npn.db'}", witness=str(folder / "npn.witness"))
    initialised(settings)
    service = build(settings)
    service.accounts.add(
        by="admin:root", email="ole@sds.dk", name="Ole Drift", role=AccountRole.OPERATOR, organisation=None
    )
    with mailbox() as box:
        toml: dict[str, object] = {
            "smtp_host": "127.0.0.1",
            "smtp_port": box.port,
            "smtp_tls": "none",
            "mail_from": "npn@example.dk",
        }
        with running(settings, folder, toml=toml) as server:
            made = Place(server, service, box, [])
            yield made
            for client in made.browsers:
                client.close()
    service.close()


def opened_long_ago() -> str:
    return str(int(datetime.now(UTC).timestamp()) - 60)


def draw_and_release(place: Place, key: str, *, release: bool) -> str:
    environment = {"--url": place.server.url, "--key": key}
    options = [part for pair in environment.items() for part in pair]
    drawn = npn("draw", 1000, "--json", *options)
    assert drawn.status == 0, drawn
    if release:
        assert npn("release", drawn.json["id"], *options).status == 0
    return str(drawn.json["first"])


def test_the_whole_path_as_the_people_walk_it(place: Place, tmp_path: Path) -> None:
    requester, technical, operator = place.visitor(), place.visitor(), place.visitor(AccountRole.OPERATOR)
    sent = requester.post("/apply", {**FORM, "opened": opened_long_ago()})
    assert str(sent.url).endswith("/apply/sent"), sent.text[-3000:]

    confirm = path_in(place.mail("rikke@vendor.dk", "/apply/confirm/"))
    assert "Labka III" in requester.get(confirm)
    case_page = requester.post(confirm)
    assert "/case/" in str(case_page.url)
    assert "Se på anmodningen, og giv adgang til test" in case_page.text
    private = path_in(place.mail("rikke@vendor.dk", "/case/"))

    assert "Labka III" in operator.get("/requests")
    request = next(r for r in place.service.onboarding.requests() if r.asked.system == "Labka III")
    case = f"/cases/{request.case}"
    assert "Vi vil gerne i gang i marts" in operator.get(case)
    operator.post(case, to=f"/requests/{request.id}/give-test")

    key_link = path_in(place.mail("tore@vendor.dk", "/key/"))
    shown = technical.post(key_link).text
    key = re.search(r"npn_labka-iii-test_[A-Za-z0-9_-]+", shown)
    assert key
    assert technical.status(key_link) == 404
    assert key[0] not in "".join(text_of(mail) for mail in place.box.mails)

    requester.post(private, {"certificate": certificate(tmp_path).read_text()}, to=f"{private}/certificate")
    assert "BEGIN CERTIFICATE" in operator.get(case)
    operator.post(case, to=f"/requests/{request.id}/bind-certificate")
    assert "Træk en nummerserie i test" in requester.get(private)
    refused = operator.client.post(f"/requests/{request.id}/give-production", data={"token": _token(operator, case)})
    assert refused.status_code == 422, "a step is not done yet"
    assert not [system for system in place.service.systems.list() if system.environment is Environment.PRODUCTION]

    assert draw_and_release(place, key[0], release=True).startswith("9")
    assert "Alle trin er gennemført: giv adgang til produktion" in operator.get(case)
    operator.post(case, to=f"/requests/{request.id}/give-production")
    second = wait_for(lambda: next((p for p in _keys(place) if p != key_link), ""))
    production = re.search(r"npn_labka-iii_[A-Za-z0-9_-]+", technical.post(second).text)
    assert production
    assert draw_and_release(place, production[0], release=False).startswith("1")
    page = requester.get(private)
    assert page.count("Udført") == 7
    assert ">Nu<" not in page


def _token(visitor: Visitor, page: str) -> str:
    found = _TOKEN.search(visitor.get(page))
    assert found
    return found[1]


def _keys(place: Place) -> list[str]:
    return [path_in(t) for m in place.box.to("tore@vendor.dk") if "/key/" in (t := text_of(m))]


@pytest.mark.parametrize(
    "more", [{"website": "http://spam"}, {"opened": "this moment"}, {"opened": ""}, {"opened": "1700000000"}]
)
def test_what_looks_filled_in_by_a_program_is_not_sent_and_a_person_sends_it_again(
    place: Place, more: dict[str, str]
) -> None:
    before = len(letters(place.service))
    fields = {**FORM, "opened": opened_long_ago(), "requester_email": f"{token_hex(4)}@x.dk", **more}
    if fields["opened"] == "this moment":
        fields["opened"] = str(int(datetime.now(UTC).timestamp()) + 5)
    visitor = place.visitor()
    answer = visitor.post("/apply", fields)
    assert answer.status_code == 422
    assert "Anmodningen er ikke sendt endnu. Tryk på Send igen." in answer.text
    assert len(letters(place.service)) == before
    hidden = dict(_HIDDEN.findall(answer.text))
    again = visitor.post("/apply", {**fields, **hidden, "website": "filled in by the browser"})
    assert str(again.url).endswith("/apply/sent"), again.text
    assert len(letters(place.service)) == before + 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"requester_email": "x"}, "Skriv én e-mailadresse, fx navn@eksempel.dk."),
        ({"system": ""}, "Feltet skal udfyldes."),
        ({"transport": "pigeon"}, "Vælg en af mulighederne"),
        ({"addresses": "192.0.2.1\n<script>"}, "Linje 2, &lt;script&gt;, er ikke en adresse"),
        ({"expected_per_day": "mange"}, "Skriv et helt tal, fx 4500."),
        ({"on_call_name": "Vagten", "on_call_email": ""}, "Det er ikke en e-mailadresse."),
        ({"on_call_name": "", "on_call_email": "vagt@lab.dk"}, "field-on_call_name-error"),
        ({"technical_telephone": "12"}, "Skriv et telefonnummer med 8 cifre"),
    ],
)
def test_an_error_stands_beside_its_field_and_what_was_typed_stays(
    place: Place, change: dict[str, str], message: str
) -> None:
    answer = place.visitor().post("/apply", {**FORM, "opened": opened_long_ago(), **change})
    assert answer.status_code == 422
    assert message in answer.text
    assert "Rikke Rekvirent" in answer.text
    assert "<script>" not in answer.text.replace("<script src", "")


def test_a_case_by_mail_and_on_its_page(place: Place) -> None:
    operator = place.visitor(AccountRole.OPERATOR)
    settings = place.service.settings
    raw = "From: Eva <eva@lab.dk>\nSubject: Kan ikke trække\nMessage-ID: <a@lab.dk>\n\nVi får 429 <b>hele tiden</b>\n"
    taken = npn("admin", "mail", "receive", "--json", on=settings, stdin=raw)
    assert taken.json["outcome"] == "opened"
    number = taken.json["case"]
    page = operator.get(f"/cases/{number}")
    assert "&lt;b&gt;hele tiden&lt;/b&gt;" in page
    assert "fra en adresse, der ikke er kendt i sagen" in page

    operator.post(f"/cases/{number}", {"text": "Kun for os"}, to=f"/cases/{number}/note")
    operator.post(f"/cases/{number}", {"text": "Prøv igen i morgen"}, to=f"/cases/{number}/reply")
    private = path_in(place.mail("eva@lab.dk", "Prøv igen i morgen"))
    own = place.visitor()
    shown = own.get(private)
    assert "Prøv igen i morgen" in shown
    assert "Kun for os" not in shown
    own.post(private, {"text": "Det virker nu"})
    assert "Det virker nu" in operator.get(f"/cases/{number}")
    assert own.status("/case/" + "x" * 43) == 404


def test_contacts_answer_with_one_press(place: Place) -> None:
    place.service.systems.add(by="admin:t", name="Stille", vendor="V", owner="O", environment=Environment.PRODUCTION)
    place.service.systems.set_contact(
        "stille", by="admin:t", kind="administrative", name="Anne", email="anne@stille.dk", telephone="33123456"
    )
    operator, contact = place.visitor(AccountRole.OPERATOR), place.visitor()
    operator.post("/contacts", to="/systems/stille/ask-contacts")
    link = path_in(place.mail("anne@stille.dk", "/contacts/"))
    assert "Anne" in contact.get(link)
    assert place.service.contacts.question(link.rpartition("/")[2]).answered_at is None  # looking answers nothing
    assert "Besvaret" in contact.post(link).text
    changed = contact.post(
        f"{link}/change", {"technical_name": "Tom", "technical_email": "tom@stille.dk", "administrative_name": ""}
    )
    assert "Tom" in changed.text
    wrong = contact.post(f"{link}/change", {"technical_name": "Tom", "technical_email": "tom"})
    assert wrong.status_code == 422


def test_the_newest_link_is_the_one_that_counts(place: Place) -> None:
    place.service.systems.add(by="admin:t", name="Nøglesyg", vendor="V", owner="O", environment=Environment.TEST)
    for number in ("en", "to"):
        place.service.onboarding.handovers.offer("noeglesyg", to=f"{number}@n.dk", name=number, by="admin:t")
    old, new = (path_in(place.mail(f"{number}@n.dk", "/key/")) for number in ("en", "to"))
    visitor = place.visitor()
    assert (visitor.status(old), visitor.status(new)) == (404, 200)


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({}, set()),
        ({"technical_telephone": "97 64 10 00"}, set()),
        ({"technical_name": "Tore Teknik"}, {"technical_email"}),
        ({"technical_email": "tore@vendor.dk"}, {"technical_name"}),
    ],
    ids=["nothing", "a telephone alone", "a name alone", "an address alone"],
)
def test_whoever_names_no_technical_contact_is_it(place: Place, typed: dict[str, str], wrong: set[str]) -> None:
    form = {name: value for name, value in FORM.items() if not name.startswith("technical_")} | typed
    form |= {"requester_email": f"rikke{len(typed)}{''.join(wrong)}@vendor.dk", "system": f"Labka {len(typed)}"}
    answer = place.visitor().post("/apply", {**form, "opened": opened_long_ago()})
    assert _errors(answer.text) == wrong
    if not wrong:
        confirm = path_in(place.mail(form["requester_email"], "/apply/confirm/"))
        asked = place.service.onboarding.asking.to_confirm(confirm.rpartition("/")[2]).asked
        technical = next(contact for contact in asked.contacts if contact.kind == "technical")
        assert (technical.name, technical.email) == ("Rikke Rekvirent", form["requester_email"])
        assert technical.telephone == typed.get("technical_telephone", "")


def _errors(text: str) -> set[str]:
    return set(re.findall(r'id="field-(\w+)-error"', text))


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"requester_email": "rikke(at)vendor.dk"}, {"requester_email"}),
        ({"requester_name": ""}, {"requester_name"}),
        ({"requester_name": "", "requester_email": "fejl"}, {"requester_name", "requester_email"}),
        ({"requester_email": "fejl", "technical_telephone": "12"}, {"requester_email", "technical_telephone"}),
        ({"vendor": ""}, {"vendor"}),
    ],
)
def test_only_what_was_typed_wrong_is_blamed_and_nothing_is_copied(
    place: Place, typed: dict[str, str], wrong: set[str]
) -> None:
    form = {name: value for name, value in FORM.items() if not name.startswith("technical_")} | typed
    text = place.visitor().post("/apply", {**form, "opened": opened_long_ago()}).text
    assert _errors(text) == wrong
    for name in ("technical_name", "technical_email"):
        shown = re.search(rf'<input [^>]*id="field-{name}"[^>]*>', text)
        assert shown is not None
        assert 'value=""' in shown[0]
