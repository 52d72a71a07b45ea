"""`npn admin organisation`: list, show, rename, merge, close and reopen, as an operator types them."""

import json

import pytest

from command import Ran, npn, one_line_error
from npn.config import Settings
from npn.systems.model import Environment
from npn.wiring.assembly import build
from npn.wiring.setup import initialise

pytestmark = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)


@pytest.fixture
def known(settings: Settings) -> Settings:
    """A database with three systems, made by two vendors that are one."""
    initialise(settings)
    service = build(settings)
    for name, vendor in (("Lab Nord", "CGI"), ("Lab Syd", "c g i"), ("Lab Øst", "Tieto")):
        service.systems.add(
            by="t", name=name, vendor=vendor, owner="Rigshospitalet", environment=Environment.TEST,
            new_organisations=True,
        )  # fmt: skip
    service.close()
    return settings


def organisation(settings: Settings, *arguments: str, stdin: str = "") -> Ran:
    return npn("admin", "organisation", *arguments, on=settings, stdin=stdin)


def listed(settings: Settings, *arguments: str) -> list[tuple[str, str]]:
    rows = map(json.loads, organisation(settings, "list", "--json", *arguments).lines)
    return [(row["name"], row["state"]) for row in rows]


def test_they_are_listed_by_kind_for_people_and_for_programs(known: Settings) -> None:
    assert listed(known, "--kind", "vendor") == [("CGI", "open"), ("Tieto", "open"), ("c g i", "open")]
    table = organisation(known, "list").out
    assert table.splitlines()[0].split() == ["ID", "NAME", "KIND", "REGION", "STATE"]
    assert "Rigshospitalet" in table
    assert organisation(known, "list", "--kind", "hospital").status == 2


def test_one_is_renamed_and_its_name_before_leads_to_it(known: Settings) -> None:
    renamed = organisation(known, "rename", "Tieto", "Tietoevry")
    assert (renamed.status, renamed.out) == (0, "vendor-tieto is called Tietoevry\n")
    shown = organisation(known, "show", "Tieto", "--json").json
    assert (shown["name"], shown["former_names"], shown["systems"]) == ("Tietoevry", ["Tieto"], ["lab-oest"])
    taken = organisation(known, "rename", "Tietoevry", "CGI")
    assert taken.status != 0
    assert "CGI" in one_line_error(taken)
    assert organisation(known, "rename", "Nobody", "X").status != 0
    changed = organisation(known, "rename", "vendor-cgi", "CGI Danmark", "--json").json
    assert (changed["id"], changed["name"]) == ("vendor-cgi", "CGI Danmark")


def test_a_merge_is_shown_then_asked_about_then_made(known: Settings) -> None:
    tried = organisation(known, "merge", "c g i", "CGI", "--dry-run")
    assert tried.status == 0
    assert "becomes part of CGI" in tried.out
    assert "systems: lab-syd" in tried.out
    refused = organisation(known, "merge", "c g i", "CGI", stdin="n\n")
    assert refused.status != 0
    assert len(listed(known, "--kind", "vendor")) == 3
    made = organisation(known, "merge", "c g i", "CGI", "--yes", "--json").json
    assert (made["dry_run"], made["into"], made["systems"]) == (False, "vendor-cgi", ["lab-syd"])
    assert listed(known, "--kind", "vendor") == [("CGI", "open"), ("Tieto", "open")]
    assert organisation(known, "show", "c g i", "--json").json["systems"] == ["lab-nord", "lab-syd"]
    assert "kind" in one_line_error(organisation(known, "merge", "Tieto", "Rigshospitalet", "--yes"))


def test_one_with_an_open_system_is_not_closed_and_a_closed_one_is_opened_again(known: Settings) -> None:
    refused = organisation(known, "close", "Tieto")
    assert refused.status != 0
    one_line_error(refused)
    assert npn("admin", "system", "close", "lab-oest", "--reason", "taken out of use", "--yes", on=known).status == 0
    assert organisation(known, "close", "Tieto").out == "vendor-tieto is closed\n"
    assert ("Tieto", "closed") in listed(known)
    closed = npn("admin", "system", "add", "Nyt", "--vendor", "Tieto", "--owner", "Rigshospitalet", on=known)
    assert "organisation_closed" in one_line_error(closed)
    assert organisation(known, "reopen", "Tieto", "--json").json["state"] == "open"
    assert ("Tieto", "open") in listed(known)
