"""Links to steps as people use them: one page, one press, no account; and what a mail server's look does."""

import msgspec
import pytest

from authority import Authority
from letters import letters
from npn.onboarding.model import Request, StepName
from npn.people.model import AccountRole
from npn.support.model import CaseState, Requester
from web.formfields import forms_of
from web.town import ASKED, Town

PEM = Authority("Prøve-CA").client("Nyt Lab").pem.decode()


@pytest.fixture(scope="module")
def case(own_town: Town) -> str:
    """Give a request's access to test as the operator does in the pages; return its case's address."""
    operator, request = own_town.browser(AccountRole.OPERATOR), requested(own_town, "Ærø Lab", "rikke@ny.dk")
    page = operator.get(f"/cases/{request.case}").text
    assert page.index("CSC Sundhed") < page.index("give-test")  # what was asked for stands above the button
    assert "Waiting for the operator" in page
    assert operator.post(f"/requests/{request.id}/give-test").status_code == 303
    return f"/cases/{request.case}"


def requested(town: Town, system: str, email: str) -> Request:
    """Ask to have a system connected, and confirm it."""
    asking = town.service.onboarding.asking
    wishes = msgspec.structs.replace(ASKED, system=system, transport="https_certificate")
    asking.ask(wishes, requester=Requester("Rikke", email), remote=email)
    token = [each for each in letters(town.service, email) if "/apply/confirm/" in each.text][-1].token
    return asking.confirm(token)[0]


def link(town: Town, address: str) -> str:
    return "/step/" + [each for each in letters(town.service, address) if "/step/" in each.text][-1].token


def request_id(town: Town) -> str:
    return next(r.id for r in town.service.onboarding.requests() if r.asked.system == "Ærø Lab")


def test_list_and_case_agree_on_whose_turn_it_is(own_town: Town, case: str) -> None:
    operator = own_town.browser(AccountRole.OPERATOR)
    page, rows = operator.get(case).text, operator.get("/requests").text
    assert "Waiting for an answer" in page
    turn = page[page.index("Whose turn") :]
    assert turn.index("The technical contact<") < turn.index("The owner<") < turn.index("Fetch the key")
    row = rows[rows.index("Ærø Lab") :]
    assert "The technical contact" in row[: row.index("</tr>")]
    assert "The owner" in row[: row.index("</tr>")]
    assert "The operator<" not in row[: row.index("</tr>")]
    assert "Case" not in "".join(line for line in operator.get("/overview").text.splitlines() if "Ærø Lab" in line)
    vendor = own_town.browser(AccountRole.VENDOR, language="da").get("/overview").text
    assert "Ærø Lab: Hent nøglen med linket i e-mailen; det virker én gang." in vendor
    assert "venter på jeres svar" not in vendor  # nobody has asked them anything


def test_the_owner_accepts_by_the_link_without_an_account(own_town: Town, case: str) -> None:
    owner, path = own_town.browser(None), link(own_town, "a@example.dk")
    page = owner.get(path)
    assert page.status_code == 200
    assert "Ærø Lab" in page.text
    assert page.text.count("<h3 id=") > 5  # the whole text, not a link to it
    entries = own_town.entries()
    for _ in range(3):
        assert owner.get(path).status_code == 200
        assert owner.client.head(path).status_code == 200
    foreign = owner.client.post(f"{path}/accept", data={"accepted_by": "Bot", "capacity": "bot", "read": "yes"})
    assert foreign.status_code == 403  # a program without the page's token
    assert own_town.entries() == entries
    (form,) = [each for each in forms_of(page.text) if each.action.endswith("/accept")]
    assert form.values["accepted_by"] == "A"
    form.values.pop("read")
    unread = owner.post(form.action, {**form.values, "accepted_by": "Lone Leder", "capacity": "Chef"})
    assert unread.status_code == 422
    assert "Lone Leder" in unread.text
    assert own_town.entries() == entries
    given = owner.post(form.action, {**form.values, "accepted_by": "Lone Leder", "capacity": "Chef", "read": "yes"})
    assert given.status_code == 303
    receipt = owner.get(path).text
    for word in ("The agreement is accepted", "Lone Leder", "Chef"):
        assert word in receipt
    assert "/accept" not in receipt
    again = owner.post(form.action, {**form.values, "accepted_by": "Tyv", "capacity": "Chef", "read": "yes"})
    assert again.status_code == 422
    assert "Tyv" not in str(own_town.service.agreements.acceptances("aeroe-lab-test"))
    operator = own_town.browser(AccountRole.OPERATOR, language="da").get(case).text
    assert "accepteret af Lone Leder, Chef" in operator


def test_the_contact_sends_the_certificate_meanwhile_and_the_operator_sees_it_decoded(
    own_town: Town, case: str
) -> None:
    contact, path = own_town.browser(None), link(own_town, "tore@example.dk")
    assert "Paste the client certificate" in contact.get(path).text
    wrong = contact.post(f"{path}/certificate", {"certificate": "hej"})
    assert wrong.status_code == 422
    assert contact.post(f"{path}/certificate", {"certificate": PEM}).status_code == 303
    assert "CN=Nyt Lab,O=Region Prøve" in contact.get(path).text
    page = own_town.browser(AccountRole.OPERATOR).get(case).text
    assert "Waiting for the operator" in page
    assert page.index("CN=Nyt Lab,O=Region Prøve") < page.index("bind-certificate")
    own_town.browser(AccountRole.OPERATOR).post(f"/requests/{request_id(own_town)}/bind-certificate")
    assert "This step is done" in contact.get(path).text
    number = int(case.rpartition("/")[2])
    assert own_town.service.cases.get(number).state is CaseState.WAITING


def test_a_link_can_be_sent_again_to_another(own_town: Town, case: str) -> None:
    service, operator = own_town.service, own_town.browser(AccountRole.OPERATOR)
    own_town.service.onboarding.progress.advance()
    request = service.onboarding.get(request_id(own_town))
    service.onboarding.handovers.collect(
        [x for x in letters(service, "tore@example.dk") if "/key/" in x.text][-1].token
    )
    service.onboarding.progress.advance()
    before = link(own_town, "tore@example.dk")
    page = operator.get(case).text
    assert "Link sent to Tore Teknik (tore@example.dk)" in page
    fields = {"step": StepName.TEST_SHOWN.value, "name": "Ny Tekniker", "email": "ny@example.dk"}
    assert operator.post(f"/requests/{request.id}/send-link", fields).status_code == 303
    assert own_town.browser(None).get(before).status_code == 404
    assert "Idempotency-Key" in own_town.browser(None).get(link(own_town, "ny@example.dk")).text
    assert "Link sent to Ny Tekniker (ny@example.dk)" in operator.get(case).text
    assert operator.post(f"/requests/{request.id}/send-link", {**fields, "step": "x"}).status_code == 422


def test_people_are_invited_from_the_case_with_what_is_known(own_town: Town, case: str) -> None:
    operator = own_town.browser(AccountRole.OPERATOR)
    address = next(
        part.split('"')[0].replace("&amp;", "&")
        for part in operator.get(case).text.split('href="')
        if part.startswith("/accounts/new?role=owner")
    )
    (form,) = [
        each for each in forms_of(operator.get(address).text) if "organisation" in each.values or "email" in each.values
    ]
    assert form.values["email"] == "a@example.dk"
    page = operator.get(address).text
    assert "selected>Nordsygehuset" in page
    assert 'value="owner" selected' in page


def test_unknown_links_lead_nowhere(own_town: Town) -> None:
    for path in ("/step/none", "/step/" + "x" * 43):
        assert own_town.browser(None).get(path).status_code == 404


@pytest.mark.parametrize(
    ("form", "fields"),
    [
        ("refuse", {"reason": "Endnu en gang"}),
        ("refuse", {"reason": ""}),
        ("give-production", {"despite": "Det haster"}),
        ("waive", {"step": "test_shown", "reason": "Det er vist før"}),
        ("send-link", {"step": "agreement_accepted", "name": "Eva", "email": "eva@example.dk"}),
        ("send-link", {"step": "agreement_accepted", "name": "", "email": "fejl"}),
    ],
)
def test_a_form_that_was_open_while_the_request_was_refused_says_so(
    own_town: Town, form: str, fields: dict[str, str]
) -> None:
    name = f"{form}{len(''.join(fields.values()))}"
    request = requested(own_town, f"Lab {name}", f"{name}@ny.dk")
    operator = own_town.browser(AccountRole.OPERATOR, language="da")
    own_town.service.onboarding.refuse(request.id, reason="Systemet bruger lokale numre", by="admin:t")
    before = own_town.entries()
    answer = operator.post(f"/requests/{request.id}/{form}", fields)
    assert answer.status_code == 422
    assert "<title>Fejl: " in answer.text
    assert "Intet blev ændret: Anmodningen blev afvist" in answer.text
    assert "Systemet bruger lokale numre" in answer.text
    assert own_town.entries() == before
    assert "Intet blev ændret" not in operator.get(f"/cases/{request.case}").text
    assert "Intet blev ændret" not in operator.post(f"/cases/{request.case}/reply", {"text": ""}).text
