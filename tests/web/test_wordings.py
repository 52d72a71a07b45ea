"""What a page says is in the reader's language, written in one way, and said once."""

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from npn.errors import CATALOGUE
from npn.people.model import AccountRole
from npn.systems.model import Caller, Environment, Role
from npn.transport.calls import Tally
from npn.transport.emails import expiring
from web.conftest import town_in
from web.test_texts import catalogues
from web.town import Town

OPERATOR = AccountRole.OPERATOR


def main(page: str) -> str:
    return page.partition("<main")[2]


@pytest.mark.parametrize(("language", "machine", "space"), [
    ("da", "serveren selv", "Produktion"), ("en", "the server itself", "Production"),
])  # fmt: skip
def test_addresses_and_spaces_have_names_in_the_reader_s_language(
    own_town: Town, language: str, machine: str, space: str
) -> None:
    service, browser = own_town.service, own_town.browser(OPERATOR, language=language)
    now = service.ledger.clock()
    tally = Tally(own_town.ours, now.date(), "rest", plain=3, plain_at=now, plain_from="loopback")
    service.transport.add_calls([tally])
    page = browser.get("/transport").text
    assert machine in page
    assert ">loopback<" not in page
    assert machine in browser.get("/transport.csv").content.decode("utf-8-sig")
    series = service.registry.page(by=own_town.everything, before=None, limit=50).items[-1]
    holder = Caller(Role.SYSTEM, series.system, series.system, "")
    service.registry.release(series.id, by=holder, from_text=None)
    for path in ("/released", "/released.csv", f"/systems/{series.system}/series.csv"):
        text = browser.get(path).content.decode("utf-8-sig")
        assert space in text, path
        assert not re.search(r"[>;]production[<;]", text), path


def test_reasons_that_an_operator_wrote_are_danish_in_an_english_page(own_town: Town) -> None:
    service = own_town.service
    service.transport.exempt(own_town.ours, datetime(2027, 12, 1, tzinfo=UTC), by="account:t", reason="Aftalt på møde")
    page = own_town.browser(OPERATOR).get("/transport/sunset").text
    assert '<span lang="da">Aftalt på møde</span>' in page
    assert f'<a href="/systems/{own_town.ours}/transport">Labka Nord</a>' in page


def test_a_fingerprint_is_written_in_groups_of_four_in_mails_too() -> None:
    draft = expiring("Labka", "CN=lab", "0123456789abcdef" * 4, not_after=datetime(2026, 12, 24, tzinfo=UTC))
    assert draft.text.count("(SHA-256): 0123 4567 89AB CDEF 0123") == 2
    assert "0123456789" not in draft.text


def test_a_closed_system_is_closed_and_not_suspended(own_town: Town) -> None:
    system, _key = own_town.service.systems.add(
        by="admin:t", name="Lukket Lab", vendor="CSC Sundhed", owner="Nordsygehuset", environment=Environment.TEST
    )
    own_town.service.systems.close(system.id, by="admin:t", reason="nedlagt")
    page = main(own_town.browser(OPERATOR, language="da").get(f"/systems/{system.id}").text)
    assert "Systemet er lukket for altid" in page
    assert "Spærret" not in page


def test_the_overview_says_each_thing_once(tmp_path: Path) -> None:
    with town_in(tmp_path) as town:
        browser = town.browser(OPERATOR, language="da")
        page = re.sub(r'<span class="hidden">.*?</span>', "", browser.get("/overview").text)
        assert len(re.findall(r"samme disk", page)) == 1  # the witness stands beside the database here
        assert len(re.findall(r"eneste operatør|Endnu en operatør", page)) == 1
        assert "samme disk" in browser.get("/systems").text  # elsewhere it is the banner that says so
        state = browser.get("/setup").text
        assert "Vidnet" in state  # the checklist itself has every item
        shutil.move(tmp_path / "npn.witness", tmp_path / "away")
        try:
            assert "Der kan ikke trækkes" in browser.get("/overview").text
        finally:
            shutil.move(tmp_path / "away", tmp_path / "npn.witness")


# What the evaluation of the pages stumbled over, in Danish and in English: none of it is said again.
STUMBLES = (
    "tid at trække", "1 gange", "Knyt certifikatet", "ikke helt", "fra nål", "så ingen går i stå",
    "Bed om at blive", "Træk i hånden", "det vil kalde", "Hvad I har brug", "Den, der laver", "vagtbord",
    "det beder jeg om", "forsvinder af sig selv", "uønsket mail", "Hvad der er sagt", "Hvad der er bedt",
    "Driftens tur", "anden parts tur", "Passes af", "Spurgt af", "Mærke i mails", "dens hale", "Alt er vist",
    "Hvad der venter", "alt er, som", "har med sikkerhed", "for noget kræver to", "Ingen er nævnt",
    "der retter op", "Her er ingen systemer", "det spild er", "mørkt, hvor", "Efterprøv", "Den, der har filen",
    "være enige om, foreslås", "med vilje", "sæt hak", "står for systemet", "Bundet ved", "får besked den",
    "Færdig senest", "Bring accepten", "Som det er nu", "Klar den", "Oplys, hvad", "en sikker vej",
    "Jeg har den", "lukker dig ind", "Den samme igen", "Sådan som tjenesten", "eller ikke for dig",
    "kan ikke lade sig gøre", "Noget skal rettes",
    "What needs you", "all is well", "Ask to be connected", "that is to draw", "How it will call",
    "a key alone", "Test alone", "day, about", "I ask for this", "goes away by itself", "counts once",
    "Look in your mail", "What was said", "side's turn", "Looked after by", "Mark in mail", "Keep the changes",
    "It is kept who", "I have it", "End it", "stands for the system", "draw that mends", "Used a day",
    "one of these meant", "To the beginning(?! of)", "nothing at this address", "must be put right", "Foretold",
    "letter is due", "a safe way", "link is not whole", "has stated nothing", "on purpose",
    "As the service runs", "given free", "a day that is not to come",
)  # fmt: skip


def _said() -> Iterator[str]:
    """Return every text that a page says, in both languages."""
    for _file, text, translation in catalogues():
        for one in (text, translation):
            yield from (one,) if isinstance(one, str) else one
    for meaning in CATALOGUE.values():
        yield from (meaning.page.en, meaning.page.da)


def test_what_readers_stumbled_over_is_gone() -> None:
    assert [text for text in _said() if re.search("|".join(STUMBLES), text)] == []
