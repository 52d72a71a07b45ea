"""Laboratory messages: reading, checking and converting, against what lxml needs to parse and to apply the schema.

The ceiling is libxml2's: `etree.fromstring` and `XMLSchema.validate` of the same message in XML, in C. Everything
is measured in turns in the same run, as processor time of one thread. `times` is the median over the rounds of the
work against the ceiling of the same round, so what other programs take of the machine falls on both. The messages
are MedCom's public samples, which lie beside the repository; without them there is nothing to measure.

`validate_xml` reads the message and checks all there is: structure, and every rule that applies by default.
"""

import gc
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from lxml import etree

from npn.messages import Interchange, Syntax, convert, read, validate
from npn.messages.findings.places import Places
from npn.messages.validation import run_rules

SAMPLES = Path(__file__).resolve().parents[2] / "shared" / "data" / "medcom"
NAMES = ("REQ01_1", "REQ02_1", "REQ03_1", "RPT01_2", "RPT02_1", "RPT03_1", "RPT04_1")
ROUNDS, TIMES = 15, 10
LEAST_RULES = 25  # that run on each sample: fewer would mean that validation is not measured whole
AT_MOST = {"edifact_to_xml": 25, "xml_to_edifact": 25, "validate_xml": 12}  # times the ceiling


def schema_of(namespace: str) -> etree.XMLSchema:
    """Return MedCom's schema of a namespace."""
    date = namespace.strip("/").split("/")[-3:]
    return etree.XMLSchema(etree.parse(SAMPLES.joinpath("schemas", *date, "EMessage.xsd")))


def works(name: str) -> dict[str, Callable[[], object]]:
    """Return what is measured on one message; EDIFACT that no sample gives is made of the XML."""
    xml = (SAMPLES / "samples" / "xml" / f"{name}.xml").read_bytes()
    path = SAMPLES / "samples" / "edifact" / f"{name}.edi"
    edifact = path.read_bytes() if path.exists() else convert(read(xml), Syntax.EDIFACT).data or b""
    schema = schema_of(read(xml).namespace)
    assert rules_run(read(xml)) >= LEAST_RULES
    return {
        "parse_and_schema": lambda: schema.validate(etree.fromstring(xml)),
        "validate_xml": lambda: validate(read(xml)),
        "edifact_to_xml": lambda: convert(read(edifact), Syntax.XML),
        "xml_to_edifact": lambda: convert(read(xml), Syntax.EDIFACT),
    }


def rules_run(interchange: Interchange) -> int:
    """Return how many rules a validation runs to their end."""
    return len(run_rules(interchange, Places(interchange)).ran)


def measured(name: str) -> dict[str, list[float]]:
    """Return microseconds of processor time per message for each work, round by round."""
    todo = works(name)
    taken: dict[str, list[float]] = {what: [] for what in todo}
    gc.collect()
    for _ in range(ROUNDS):
        for what, work in todo.items():
            began = time.process_time()
            for _ in range(TIMES):
                work()
            taken[what].append((time.process_time() - began) / TIMES * 1e6)
    return taken


def against(taken: list[float], ceiling: list[float]) -> float:
    """Return the median of a work against the ceiling of the same round."""
    return round(statistics.median(one / other for one, other in zip(taken, ceiling, strict=True)), 1)


def run() -> dict[str, object]:
    """Measure every sample; `times` is against parsing and applying the schema in C."""
    if not SAMPLES.exists():
        return {"skipped": f"MedCom's samples are not at {SAMPLES.name}"}
    messages = {}
    for name in NAMES:
        taken = measured(name)
        times = {what: against(taken[what], taken["parse_and_schema"]) for what in AT_MOST}
        medians = {what: round(statistics.median(each), 1) for what, each in taken.items()}
        messages[name] = {"microseconds": medians, "times": times}
    worst = {what: max(each["times"][what] for each in messages.values()) for what in AT_MOST}
    return {"messages": messages, "worst_times": worst, "at_most_times": AT_MOST}
