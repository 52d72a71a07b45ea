"""The three operations: what they answer, that they repeat for ever, and what they refuse."""

import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
import sqlalchemy.exc
from desk import Desk

from agreements_texts import TEXTS
from messages import BODY, NPN, Message, draw_body, look_up_body, now, password_card, release_body
from npn.agreements.model import Dates, VersionNumber
from npn.errors import ConflictError, UnavailableError
from npn.ledger.export import export
from npn.proof.verify import verify
from npn.registry import store
from npn.registry.model import AnswerWriter, Draw
from npn.soap.dates import read_time
from npn.soap.names import DGWS, DGWS_1_0, SOAP_1_1, SOAP_1_2, SOAPS, Soap
from npn.systems.model import SystemState
from npn.wiring.assembly import build


def drawn(desk: Desk, count: int = 10) -> tuple[str, str, str]:
    answer = desk.send(desk.message(draw_body(count)))
    assert answer.status == 200, answer.body
    return answer.one("SeriesIdentifier"), answer.one("FirstIdentifier"), answer.one("LastIdentifier")


def test_a_draw_gives_the_first_and_last_number_of_exactly_what_was_asked_for(own: Desk) -> None:
    answer = own.send(own.message(draw_body(25, "night stock")))
    assert answer.status == 200
    first, last = answer.one("FirstIdentifier"), answer.one("LastIdentifier")
    assert int(last) - int(first) + 1 == 25 == int(answer.one("NumberOfIdentifiers"))
    assert abs((read_time(answer.one("DrawnDateTime"), "DrawnDateTime") - now()).total_seconds()) < 30
    with own.service.database.read() as connection:
        series = store.series(connection, answer.one("SeriesIdentifier"))
    assert series is not None
    assert (series.system, series.purpose) == ("labka", "night stock")


@pytest.mark.parametrize("soap", SOAPS, ids=lambda s: s.version)
@pytest.mark.parametrize("dgws", DGWS)
def test_the_answer_is_in_the_callers_version_and_namespace(desk: Desk, soap: Soap, dgws: str) -> None:
    answer = desk.send(desk.message(soap=soap, dgws=dgws), content_type=soap.media_type)
    assert answer.media_type == f"{soap.media_type}; charset=utf-8"
    assert answer.root.tag == f"{{{soap.namespace}}}Envelope"
    assert answer.root.find(f".//{{{dgws}}}Header") is not None


def test_the_answer_repeats_the_flow_and_names_the_message_it_answers(desk: Desk) -> None:
    message = desk.message(flow_id="flow-7")
    answer = desk.send(message)
    assert answer.one("FlowID") == "flow-7"
    assert answer.one("InResponseToMessageID") == message.message_id
    assert answer.one("MessageID") != message.message_id
    assert answer.one("FlowStatus") == "flow_finalized_succesfully"
    assert answer.one("Created").endswith("Z")


def test_a_message_without_a_flow_is_answered_without_one(desk: Desk) -> None:
    assert desk.send(desk.message(flow_id=None)).all("FlowID") == []


@pytest.mark.parametrize("kind", ["draw", "release", "look_up"])
def test_a_repeated_message_is_answered_byte_for_byte(own: Desk, kind: str) -> None:
    _, first, last = drawn(own)
    body = {"draw": draw_body(), "release": release_body(first, last), "look_up": look_up_body(first)}[kind]
    message = own.message(body)
    answers = {own.send(message).body for _ in range(3)}
    later = message.but(created="2027-01-01T00:00:00Z", flow_id="another", soap=SOAP_1_2)
    assert answers == {own.send(later, content_type=SOAP_1_2.media_type).body}


def test_a_look_up_repeated_after_a_release_still_says_what_it_said(own: Desk) -> None:
    _, first, last = drawn(own)
    message = own.message(look_up_body(first))
    before = own.send(message)
    assert own.send(own.message(release_body(first, last))).status == 200
    assert own.send(message).body == before.body
    assert own.send(own.message(look_up_body(first))).one("State") == "released"


def test_a_repeat_counts_the_same_however_the_body_is_written(desk: Desk) -> None:
    message = desk.message(draw_body(12))
    other = BODY.format(
        "GetAnalysisIdentifiersRequest",
        NPN,
        "<!-- twelve -->\n  <x:NumberOfIdentifiers xmlns:x='urn:npn:analysisidentifier:1'> +012 "
        "</x:NumberOfIdentifiers>",
    )
    assert desk.send(message).body == desk.send(message.but(body=other)).body


@pytest.mark.parametrize("first", ["draw", "release", "look_up"])
@pytest.mark.parametrize("second", ["draw", "release", "look_up"])
def test_a_message_id_stands_for_one_body_only(own: Desk, first: str, second: str) -> None:
    _, a, b = drawn(own, 10)
    _, c, d = drawn(own, 10)
    one = {"draw": draw_body(5), "release": release_body(a, b), "look_up": look_up_body(a)}
    two = {"draw": draw_body(6), "release": release_body(c, d), "look_up": look_up_body(c)}
    message = own.message(one[first])
    done = own.send(message)
    refused = own.send(message.but(body=two[second]))
    assert (refused.code, refused.problem) == ("processing_problem", "idempotency_conflict")
    assert own.send(message).body == done.body
    assert own.send(own.message(look_up_body(c))).one("State") == "granted"


def test_a_refused_draw_leaves_its_message_id_free(own: Desk) -> None:
    message = own.message(draw_body(0))
    assert own.send(message).problem == "count_too_small"
    assert own.send(message.but(body=draw_body(3))).status == 200


def test_two_systems_may_use_the_same_message_id(desk: Desk) -> None:
    shared = str(uuid.uuid4())
    answers = [desk.send(desk.message(by=by, message_id=shared)) for by in ("labka", "bcc")]
    assert [a.status for a in answers] == [200, 200]
    assert answers[0].one("FirstIdentifier") != answers[1].one("FirstIdentifier")


def test_message_ids_and_idempotency_keys_are_apart(own: Desk) -> None:
    message = own.message(draw_body(4))
    over_rest = own.service.allocator.draw(
        Draw("labka", own.keys["labka"].digest, message.message_id, 7, None, None, None)
    ).result(30)
    answer = own.send(message)
    assert answer.status == 200
    assert int(answer.one("FirstIdentifier")) == over_rest.series.last + 1


def test_one_message_sent_many_times_at_once_draws_once(own: Desk) -> None:
    message = own.message(draw_body(50))
    answers = {answer.body for answer in own.send_at_once(message, times=24)}
    assert len(answers) == 1
    assert own.service.registry.drawn("labka", days=1) == 50


def test_the_answer_is_stored_in_the_draws_own_transaction(own: Desk) -> None:
    """If the answer can't be stored nothing is granted, and the cursor stays."""
    answer = own.send(own.message())
    with own.service.database.read() as connection:
        cursors = [(space.name, space.cursor) for space in store.spaces(connection)]

    def failing(_done: object) -> tuple[str, bytes]:
        raise ConflictError("no answer can be made")

    keep = AnswerWriter("soap", "m-1", "digest", failing)
    draw = Draw("labka", own.keys["labka"].digest, "m-1", 5, None, None, None, "soap", keep)
    with pytest.raises(ConflictError):
        own.service.allocator.draw(draw).result(30)
    with own.service.database.read() as connection:
        assert [(space.name, space.cursor) for space in store.spaces(connection)] == cursors
        kept = store.stored_answers(connection, channel="soap", request_ids=["m-1"])
    assert kept == {}
    assert answer.status == 200


def test_stored_answers_outlive_the_process(own: Desk) -> None:
    message = own.message()
    before = own.send(message).body
    again = build(own.service.settings)
    try:
        other = Desk.on(again, own.keys, own.pairs)
        assert other.send(message).body == before
    finally:
        again.close()


def test_a_whole_series_is_released_and_held(own: Desk) -> None:
    series, first, last = drawn(own)
    answer = own.send(own.message(release_body(first, last)))
    assert [answer.one(n) for n in ("SeriesIdentifier", "FirstIdentifier", "LastIdentifier", "State")] == [
        series,
        first,
        last,
        "released",
    ]
    assert int(drawn(own)[1]) > int(last)


def test_the_tail_of_a_series_is_released(own: Desk) -> None:
    _, first, last = drawn(own)
    middle = str(int(first) + 4)
    assert own.send(own.message(release_body(middle, last))).one("State") == "partly_released"
    assert own.send(own.message(look_up_body(first))).one("State") == "granted"
    assert own.send(own.message(look_up_body(middle))).one("State") == "released"
    again = own.send(own.message(release_body(str(int(first) + 2), str(int(middle) - 1))))
    assert again.one("State") == "partly_released"
    assert own.send(own.message(release_body(first, last))).one("State") == "released"


@pytest.mark.parametrize(
    ("change", "code", "problem"),
    [
        (lambda f, t: (f, str(int(t) - 1)), "syntax_error", "not_a_tail"),
        (lambda f, t: (t, f), "syntax_error", "not_a_tail"),
        (lambda f, t: (f, str(int(t) + 5)), "syntax_error", "not_a_tail"),
        (lambda _, __: ("8999999999", "8999999999"), "processing_problem", "not_found"),
        (lambda _, t: ("12", t), "syntax_error", "not_a_number"),
        (lambda f, _: (f, "abc"), "syntax_error", "not_a_number"),
    ],
)
def test_what_is_no_whole_series_and_no_tail_is_not_released(
    desk: Desk, change: Callable[[str, str], tuple[str, str]], code: str, problem: str
) -> None:
    _, first, last = drawn(desk)
    refused = desk.send(desk.message(release_body(*change(first, last))))
    assert (refused.code, refused.problem) == (code, problem)
    assert desk.send(desk.message(look_up_body(first))).one("State") == "granted"


def test_another_systems_series_is_not_released(desk: Desk) -> None:
    _, first, last = drawn(desk)
    refused = desk.send(desk.message(release_body(first, last), by="bcc"))
    assert (refused.code, refused.problem) == ("not_authorized", "not_owner")


def test_a_look_up_tells_what_is_known(own: Desk) -> None:
    series, first, last = drawn(own)
    found = own.send(own.message(look_up_body(first)))
    assert found.one("Identifier") == first
    assert found.one("State") == "granted"
    assert found.one("Usable") in ("true", "false")
    assert [found.one(n) for n in ("SeriesIdentifier", "FirstIdentifier", "LastIdentifier", "SystemName")] == [
        series,
        first,
        last,
        "Labka",
    ]
    read_time(found.one("DrawnDateTime"), "DrawnDateTime")
    unknown = own.send(own.message(look_up_body("8999999999")))
    assert unknown.one("State") == "never_issued"
    assert unknown.all("SeriesIdentifier") == unknown.all("SystemName") == []


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        (draw_body(""), "syntax_error", "NumberOfIdentifiers"),
        (draw_body("ten"), "syntax_error", "NumberOfIdentifiers"),
        (draw_body("1e3"), "syntax_error", "NumberOfIdentifiers"),
        (draw_body("10.0"), "syntax_error", "NumberOfIdentifiers"),
        (draw_body(10**30), "processing_problem", "NumberOfIdentifiers"),
        (draw_body(-5), "processing_problem", "NumberOfIdentifiers"),
        (draw_body(10_000_001), "processing_problem", "NumberOfIdentifiers"),
        (draw_body("1<!-- -->0"), "syntax_error", ""),
        (draw_body(5, "x" * 201), "syntax_error", "Purpose"),
        (look_up_body("123"), "syntax_error", "Identifier"),
        (look_up_body("123456789X"), "syntax_error", "Identifier"),
        (BODY.format("GetAnalysisIdentifiersRequest", NPN, ""), "syntax_error", "NumberOfIdentifiers"),
        (BODY.format("GetAnalysisIdentifiersRequest", NPN, "<n:Antal>1</n:Antal>"), "syntax_error", "Antal"),
        (BODY.format("GetAnalysisIdentifiersRequest", NPN, "<Purpose/>"), "syntax_error", "Purpose"),
        (BODY.format("GetAnalysisIdentifiersRequest", "urn:other", ""), "syntax_error", ""),
        (BODY.format("DeleteEverythingRequest", NPN, ""), "syntax_error", ""),
        (draw_body(1) * 2, "syntax_error", ""),
        ("", "syntax_error", ""),
    ],
)
def test_a_body_that_is_not_right_is_refused_with_the_field_to_blame(
    desk: Desk, body: str, code: str, field: str
) -> None:
    refused = desk.send(desk.message(body))
    assert refused.code == code
    assert (refused.all("Field") or [""])[0] == field
    assert refused.one("faultstring")


@pytest.mark.parametrize("action", ['"urn:npn:analysisidentifier:1:GetAnalysisIdentifiers"', '""', "", None])
def test_the_soap_action_of_the_operation_or_none_is_taken(desk: Desk, action: str | None) -> None:
    assert desk.send(desk.message(), action=action).status == 200


def test_a_soap_action_of_another_operation_is_refused(desk: Desk) -> None:
    refused = desk.send(desk.message(), action='"urn:npn:analysisidentifier:1:SetAnalysisIdentifiersFree"')
    assert (refused.code, refused.one("Field")) == ("syntax_error", "SOAPAction")
    media = f'{SOAP_1_2.media_type}; action="urn:other"'
    assert desk.send(desk.message(soap=SOAP_1_2), content_type=media).code == "syntax_error"


def test_a_suspended_system_draws_nothing_but_its_repeats_are_answered(own: Desk) -> None:
    message = own.message()
    before = own.send(message)
    own.service.systems.set_state("labka", SystemState.SUSPENDED, by="t")
    assert own.send(message).body == before.body
    refused = own.send(own.message())
    assert (refused.code, refused.problem) == ("not_authorized", "system_suspended")


def test_the_quota_is_one_for_both_wires(own: Desk) -> None:
    own.service.systems.set_limits("labka", by="t", smallest_draw=5, largest_draw=60, quota=100, quota_days=30)
    assert own.send(own.message(draw_body(60))).status == 200
    refused = own.send(own.message(draw_body(60)))
    assert (refused.code, refused.problem) == ("processing_problem", "quota_exceeded")
    assert int(refused.one("RetryAfterSeconds")) > 0
    assert own.send(own.message(draw_body(4))).problem == "count_too_small"
    assert own.send(own.message(draw_body(61))).problem == "count_too_large"


def test_what_fails_inside_is_a_server_fault_that_keeps_its_secrets(own: Desk) -> None:
    message = own.message()
    Path(own.service.settings.witness).unlink()
    refused = own.send(message)
    assert (refused.status, refused.one("faultcode")) == (500, "soap:Server")
    assert (refused.code, refused.problem) == ("processing_problem", "witness_missing")
    assert own.service.settings.witness.encode() not in refused.body


def test_stored_answers_can_be_neither_changed_nor_taken_away(own: Desk) -> None:
    own.send(own.message())
    for change in ("UPDATE stored_answer SET digest = ''", "DELETE FROM stored_answer"):
        with pytest.raises((UnavailableError, sa.exc.IntegrityError)), own.service.database.write() as connection:
            connection.execute(sa.text(change))


def test_the_ledger_of_a_service_with_certificates_and_soap_draws_verifies(own: Desk) -> None:
    drawn(own)
    own.service.certificates.set_levels("bcc", [3, 4], by="t")
    own.service.certificates.unbind("bcc", own.pairs["bcc"].fingerprint[:12], by="t")
    own.service.certificates.bind("bcc", own.pairs["bcc"].pem, by="t")
    lines: list[bytes] = []
    export(own.service.database, lines.append)
    assert verify(lines).totals.series == 1


def test_sending_whole_keys_works_as_secrets_do(desk: Desk) -> None:
    assert desk.send(Message(credentials=password_card("labka", str(desk.keys["labka"])))).status == 200


def test_the_older_namespace_is_answered_in_faults_too(desk: Desk) -> None:
    refused = desk.send(desk.message(draw_body("x"), dgws=DGWS_1_0, soap=SOAP_1_1))
    assert refused.root.find(f".//{{{DGWS_1_0}}}FaultCode") is not None


def test_a_system_without_an_accepted_agreement_is_warned_and_then_refused(own: Desk) -> None:
    agreements, today = own.service.agreements, own.service.agreements.today
    first = VersionNumber(1, 0)
    early = own.message(draw_body(10))
    answer = own.send(early)
    assert "Npn-Notice" not in answer.headers

    agreements.publish(first, TEXTS, by="t", effective_from=today)
    agreements.set_dates(Dates("connection", first, warn_from=today), by="t")
    own.service.warnings._known = None  # as if the seconds had passed that a warning may lag
    assert own.send(own.message(draw_body(10))).headers == {"Npn-Notice": "agreement_missing; version=1.0"}

    agreements.set_dates(Dates("connection", first, refuse_from=today), by="t")
    refused = own.send(own.message(draw_body(10)))
    assert (refused.code, refused.problem) == ("not_authorized", "agreement_missing")
    assert own.send(early).body == answer.body
    agreements.accept("labka", by="t", accepted_by="Anna", capacity="manager")
    assert own.send(own.message(draw_body(10))).status == 200
