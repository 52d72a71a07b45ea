"""The end of plain HTTP is one day, Denmark's, wherever it is said: pages, e-mails, notices, documents, commands."""

from datetime import date, datetime, timedelta

import pytest

from command import npn
from npn.config import Settings
from npn.instants import danish_day, day_in, iso_day, start_of_day
from npn.people.model import AccountRole
from npn.transport.calls import Tally
from tlshouse import until
from web.town import Town

END = date(danish_day(datetime.now().astimezone()).year + 2, 6, 1)  # summer time: UTC's day is the one before
DAY_BEFORE = END - timedelta(days=1)


@pytest.fixture
def announced(mail_town: Town) -> Town:
    """A town whose system of ours calls over plain HTTP, which ends, as a command announces it."""
    service = mail_town.service
    today = danish_day(service.ledger.clock())
    service.transport.add_calls([Tally(mail_town.ours, today, "rest", plain=7, plain_at=service.ledger.clock())])
    settings = Settings(database=service.settings.database, witness=service.settings.witness)
    ran = npn("admin", "transport", "announce", iso_day(END), "--reason", "besluttet i styregruppen", on=settings)
    assert ran.status == 0, ran
    assert ran.out == f"plain HTTP ends {iso_day(END)} 00:00+02:00\n"
    operator = mail_town.browser(AccountRole.OPERATOR, language="en")
    for path in ("/transport", "/docs/transport"):  # the server remembers for some seconds what was announced before
        until(lambda path=path: day_in("en", END) in operator.get(path).text)  # type: ignore[misc]  # bound at once
    return mail_town


@pytest.mark.parametrize("language", ["da", "en"])
def test_the_end_of_plain_http_is_the_same_day_on_every_page(announced: Town, language: str) -> None:
    operator = announced.browser(AccountRole.OPERATOR, language=language)
    system = f"/systems/{announced.ours}"
    for path in ("/transport", "/transport/sunset", "/overview", system, f"{system}/transport"):
        page = operator.get(path).text
        assert day_in(language, END) in page, path
        for other in (day_in(language, DAY_BEFORE), iso_day(DAY_BEFORE), iso_day(END)):
            assert other not in page, path


def test_the_end_of_plain_http_is_the_same_day_in_mails_notices_and_documents(announced: Town) -> None:
    service = announced.service
    letter = next(mail for mail in service.outbox.emails() if "ukrypteret HTTP" in mail.subject)
    assert letter.subject == f"NPN: ukrypteret HTTP ophører {day_in('da', END)} / plain HTTP ends"
    assert f"over plain HTTP from {day_in('en', END)}." in letter.text
    notice = next(n for n in service.notices(service.systems.get(announced.ours)) if n.code == "plain_http_ends")
    assert (iso_day(notice.by), notice.text.partition(";")[0]) == (iso_day(END), f"plain HTTP ends on {iso_day(END)}")
    document = announced.browser(None).get("/docs/transport").text
    assert day_in("en", END) in document
    assert day_in("en", DAY_BEFORE) not in document
    assert service.transport.plan().sunset.cut_off == start_of_day(END)
