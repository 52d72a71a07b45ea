"""A suspended system, and a revoked key, on the legacy web service: every operation of the mapping."""

import pytest
from desk import Desk

from messages import draw_body, look_up_body, release_body
from npn.soap.mapping import read_mapping
from npn.systems.model import SystemState

OPERATIONS = sorted(read_mapping("").operations)


def body(operation: str, first: str, last: str) -> str:
    return {"draw": draw_body(5), "release": release_body(first, last), "look_up": look_up_body(first)}[operation]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_look_ups_are_answered_and_what_would_change_something_is_refused(own: Desk, operation: str) -> None:
    drawn = own.send(own.message(draw_body(10)))
    first, last = drawn.one("FirstIdentifier"), drawn.one("LastIdentifier")
    own.service.systems.set_state("labka", SystemState.SUSPENDED, by="t")
    answer = own.send(own.message(body(operation, first, last)))
    if operation == "look_up":
        assert answer.status == 200
    else:
        assert (answer.code, answer.problem) == ("not_authorized", "system_suspended")


@pytest.mark.parametrize("operation", OPERATIONS)
def test_what_was_answered_before_is_answered_again(own: Desk, operation: str) -> None:
    drawn = own.send(own.message(draw_body(10)))
    message = own.message(body(operation, drawn.one("FirstIdentifier"), drawn.one("LastIdentifier")))
    before = own.send(message)
    assert before.status == 200
    own.service.systems.set_state("labka", SystemState.SUSPENDED, by="t")
    assert own.send(message).body == before.body


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_revoked_key_is_answered_nothing(own: Desk, operation: str) -> None:
    drawn = own.send(own.message(draw_body(10)))
    message = own.message(body(operation, drawn.one("FirstIdentifier"), drawn.one("LastIdentifier")))
    assert own.send(message).status == 200
    own.service.systems.rotate_key("labka", by="t", revoke_old=True)
    assert own.send(message).code == "invalid_username_password"


def test_blanks_that_are_not_xmls_are_part_of_a_message_id(own: Desk) -> None:
    assert own.send(own.message(draw_body(5), message_id=" nb1\n")).status == 200
    refused = own.send(own.message(draw_body(5), message_id="nb1\u00a0"))
    assert refused.status == 500
    assert "DrawnDateTime" not in refused.body.decode()
