"""Files to try: valid ones, and ones with the faults that are met most."""

from collections.abc import Callable, Mapping

from npn.errors import InvalidInputError, codes, details
from npn.messages import write
from npn.messages.examples import example
from npn.messages.examples.samples import changed
from npn.messages.rules import RULES

FAILS = "fails-"  # before a rule's id: the message that it finds fault with


def sample(name: str) -> tuple[str, bytes]:
    """Return a file's name and content. Raises InvalidInputError for a sample that does not exist."""
    if name in SAMPLES:
        return SAMPLES[name]()
    for rule in RULES:
        if name == FAILS + rule.id:
            case = rule.sample
            return f"{rule.id}.xml", write(changed(case.version, case.fails, letters=case.letters), "xml")
    raise InvalidInputError(
        details.MESSAGE_OPTION.of(name="sample", choices=", ".join(SAMPLES)),
        code=codes.INVALID_PARAMETER,
        field="sample",
    )


def _answer_in_xml() -> tuple[str, bytes]:
    return "answer.xml", write(example("XR0131K"), "xml")


def _answer_in_edifact() -> tuple[str, bytes]:
    return "answer.edi", write(example("XR0131K"), "edifact").replace(b"'", b"'\n")


def _requisition() -> tuple[str, bytes]:
    return "requisition.xml", write(example("XQ0131K"), "xml")


def _microbiology() -> tuple[str, bytes]:
    return "microbiology.xml", write(example("XR0531M"), "xml")


def _faulty() -> tuple[str, bytes]:
    name, data = _answer_in_edifact()
    return f"faulty-{name}", data.replace(b"UNT+", b"UNT+9", 1).replace(b"1234.56", b"1234,56")


def _wrong_encoding() -> tuple[str, bytes]:
    name, data = _answer_in_edifact()
    return f"utf8-{name}", data.decode("iso-8859-1").encode("utf-8")


SAMPLES: Mapping[str, Callable[[], tuple[str, bytes]]] = {
    "answer-xml": _answer_in_xml,
    "answer-edifact": _answer_in_edifact,
    "requisition": _requisition,
    "microbiology": _microbiology,
    "faulty": _faulty,
    "wrong-encoding": _wrong_encoding,
}
