"""`npn admin account`: who may sign in to the pages, from the shell."""

import json
import re

from command import npn, one_line_error
from npn.config import Settings
from npn.wiring import initialise


def test_an_account_is_added_and_its_link_is_alone_on_a_line(settings: Settings) -> None:
    initialise(settings)
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
    initialise(settings)
    add = ("admin", "account", "add")
    made = npn(*add, "r@example.dk", "--role", "region", "--organisation", "Region Nord", "--json", on=settings)
    assert made.json["organisation"] == "region-region-nord"
    unknown = npn(*add, "o@example.dk", "--role", "owner", "--organisation", "Nobody", on=settings)
    assert unknown.status != 0
    one_line_error(unknown)
