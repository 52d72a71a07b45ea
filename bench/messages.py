"""Laboratory messages: reading, checking and converting, against what lxml needs to parse and to apply the schema.

The ceiling is libxml2's: `etree.fromstring` and `XMLSchema.validate` of the same message in XML, in C. Everything
is measured in turns in the same run, as processor time, and the best of several rounds counts. The messages are
MedCom's public samples, which lie beside the repository; without them there is nothing to measure.
"""

import gc
import time
from collections.abc import Callable
from pathlib import Path

from lxml import etree

from npn.messages import Syntax, convert, read, validate

SAMPLES = Path(__file__).resolve().parents[2] / "shared" / "data" / "medcom"
NAMES = ("REQ01_1", "REQ02_1", "REQ03_1", "RPT01_2", "RPT02_1", "RPT03_1", "RPT04_1")
ROUNDS, TIMES = 8, 20
AT_MOST = {"edifact_to_xml": 25, "xml_to_edifact": 25, "validate_xml": 12}  # times the ceiling


def schema_of(namespace: str) -> etree.XMLSchema:
    """Give MedCom's schema of a namespace."""
    date = namespace.strip("/").split("/")[-3:]
    return etree.XMLSchema(etree.parse(SAMPLES.joinpath("schemas", *date, "EMessage.xsd")))


def works(name: str) -> dict[str, Callable[[], object]]:
    """Give what is measured on one message; EDIFACT that no sample gives is made of the XML."""
    xml = (SAMPLES / "samples" / "xml" / f"{name}.xml").read_bytes()
    path = SAMPLES / "samples" / "edifact" / f"{name}.edi"
    edifact = path.read_bytes() if path.exists() else convert(read(xml), Syntax.EDIFACT).data or b""
    schema = schema_of(read(xml).namespace)
    return {
        "parse_and_schema": lambda: schema.validate(etree.fromstring(xml)),
        "validate_xml": lambda: validate(read(xml)),
        "edifact_to_xml": lambda: convert(read(edifact), Syntax.XML),
        "xml_to_edifact": lambda: convert(read(xml), Syntax.EDIFACT),
    }


def measured(name: str) -> dict[str, float]:
    """Give microseconds of processor time per message for each work, the best of the rounds."""
    todo = works(name)
    best = dict.fromkeys(todo, float("inf"))
    gc.collect()
    for _ in range(ROUNDS):
        for what, work in todo.items():
            began = time.process_time()
            for _ in range(TIMES):
                work()
            best[what] = min(best[what], (time.process_time() - began) / TIMES * 1e6)
    return best


def run() -> dict[str, object]:
    """Measure every sample; `times` is against parsing and applying the schema in C."""
    if not SAMPLES.exists():
        return {"skipped": f"MedCom's samples are not at {SAMPLES.name}"}
    messages = {}
    for name in NAMES:
        best = measured(name)
        ceiling = best["parse_and_schema"]
        times = {what: round(value / ceiling, 1) for what, value in best.items() if what in AT_MOST}
        messages[name] = {"microseconds": {k: round(v, 1) for k, v in best.items()}, "times": times}
    worst = {what: max(each["times"][what] for each in messages.values()) for what in AT_MOST}
    return {"messages": messages, "worst_times": worst, "at_most_times": AT_MOST}
