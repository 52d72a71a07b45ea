"""Requests, cases, contacts, regions and mail from the command line, as an operator without a browser has them."""

from collections.abc import Iterator

import pytest

from command import Ran, npn, one_line_error
from letters import the_last
from npn.config import Settings
from npn.onboarding.model import ConnectionWishes
from npn.support.contacts import Contact
from npn.support.model import Requester
from npn.wiring.assembly import build
from npn.wiring.service import Service
from prepared import initialised

ASKED = ConnectionWishes(
    system="Labka III",
    vendor="CSC",
    owner="Region Nord",
    expected_per_day=100,
    transport="https_certificate",
    contacts=(Contact("technical", "Tore", "tore@x.dk"), Contact("administrative", "Anne", "anne@x.dk")),
)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    settings = Settings(database=f"sqlite:///{tmp_path_factory.mktemp('desk') / 'npn.db'}")
    initialised(settings)
    made = build(settings)
    yield made
    made.close()


def run(service: Service, *arguments: object, stdin: str = "") -> Ran:
    return npn("admin", *arguments, on=service.settings, stdin=stdin)


def test_a_request_is_taken_to_production(service: Service) -> None:
    service.onboarding.asking.ask(ASKED, requester=Requester("Rikke", "rikke@x.dk"), remote="x")
    service.onboarding.asking.confirm(the_last(service, "apply/confirm").token)
    listed = run(service, "request", "list", "--json").json
    assert (listed["next"], listed["who"], listed["system"]) == ("give_test_access", "operator", "Labka III")
    request = listed["id"]

    assert run(service, "request", "give-test", request, "--json").json["test_system"] == "labka-iii-test"
    early = run(service, "request", "give-production", request)
    assert early.status == 3
    assert "steps_missing" in one_line_error(early)
    for step in ("certificate_in_place", "test_shown"):
        assert run(service, "request", "waive", request, step, "--reason", "flyttet").status == 0
    assert "there is no step" in one_line_error(run(service, "request", "waive", request, "x", "--reason", "x"))
    service.onboarding.handovers.collect(the_last(service, "/key/").token)
    assert run(service, "request", "give-production", request).status == 0
    assert "works once" in run(service, "request", "offer-key", request).out
    shown = run(service, "request", "show", request, "--json").json
    assert [each["done"] for each in shown["steps"]] == [True, True, True, True, True, False, False]


def test_a_case_is_opened_answered_and_closed(service: Service) -> None:
    opened = run(
        service, "case", "open", "Kan ikke trække", "--text", "-", "--name", "Eva", "--email", "e@x.dk", stdin="403?"
    )
    number = opened.out.strip()
    assert run(service, "case", "reply", number, "--text", "Prøv nu", "--json").json["state"] == "waiting"
    assert run(service, "case", "note", number, "--text", "Ringede").status == 0
    shown = run(service, "case", "show", number, "--json").json
    assert [(each["direction"], each["text"]) for each in shown["entries"]] == [
        ("in", "403?"),
        ("out", "Prøv nu"),
        ("note", "Ringede"),
    ]
    mail = f"From: e@x.dk\nSubject: Re: [{shown['mark']}]\n\nTak\n"
    assert run(service, "mail", "receive", stdin=mail).out == f"added case {number}\n"
    assert run(service, "case", "close", number).out == f"case {number} is closed\n"
    assert run(service, "case", "show", "1").status == 3


@pytest.mark.parametrize(("raw", "status"), [("", 2), ("no mail", 2)])
def test_what_is_no_mail_is_refused_in_the_servers_own_statuses_too(service: Service, raw: str, status: int) -> None:
    assert run(service, "mail", "receive", stdin=raw).status == status
    assert run(service, "mail", "receive", "--sysexits", stdin=raw).status == 65


def test_a_region_says_who_answers_and_contacts_in_doubt_are_listed(service: Service) -> None:
    run(service, "system", "add", "Labka II", "--vendor", "CSC", "--owner", "Region Nord")
    unit = run(service, "region", "set-unit", "Region Nordjylland", "Klinisk IT", "--email", "it@rn.dk").out.strip()
    assert unit == "region-nordjylland-klinisk-it" or unit.endswith("klinisk-it")
    assert run(service, "region", "set-owner", "Region Nord", "Region Nordjylland").status == 0
    assert "Klinisk IT answers" in run(service, "region", "set-care", "labka-ii", "--unit", unit).out
    assert "labka-ii" in run(service, "contacts", "stale").out
    asked = run(service, "contacts", "ask", "labka-ii")
    assert asked.status == 3
    assert "no_contact" in one_line_error(asked)


def test_the_outbox_is_listed_without_the_letters_texts(service: Service) -> None:
    service.cases.open(by="t", subject="S", text="T", requester=Requester("Eva", "eva@x.dk"))
    listed = run(service, "mail", "list", "--limit", "1", "--json")
    assert listed.json["state"] == "waiting"
    assert "text" not in listed.json
    assert "smtp_host" in one_line_error(run(service, "mail", "send"))
