"""The kinds of work, by name: what REST and the pages may ask for."""

from collections.abc import Mapping, Sequence

import msgspec

from npn.message_worker.compare import compare
from npn.message_worker.desk import desk
from npn.message_worker.options import (
    check_of,
    consents_of,
    is_set,
    one_of,
    only_interchange,
    required,
    schemes_of,
    version_of,
)
from npn.message_worker.reply import HTML, XML, Job, Reply, json_reply
from npn.message_worker.reports import report
from npn.message_worker.rule_page import rule
from npn.messages import Conversion, convert, view
from npn.messages.bridges.bridging import bridge
from npn.messages.documents import bridged, inspected, reported, verdict_on
from npn.messages.junit import junit_report
from npn.messages.model.persons import PersonMask

FILE = "-"  # as the commands call what comes from standard input
EDIFACT = "application/edifact"
SYNTAXES = ("xml", "edifact")
LANGUAGES = ("da", "en")
MEDIA_TYPES = {"xml": XML, "edifact": EDIFACT}

Options = Mapping[str, str]


def inspect(options: Options, parts: Sequence[bytes]) -> Reply:
    """What a message is: as `npn message inspect --json`."""
    one_of(options, "lang", LANGUAGES)
    return json_reply({"file": FILE, **inspected(parts[0], schemes=schemes_of(options))})


def check(options: Options, parts: Sequence[bytes]) -> Reply:
    """What is wrong with a message: as `npn message validate --json`, or as JUnit's XML."""
    form, language = one_of(options, "format", ("json", "junit")), one_of(options, "lang", LANGUAGES)
    document = verdict_on(parts[0], check_of(options))
    if form == "junit":
        return Reply(XML, (junit_report({FILE: document}, language),))
    return json_reply({"file": FILE, **document})


def carry(options: Options, parts: Sequence[bytes]) -> Reply:
    """The same message in the other syntax: what is lost, then the bytes where they were written."""
    to, conversion = _conversion(options, parts[0])
    report = msgspec.json.encode({"file": FILE, "to": to, **reported(conversion)}, enc_hook=str)
    output = () if conversion.data is None else (conversion.data,)
    errors = len(conversion.errors)
    return Reply(MEDIA_TYPES[to], (report, *output), {"errors": errors, "empty": conversion.empty})


def _conversion(options: Options, data: bytes) -> tuple[str, Conversion]:
    one_of(options, "lang", LANGUAGES)
    to = required(options, "to", SYNTAXES)
    return to, convert(only_interchange(data), to, force=is_set(options, "force"))


def cross(options: Options, parts: Sequence[bytes]) -> Reply:
    """The same message in another version: what is lost, then the bytes where they were written."""
    one_of(options, "lang", LANGUAGES)
    to, interchange = version_of(options), only_interchange(parts[0])
    result = bridge(interchange, to, consent=consents_of(options))
    report = msgspec.json.encode({"file": FILE, **bridged(result, interchange, to=to.code)}, enc_hook=str)
    output = () if result.data is None else (result.data,)
    media_type = XML if result.data is None or result.data.startswith(b"<") else EDIFACT
    stopping = len(result.errors) + sum(loss.stops for loss in result.losses)
    return Reply(media_type, (report, *output), {"errors": stopping})


def show(options: Options, parts: Sequence[bytes]) -> Reply:
    """A page for a person."""
    audience = required(options, "for", ("clinician", "citizen"))
    language = one_of(options, "lang", LANGUAGES)
    interchange = only_interchange(parts[0])
    page = view(
        interchange,
        "citizen" if audience == "citizen" else "clinician",
        "en" if language == "en" else "da",
    )
    mask = PersonMask([interchange], shows_all=not is_set(options, "mask"))
    return Reply(HTML, (mask(page).encode(),))


WORK: Mapping[str, Job] = {
    "inspect": inspect,
    "validate": check,
    "convert": carry,
    "bridge": cross,
    "view": show,
    "compare": compare,
    "desk": desk,
    "report": report,
    "rule": rule,
}
