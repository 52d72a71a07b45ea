"""What is printed, in one language: a version; the same with a vendor's annex; the same as it was accepted, signed."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping
from functools import lru_cache

from npn.agreements.annex import Annex
from npn.agreements.model import Acceptance, Language, Version
from npn.agreements.pdf import Code, FactRows, Heading, NewPage, Paper, Part, SectionText, pdf
from npn.agreements.requirements import Check, Verdict
from npn.agreements.text import digest, read
from npn.instants import day_in, time_in

_WORDS: Mapping[Language, Mapping[str, str]] = {
    Language.DANISH: {
        "version": "Version",
        "from": "Gælder fra",
        "notice": "Varsel i dage",
        "digest": "Tekstens SHA-256",
        "annex": "Bilag til {vendor}: punkter, der kræver opmærksomhed",
        "nothing": "Ingen: alle krav, der kan ses, er opfyldt.",
        "as_of": "Systemerne, som de var {at}",
        "accepted": "Accept",
        "system": "System",
        "owner": "Ejer",
        "by": "Accepteret af",
        "capacity": "I egenskab af",
        "at": "Tidspunkt (dansk tid)",
        "evidence": "Bygger på",
        "on_pages": "Accepteret på tjenestens sider",
        "ended": "Ophørt (dansk tid)",
        "signature": "Tjenestens underskrift",
        "explained": "Underskriften er en JWS over accepten og versionens SHA-256; den kontrolleres med nøglerne på "
        "/.well-known/jwks.json. Den findes også som fil.",
    },
    Language.ENGLISH: {
        "version": "Version",
        "from": "Effective from",
        "notice": "Days of notice",
        "digest": "SHA-256 of the text",
        "annex": "Annex for {vendor}: points that need attention",
        "nothing": "None: every requirement that can be seen is met.",
        "as_of": "The systems as they were on {at}",
        "accepted": "Acceptance",
        "system": "System",
        "owner": "Owner",
        "by": "Accepted by",
        "capacity": "Capacity",
        "at": "When (Danish time)",
        "evidence": "Rests on",
        "on_pages": "Accepted on the service's pages",
        "ended": "Ended (Danish time)",
        "signature": "The service's signature",
        "explained": "The signature is a JWS over the acceptance and the version's SHA-256; it is verified with the "
        "keys at /.well-known/jwks.json. It is there as a file too.",
    },
}
_VERDICTS: Mapping[Language, Mapping[Verdict, str]] = {
    Language.DANISH: {Verdict.MET: "opfyldt", Verdict.NOT_MET: "ikke opfyldt", Verdict.UNKNOWN: "ukendt"},
    Language.ENGLISH: {Verdict.MET: "met", Verdict.NOT_MET: "not met", Verdict.UNKNOWN: "not known"},
}
_LINE = 76  # characters of a signature on one line


def version_pdf(version: Version, language: Language) -> bytes:
    """Set a version. What was set once is remembered: versions never change, and anybody may ask."""
    values = (str(version.number), day_in(language, version.effective_from), str(version.notice_days))
    return _set(version.texts[language], values, language)


@lru_cache(maxsize=16)
def _set(source: str, values: tuple[str, ...], language: Language) -> bytes:
    text = read(source)
    return pdf(Paper(language, text.title, _footer(values[0], language), [_facts(source, values, language), text]))


def _facts(source: str, values: tuple[str, ...], language: Language) -> FactRows:
    names = [_WORDS[language][name] for name in ("version", "from", "notice", "digest")]
    return FactRows(list(zip(names, (*values, digest(source)), strict=True)))


def _footer(number: str, language: Language) -> str:
    return f"NPN · {_WORDS[language]['version'].lower()} {number}"


def _whole(version: Version, language: Language, more: list[Part]) -> bytes:
    source = version.texts[language]
    values = (str(version.number), day_in(language, version.effective_from), str(version.notice_days))
    text = read(source)
    parts: list[Part] = [_facts(source, values, language), text, NewPage(), *more]
    return pdf(Paper(language, text.title, _footer(values[0], language), parts))


def annex_pdf(
    version: Version, language: Language, annex: Annex, *, evidence: Callable[[Check], str], at: str
) -> bytes:
    """Set a version with a vendor's annex; `evidence` tells a check's, `at` when the systems were looked at."""
    words = _WORDS[language]
    more: list[Part] = [Heading(2, words["annex"].format(vendor=annex.vendor)), words["as_of"].format(at=at) + "."]
    if not annex.points:
        more.append(words["nothing"])
    for point in annex.points:
        more.append(Heading(3, f"{point.requirement.number} {point.requirement.title}"))
        if point.explained is not None:
            more.append(SectionText(point.explained))
        rows = [(s.name, f"{_VERDICTS[language][c.verdict]}: {evidence(c)}") for s, c in point.systems]
        more.append(FactRows(rows))
    return _whole(version, language, more)


def acceptance_pdf(version: Version, language: Language, made: Acceptance) -> bytes:
    """Set a version as it was accepted for a system, with what the service signed, and the signature."""
    words, statement = _WORDS[language], _signed(made.signed)
    rows = [
        (words["version"], str(made.number)),
        (words["system"], f"{statement['system_name']} ({made.system})"),
        (words["owner"], str(statement["owner"])),
        (words["by"], made.accepted_by),
        (words["capacity"], made.capacity),
        (words["at"], time_in(language, made.accepted_at)),
        (words["evidence"], made.evidence.text if made.evidence else words["on_pages"]),
    ]
    if made.ended_at is not None:
        rows.append((words["ended"], f"{time_in(language, made.ended_at)}: {made.ended_reason}"))
    signature = "\n".join(made.signed[at : at + _LINE] for at in range(0, len(made.signed), _LINE))
    more: list[Part] = [Heading(2, words["accepted"]), FactRows(rows), Heading(3, words["signature"])]
    return _whole(version, language, [*more, words["explained"], Code(signature)])


def _signed(token: str) -> Mapping[str, object]:
    """Read what a JWS of our own says; its system's name and owner may be others by now."""
    payload = token.split(".")[1]
    claims = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims if isinstance(claims, dict) else {}
