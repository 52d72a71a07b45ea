"""What a certificate says is shown to whoever judges it; a private key is shown to nobody, wherever it is pasted."""

import re
from datetime import UTC, datetime

import pytest

from authority import Authority
from dated_certificate import certificate_pem
from npn.mail.incoming import read
from npn.people.model import AccountRole
from npn.support.model import Requester
from npn.support.receiving import receive
from web.town import Town

ISSUED = Authority("Sundhedens CA").client("Labka Ærø")
KEY = ISSUED.key_pem.decode()
BODY = KEY.splitlines()[1]


def everything_kept(town: Town) -> str:
    """Return all texts of the database, and the log."""
    kept = []
    with town.service.database.read() as connection:
        tables = [row[0] for row in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            kept += [str(tuple(row)) for row in connection.exec_driver_sql(f"SELECT * FROM {table}")]  # names of ours
    return "\n".join((*kept, town.server.log.read_text("utf-8")))


def test_a_bound_certificate_is_shown_decoded(own_town: Town) -> None:
    owner = own_town.browser(AccountRole.OWNER)
    path = f"/systems/{own_town.ours}/certificates"
    assert owner.post(path, {"certificate": ISSUED.pem.decode()}).status_code == 303
    page = owner.get(path).text
    digits = ISSUED.fingerprint.upper()
    for shown in (
        "CN=Labka Ærø,O=Region Prøve",
        "CN=Sundhedens CA,O=Region Prøve",
        "EC P-256 (256 bit)",
        "clientAuth",
        " ".join(digits[place : place + 4] for place in range(0, 64, 4)),
        "Not known: the service has no list of authorities",
        "linked to this system",
    ):
        assert shown in page, shown
    assert page.index("<details>") < page.index("BEGIN CERTIFICATE")
    danish = own_town.browser(AccountRole.OWNER, language="da").get(path).text
    assert "Udstedt til (subject)" in danish


def test_dates_without_end_and_hostile_subjects_do_not_break_the_page(own_town: Town) -> None:
    ends = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    hostile = certificate_pem(begins=datetime(2026, 1, 1, tzinfo=UTC), ends=ends, name="<b>\u202e{{7*7}}</b>")
    owner, path = own_town.browser(AccountRole.OWNER), f"/systems/{own_town.ours}/certificates"
    assert owner.post(path, {"certificate": hostile.decode()}).status_code == 303
    page = owner.get(path).text
    assert "&lt;b&gt;[U+202E]{{7*7}}&lt;/b&gt;" in page
    assert "without an end" in page
    assert "self-signed" in page
    assert owner.get(f"/systems/{own_town.ours}/transport").status_code == 200
    for other in ("/transport/certificates", "/overview"):
        assert own_town.browser(AccountRole.OPERATOR).get(other).status_code == 200


def test_a_certificate_in_a_message_is_decoded_beside_it(own_town: Town) -> None:
    text = f"Her er det nye:\n\n{ISSUED.pem.decode()}\nHilsen"
    number = own_town.service.cases.open(
        by="admin:t", subject="Nyt", text=text, requester=Requester("Eva", "eva@lab.dk"), system=own_town.ours
    ).number
    page = own_town.browser(AccountRole.OPERATOR).get(f"/cases/{number}").text
    assert "CN=Labka Ærø,O=Region Prøve" in page
    assert "EC P-256 (256 bit)" in page


@pytest.mark.parametrize(
    ("role", "path", "field"),
    [
        (AccountRole.OWNER, "/systems/{system}/certificates", "certificate"),
        (AccountRole.OWNER, "/cases/{case}/write", "text"),
        (AccountRole.OWNER, "/systems/{system}/draw", "purpose"),
        (AccountRole.OPERATOR, "/cases/{case}/reply", "text"),
        (AccountRole.OPERATOR, "/cases/{case}/note", "text"),
        (AccountRole.OPERATOR, "/cases/new", "subject"),
        (AccountRole.OPERATOR, "/cases/{case}/assign", "to"),
        (AccountRole.OPERATOR, "/requests/{asked}/refuse", "reason"),
        (AccountRole.OPERATOR, "/requests/{asked}/waive", "reason"),
        (AccountRole.OPERATOR, "/accounts/new", "name"),
        (AccountRole.OPERATOR, "/systems/{system}/limits", "reason"),
        (None, "/apply", "comment"),
        (None, "/case/{case_link}", "text"),
        (None, "/case/{case_link}/certificate", "certificate"),
        (None, "/contacts/{contact_link}/change", "technical_name"),
        (None, "/sign-in", "email"),
        (None, "/sign-in", "password"),
    ],
)
def test_a_private_key_in_any_field_is_refused_and_neither_shown_nor_kept(
    own_town: Town, role: AccountRole | None, path: str, field: str
) -> None:
    browser, address = own_town.browser(role), own_town.address(path)
    opened, entries = str(int(datetime.now(UTC).timestamp()) - 60), own_town.entries()
    for pasted in (KEY, KEY.replace("\n", " "), "".join(KEY.splitlines()[1:-1])):
        answer = browser.post(address, {"step": "test_shown", "opened": opened, field: pasted})
        assert answer.status_code == 422, answer.text[:500]
        assert "taken as compromised" in answer.text
        assert BODY[:40] not in answer.text
    assert own_town.entries() == entries
    assert BODY[:40] not in everything_kept(own_town)


def test_a_private_key_in_a_search_is_not_repeated(own_town: Town) -> None:
    answer = own_town.browser(AccountRole.OPERATOR).get("/systems", params={"q": KEY})
    assert answer.status_code == 422
    assert BODY[:40] not in answer.text
    assert "compromised" in answer.text
    assert BODY[:40] not in own_town.server.log.read_text("utf-8")


def test_a_private_key_in_a_mail_is_taken_out_and_the_case_says_so(own_town: Town) -> None:
    raw = f"From: Eva <eva@lab.dk>\nSubject: Nyt certifikat\nMessage-ID: <k@lab.dk>\n\nHer er det:\n{KEY}\nHilsen Eva\n"
    number = receive(own_town.service.cases, read(raw.encode())).case
    page = own_town.browser(AccountRole.OPERATOR).get(f"/cases/{number}").text
    assert "Hilsen Eva" in page
    assert "skal anses for kompromitteret" in page
    assert BODY[:40] not in page
    assert BODY[:40] not in everything_kept(own_town)


def test_what_waits_to_be_linked_is_decoded_for_the_operator_and_for_who_sent_it(own_town: Town) -> None:
    service = own_town.service
    request = service.onboarding.requests()[0]
    service.onboarding.give_test(request.id, by="admin:t")
    assert request.case is not None
    with service.ledger.transaction() as tx:
        link = service.cases.new_link(tx, request.case).rpartition("/")[2]
    early = Authority("Fremmed CA").client("Nyt Lab", days=(3, 200))
    service.onboarding.propose_certificate(link, early.pem.decode())
    for page in (
        own_town.browser(AccountRole.OPERATOR).get(f"/cases/{request.case}").text,
        own_town.browser(None).get(f"/case/{link}").text,
    ):
        assert "CN=Nyt Lab,O=Region Prøve" in page
        assert "not valid yet" in page
        assert re.search(r"Fingerprint \(SHA-256\)</dt><dd><code>([0-9A-F]{4} ){15}[0-9A-F]{4}<", page)
