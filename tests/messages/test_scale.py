"""The time that a message takes does not grow with how many others stand in its interchange."""

import gc
import time
import tracemalloc
from collections.abc import Callable
from functools import partial
from io import BytesIO

import pytest
from tests.messages.test_streams import many, many_in_xml

from npn.messages import Element, PartValidator, Syntax, convert, read, read_parts, validate, write
from npn.messages.examples import example
from npn.messages.oioxml.writing import document

GROWTH = 1.5


def shortest(work: Callable[[], object]) -> float:
    """Return the processor time of the quickest of three runs, without what the collector of other objects takes."""
    times = []
    gc.collect()
    gc.disable()
    try:
        for _ in range(3):
            began = time.process_time()
            work()
            times.append(time.process_time() - began)
    finally:
        gc.enable()
    return min(times)


def with_faults(count: int) -> bytes:
    """Letters that each give several findings: a code of nothing, a repeated number, a comma."""
    return many(count).replace(b"STS++FR", b"STS++XX").replace(b"RND+F+0.8", b"RND+F+0,8")


def each_letter(data: bytes, count: int) -> float:
    """Return the time that each letter takes to be checked and converted."""
    interchange = read(data)
    return shortest(lambda: (validate(interchange), convert(interchange, Syntax.XML, force=True))) / count


@pytest.mark.parametrize("made", [many, with_faults, many_in_xml], ids=["edifact", "faults", "xml"])
def test_a_letter_takes_as_long_among_many_as_among_few(made: Callable[[int], bytes]) -> None:
    assert each_letter(made(240), 240) < GROWTH * each_letter(made(30), 30)


def with_results(count: int, *, change: tuple[bytes, bytes] = (b"", b"")) -> bytes:
    """One letter with many results, something in each of them changed."""
    data = write(example("XR0131K"), Syntax.EDIFACT)
    result = data[data.index(b"GIS+M'") : data.index(b"GIS+N'", data.index(b"GIS+M'"))]
    changed = result.replace(*change)
    assert (changed != result) == (change[0] != b"")
    return data.replace(result, changed * count)


def in_xml(count: int) -> bytes:
    """The same in XML, where each result holds an element that nobody knows, with attributes."""
    data = write(example("XR0131K"), Syntax.XML)
    result = data[data.index(b"<Result>") : data.index(b"</Result>") + len(b"</Result>")]
    attributes = b"".join(b' n%d="x"' % number for number in range(40))
    return data.replace(result, result.replace(b"<Result>", b"<Result><Unknown" + attributes + b"/>") * count)


RESULTS: dict[str, Callable[[int], bytes]] = {
    "sound": with_results,
    "unknown codes": partial(with_results, change=(b"STS++FR", b"STS++XX")),
    "missing codes": partial(with_results, change=(b"STS++FR'", b"")),
    "missing values": partial(with_results, change=(b"RSL+NV+129:7++:::mmol/L+LO'", b"")),
    "too long": partial(with_results, change=(b"RSL+NV+129", b"RSL+NV+" + b"1" * 60)),
    "unknown segments": partial(with_results, change=(b"STS++FR'", b"STS++FR'QQQ+1'")),
    "XML with attributes": in_xml,
}


@pytest.mark.parametrize("made", RESULTS.values(), ids=RESULTS)
def test_eight_times_the_results_of_a_letter_take_at_most_sixteen_times_as_long(made: Callable[[int], bytes]) -> None:
    def both(count: int) -> float:
        interchange = read(made(count))
        to = Syntax.XML if interchange.syntax is Syntax.EDIFACT else Syntax.EDIFACT
        return shortest(lambda: (validate(interchange), convert(interchange, to, force=True)))

    assert both(640) < 16 * both(80)


def test_attributes_are_written_in_linear_time_and_too_many_of_one_element_are_refused() -> None:
    def written(count: int) -> float:
        attributes = tuple((f"{{urn:{number}}}a", "x") for number in range(count))
        return shortest(lambda: document(Element("Emessage", attributes=attributes), ""))

    assert written(8_000) < 6 * written(2_000)
    data = write(example("XR0131K"), Syntax.XML)
    for count, rule in ((1_000, "structure.attribute"), (1_001, "xml.attributes")):
        many_of_one = b"<Letter" + b"".join(b' n%d="x"' % number for number in range(count)) + b">"
        findings = validate(read(data.replace(b"<Letter>", many_of_one, 1)), rules=())
        assert {each.rule for each in findings} - {"nothing-checked"} == {rule}


@pytest.mark.slow
@pytest.mark.parametrize("made", [many, with_faults, many_in_xml], ids=["edifact", "faults", "xml"])
def test_a_letter_takes_as_long_among_sixteen_thousand(made: Callable[[int], bytes]) -> None:
    def streamed(count: int) -> float:
        data = made(count)

        def work() -> None:
            validator = PartValidator()
            for part in read_parts(BytesIO(data)):
                validator.findings(part)

        return shortest(work) / count

    base = streamed(250)
    for count in (1_000, 4_000, 16_000):
        assert streamed(count) < GROWTH * base


@pytest.mark.parametrize("made", [many, many_in_xml], ids=["edifact", "xml"])
def test_a_long_interchange_needs_no_more_memory_than_a_portion(
    made: Callable[[int], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("edifact", "oioxml"):
        monkeypatch.setattr(f"npn.messages.{module}.cuts.PORTION_BYTES", 50_000)

    def peak(count: int) -> int:
        stream = BytesIO(made(count))
        tracemalloc.start()
        letters = sum(len(part.interchange.letters) for part in read_parts(stream))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert letters == count
        return most

    peak(60)
    assert peak(450) < 1.5 * peak(120)
