"""The offline proof: a real export verifies, and nothing that was touched does."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drawing import add, caller, draw
from npn.config import Settings
from npn.db.backup import back_up
from npn.ledger.export import export
from npn.ledger.keys import make_key, public_keys
from npn.numbers.scheme import NumberScheme
from npn.proof.verify import NotProvedError, Summary, lines_of, verify
from npn.registry.importing import ImportLine, import_ranges
from npn.registry.receipts import receipt
from npn.registry.recovery import re_register, rebuild_witness, recover
from npn.systems.model import Environment, SystemState
from npn.transport.events import TransportExceptionGranted
from npn.wiring.assembly import build
from npn.wiring.service import Service
from prepared import initialised


def exported(service: Service) -> list[bytes]:
    lines: list[bytes] = []
    export(service.database, lines.append)
    return lines


def lived(service: Service) -> None:
    """Everything that can happen to a ledger but a recovery."""
    lab, test = add(service), add(service, "Prøve", "test")
    first = draw(service, lab, 1000, purpose='fødsel 🧪 \\ "')
    values = {"space": "production", "system": lab[0].id, "first": "1000001500", "last": "1000001999"}
    import_ranges(service.ledger, [ImportLine(2, {**values, "drawn_at": "2020-01-01T00:00:00+02:00"})], by="test")
    draw(service, lab, 1000)
    draw(service, test, usable=90)
    service.registry.release(first.id, by=caller(lab), from_text="1000000900")
    service.registry.release(first.id, by=caller(lab), from_text="1000000500")
    service.systems.set_state(lab[0].id, SystemState.SUSPENDED, by="test", reason="moved")
    service.systems.set_state(lab[0].id, SystemState.ACTIVE, by="test")
    service.systems.rotate_key(lab[0].id, by="test")
    service.systems.set_limits(lab[0].id, by="t", smallest_draw=1, largest_draw=5000, quota=10**6, quota_days=30)
    service.systems.set_contact(lab[0].id, by="t", kind="on_call", name="Vagten", email="", telephone="112")
    service.systems.set_owner(lab[0].id, "Region Syd", by="t")
    with service.ledger.transaction() as tx:
        make_key(tx, by="test")
        # as earlier programs wrote them: characters that a form refuses today are hashed alike on both engines
        odd = 'gammelt udstyr 🧪 \u2028 \\ " \x7f'
        until = "2030-01-01T00:00:00Z"
        tx.append(TransportExceptionGranted(system=lab[0].id, until=until, reason=odd, by="test"))
    draw(service, lab, usable=1)


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """A whole life on SQLite, with a restore, a receipt taken back and a lost witness."""
    folder = tmp_path_factory.mktemp("life")
    settings = Settings(database=f"sqlite:///{folder / 'npn.db'}")
    initialised(settings)
    service = build(settings)
    lived(service)
    lab = (service.systems.get("labka-ii"), service.systems.rotate_key("labka-ii", by="test"))
    backup = folder / "backup.db"
    back_up(service.database, backup)
    lost = [draw(service, lab, 50) for _ in range(3)]
    held = receipt(service.database, lost[1])
    service.close()
    shutil.copy(backup, folder / "npn.db")
    service = build(settings)
    recover(service.ledger, by="test")
    re_register(service.ledger, held, by="test")
    (folder / "npn.witness").unlink()
    rebuild_witness(service.ledger, by="test")
    draw(service, lab, 10)
    try:
        return exported(service)
    finally:
        service.close()


def test_a_whole_life_verifies_and_adds_up(lines: list[bytes]) -> None:
    found = verify(lines)

    assert found.entries == len(lines) - 1
    assert found.systems == 2
    assert found.totals.series == 6
    assert found.totals.released == 500
    assert found.totals.imported == 500
    assert found.totals.withheld == 100
    assert found.totals.recoveries == 1
    assert {json.loads(line)["type"] for line in lines[:-1]} >= {
        "recovered",
        "series_re_registered",
        "witness_rebuilt",
        "system_owner_set",
    }


def test_the_export_is_the_same_on_both_engines_and_verifies(service: Service) -> None:
    lived(service)

    lines = exported(service)
    found = verify(lines)

    assert found.totals.series == 4
    with service.database.read() as connection:
        pinned = verify(lines, keys=public_keys(connection))
    assert pinned.pinned
    assert not found.pinned
    assert pinned.head == found.head == service.ledger.state().hash


def fails(lines: list[bytes]) -> NotProvedError:
    with pytest.raises(NotProvedError) as caught:
        verify(lines)
    assert 1 <= caught.value.line <= len(lines) + 1
    assert caught.value.reason
    return caught.value


@settings(max_examples=200)
@given(data=st.data())
def test_any_byte_changed_is_found(lines: list[bytes], data: st.DataObject) -> None:
    whole = bytearray(b"".join(lines))
    place = data.draw(st.integers(0, len(whole) - 1))
    whole[place] ^= data.draw(st.integers(1, 255))

    fails(lines_in(bytes(whole)))


def lines_in(whole: bytes) -> list[bytes]:
    """Split as a file is read: at line feeds alone."""
    parts = whole.split(b"\n")
    return [part + b"\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


@settings(max_examples=60)
@given(data=st.data())
def test_any_cut_is_found(lines: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(lines)
    fails(lines_in(whole[: data.draw(st.integers(0, len(whole) - 1))]))


def test_every_line_dropped_doubled_or_swapped_is_found(lines: list[bytes]) -> None:
    for i in range(len(lines)):
        fails([*lines[:i], *lines[i + 1 :]])
        fails([*lines[: i + 1], *lines[i:]])
        if i:
            fails([*lines[: i - 1], lines[i], lines[i - 1], *lines[i + 1 :]])


def test_every_byte_of_the_checkpoint_counts(lines: list[bytes]) -> None:
    last = lines[-1]
    for place in range(len(last)):
        changed = bytearray(last)
        changed[place] ^= 0x01 if place % 2 else 0x20
        fails([*lines[:-1], *lines_in(bytes(changed))])


@pytest.mark.parametrize(
    ("change", "line", "words"),
    [
        (lambda lines: lines[:-1], 0, "without its signed checkpoint"),
        (lambda lines: [*lines, lines[0]], 1, "more after the checkpoint"),
        (lambda lines: [*lines, b"\n"], 1, "more after the checkpoint"),
        (lambda lines: [*lines[:-2], lines[-1]], -1, "entries are missing"),
        (lambda lines: [*lines[:-1], lines[-1][:-1]], 0, "has no end"),
    ],
    ids=["no checkpoint", "a line after it", "an empty line after it", "the last entry gone", "no line end"],
)
def test_the_reason_and_the_line_are_named(
    lines: list[bytes], change: Callable[[list[bytes]], list[bytes]], line: int, words: str
) -> None:
    error = fails(change(lines))

    assert words in error.reason
    assert error.line == len(lines) + line


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"null\n",
        b"[]\n",
        b"{}\n",
        b"\xff\xfe\n",
        b"[" * 100_000 + b"\n",
        b'{"seq":' + b"9" * 5000 + b"}\n",
        b'{"checkpoint":{}}\n',
        b'{"checkpoint":null,"jws":null}\n',
        b'{"seq":1,"at":"x","type":"\\ud800","data":{"a":"\\ud800"},"previous":"","hash":""}\n',
        '{"seq":1,"at":"\u0661","type":"é","data":{},"previous":"é","hash":"é"}\n'.encode(),
        b'{"checkpoint":{"at":"2026-11-23T09:00:00Z","database":"968df3a0-18b6-4ed0-9adc-602b03b64300",'
        b'"head":"' + b"0" * 64 + b'","length":0},"jws":"a.b.c"}\n',
    ],
)
def test_a_file_that_is_no_ledger_fails_with_a_sentence(content: bytes) -> None:
    fails(lines_in(content))


def test_a_line_too_long_to_be_ours_is_not_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("npn.proof.verify.LONGEST_LINE", 1000)
    (tmp_path / "long").write_bytes(b"x" * 5000)

    with (tmp_path / "long").open("rb") as stream, pytest.raises(NotProvedError, match="too long"):
        verify(lines_of(stream))


def test_an_export_is_one_state_while_draws_go_on(service: Service) -> None:
    lab = add(service)
    draw(service, lab, 10)
    lines: list[bytes] = []

    def write(line: bytes) -> None:
        if not lines:
            draw(service, lab, 10)
        lines.append(line)

    export(service.database, write)

    assert verify(lines).totals.series == 1
    assert verify(exported(service)).totals.series == 2


def test_a_suspended_system_and_a_new_space_are_in_the_proof(service: Service) -> None:

    scheme = NumberScheme("short", 6, (3, 2, 7, 6, 5, 1), 7, 2)
    service.registry.add_space(by="t", name="short", environment=Environment.TEST, scheme=scheme, first=0, last=99999)
    found: Summary = verify(exported(service))
    assert found.spaces == 3


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda older: [older[0].replace(b"init", b"tini"), *older[1:]], "another entry here"),
        (lambda older: [*older[:-2], older[-1]], None),
        (lambda older: [*older[:-1], older[0], older[-1]], "another entry here"),
        (lambda older: older[:-1], "not a whole export"),
        (lambda _older: [], "not a whole export"),
        (lambda older: [*older, older[0]], "not a whole export"),
        (lambda _older: [b"nonsense\n"], "not a whole export"),
    ],
    ids=["another entry", "one entry less", "one entry more", "no end", "empty", "more after its end", "nonsense"],
)
def test_an_export_extends_what_it_begins_with(
    lines: list[bytes], change: Callable[[list[bytes]], list[bytes]], words: str | None
) -> None:
    older = change([*lines[:5], lines[-1]])  # the checkpoint of an older export is not proved
    assert verify(lines, extends=[*lines[:5], lines[-1]]).entries == len(lines) - 1
    if words is None:
        verify(lines, extends=older)
        return
    with pytest.raises(NotProvedError, match=words):
        verify(lines, extends=older)


def test_a_shorter_export_does_not_extend_a_longer_one(service: Service) -> None:
    draw(service, add(service), 10)
    before = exported(service)
    draw(service, add(service, "Other"), 10)
    after = exported(service)
    verify(after, extends=before)
    with pytest.raises(NotProvedError, match="holds more entries"):
        verify(before, extends=after)


@pytest.mark.parametrize("name", ["2fbdefb-whole", "2fbdefb-careless"])
def test_an_export_of_an_older_program_verifies_and_what_it_could_do_is_named(name: str) -> None:
    older = (Path(__file__).parent / "fixtures" / f"{name}.jsonl").read_bytes().splitlines(keepends=True)
    assert len(verify(older).remarks) == (4 if name.endswith("careless") else 0)
