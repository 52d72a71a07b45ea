"""`npn admin account`: who may sign in to the pages, from the shell."""

import json
import os
import pwd
import re
from pathlib import Path

import pytest

from command import npn, one_line_error
from npn.config import Settings
from npn.ledger.attribution import system_user
from npn.ledger.export import export
from npn.wiring.assembly import build
from prepared import initialised


def test_an_account_is_added_and_its_link_is_alone_on_a_line(settings: Settings) -> None:
    initialised(settings)
    done = npn("admin", "account", "add", "anna@example.dk", "--role", "operator", on=settings)
    assert done.status == 0, done.err
    assert re.fullmatch(r"http://127\.0\.0\.1:8000/welcome/[A-Za-z0-9_-]{43}\n", done.out)
    listed = npn("admin", "account", "list", "--json", on=settings)
    assert [json.loads(line)["email"] for line in listed.lines] == ["anna@example.dk"]
    again = npn("admin", "account", "add", "ANNA@example.dk", "--role", "auditor", on=settings)
    assert again.status != 0
    assert "account with that address" in one_line_error(again)
    last = npn("admin", "account", "suspend", "anna@example.dk", on=settings)
    assert last.status == 3  # nobody would be left
    one_line_error(last)


def test_a_region_is_made_and_an_owner_must_be_known(settings: Settings) -> None:
    initialised(settings)
    add = ("admin", "account", "add")
    made = npn(*add, "r@example.dk", "--role", "region", "--organisation", "Region Nord", "--json", on=settings)
    assert made.json["organisation"] == "region-region-nord"
    unknown = npn(*add, "o@example.dk", "--role", "owner", "--organisation", "Nobody", on=settings)
    assert unknown.status != 0
    one_line_error(unknown)


def events(settings: Settings, kind: str) -> list[dict[str, str]]:
    """Return the data of the ledger's entries of a kind."""
    service = build(settings)
    try:
        lines: list[bytes] = []
        export(service.database, lines.append)
    finally:
        service.close()
    entries = [json.loads(line) for line in lines[:-1]]
    return [entry["data"] for entry in entries if entry["type"] == kind]


def test_the_shell_vouches_promotes_and_changes_an_address_by_its_own_name(settings: Settings) -> None:
    initialised(settings)
    for email, role in (("anna@example.dk", "operator"), ("bo@example.dk", "auditor")):
        npn("admin", "account", "add", email, "--role", role, on=settings)
    done = npn("admin", "account", "vouch", "bo@example.dk", "--reason", "met in person", "--json", on=settings)
    assert done.status == 0, done.err
    assert done.json["email"] == "bo@example.dk"
    (vouched,) = events(settings, "account_vouched")
    assert vouched["reason"] == "met in person"
    assert vouched["by"] == f"admin:{pwd.getpwuid(os.getuid()).pw_name}"

    more = ("--role", "operator", "--email", "bo2@example.dk")
    assert npn("admin", "account", "change", "bo@example.dk", *more, on=settings).status == 0
    (changed,) = events(settings, "account_email_changed")
    assert set(changed) <= {"account", "by", "claimed"}
    listed = npn("admin", "account", "list", "--json", on=settings)
    assert {json.loads(line)["email"]: json.loads(line)["role"] for line in listed.lines} == {
        "anna@example.dk": "operator",
        "bo2@example.dk": "operator",
    }
    for wrong in (("vouch", "nobody@example.dk", "--reason", "x"), ("vouch", "anna@example.dk", "--reason", " ")):
        assert one_line_error(npn("admin", "account", *wrong, on=settings))
    assert npn("admin", "account", "vouch", "anna@example.dk", on=settings).status == 2
    assert one_line_error(npn("admin", "account", "change", "anna@example.dk", on=settings))
    service = build(settings)
    try:
        told = {letter.to for letter in service.outbox.emails() if "met in person" in letter.text}
    finally:
        service.close()
    assert told == {"anna@example.dk"}


@pytest.mark.parametrize(
    ("variables", "claimed"),
    [
        (("LOGNAME=anna.the.auditor",), "anna.the.auditor"),
        (("USER=\u202eanna\x07  b\u0085",), "anna b"),
        (("SUDO_USER=" + "å" * 200,), "å" * 80),
        (("LOGNAME=", "USER=\u2066"), None),
        ((f"LOGNAME={pwd.getpwuid(os.getuid()).pw_name}",), None),
        ((f"LOGNAME={pwd.getpwuid(os.getuid()).pw_name}", "SUDO_USER=anna"), "anna"),
    ],
)
def test_a_name_that_the_environment_claims_stands_beside_the_systems_user(
    tmp_path: Path, variables: tuple[str, ...], claimed: str | None
) -> None:
    settings = Settings(database=f"sqlite:///{tmp_path / 'npn.db'}", witness=str(tmp_path / "w"))
    initialised(settings)
    alone = ("env", "-u", "LOGNAME", "-u", "USER", "-u", "SUDO_USER", *variables)
    done = npn("admin", "account", "add", "r@example.dk", "--role", "group", on=settings, prefix=alone)
    assert done.status == 0, done.err
    (added,) = events(settings, "account_added")
    assert added["by"] == f"admin:{pwd.getpwuid(os.getuid()).pw_name}"
    assert added.get("claimed") == claimed


def test_a_user_whom_the_system_has_no_name_for_is_known_by_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 987_654_321)
    assert system_user() == "987654321"


def test_a_link_leads_to_the_public_address_and_is_mailed_where_mail_is_set_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(database=f"sqlite:///{tmp_path / 'npn.db'}", witness=str(tmp_path / "w"))
    initialised(settings)
    file = tmp_path / "npn.toml"
    file.write_text('public_url = "https://npn.example/"\n')
    add = ("admin", "account", "add", "--config", file, "--role", "group")
    shown = npn(*add, "a@example.dk", on=settings)
    assert shown.out.startswith("https://npn.example/welcome/")
    again = npn("admin", "account", "link", "a@example.dk", "--config", file, on=settings)
    assert again.out.startswith("https://npn.example/welcome/")
    elsewhere = npn(*add, "b@example.dk", "--url", "https://other.example", on=settings)
    assert elsewhere.out.startswith("https://other.example/welcome/")

    file.write_text('public_url = "https://npn.example"\nsmtp_host = "127.0.0.1"\nmail_from = "npn@example.dk"\n')
    mailed = npn(*add, "c@example.dk", "--json", on=settings)
    assert (mailed.json["link"], mailed.json["mailed"]) == (None, True)
    mailed = npn("admin", "account", "link", "c@example.dk", "--config", file, on=settings)
    assert mailed.out == ""
    service = build(settings)
    try:
        letters = [letter for letter in service.outbox.emails() if "https://npn.example/welcome/" in letter.text]
    finally:
        service.close()
    assert [letter.to for letter in letters] == ["c@example.dk", "c@example.dk"]
