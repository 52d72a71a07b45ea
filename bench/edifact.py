"""How fast EDIFACT is tokenised, against pydifact's parser in the same run.

Both take the same text and give segments with their elements; the messages are made here: a requisition and a
large answer like MedCom's samples. `run()` gives medians.
"""

import statistics
import time
import warnings
from collections.abc import Callable

from npn.messages.edifact.syntax import read_interchanges
from npn.messages.edifact.tokens import tokenise
from npn.messages.edifact.writer import write_interchange
from npn.messages.model.segment import Segment

ROUNDS = 15
SECONDS_A_ROUND = 0.1


def message(results: int) -> bytes:
    """Make an answer with that many results, released characters among its texts."""
    unb = Segment.of("UNB", ("UNOC", "3"), ("5790000120284", "14"), ("5790000125012", "14"), ("260101", "1200"), "42")
    body = [
        Segment.of("UNH", "1", ("MEDRPT", "D", "93A", "UN", "R0131K"), "RPT01"),
        Segment.of("BGM", "LRP", "", "9", "NA"),
        Segment.of("NAD", "SLA", ("4201050", "SKS", "SST"), "", ("Sygehus Fyn, Svendborg", "Klinisk Kemisk")),
        Segment.of("PNA", "PAT", ("0101010000", "", "", "CPR", "IM"), "", "", ("SU", "Prøve"), ("FO", "Person")),
    ]
    for number in range(results):
        name = "P-Creatininium: stofk." if number % 5 == 0 else "P-Creatininium, stofk."
        body += [
            Segment.of("GIS", "N"),
            Segment.of("INV", "MQ", (f"NPU{number:05}", "CQU", "SST", "Creatinin;P")),
            Segment.of("RSL", "NV", str(number), "", ("", "", "", "µmol/l")),
            Segment.of("STS", "", "FR"),
            Segment.of("FTX", "ACM", "P00", "", (name, "Kommentar til svaret, som er lang")),
            Segment.of("REL", "PRF", ("POR", "91", "OUH", "4202120 KKA Odense UNI.Hospital")),
            Segment.of("S20", "20"),
            Segment.of("RND", "U", "60", "130"),
        ]
    return write_interchange(unb, [body])


def _segments_a_second(read: Callable[[], int]) -> float:
    """How many segments a second of processor time this reads, over one round."""
    segments, started = 0, time.process_time()
    while (took := time.process_time() - started) < SECONDS_A_ROUND:
        segments += read()
    return segments / took


def run(*, rounds: int = ROUNDS) -> dict[str, float]:
    """Median segments a second of ours and of pydifact's, alternating, and the ratio of the two."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydifact warns that its table of segments is missing; it parses without
        from pydifact.parser import Parser  # noqa: PLC0415 - only the bench needs it

        data = message(20)
        text = data.decode("latin-1")
        readers: dict[str, Callable[[], int]] = {
            "tokens": lambda: sum(1 for _ in tokenise(data)),
            "messages": lambda: len(read_interchanges(data).interchanges[0].messages[0].segments) + 4,
            "pydifact": lambda: sum(1 for _ in Parser().parse(text)),
        }
        taken: dict[str, list[float]] = {name: [] for name in readers}
        for _ in range(rounds):
            for name, read in readers.items():
                taken[name].append(_segments_a_second(read))
    medians = {name: statistics.median(values) for name, values in taken.items()}
    return {
        "segments_per_second": medians["tokens"],
        "segments_per_second_with_envelopes": medians["messages"],
        "segments_per_second_pydifact": medians["pydifact"],
        "ratio": against(taken["tokens"], taken["pydifact"]),
        "ratio_with_envelopes": against(taken["messages"], taken["pydifact"]),
    }


def against(ours: list[float], theirs: list[float]) -> float:
    """Return the median ratio within a round: what others take of the machine falls on both."""
    return statistics.median(one / other for one, other in zip(ours, theirs, strict=True))
