"""Versions are published with notice, accepted for systems, signed, kept for ever, and proved by the ledger."""

import hashlib
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
import sqlalchemy.exc as sa_exc

from agreements.conftest import V1, V2, Clock
from agreements_texts import TEXTS, changed
from drawing import add
from npn.agreements.model import Dates, Evidence, Language, Stage, Version, VersionNumber
from npn.agreements.service import Agreements
from npn.errors import ConflictError, InvalidInputError, NotFoundError, NpnError, RefusedError
from npn.ledger.export import export
from npn.ledger.keys import public_keys, verified
from npn.proof.verify import verify
from npn.wiring.service import Service


def proved(service: Service) -> list[bytes]:
    """Export the ledger and prove it; give its lines."""
    lines: list[bytes] = []
    export(service.database, lines.append, clock=service.ledger.clock)
    verify(lines)
    return lines


def keys(service: Service) -> list[dict[str, object]]:
    with service.database.read() as connection:
        return public_keys(connection)  # type: ignore[return-value]  # JSON


def test_a_published_version_is_signed_and_its_hashes_are_in_the_ledger(service: Service, first: Version) -> None:
    digest = hashlib.sha256(TEXTS[Language.DANISH].encode()).hexdigest()
    said = verified(first.signed, keys(service))  # type: ignore[arg-type]  # JSON

    assert said["digest_da"] == digest == first.digests[Language.DANISH]
    assert any(digest.encode() in line and str(said["ledger_hash"]).encode() in line for line in proved(service))
    assert service.agreements.version() == first
    assert service.agreements.names() == ["connection"]


def test_a_change_takes_effect_after_the_notice_of_the_version_before(
    agreements: Agreements, first: Version, clock: Clock
) -> None:
    too_soon = clock.today + timedelta(days=182)
    with pytest.raises(RefusedError, match="183 days' notice") as refused:
        agreements.publish(V2, TEXTS, by="t", effective_from=too_soon)
    assert (refused.value.code, refused.value.field) == ("notice_too_short", "effective_from")
    assert str(too_soon + timedelta(days=1)) in refused.value.hint

    second = agreements.publish(V2, TEXTS, by="t", effective_from=too_soon + timedelta(days=1))
    assert agreements.version().number == V1
    clock.days(183)
    assert agreements.version() == second
    assert [v.number for v in agreements.versions()] == [V1, V2]


def test_a_version_is_later_than_those_before(agreements: Agreements, first: Version, clock: Clock) -> None:
    for number in (V1, VersionNumber(0 + 1, 0)):
        with pytest.raises(ConflictError) as refused:
            agreements.publish(number, TEXTS, by="t", effective_from=clock.today + timedelta(days=999))
        assert refused.value.code == "version_exists"


def test_the_database_keeps_a_version_as_it_is(service: Service, first: Version) -> None:
    for statement in ("UPDATE agreement_version SET text_da = 'x'", "DELETE FROM agreement_version"):
        with pytest.raises((sa_exc.DBAPIError, NpnError)), service.database.write() as connection:
            connection.execute(sa.text(statement))
    assert service.agreements.version() == first


def test_an_owner_accepts_and_gets_a_signed_document(service: Service, first: Version) -> None:
    system, _ = add(service)
    evidence = Evidence("signed letter of 1 March", "a" * 64)
    made = service.agreements.accept(
        system.id, by="user:anna", accepted_by="Anna Andersen", capacity="Laboratory manager", evidence=evidence
    )
    said = verified(made.signed, keys(service))  # type: ignore[arg-type]  # JSON

    assert (said["system"], said["owner"], said["accepted_by"]) == (system.id, "Region Nord", "Anna Andersen")
    assert (said["version"], said["digest_da"]) == ("1.0", first.digests[Language.DANISH])
    assert service.agreements.acceptances(system.id) == [made]
    lines = b"".join(proved(service))
    assert b"agreement_accepted" in lines
    assert b"Anna" not in lines.replace(b"user:anna", b"")


def test_accepting_again_changes_nothing(service: Service, first: Version) -> None:
    system, _ = add(service)
    once = service.agreements.accept(system.id, by="t", accepted_by="Anna", capacity="x")
    again = service.agreements.accept(system.id, by="t", accepted_by="Bo", capacity="y")
    assert again == once


def test_a_coming_version_can_be_accepted_and_a_superseded_one_not(
    service: Service, first: Version, clock: Clock
) -> None:
    system, _ = add(service)
    service.agreements.publish(V2, TEXTS, by="t", effective_from=clock.today + timedelta(days=183))
    service.agreements.accept(system.id, by="t", accepted_by="Anna", capacity="x", number=V2)
    assert service.agreements.standing(system.id).accepted == V2
    clock.days(183)
    with pytest.raises(RefusedError) as refused:
        service.agreements.accept(system.id, by="t", accepted_by="Anna", capacity="x", number=V1)
    assert refused.value.code == "version_superseded"


def test_an_acceptance_that_ends_leaves_its_trace(service: Service, first: Version) -> None:
    system, _ = add(service)
    made = service.agreements.accept(system.id, by="t", accepted_by="Anna", capacity="x")
    ended = service.agreements.end_acceptance(made.id, by="t", reason="the system is taken out of use")
    assert ended.ended_reason == "the system is taken out of use"
    assert service.agreements.end_acceptance(made.id, by="t", reason="again") == ended
    assert service.agreements.acceptances(system.id) == []
    assert service.agreements.acceptances(system.id, ended=True) == [ended]
    assert service.agreements.accept(system.id, by="t", accepted_by="Anna", capacity="x").id != made.id
    proved(service)


def test_what_is_not_there_is_said(service: Service) -> None:
    system, _ = add(service)
    with pytest.raises(NotFoundError) as refused:
        service.agreements.accept(system.id, by="t", accepted_by="Anna", capacity="x")
    assert refused.value.code == "unknown_version"
    service.agreements.publish(V1, TEXTS, by="t", effective_from=service.agreements.today)
    for call in (
        lambda: service.agreements.accept("nobody", by="t", accepted_by="Anna", capacity="x"),
        lambda: service.agreements.standing("nobody"),
        lambda: service.agreements.end_acceptance("a" + "0" * 20, by="t", reason="x"),
        lambda: service.agreements.grant_respite("nobody", until=date(2027, 1, 1), reason="x", by="t"),
        lambda: service.agreements.version(V2),
    ):
        with pytest.raises(NotFoundError):
            call()


@pytest.mark.parametrize("words", ["", "  \n ", "x" * 401, "a\x07b"])
def test_words_that_are_none_are_refused(service: Service, first: Version, words: str) -> None:
    system, _ = add(service)
    with pytest.raises(InvalidInputError):
        service.agreements.grant_respite(system.id, until=date(2027, 1, 1), reason=words, by="t")


def test_texts_are_kept_with_one_kind_of_line_end(agreements: Agreements) -> None:
    windows = {language: text.replace("\n", "\r\n") for language, text in TEXTS.items()}
    made = agreements.publish(V1, windows, by="t", effective_from=agreements.today)
    assert made.texts == TEXTS


def test_the_first_version_needs_no_notice_and_may_have_been_in_force(agreements: Agreements) -> None:
    made = agreements.publish(V1, TEXTS, by="t", effective_from=date(2025, 1, 1))
    assert agreements.version() == made


@pytest.mark.parametrize("number", ["1", "1.0.0", "v1.0", "0.9", "1.", "01.0", "1.00001"])
def test_what_is_no_version_number_is_refused(number: str) -> None:
    with pytest.raises(InvalidInputError):
        VersionNumber.parse(number)


def test_version_numbers_are_ordered_as_numbers() -> None:
    assert VersionNumber.parse("1.10") > VersionNumber.parse("1.9") < VersionNumber.parse("2.0")
    assert str(VersionNumber.parse("1.10")) == "1.10"


def test_a_policy_whose_stages_are_out_of_order_is_refused(agreements: Agreements, first: Version) -> None:
    day = agreements.today
    for dates in (
        Dates("connection", V1, inform_from=day, warn_from=day - timedelta(days=1)),
        Dates("connection", V1, warn_from=day + timedelta(days=9), refuse_from=day),
        Dates("connection", V1, refuse_from=day - timedelta(days=1)),
    ):
        with pytest.raises(InvalidInputError) as refused:
            agreements.set_dates(dates, by="t")
        assert refused.value.code == "invalid_dates"
    assert agreements.dates() == []


def test_a_changed_text_has_another_hash(agreements: Agreements, first: Version, clock: Clock) -> None:
    texts = changed("183", "200")
    second = agreements.publish(V2, texts, by="t", effective_from=clock.today + timedelta(days=183))
    assert second.digests != first.digests
    assert second.notice_days == 200


def test_stages_follow_the_dates(service: Service, first: Version, clock: Clock) -> None:
    system, _ = add(service)
    trial, _ = add(service, "Trial", "test")
    day = clock.today
    dates = Dates(
        "connection",
        V1,
        inform_from=day + timedelta(days=10),
        warn_from=day + timedelta(days=20),
        refuse_from=day + timedelta(days=30),
    )
    assert service.agreements.set_dates(dates, by="t") == []
    seen = []
    for _ in range(4):
        seen.append(service.agreements.standing(system.id).stage)
        assert service.agreements.standing(trial.id).stage is Stage.NONE
        clock.days(10)
    assert seen == [Stage.NONE, Stage.INFORM, Stage.WARN, Stage.REFUSE]
    service.agreements.accept(system.id, by="t", accepted_by="Anna", capacity="x")
    assert service.agreements.standing(system.id).stage is Stage.NONE
