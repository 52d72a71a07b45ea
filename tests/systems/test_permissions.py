"""What a system's state permits: the same table on every wire, in the pages, and for everybody who acts for it."""

from collections.abc import Callable

import pytest

from drawing import add, caller, draw
from npn.errors import NpnError, RefusedError, UnauthenticatedError
from npn.registry.draws import GrantedSeries
from npn.registry.model import Draw
from npn.systems.model import SystemState
from npn.systems.permissions import PERMITTED, Act
from npn.wiring.service import Service
from soap.messages import Pair


def test_every_state_has_its_permissions() -> None:
    assert set(PERMITTED) == set(SystemState)
    assert PERMITTED[SystemState.ACTIVE] == set(Act)
    refused = {Act.DRAW, Act.RELEASE, Act.REPORT, Act.BIND, Act.CHANGE}
    assert set(Act) - PERMITTED[SystemState.SUSPENDED] == refused


ACTS: dict[str, Callable[[Service, str, str, str], object]] = {
    "release": lambda s, system, series, _: s.registry.release(series, by=_caller(s, system), from_text=None),
    "report": lambda s, system, *_: s.stock.report(by=system, free=1, used_per_day=1.0, as_of=s.ledger.clock()),
    "bind": lambda s, system, *_: s.certificates.bind(system, Pair.make("Lab").pem, by="t"),
    "bind_subject": lambda s, system, *_: s.clients.bind_subject(system, Pair.make("Lab").pem, by="t"),
}


def _caller(service: Service, system: str) -> object:
    return caller((service.systems.get(system), KEYS[system]))


KEYS: dict[str, object] = {}


@pytest.mark.parametrize("act", ACTS)
def test_what_changes_something_for_a_suspended_system_is_refused_and_leaves_no_trace(
    service: Service, act: str
) -> None:
    of = add(service)
    KEYS[of[0].id] = of[1]
    series = draw(service, of, 10)
    service.systems.set_state(of[0].id, SystemState.SUSPENDED, by="t")
    before = service.ledger.state().length
    with pytest.raises(RefusedError) as refused:
        ACTS[act](service, of[0].id, series.id, "")
    assert refused.value.code == "system_suspended"
    assert service.ledger.state().length == before
    service.systems.set_state(of[0].id, SystemState.ACTIVE, by="t")
    ACTS[act](service, of[0].id, series.id, "")


def test_a_suspended_system_repeats_what_was_granted_and_draws_nothing_more(service: Service) -> None:
    of = add(service)
    series = draw(service, of, 10, request_id="one")
    service.systems.set_state(of[0].id, SystemState.SUSPENDED, by="t")
    assert draw(service, of, 10, request_id="one") == series
    with pytest.raises(NpnError) as refused:
        draw(service, of, 10, request_id="two")
    assert refused.value.code == "system_suspended"


def test_a_revoked_key_is_nobodys_not_even_for_a_repeat(service: Service) -> None:
    system, key = add(service)
    draw(service, (system, key), 10, request_id="one")
    new = service.systems.rotate_key(system.id, by="t", revoke_old=True)
    with pytest.raises(UnauthenticatedError):
        draw(service, (system, key), 10, request_id="one")
    assert draw(service, (system, new), 10, request_id="one").size == 10


def test_a_repeat_and_a_revoked_key_in_one_batch_are_told_apart(service: Service) -> None:
    system, key = add(service)
    draw(service, (system, key), 10, request_id="one")
    new = service.systems.rotate_key(system.id, by="t", revoke_old=True)
    wishes = [Draw(system.id, each.digest, "one", 10, None, None, None) for each in (key, new)]
    old, right = service.registry.draw(wishes)
    assert isinstance(old, UnauthenticatedError)
    assert isinstance(right, GrantedSeries)
