"""The time that a message takes does not grow with how many others stand in its interchange."""

import time
import tracemalloc
from collections.abc import Callable
from io import BytesIO

import pytest
from tests.messages.test_streams import many, many_in_xml

from npn.messages import PartValidator, Syntax, convert, read, read_parts, validate

GROWTH = 1.5


def shortest(work: Callable[[], object]) -> float:
    """Return the processor time of the quickest of three runs."""
    times = []
    for _ in range(3):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
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
