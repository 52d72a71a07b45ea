"""`npn admin approval`: two people, each with their password and second factor, agree from the shell."""

import json
import time
from datetime import UTC, datetime, timedelta

import pytest

from command import Ran, npn, one_line_error
from drawing import add, caller, draw
from moved_clock import Clock
from npn.config import Settings
from npn.errors import UnauthenticatedError
from npn.people import passwords, totp
from npn.people.model import AccountRole
from npn.wiring.assembly import build
from npn.wiring.service import Service
from prepared import initialised

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


@pytest.mark.moves_clock
def test_two_people_have_released_numbers_granted_again(settings: Settings, clock: Clock) -> None:
    initialised(settings)
    service = build(settings)
    try:
        secrets = {name: operator(service, name) for name in ("anna", "bo")}
        lab, other = add(service, "One"), add(service, "Other")
        series = draw(service, lab, 100)
        service.registry.release(series.id, by=caller(lab), from_text=series.text(series.first + 90))
    finally:
        service.close()
    clock.wait(timedelta(days=3651))
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


def test_the_shell_counts_its_own_failures_and_strangers_do_not_stop_it(settings: Settings) -> None:
    initialised(settings)
    service = build(settings)
    try:
        secrets = {name: operator(service, name) for name in ("anna", "bo")}
        for name in secrets:
            for _ in range(50):  # on the pages
                with pytest.raises(UnauthenticatedError):
                    service.sessions.settle(service.sessions.attempt(f"{name}@example.dk"), right=False)
        asked = run(settings, secrets["anna"], "anna", "recovery", "--reason", "a restore", "--json")
        assert asked.status == 0, asked.err
        approved = run(settings, secrets["bo"], "bo", "approve", asked.json["id"])
        assert "approved" in approved.out
        for _ in range(5):
            wrong = npn(
                "admin", "approval", "withdraw", "x", "--as", "bo@example.dk", on=settings, stdin="nothing\n1\n"
            )
            assert (wrong.status, one_line_error(wrong)) == (3, one_line_error(wrong))
        locked = run(settings, secrets["bo"], "bo", "withdraw", asked.json["id"])
        assert locked.status == 3
        assert "too many wrong attempts" in one_line_error(locked)
        session = service.sessions.settle(service.sessions.attempt("bo@example.dk", ""), right=True)
        assert session.step == "code"  # the pages don't mind
    finally:
        service.close()


def test_who_proposes_does_not_approve_and_limits_take_two(settings: Settings) -> None:
    initialised(settings)
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


def test_two_people_change_the_quarantine_and_less_than_a_year_is_refused(settings: Settings) -> None:
    initialised(settings)
    service = build(settings)
    try:
        secrets = {name: operator(service, name) for name in ("anna", "bo")}
    finally:
        service.close()
    short = npn("admin", "approval", "policy", "quarantine", "--days", 364, "--as", "anna@example.dk", on=settings)
    assert short.status == 2
    assert "365" in one_line_error(short)
    proposed = run(settings, secrets["anna"], "anna", "policy", "quarantine", "--days", "400", "--json")
    assert proposed.status == 0, proposed.err
    assert (proposed.json["kind"], proposed.json["wish"]) == ("quarantine", {"days": 400})
    done = run(settings, secrets["bo"], "bo", "approve", proposed.json["id"])
    assert done.status == 0, done.err
    assert "wait 400 days" in done.out
    service = build(settings)
    try:
        assert service.quarantine.days() == 400
    finally:
        service.close()


def test_more_on_any_one_day_needs_both_operators_from_the_shell_too(settings: Settings) -> None:
    initialised(settings)
    limits = ("admin", "system", "set-limits", "one")
    service = build(settings)
    try:
        add(service, "One")
    finally:
        service.close()
    assert npn(*limits, "--quota", 1000, "--quota-days", 1, on=settings).status == 0
    assert npn(*limits, "--quota", 1001, on=settings).status == 0  # nobody is there to agree
    service = build(settings)
    try:
        for name in ("anna", "bo"):
            operator(service, name)
    finally:
        service.close()
    for wider in (("--quota", 3_660_000, "--quota-days", 3660), ("--no-quota",), ("--largest", 20_000_000)):
        refused = npn(*limits, *wider, on=settings)
        assert (refused.status, "two_people_needed" in refused.err) == (3, True)
    assert npn(*limits, "--quota", 1000, "--quota-days", 7, on=settings).status == 0
    assert npn(*limits, "--quota-days", 1, on=settings).status == 3  # as much, seven times as often


def test_a_time_ahead_in_the_ledger_is_shown_and_accepted(settings: Settings) -> None:
    initialised(settings)
    ahead = build(settings, clock=lambda: datetime.now(UTC) + timedelta(days=30))
    try:
        add(ahead, "One")
    finally:
        ahead.close()
    shown = npn("admin", "clock", "show", "--json", on=settings)
    on_sqlite = settings.database.startswith("sqlite")
    assert shown.json["agree"] is not on_sqlite
    assert (shown.json["difference_seconds"] > 2_500_000) is on_sqlite
    accepted = npn("admin", "clock", "accept", "--reason", "battery", "--json", on=settings)
    assert accepted.status == 0, accepted.err
    assert accepted.json["agree"] is True
    again = npn("admin", "clock", "accept", "--reason", "battery", on=settings)
    assert (again.status, "clock_not_ahead" in again.err) == (3, True)
