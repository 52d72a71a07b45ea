"""A browser for the walks, and an empty service with a real mail server beside it."""

import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from chromium import CHROMIUM, chromium
from command import npn
from mail_catcher import Mailbox, mailbox, text_of
from npn.config import Settings
from npn.people.model import AccountRole
from npn.wiring.assembly import build
from operators import PASSWORD, ready
from running import Running, running
from web.town import Town, founded, town_of
from web.weeks.person import Count, Person

NIGHT = "33 12 34 56"  # who is called when numbers run out
_LINK = re.compile(r"https?://\S+")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip("Debian's chromium is not installed")
    with chromium() as opened:
        yield opened


@dataclass
class Place:
    """A service that runs, and the post of everybody who has to do with it."""

    server: Running
    settings: Settings
    box: Mailbox

    def mail(self, to: str, about: str, *, within: float = 60.0) -> EmailMessage:
        """Wait for an e-mail to an address whose subject or text has a word; the newest."""
        until = time.monotonic() + within
        while time.monotonic() < until:
            found = [mail for mail in self.box.to(to) if about in str(mail["Subject"]) or about in text_of(mail)]
            if found:
                return found[-1]
            time.sleep(0.1)
        raise AssertionError((to, about, [(str(mail["To"]), str(mail["Subject"])) for mail in self.box.mails]))

    def link(self, to: str, about: str) -> str:
        """Return the first link of an e-mail, as somebody clicks on it."""
        found = _LINK.search(text_of(self.mail(to, about)))
        assert found
        return found[0]


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def place_of(folder: Path, settings: Settings, **toml: object) -> Iterator[Place]:
    """Serve a database, with a mail server that takes what is sent."""
    port = free_port()
    with mailbox() as box:
        more = {
            "public_url": f"http://127.0.0.1:{port}",
            "smtp_host": "127.0.0.1",
            "smtp_port": box.port,
            "smtp_tls": "none",
            "mail_from": "npn@example.dk",
            "operator_mail": "drift@example.dk",
            "installation": "production",
            **toml,
        }
        with running(settings, folder, "--port", str(port), toml=more) as server:
            yield Place(server, settings, box)
            assert '"exception"' not in server.log.read_text("utf-8")  # nothing hidden from visitors went wrong


@pytest.fixture
def nothing(tmp_path: Path) -> Settings:
    """An empty database, as `npn admin init` leaves it."""
    settings = Settings(database=f"sqlite:///{tmp_path / 'npn.db'}", witness=str(tmp_path / "npn.witness"))
    made = npn("admin", "init", on=settings)
    assert made.status == 0, made.err
    return settings


@dataclass
class Week:
    """A town with its post, where everybody has a password and a telephone."""

    place: Place
    town: Town
    browser: Browser

    def signed_in(self, count: Count, role: AccountRole) -> Person:
        """Sign in from the front page: name, password, and the code of the telephone."""
        account = self.town.accounts[role]
        secret = ready(self.town.service, account)
        person = Person(self.browser, count, role.value)
        person.open(self.place.server.url)
        person.follow("Log ind")
        person.write("E-mailadresse", account.email)
        person.write("Adgangskode", PASSWORD)
        person.enter()
        person.write("Kode", person.code(secret))
        person.enter()
        person.sees("Dine opgaver")
        return person

    def somebody(self, count: Count, name: str) -> Person:
        """Return a browser in which nobody has signed in."""
        return Person(self.browser, count, name)


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Week]:
    with week_in(tmp_path_factory.mktemp("week"), browser) as made:
        yield made


@contextmanager
def week_in(folder: Path, browser: Browser) -> Iterator[Week]:
    settings = Settings(database=f"sqlite:///{folder / 'npn.db'}", witness=str(folder / "npn.witness"))
    founded(settings)
    reported(settings)
    with place_of(folder, settings, sign_in_attempts=1000) as place:
        town = town_of(place.server, settings)
        yield Week(place, town, browser)
        town.connections.close()
        town.service.close()


def reported(settings: Settings) -> None:
    """Have two systems say what they have left, and name who is called at night for the one that has least."""
    service = build(settings)
    now = service.ledger.clock()
    service.stock.report(by="labka-nord", free=4_000, used_per_day=400.0, as_of=now)
    service.stock.report(by="labka-nord-test", free=90_000, used_per_day=100.0, as_of=now)
    service.systems.set_contact(
        "labka-nord", by="admin:t", kind="on_call", name="Nattevagten", email="nat@example.dk", telephone=NIGHT
    )
    service.close()
