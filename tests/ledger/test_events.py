"""Every kind of event: one form at both ends, refused where it is written and not only where it is proved."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import inspect

from npn.ledger.canonical import SAFE_INTEGER, read
from npn.ledger.event import Event, EventFormError, decode, encode
from npn.pools.events import PoolContested
from npn.proof import kinds
from npn.proof.kinds import KINDS
from npn.registry.events import QuarantinePolicySet, SpaceAdded
from npn.systems.events import SystemLimitsSet, SystemSuspended
from npn.transport.events import ReleaseRhythmStated, SunsetAnnounced
from npn.wiring.service import Service

FIRST_DAY = date(1900, 1, 1)
TEXTS = st.characters(exclude_categories=["Cs"])


def values(of: inspect.Type) -> st.SearchStrategy[Any]:
    """Return values of a member's type, as the type itself describes them."""
    return STRATEGIES[type(of)](of)


def dated(of: inspect.Metadata) -> st.SearchStrategy[Any]:
    """Return real days and instants where a member holds one."""
    calendar = (of.extra or {}).get("calendar")
    if calendar == "day":
        return st.dates(FIRST_DAY).map(lambda day: day.isoformat())
    if calendar == "instant":
        return st.datetimes(datetime.combine(FIRST_DAY, time())).map(lambda at: at.isoformat(timespec="seconds") + "Z")
    return values(of.type)


def text(of: inspect.StrType) -> st.SearchStrategy[str]:
    if of.pattern is not None:
        return st.from_regex(of.pattern, fullmatch=True)
    return st.text(TEXTS, min_size=of.min_length or 0, max_size=min(of.max_length or 30, 30))


STRATEGIES: dict[type[inspect.Type], Callable[[Any], st.SearchStrategy[Any]]] = {
    inspect.Metadata: dated,
    inspect.UnionType: lambda of: st.one_of(*(values(part) for part in of.types)),
    inspect.NoneType: lambda _: st.none(),
    inspect.LiteralType: lambda of: st.sampled_from(of.values),
    inspect.EnumType: lambda of: st.sampled_from(list(of.cls)),
    inspect.BoolType: lambda _: st.booleans(),
    inspect.IntType: lambda of: st.integers(
        -SAFE_INTEGER if of.ge is None else of.ge, SAFE_INTEGER if of.le is None else of.le
    ),
    inspect.StrType: text,
    inspect.ListType: lambda of: st.lists(values(of.item_type), max_size=3),
    inspect.StructType: lambda of: members(of.cls),
}


def members(shape: type[msgspec.Struct]) -> st.SearchStrategy[Any]:
    """Return instances of an event, or of a part of one."""
    fields = inspect.type_info(shape).fields  # type: ignore[attr-defined]
    return st.fixed_dictionaries({f.name: values(f.type) for f in fields}).map(lambda m: shape(**m))


@pytest.mark.parametrize("kind", sorted(KINDS))
@given(data=st.data())
def test_what_is_written_is_read_again_as_the_same_event(kind: str, data: st.DataObject) -> None:
    event = data.draw(members(KINDS[kind]))

    assert decode(KINDS[kind], read(encode(event))) == event


def test_each_kind_is_declared_once() -> None:
    shapes = [
        shape
        for room in kinds._ROOMS
        for shape in vars(room).values()
        if isinstance(shape, type) and issubclass(shape, Event) and shape is not Event
    ]

    assert all("tag" in vars(shape) for shape in shapes)
    assert [tag for tag, times in Counter(shape.tag for shape in shapes).items() if times > 1] == []
    assert set(KINDS) == {shape.tag for shape in shapes}


WRONG: dict[str, Event] = {
    "a number where text belongs": SystemSuspended(system="labka", by="test", reason=3),  # type: ignore[arg-type]
    "an id that is none": SystemSuspended(system="../labka", by="test", reason=""),
    "text that is too long": SystemSuspended(system="labka", by="test", reason="x" * 401),
    "text that is not Unicode": SystemSuspended(system="labka", by="test", reason="\ud800"),
    "a count beyond what JSON readers see exactly": SystemLimitsSet(
        system="labka", by="test", smallest_draw="1", largest_draw="2", quota="3", quota_days=2**53
    ),
    "a policy shorter than the floor": QuarantinePolicySet(days=364, by="test"),
    "a day that no calendar has": ReleaseRhythmStated(
        vendor="v", release="2026-02-30", every_months=6, freeze_months=0, work_weeks=0, by="test"
    ),
    "an instant that no clock shows": SunsetAnnounced(
        cut_off="2026-01-01T25:00:00Z", reason="old", short_notice=False, by="test"
    ),
    "a member of a list": PoolContested(pool="p", system="labka", series=["s1"]),
    "a kind of environment that is none": SpaceAdded(
        space="p",
        environment="staging",  # type: ignore[arg-type]
        scheme="npn10",
        length=10,
        weights=[1],
        modulus=11,
        remainder=0,
        first="1000000000",
        last="1000000009",
        by="test",
    ),
}


def appended(service: Service, *events: Event) -> None:
    with service.ledger.transaction() as tx:
        for event in events:
            tx.append(event)


@pytest.mark.parametrize("event", WRONG.values(), ids=WRONG)
def test_an_event_that_is_not_of_its_form_is_refused_before_anything_is_committed(
    service: Service, event: Event
) -> None:
    before = service.ledger.state()

    with pytest.raises(EventFormError):
        appended(service, QuarantinePolicySet(days=400, by="test"), event)

    assert service.ledger.state() == before


def test_a_member_that_is_missing_or_unknown_is_refused_where_the_event_is_made() -> None:
    with pytest.raises(TypeError):
        SystemSuspended(system="labka", by="test")  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        SystemSuspended(system="labka", by="test", reson="moved")  # type: ignore[call-arg]


def test_what_is_empty_is_not_written(service: Service) -> None:
    with service.ledger.transaction() as tx:
        entry = tx.append(QuarantinePolicySet(days=400, by="test", approval=None))

    assert json.loads(entry.data) == {"days": 400, "by": "test"}
