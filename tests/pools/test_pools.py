"""The chain of tokens: repeats fit, forks are found and told to every copy, and a service set back is no clone."""

import pytest

from npn.errors import InvalidInputError, UnauthenticatedError
from npn.pools.model import ClonedError, PoolContact, PoolState
from npn.registry.draws import GrantedSeries
from npn.registry.model import Draw
from npn.systems.model import ApiKey, ConnectedSystem
from npn.tokens import digest_of
from npn.wiring.service import Service

Connected = tuple[ConnectedSystem, ApiKey]


def contact(previous: str, new: str, pool: str = "p1") -> PoolContact:
    """A contact of the pool."""
    return PoolContact.parse(f"{pool}; {previous}; {new}")


def speak(service: Service, connected: Connected, previous: str, new: str) -> None:
    """One contact that draws nothing."""
    service.pools.contact(contact(previous, new), by=connected[0].id, key=connected[1].digest)


def test_each_token_has_one_successor_and_its_repeat(service: Service, connected: Connected) -> None:
    speak(service, connected, "a", "b")
    speak(service, connected, "a", "b")
    speak(service, connected, "b", "c")
    with pytest.raises(ClonedError):
        speak(service, connected, "b", "d")


def test_every_copy_is_told_once_a_pool_is_contested(service: Service, connected: Connected) -> None:
    speak(service, connected, "a", "b")
    with pytest.raises(ClonedError):
        speak(service, connected, "a", "x")
    for previous, new in [("b", "c"), ("a", "x"), ("b", "c")]:
        with pytest.raises(ClonedError):
            speak(service, connected, previous, new)


def test_another_systems_pool_is_refused_and_left_as_it_is(service: Service, connected: Connected) -> None:
    speak(service, connected, "a", "b")
    other, key = service.systems.add(
        by="test", name="Other", vendor="V", owner="O", environment=connected[0].environment
    )
    before = service.pools.list()
    for previous in ("b", "z"):
        with pytest.raises(ClonedError) as caught:
            service.pools.contact(contact(previous, "c"), by=other.id, key=key.digest)
        assert caught.value.held == ""
        assert "another system's" in caught.value.message
    assert isinstance(_draw(service, (other, key), "r1", contact("z", "c")), ClonedError)
    assert service.pools.list() == before
    speak(service, connected, "b", "c")


def test_a_key_no_longer_in_force_changes_no_pool(service: Service, connected: Connected) -> None:
    speak(service, connected, "a", "b")
    before = service.pools.list()
    service.systems.rotate_key(connected[0].id, by="test", revoke_old=True)
    for spoken in (contact("b", "c"), contact("a", "x"), contact("a", "b", "p2")):
        assert isinstance(_draw(service, connected, "r1", spoken), UnauthenticatedError)
        with pytest.raises(UnauthenticatedError):
            service.pools.contact(spoken, by=connected[0].id, key=connected[1].digest)
    assert service.pools.list() == before


def test_a_copy_is_not_even_given_the_repeat_of_a_draw(service: Service, connected: Connected) -> None:
    first = _draw(service, connected, "r1", contact("a", "b"))
    assert isinstance(first, GrantedSeries)
    again = _draw(service, connected, "r1", contact("a", "b"))
    assert isinstance(again, GrantedSeries)
    assert (again.repeated, again.series.id) == (True, first.series.id)
    refused = _draw(service, connected, "r1", contact("a", "x"))
    assert isinstance(refused, ClonedError)
    (found,) = service.pools.list(contested=True)
    assert [s.series for s in found.suspects] == [first.series.id]


def test_two_copies_in_one_batch_are_told_apart(service: Service, connected: Connected) -> None:
    answers = service.registry.draw([_wish(connected, f"r{new}", contact("a", new)) for new in ("b", "x", "c")])
    assert [type(answer) for answer in answers] == [GrantedSeries, ClonedError, ClonedError]


def test_a_service_set_back_is_told_so_by_the_pool_itself(service: Service, connected: Connected) -> None:
    speak(service, connected, "a", "b")  # and then b → c → d, which a restore has forgotten
    with pytest.raises(ClonedError) as caught:
        speak(service, connected, "d", "e")
    assert caught.value.held == digest_of("b")
    speak(service, connected, "b", "e")
    speak(service, connected, "e", "f")
    assert service.pools.list()[0].pool.state is PoolState.ACTIVE


def test_only_the_pool_that_was_refused_can_withdraw_the_contest(service: Service, connected: Connected) -> None:
    speak(service, connected, "a", "b")
    with pytest.raises(ClonedError):
        speak(service, connected, "z", "e")
    with pytest.raises(ClonedError):
        speak(service, connected, "b", "c")  # the other copy fits, and is told all the same
    assert service.pools.list()[0].pool.state is PoolState.CONTESTED


def test_where_two_were_refused_nobody_can_withdraw_the_contest(service: Service, connected: Connected) -> None:
    speak(service, connected, "a", "b")
    for new in ("e", "x"):
        with pytest.raises(ClonedError):
            speak(service, connected, "d", new)
    for new in ("e", "x"):
        with pytest.raises(ClonedError):
            speak(service, connected, "b", new)
    assert service.pools.list()[0].pool.state is PoolState.CONTESTED


def test_tokens_are_kept_as_digests_only(service: Service, connected: Connected) -> None:
    speak(service, connected, "first-token", "second-token")
    assert service.pools.list()[0].pool.held == digest_of("second-token")


@pytest.mark.parametrize(
    "text", ["", "a", "a; b", "a; b; c; d", "a; b; ", "æ; b; c", "a; b\x00; c", "a; b; " + "x" * 129]
)
def test_a_header_that_is_none_is_refused_by_name(text: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        PoolContact.parse(text)
    assert (caught.value.code, caught.value.field) == ("invalid_pool", "Npn-Pool")


def _wish(connected: Connected, request_id: str, spoken: PoolContact) -> Draw:
    system, key = connected
    return Draw(
        system=system.id,
        key=key.digest,
        request_id=request_id,
        count=100,
        usable=None,
        space=None,
        purpose=None,
        contact=spoken,
    )


def _draw(service: Service, connected: Connected, request_id: str, spoken: PoolContact) -> object:
    return service.registry.draw([_wish(connected, request_id, spoken)])[0]
