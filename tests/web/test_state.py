"""The state of the service is one value: a banner for everybody when it is bad, a page for operators and auditors."""

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest

from npn.config import Settings
from npn.db.backup import back_up
from npn.errors import CATALOGUE, UnavailableError, codes
from npn.health.model import HealthPart, HealthSubject, Level, ServiceState
from npn.health.service import Health
from npn.ledger.backups import note_backup
from npn.mail.model import Email
from npn.mail.service import put
from npn.people.model import AccountRole
from npn.web.state_words import FOR_EVERYBODY, LEVELS, SENTENCES, STYLES, SUBJECTS, banner, sentence
from npn.web.texts import LANGUAGES, texts
from npn.wiring.assembly import build
from running import running
from tlshouse import until
from web.conftest import town_in
from web.town import ROLES, Town, founded, town_of

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
STOPPED = {
    "en": "No series can be drawn at the moment.",
    "da": "Der kan ikke trækkes nummerserier i øjeblikket.",
}


@pytest.fixture
def stopped(tmp_path: Path) -> Iterator[Town]:
    """A town whose database was set back to a backup, beside the newer witness."""
    settings = Settings(database=f"sqlite:///{tmp_path / 'npn.db'}", witness=str(tmp_path / "npn.witness"))
    founded(settings)
    service = build(settings)
    back_up(service.database, tmp_path / "backup.db")
    note_backup(service.ledger, by="admin:t")
    service.close()
    for file in tmp_path.glob("npn.db*"):
        file.unlink()
    shutil.move(tmp_path / "backup.db", tmp_path / "npn.db")
    with running(settings, tmp_path, toml={"sign_in_attempts": 1000}) as server:
        town = town_of(server, settings)
        yield town
        town.connections.close()
        town.service.close()


def test_every_page_of_every_role_says_that_nothing_can_be_drawn(stopped: Town) -> None:
    for role, language in product((None, *ROLES), LANGUAGES):
        browser = stopped.browser(role, language=language)
        for path in ("/", "/overview" if role else "/sign-in", "/agreement", "/account" if role else "/apply"):
            page = browser.get(path).text
            assert STOPPED[language] in banner_of(page), (role, path)
    assert "is at work" not in stopped.browser(None).get("/").text


def test_operators_and_auditors_are_told_why_and_find_the_page(stopped: Town) -> None:
    for role in (AccountRole.OPERATOR, AccountRole.AUDITOR):
        page = stopped.browser(role).get("/overview").text
        assert 'href="/state"' in banner_of(page)
        state = stopped.browser(role).get("/state").text
        assert "Not working" in row_of(state, "Draws")
    assert 'href="/state"' not in banner_of(stopped.browser(AccountRole.REGION).get("/overview").text)


def test_the_banner_goes_when_the_fault_is_mended(tmp_path: Path) -> None:
    with town_in(tmp_path) as town:
        witness = Path(town.service.settings.witness)
        kept = witness.with_suffix(".kept")
        browser = town.browser(AccountRole.GROUP)
        assert STOPPED["en"] not in browser.get("/overview").text
        shutil.move(witness, kept)
        until(lambda: STOPPED["en"] in browser.get("/overview").text)
        shutil.move(kept, witness)
        until(lambda: STOPPED["en"] not in browser.get("/overview").text)


def test_a_backup_is_unknown_until_it_is_noted_and_grows_old(own_town: Town) -> None:
    health, ledger = own_town.service.health, own_town.service.ledger
    assert part(health, HealthSubject.BACKUP).level is Level.UNKNOWN
    now = datetime.now(UTC)
    note_backup(ledger, by="admin:t", taken=now - timedelta(days=2))
    assert part(health, HealthSubject.BACKUP).level is Level.WARNING
    note_backup(ledger, by="admin:t", taken=now - timedelta(hours=3))
    assert part(health, HealthSubject.BACKUP).level is Level.GOOD
    note_backup(ledger, by="admin:t", taken=now - timedelta(days=9))
    assert part(health, HealthSubject.BACKUP).values["taken_at"] == now - timedelta(hours=3), "an older one is no news"


def test_mail_that_is_held_up_is_told_to_everybody(mail_town: Town) -> None:
    service = mail_town.service
    with service.database.write() as connection:
        put(
            connection,
            Email(to="a@example.dk", subject="x", text="x"),
            at=service.ledger.clock() - timedelta(hours=2),
        )
    page = mail_town.browser(AccountRole.OWNER)
    until(lambda: "E-mails from the service are delayed" in page.get("/overview").text)


def test_what_cannot_be_asked_is_unknown_and_leaves_nothing_out(
    own_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = own_town.service
    monkeypatch.setattr(type(service.outbox), "queue", refuse)
    state = service.health.look()
    assert [each.subject for each in state.parts] == list(HealthSubject)
    assert state.part(HealthSubject.MAIL).level is Level.UNKNOWN
    monkeypatch.setattr(type(service.outbox), "queue", None)
    broken = service.health.look().part(HealthSubject.MAIL)
    assert broken.level is Level.UNKNOWN
    assert "could not be found out" in sentence(texts("en"), broken)


def refuse(*_args: object, **_more: object) -> None:
    raise UnavailableError("away", code=codes.DATABASE_BUSY)


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_that_can_be_found_has_words(language: str) -> None:
    words = texts(language)
    assert set(SUBJECTS) == set(HealthSubject)
    assert set(LEVELS) == set(STYLES) == set(Level)
    values = {
        **dict.fromkeys(("length", "streaming", "waiting", "failed", "lists"), 4500),
        **dict.fromkeys(("taken_at", "oldest", "until"), NOW),
        **dict.fromkeys(("names", "files"), ("a%sb", "<c>")),
        **dict.fromkeys(("program", "schema", "newest"), "%(x)s"),
        "seconds": 1234.5,
    }
    for subject, code in SENTENCES:
        text = sentence(words, HealthPart(subject, Level.WARNING, code, values))
        assert text
        assert "%(length)" not in text
    for code in CATALOGUE:
        assert sentence(words, HealthPart(HealthSubject.DRAWS, Level.BAD, code))
    assert set(FOR_EVERYBODY) < set(SENTENCES)


def test_unknown_is_never_the_best_nor_left_out() -> None:
    parts = tuple(HealthPart(subject, Level.GOOD, "possible") for subject in HealthSubject)
    assert ServiceState(NOW, parts).level is Level.GOOD
    unknown = HealthPart(HealthSubject.BACKUP, Level.UNKNOWN, "never_noted")
    state = ServiceState(NOW, (*(p for p in parts if p.subject is not unknown.subject), unknown))
    assert state.level is Level.UNKNOWN
    assert banner(texts("en"), state, None) == []


def part(health: Health, subject: HealthSubject) -> HealthPart:
    return health.look().part(subject)


def banner_of(page: str) -> str:
    found = re.search(r'<section class="state".*?</section>', page, re.DOTALL)
    return found[0] if found else ""


def row_of(page: str, heading: str) -> str:
    found = re.search(rf"<tr><th scope=\"row\">{heading}</th>.*?</tr>", page, re.DOTALL)
    assert found is not None, heading
    return found[0]


def test_the_page_is_for_those_who_watch(own_town: Town) -> None:
    for role in ROLES:
        answer = own_town.browser(role).get("/state")
        watches = role in (AccountRole.OPERATOR, AccountRole.AUDITOR)
        assert answer.status_code == (200 if watches else 403), role
