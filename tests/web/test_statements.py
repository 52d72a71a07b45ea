"""Contact, accessibility and privacy: the operator's texts where there are some, else what the platform does."""

from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from npn.config import Settings
from npn.db.types import metadata
from npn.people.kept_forms import KEPT_FOR
from npn.people.model import AccountRole
from npn.people.password_resets import LINK_VALID_FOR
from npn.tasks.service import HISTORY_KEPT
from prepared import initialised
from running import running
from web.town import Town

PAGES = ("/contact", "/accessibility", "/privacy")
# Tables that name people, each with a word of the row that tells of it in both of the platform's texts.
PERSONAL = {
    "account": ("konto", "account"),
    "account_device": ("browsere", "browsers"),
    "saved_filter": ("gemte søgninger", "saved searches"),
    "person_session": ("indloggede", "signed in"),
    "sign_in_failure": ("mislykkede", "failed attempts"),
    "contact": ("kontakter", "contacts"),
    "system_care": ("systemansvarlige", "system managers"),
    "regional_unit": ("enheder", "units"),
    "connection_request": ("anmoder om tilslutning", "asks to be connected"),
    "step_link": ("anmoder om tilslutning", "asks to be connected"),
    "support_case": ("skriver til driften", "writes to the operator"),
    "case_entry": ("skrevet", "written"),
    "agreement_acceptance": ("accepterer en aftale", "accepts an agreement"),
    "agreement_comment": ("kommenterer", "comments"),
    "agreement_need": ("oplyser noget", "states something"),
    "outgoing_mail": ("modtagere af e-mails", "receivers of e-mails"),
    "call_day": ("netværksadressen", "network address"),
}
PERSONAL |= dict.fromkeys(("account_link", "recovery_code", "openid_subject", "openid_binding"), PERSONAL["account"])
PERSONAL |= dict.fromkeys(("openid_start", "account_tie", "account_vouch", "operator_ever"), PERSONAL["account"])
PERSONAL |= {
    "kept_form": ("hvis formular ikke kunne modtages", "whose form could not be taken"),
    "password_reset": ("beder om en ny adgangskode", "ask for a new password"),
    "task_mailing": ("den daglige mail", "the daily mail"),
    "task_mailing_link": ("linket, der stopper den", "the link that stops it"),
    "task_handling": ("udsætter dem", "put them off"),
    "task_history": ("udsætter dem", "put them off"),
}
NAMES = {
    "account_id",
    "assigned_to",
    "email",
    "name",
    "requester_email",
    "author",
    "to_address",
    "sent_to",
    "manager_email",
    "accepted_by",
    "said_by",
}
NO_PEOPLE = {  # their names are those of systems, organisations and spaces, or the row is another table's
    "organisation", "organisation_alias", "connected_system", "number_space", "operator_wish", "contact_check",
    "key_handover", "task_open", "setup_note", "standard", "product", "product_alias",
    "capability",  # which organisation or role says so
}  # fmt: skip


@pytest.mark.parametrize("language", ["da", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_everybody_reads_them_and_every_page_leads_there(town: Town, path: str, language: str) -> None:
    browser = town.browser(None, language=language)
    assert browser.get(path).status_code == 200
    assert "{" not in browser.get(path).text
    for page in ("/", "/sign-in", "/docs"):
        assert f'href="{path}"' in browser.get(page).text


def test_the_privacy_statement_tells_of_every_table_that_names_people(town: Town) -> None:
    named = {t.name for t in metadata.tables.values() if NAMES & {column.name for column in t.columns}}
    assert named - NO_PEOPLE <= set(PERSONAL), "say in privacy.da.md and privacy.en.md what is kept, and for how long"
    for at, language in enumerate(("da", "en")):
        text = town.browser(None, language=language).get("/privacy").text
        assert [table for table, words in PERSONAL.items() if words[at] not in text] == []


def test_the_times_in_the_privacy_statement_are_the_service_s(town: Town) -> None:
    text = town.browser(None, language="en").get("/privacy").text
    assert f"{town.service.settings.session_hours} hours at most" in text
    assert f"after {town.service.settings.session_idle_minutes} minutes" in text


@pytest.mark.parametrize(("language", "times"), [
    ("da", ("én time", "30 minutter", "to år")), ("en", ("one hour", "30 minutes", "two years")),
])  # fmt: skip
def test_the_times_that_no_setting_changes_are_the_program_s(town: Town, language: str, times: tuple[str, ...]) -> None:
    kept = (KEPT_FOR, LINK_VALID_FOR, HISTORY_KEPT)
    assert kept == (timedelta(hours=1), timedelta(minutes=30), timedelta(days=731))
    text = town.browser(None, language=language).get("/privacy").text
    assert [time for time in times if time not in text] == []


def test_what_is_looked_for_is_in_no_log(town: Town) -> None:
    town.browser(AccountRole.OWNER).get("/search?q=lededaarlig")
    assert "lededaarlig" not in town.server.log.read_text("utf-8")


def test_the_operator_s_own_texts_are_shown_in_both_languages(tmp_path: Path) -> None:
    danish, english = tmp_path / "privat.md", tmp_path / "privat.en.md"
    danish.write_text("# Vores <b>politik</b>\nSkriv til {contact} hos {authority}. [x](javascript:x)\n", "utf-8")
    settings = Settings(database=f"sqlite:///{tmp_path / 'npn.db'}", witness=str(tmp_path / "w"))
    initialised(settings)
    toml = {
        "privacy_statement": str(danish),
        "accessibility_statement": str(tmp_path / "gone.md"),
        "authority_contact": "drift_*x*@example.dk",
        "authority_name": "Styrelsen <i>",
    }
    with running(settings, tmp_path, toml=toml) as server, httpx.Client(base_url=server.url, trust_env=False) as client:
        client.cookies.set("npn_language", "en")
        page = client.get("/privacy").text
        assert "<h1>Vores &lt;b&gt;politik&lt;/b&gt;</h1>" in page
        assert "Skriv til drift_*x*@example.dk hos Styrelsen &lt;i&gt;." in page
        assert 'lang="da"' in page
        assert 'href="javascript' not in page
        english.write_text("# Ours\nWrite.\n", "utf-8")
        assert "<h1>Ours</h1>" in client.get("/privacy").text
        client.cookies.set("npn_language", "da")
        assert "<h1>Vores" in client.get("/privacy").text
        assert "Tilgængelighedserklæring</h1>" in client.get("/accessibility").text
        danish.write_bytes(b"\xff\xfe\x00")
        assert client.get("/privacy").status_code == 200
        danish.write_text("# x\n" + "x" * 300_000, "utf-8")
        assert "Privatlivspolitik</h1>" in client.get("/privacy").text
        contact = client.get("/contact").text.partition("<main")[2].partition("</main>")[0]
        assert "drift_*x*@example.dk" in contact
        assert "Styrelsen &lt;i&gt;" in contact
    assert "statement_unreadable" in server.log.read_text("utf-8")
