"""`npn admin approval`: two people, each with their password and second factor, agree from the shell."""

import json
import time

import msgspec

from command import Ran, npn, one_line_error
from drawing import add, caller, draw
from npn.config import Settings
from npn.people import passwords, totp
from npn.people.model import AccountRole
from npn.wiring import Service, build, initialise

PASSWORD = "correct horse battery staple"  # noqa: S105  # nobody's


def operator(service: Service, name: str) -> str:
    """Add an operator with a password and a second factor; give its secret."""
    account, link = service.accounts.add(
        by="t", email=f"{name}@example.dk", name=name, role=AccountRole.OPERATOR, organisation=None
    )
    service.accounts.use_link(link.token, password=passwords.hashed(PASSWORD))
    secret = totp.make_secret()
    service.accounts.set_second_factor(account.id, secret=secret, step=0, by="t")
    return secret


def run(settings: Settings, secret: str, name: str, *arguments: str) -> Ran:
    """Run a command as an operator who has proved who they are, with the next code that was not used yet."""
    code = totp.code_at(secret, int(time.time()) // 30)
    given = f"{PASSWORD}\n{code}\n"
    return npn("admin", "approval", *arguments, "--as", f"{name}@example.dk", on=settings, stdin=given)


def test_two_people_have_released_numbers_granted_again(settings: Settings) -> None:
    initialise(settings)
    service = build(msgspec.structs.replace(settings, quarantine_days=0))
    try:
        secrets = {name: operator(service, name) for name in ("anna", "bo")}
        lab, other = add(service, "One"), add(service, "Other")
        series = draw(service, lab, 100)
        service.registry.release(series.id, by=caller(lab), from_text=series.text(series.first + 90))
    finally:
        service.close()
    listed = npn("admin", "approval", "released", "--json", on=settings)
    (row,) = (json.loads(line) for line in listed.lines)
    assert (row["series"], row["first"]) == (series.id, series.text(series.first + 90))

    wish = (row["series"], row["first"], row["last"])
    proposed = run(settings, secrets["anna"], "anna", "regrant", *wish, "--reason", "closed", "--json")
    assert proposed.status == 0, proposed.err
    waiting = proposed.json["id"]
    wrong = npn("admin", "approval", "approve", waiting, "--as", "bo@example.dk", on=settings, stdin="nothing\n\n")
    assert wrong.status == 3
    one_line_error(wrong)
    done = run(settings, secrets["bo"], "bo", "approve", waiting)
    assert done.status == 0, done.err
    assert "may be granted again" in done.out
    (kept,) = (json.loads(line) for line in npn("admin", "approval", "list", "--json", on=settings).lines)
    assert (kept["state"], kept["proposed_by"] == kept["decided_by"]) == ("approved", False)
    service = build(settings)
    try:
        assert draw(service, other, 10).first == series.first + 90
    finally:
        service.close()


def test_who_proposes_does_not_approve_and_limits_take_two(settings: Settings) -> None:
    initialise(settings)
    service = build(settings)
    try:
        secret = operator(service, "anna")
        add(service, "One")
    finally:
        service.close()
    more = ("--largest-draw", "50000000", "--reason", "a year at once", "--json")
    proposed = run(settings, secret, "anna", "limits", "one", *more)
    assert proposed.status == 0, proposed.err
    code_used = run(settings, secret, "anna", "approve", proposed.json["id"])
    assert code_used.status == 3  # the code was used before, or it is the same person: either way nothing is done
    one_line_error(code_used)
    (kept,) = (json.loads(line) for line in npn("admin", "approval", "list", "--json", on=settings).lines)
    assert kept["state"] == "open"
