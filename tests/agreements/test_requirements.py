"""Requirements checked against what is seen: met, not met, or unknown, each with its evidence."""

from datetime import date, datetime, timedelta

import pytest

from agreements.conftest import Clock
from agreements.test_service import proved
from agreements_texts import TEXTS
from dated_certificate import certificate_pem
from drawing import add, draw
from npn.agreements.model import Language, Numbering
from npn.agreements.requirements import SEEN, Check, Verdict
from npn.agreements.status import Status
from npn.agreements.text import read
from npn.agreements.wording import SENTENCES
from npn.errors import InvalidInputError, NotFoundError
from npn.pools.model import PoolContact
from npn.transport.calls import Tally
from npn.transport.planner import Rhythm
from npn.wiring.service import Service

TEXT = read(TEXTS[Language.DANISH])
RHYTHM = Rhythm(date(2026, 9, 1), every_months=6, freeze_months=3)


def check(status: Status, system: str, requirement: str) -> Check:
    """One requirement of one system; the page of all systems says the same."""
    one = next(c for c in status.of(system, TEXT) if c.requirement == requirement)
    for found, checks in status.of_all(TEXT):
        if found.id == system:
            many = next(c for c in checks if c.requirement == requirement)
            assert many == one
    return one


def told(found: Check) -> str:
    for language in Language:
        assert "{" not in found.seen.told(language)
    return found.seen.told(Language.ENGLISH)


@pytest.fixture
def fresh(service: Service) -> Status:
    """The status, its picture of all systems recreated at each look."""
    service.pictures._elapsed = iter(range(0, 10**9, 1000)).__next__  # type: ignore[assignment]  # a clock of its own
    return service.requirements


def test_a_new_system_is_judged_on_what_is_there(service: Service, fresh: Status) -> None:
    lab = add(service)[0]
    found = {c.requirement: c.verdict for c in fresh.of(lab.id, TEXT)}
    assert found == {
        "use_npn": Verdict.UNKNOWN,
        "stock": Verdict.UNKNOWN,
        "modulus": Verdict.UNKNOWN,
        "repeatable": Verdict.UNKNOWN,
        "contacts": Verdict.NOT_MET,
        "https": Verdict.UNKNOWN,
        "certificate": Verdict.NOT_MET,
        "notice": Verdict.UNKNOWN,
    }
    for each in fresh.of(lab.id, TEXT):
        assert told(each)
    with pytest.raises(NotFoundError):
        fresh.of("nobody", TEXT)


def test_six_months_stock_by_the_system_s_own_report(service: Service, fresh: Status, clock: Clock) -> None:
    lab = add(service)
    draw(service, lab, usable=100_000)
    for per_day, verdict in ((100.0, Verdict.MET), (700.0, Verdict.NOT_MET)):
        clock.days(1)
        service.stock.report(by=lab[0].id, free=60_000, used_per_day=per_day, as_of=clock.now)
        assert check(fresh, lab[0].id, "stock").verdict is verdict
    found = told(check(fresh, lab[0].id, "stock"))
    assert found.endswith("free numbers today, by the report of 4 Mar 2026, last 85 days; required are 183.")
    clock.days(40)
    assert check(fresh, lab[0].id, "stock").verdict is Verdict.UNKNOWN


def test_the_figure_that_counts_is_the_text_s(service: Service, fresh: Status, clock: Clock) -> None:
    lab = add(service)
    service.stock.report(by=lab[0].id, free=100, used_per_day=1.0, as_of=clock.now)
    short = read(TEXTS[Language.DANISH].replace("stock days=183", "stock days=90"))
    assert next(c for c in fresh.of(lab[0].id, short) if c.requirement == "stock").verdict is Verdict.MET


def test_modulus_is_seen_by_the_agent_or_by_a_stock_that_can_be_true(
    service: Service, fresh: Status, clock: Clock
) -> None:
    lab = add(service)
    draw(service, lab, 10_000)  # 909 of them are usable
    service.stock.report(by=lab[0].id, free=10_000, used_per_day=1.0, as_of=clock.now)
    assert check(fresh, lab[0].id, "modulus").verdict is Verdict.NOT_MET
    clock.days(1)
    service.stock.report(by=lab[0].id, free=900, used_per_day=1.0, as_of=clock.now)
    assert "in usable numbers: 900" in told(check(fresh, lab[0].id, "modulus"))
    other = add(service, "Other")
    service.pools.contact(PoolContact.parse("pool; one; two"), by=other[0].id, key=other[1].digest)
    assert check(fresh, other[0].id, "modulus").verdict is Verdict.MET
    clock.days(40)
    assert check(fresh, other[0].id, "modulus").verdict is Verdict.UNKNOWN


def test_contacts_are_there_and_confirmed_within_the_year(service: Service, fresh: Status, clock: Clock) -> None:
    lab = add(service)[0]
    for kind in ("technical", "administrative", "on_call"):
        assert check(fresh, lab.id, "contacts").verdict is Verdict.NOT_MET
        service.systems.set_contact(lab.id, by="t", kind=kind, name="A", email="a@b.dk", telephone="")
    assert check(fresh, lab.id, "contacts").verdict is Verdict.MET
    clock.days(366)
    found = check(fresh, lab.id, "contacts")
    assert found.verdict is Verdict.NOT_MET
    assert "on-call contact" in told(found)
    assert "døgnvagt" in found.seen.told(Language.DANISH)


def test_a_certificate_is_bound_valid_and_renewed_in_time(service: Service, fresh: Status, clock: Clock) -> None:
    lab = add(service)[0]
    pem = certificate_pem(begins=clock.now - timedelta(days=1), ends=clock.now + timedelta(days=100))
    service.certificates.bind(lab.id, pem, by="t")
    seen = []
    for _ in range(3):
        seen.append(check(fresh, lab.id, "certificate").seen.sentence)
        clock.days(71 if len(seen) == 1 else 40)
    assert seen == ["certificate_valid", "certificate_short", "certificate_invalid"]


def test_https_is_met_by_encrypted_calls_alone_and_unknown_without_calls(
    service: Service, fresh: Status, clock: Clock
) -> None:
    plain, secure, silent = (add(service, name)[0].id for name in ("Plain", "Secure", "Silent"))
    service.transport.add_calls(
        [
            Tally(plain, clock.today, "rest", plain=3, plain_at=clock.now, plain_from="10.0.0.1"),
            Tally(plain, clock.today, "rest", secure=9),
            Tally(secure, clock.today, "soap", secure=5),
        ]
    )
    verdicts = [check(fresh, system, "https").verdict for system in (plain, secure, silent)]
    assert verdicts == [Verdict.NOT_MET, Verdict.MET, Verdict.UNKNOWN]
    assert told(check(fresh, plain, "https")) == (
        "Calls without encryption in the last 30 days: 3, the latest on 2 Mar 2026."
    )


def test_calls_that_were_counted_and_rhythms_that_were_stated_are_seen(
    service: Service, fresh: Status, clock: Clock
) -> None:
    lab = add(service)[0].id
    assert check(fresh, lab, "https").verdict is Verdict.UNKNOWN
    service.transport.add_calls([Tally(lab, clock.today, "rest", secure=5)])
    assert check(fresh, lab, "https").verdict is Verdict.MET
    service.transport.add_calls([Tally(lab, clock.today, "soap", plain=1, plain_at=clock.now, plain_from="10.0.0.1")])
    assert check(fresh, lab, "https").verdict is Verdict.NOT_MET
    assert check(fresh, lab, "notice").verdict is Verdict.UNKNOWN
    service.release_notices.state("CSC", RHYTHM, by="t")
    assert told(check(fresh, lab, "notice")) == (
        "CSC has stated its release plan: every 6 months from 1 Sept 2026, code freeze 3 months before."
    )


@pytest.mark.parametrize(
    ("months", "freeze", "said"),
    [
        (
            1,
            0,
            ("hver måned fra den 1. sep. 2026, uden kodestop", "every month from 1 Sept 2026, without a code freeze"),
        ),
        (2, 1, ("hver anden måned fra", "every other month from 1 Sept 2026, code freeze 1 month before")),
        (6, 3, ("hver 6. måned fra den 1. sep. 2026, kodestop 3 måneder før", "every 6 months from")),
        (12, 1, ("hvert år fra den 1. sep. 2026, kodestop 1 måned før", "every year from")),
    ],
)
def test_a_release_rhythm_is_told_as_people_say_it(  # noqa: PLR0917  # what pytest hands over
    fresh: Status, service: Service, months: int, freeze: int, said: tuple[str, str]
) -> None:
    lab = add(service)[0].id
    service.release_notices.state("CSC", Rhythm(date(2026, 9, 1), every_months=months, freeze_months=freeze), by="t")
    seen = check(fresh, lab, "notice").seen
    assert said[0] in seen.told(Language.DANISH)
    assert said[1] in seen.told(Language.ENGLISH)


def test_where_npn_is_not_used_is_noted_and_answers_sent_onward_break_the_agreement(
    service: Service, fresh: Status, clock: Clock
) -> None:
    lab = add(service)
    assert check(fresh, lab[0].id, "use_npn").verdict is Verdict.UNKNOWN
    draw(service, lab, 10)
    assert check(fresh, lab[0].id, "use_npn").verdict is Verdict.MET
    status = service.requirements
    rolls = status.note_others(
        lab[0].id, Numbering.PREPRINTED, place="Pathology", reason="rolls in stock", sends_onward=False, by="t"
    )
    local = status.note_others(
        lab[0].id,
        Numbering.LOCAL,
        place="Blood bank",
        reason="running numbers with the year",
        sends_onward=True,
        by="t",
        review_on=date(2027, 1, 1),
    )
    assert status.others(lab[0].id) == [rolls, local]
    found = check(fresh, lab[0].id, "use_npn")
    assert (found.verdict, "Blood bank" in told(found)) == (Verdict.NOT_MET, True)
    ended = status.end_others(local.id, by="t")
    assert ended.ended_at is not None
    assert status.end_others(local.id, by="t") == ended
    assert [other.id for other in status.others(ended=True)] == [rolls.id, local.id]
    assert check(fresh, lab[0].id, "use_npn").verdict is Verdict.MET
    with pytest.raises(NotFoundError):
        status.end_others("o" + "0" * 20, by="t")
    proved(service)


def test_what_can_t_be_seen_is_known_by_how_it_was_shown(service: Service, fresh: Status, clock: Clock) -> None:
    lab = add(service)[0]
    status = service.requirements
    status.show(
        lab.id,
        "repeatable",
        met=True,
        how="connection cut in a draw in test, one series after",
        by="admin:bo",
        expires_on=clock.today + timedelta(days=365),
    )
    found = check(fresh, lab.id, "repeatable")
    assert (found.verdict, found.number) == (Verdict.MET, "4.4")
    assert "connection cut" in told(found)
    clock.days(365)
    assert check(fresh, lab.id, "repeatable").verdict is Verdict.UNKNOWN
    status.show(lab.id, "repeatable", met=False, how="two series after", by="admin:bo")
    assert check(fresh, lab.id, "repeatable").verdict is Verdict.NOT_MET
    proved(service)


def test_what_is_seen_to_be_broken_is_broken_whatever_was_shown(service: Service, fresh: Status) -> None:
    lab = add(service)[0]
    service.requirements.show(lab.id, "certificate", met=True, how="somebody said so", by="t")
    service.requirements.show(lab.id, "modulus", met=True, how="a wrong number was refused at the test", by="t")
    assert check(fresh, lab.id, "certificate").verdict is Verdict.NOT_MET
    assert check(fresh, lab.id, "modulus").verdict is Verdict.MET


@pytest.mark.parametrize(("requirement", "days"), [("Bad Name", 0), ("", 0), ("stock", 1)])
def test_what_was_shown_has_a_name_and_a_day_that_was(service: Service, requirement: str, days: int) -> None:
    lab = add(service)[0]
    on = service.agreements.today + timedelta(days=days)
    with pytest.raises(InvalidInputError):
        service.requirements.show(lab.id, requirement, met=True, how="x", by="t", shown_on=on)


def test_an_exemption_holds_until_its_day_and_hides_nothing(service: Service, fresh: Status, clock: Clock) -> None:
    lab, other = add(service)[0].id, add(service, "Mads")[0].id
    given = fresh.exempt(lab, "certificate", until=clock.today + timedelta(days=2), reason="spring", by="t")
    assert fresh.exemptions() == [given]
    found = check(fresh, lab, "certificate")
    assert (found.verdict, found.exempt) == (Verdict.NOT_MET, given)
    assert (check(fresh, other, "certificate").exempt, check(fresh, lab, "stock").exempt) == (None, None)
    clock.days(2)
    assert (check(fresh, lab, "certificate").exempt, fresh.exemptions()) == (None, [])
    again = fresh.exempt(lab, "certificate", until=clock.today + timedelta(days=9), reason="autumn", by="t")
    assert fresh.exemptions() == [again]
    fresh.exempt(lab, "certificate", until=clock.today, reason="ended", by="t")
    assert fresh.exemptions() == []
    for wrong in ("", "Stock", "x" * 41, "stock2"):
        with pytest.raises(InvalidInputError):
            fresh.exempt(lab, wrong, until=clock.today, reason="r", by="t")
    with pytest.raises(NotFoundError):
        fresh.exempt("nobody", "stock", until=clock.today, reason="r", by="t")
    proved(service)


def test_every_check_has_words(service: Service) -> None:
    assert {name.rpartition("_")[0].partition("_")[0] for name in SENTENCES} >= {n.partition("_")[0] for n in SEEN}
    assert isinstance(service.ledger.clock(), datetime)
