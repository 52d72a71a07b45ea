"""Ranges in use elsewhere: all or nothing, every conflict named, through the constraint that guards draws."""

import pytest

from npn.errors import InvalidInputError
from npn.registry.importing import ImportConflictError, import_ranges, read_lines
from npn.registry.lookup import look_up
from npn.systems.model import Environment
from npn.wiring.service import Service
from wishes import Connected, draw

HEADER = "space,system,first,last,drawn_at\n"


def take(service: Service, *lines: str) -> int:
    return import_ranges(service.ledger, read_lines(HEADER + "".join(f"{line}\n" for line in lines)), by="test")


def test_imported_ranges_are_known_to_look_ups(service: Service, connected: Connected) -> None:
    assert take(service, f"production,{connected[0].id},2000000000,2000000999,2024-05-01") == 1
    found = look_up(service.database, "2000000500")
    assert (found.state, found.system) == ("imported", connected[0].id)
    assert found.drawn_at is not None
    assert found.drawn_at.isoformat() == "2024-05-01T00:00:00+00:00"
    assert look_up(service.database, "2000001000").state == "never_issued"


def test_every_conflict_is_named_and_nothing_is_imported(service: Service, connected: Connected) -> None:
    series, system = draw(service, connected, "a", count=100), connected[0].id
    tester = service.systems.add(by="test", name="Trial", vendor="V", owner="O", environment=Environment.TEST)
    length = service.ledger.state().length
    with pytest.raises(ImportConflictError) as error:
        take(
            service,
            f"production,{system},3000000000,3000000009,2026-01-01",  # the only sound line
            f"production,{system},{series.last},3000000000,2026-01-01",
            f"nowhere,{system},1,2,2026-01-01",
            "production,nobody,3000000100,3000000109,2026-01-01",
            f"production,{tester[0].id},3000000100,3000000109,2026-01-01",
            f"production,{system},3000000109,3000000100,2026-01-01",
            f"production,{system},9000000000,9000000009,2026-01-01",
            f"production,{system},30000002,3000000209,2026-01-01",
            f"production,{system},3000000300,3000000309,yesterday",
            f"production,{system},3000000400,3000000409,2026-01-01,more",
        )
    conflicts = error.value.conflicts
    for line in range(3, 12):
        assert any(text.startswith(f"line {line}:") for text in conflicts), (line, conflicts)
    assert any("overlaps granted" in text and series.id in text for text in conflicts)
    assert any("overlaps line 2 of the same file" in text or "overlaps line 3" in text for text in conflicts)
    assert look_up(service.database, "3000000000").state == "never_issued"
    assert service.ledger.state().length == length


@pytest.mark.parametrize(
    "header", ["space,system,first,last,drawn_at,first", "space,system,first,last,last", "space,system,first,last"]
)
def test_a_column_named_twice_or_missing_is_refused(header: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        list(read_lines(f"{header}\nproduction,lab,2000001000,2000001999,2020-01-01,2000001500\n"))
    assert refused.value.field == "header"


@pytest.mark.parametrize(
    "day",
    [
        "2020-W01-1",
        "2026-02-30",
        "20200101",
        "2199-02-01",
        "2026-13-01",
        "2020-01-01T25:00:00Z",
        "2020-01-01T10",
        "1-1-20",
    ],
)
def test_a_date_that_is_none_or_to_come_is_refused(service: Service, connected: Connected, day: str) -> None:
    with pytest.raises(ImportConflictError) as refused:
        take(service, f"production,{connected[0].id},2000000000,2000000999,{day}")
    assert "drawn_at" in refused.value.conflicts[0]
    assert look_up(service.database, "2000000000").state == "never_issued"


@pytest.mark.parametrize(
    "day", ["2020-01-31", "2020-01-31T10:00:00Z", "2020-01-31 10:00", "2020-01-31T10:00:00.5+01:00"]
)
def test_a_day_or_a_time_is_read(service: Service, connected: Connected, day: str) -> None:
    assert take(service, f"production,{connected[0].id},2000000000,2000000999,{day}") == 1


def test_an_import_twice_is_refused(service: Service, connected: Connected) -> None:
    line = f"production,{connected[0].id},2000000000,2000000999,2024-05-01"
    take(service, line)
    with pytest.raises(ImportConflictError) as error:
        take(service, line)
    assert "overlaps imported" in error.value.conflicts[0]


def test_an_import_behind_the_cursor_takes_only_numbers_that_were_jumped(
    service: Service, connected: Connected
) -> None:
    take(service, f"production,{connected[0].id},1000000050,1000000059,2024-05-01")
    series = draw(service, connected, "a", count=100)
    assert series.first == 1_000_000_060
    take(service, f"production,{connected[0].id},1000000000,1000000049,2024-05-01")
    assert draw(service, connected, "b").first == series.last + 1


@pytest.mark.parametrize(
    "text", ["", "first,last\n", "space,system,first,last,drawn_at,more\n", 'space,system,first,last,drawn_at\n"a\n']
)
def test_a_file_that_is_not_such_a_table_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        list(read_lines(text))


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("space;system;first;last;drawn_at\n", "semicolons"),
        ("space\tsystem\tfirst\tlast\tdrawn_at\n", "tabs"),
        ("\nspace,system,first,last,drawn_at\n", "first line"),
    ],
)
def test_a_table_that_a_spreadsheet_wrote_otherwise_is_named_with_the_way_out(text: str, word: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        list(read_lines(text))
    assert word in refused.value.hint


def test_the_columns_may_stand_in_any_order() -> None:
    lines = list(read_lines("drawn_at,last,first,system,space\n2026-01-01,2,1,a,b\n"))
    assert lines[0].values == {"space": "b", "system": "a", "first": "1", "last": "2", "drawn_at": "2026-01-01"}
