"""Messages as documents for programs: what the commands print with `--json`, and what REST answers."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from io import BytesIO
from typing import Any

from npn.messages.bridges.bridging import BridgedMessage, Loss
from npn.messages.comparison import FieldDifference, MessageComparison
from npn.messages.conversion import Conversion
from npn.messages.files import PieceReader, read_all
from npn.messages.model.finding import Finding
from npn.messages.model.interchange import Element, Interchange, Letter
from npn.messages.model.number_forms import KNOWN_SCHEMES, descriptions_of
from npn.messages.model.persons import PersonMask
from npn.messages.model.pieces import Piece
from npn.messages.model.wrapping import VansEnvelope
from npn.messages.rules.conversion import TEST
from npn.messages.streams import split
from npn.messages.validation import PartValidator, is_in_body
from npn.messages.verdicts import Verdict, verdict_of
from npn.numbers.scheme import NumberScheme

Check = Callable[[Interchange], list[Finding]]
BINARY_HEAD_BYTES = 64 << 10  # a file's number stands before the file
PARTY_FIELDS = ("EANIdentifier", "Identifier", "IdentifierCode", "OrganisationName", "DepartmentName", "UnitName")


def inspected(data: bytes, *, schemes: tuple[NumberScheme, ...] = KNOWN_SCHEMES) -> dict[str, Any]:  # Any: JSON
    """Describe a file; the schemes say which numbers are NPN."""
    return inspected_pieces(split(BytesIO(data)), schemes=schemes)


def inspected_pieces(
    pieces: Iterable[Piece], *, schemes: tuple[NumberScheme, ...] = KNOWN_SCHEMES
) -> dict[str, Any]:  # Any: what JSON holds
    """Describe a file that comes in pieces; the portions of a long interchange are put together again."""
    reader, interchanges = PieceReader(), list[dict[str, Any]]()
    files = list[bytes]()
    for part in (part for piece in pieces for part in reader.read(piece)):
        if any(letter.is_binary for letter in part.interchange.letters):
            files.append(part.interchange.source[:BINARY_HEAD_BYTES])
        document = described(part.interchange, schemes)
        if part.first:
            interchanges.append(document)
            continue
        interchanges[-1]["letters"] += document["letters"]
        findings = (finding for finding in part.interchange.findings if is_in_body(finding, part.interchange))
        interchanges[-1]["findings"] += [plain(finding) for finding in findings]
    for letter in (letter for interchange in interchanges for letter in interchange["letters"]):
        for binary in letter["binaries"]:
            binary["in_file"] = any(binary["identifier"].encode() in file for file in files)
    return {"interchanges": interchanges}


def described(interchange: Interchange, schemes: tuple[NumberScheme, ...]) -> dict[str, Any]:  # Any: what JSON holds
    """Describe an interchange."""
    envelope = interchange.envelope
    return {
        "syntax": interchange.syntax.value,
        "namespace": interchange.namespace or None,
        "identifier": envelope.value("Identifier"),
        "sent": " ".join(filter(None, (envelope.value("Sent/Date"), envelope.value("Sent/Time")))),
        "test": any(finding.rule == TEST.id for finding in interchange.findings),
        "vans": None if interchange.wrapping is None else vans_described(interchange.wrapping),
        "letters": [letter_described(letter, envelope, schemes=schemes) for letter in interchange.letters],
        "findings": [plain(finding) for finding in interchange.findings],
    }


def vans_described(envelope: VansEnvelope) -> dict[str, str]:
    """Describe the envelope that a message came in."""
    return {
        "identifier": envelope.identifier,
        "sent": envelope.sent,
        "sender": envelope.sender,
        "sender_type": envelope.sender_type,
        "receiver": envelope.receiver,
        "receiver_type": envelope.receiver_type,
        "message": envelope.message,
        "format": envelope.format,
        "name": envelope.name,
        "version": envelope.version,
        "size_in_bytes": envelope.size_in_bytes,
        "transport": envelope.transport,
        "receipt": envelope.receipt,
    }


def letter_described(letter: Letter, envelope: Element, *, schemes: tuple[NumberScheme, ...]) -> dict[str, object]:
    """Describe a letter; each number with what it looks like."""
    return {
        "kind": letter.kind.value,
        "type": letter.type_code,
        "version": letter.version_code,
        "known": letter.version is not None,
        "read_as": letter.version.base if letter.version and letter.version.assumed else None,
        "title": title_of(letter),
        "identifier": letter.identifier,
        "binary": letter.is_binary,
        "binaries": [{"identifier": identifier, "in_file": False} for identifier in letter.binaries],
        "sender": party(letter, "Sender"),
        "receiver": party(letter, "Receiver"),
        "sample_numbers": [
            {
                "number": sample.number,
                "role": sample.role,
                "flagged_npn": sample.flagged,
                "npn": description.is_usable,
                "scheme": description.scheme or None,
                "looks_like": description.form.value,
                **description.parts,
                "en": description.words.en,
                "da": description.words.da,
            }
            for sample, description in descriptions_of(letter, envelope, schemes=schemes)
        ],
    }


def title_of(letter: Letter) -> str:
    """Describe a letter's version in words."""
    if letter.version is None:
        return "version not known to this tool"
    assumed = f" (assumed, read as {letter.version.base})" if letter.version.assumed else ""
    return f"{letter.version.title}{assumed}"


def compared(comparison: MessageComparison, mask: PersonMask) -> dict[str, object]:
    """Describe what came of comparing two messages; `mask` hides the numbers of persons in both."""
    return {
        "differs": comparison.differs,
        "alike": comparison.alike,
        "letters": [
            {
                "first": identified(letter.first),
                "second": identified(letter.second),
                "basis": letter.basis.value,
                "alike": letter.alike,
                "differences": [difference_described(difference, mask) for difference in letter.differences],
            }
            for letter in comparison.letters
        ],
        "envelope": [difference_described(difference, mask) for difference in comparison.envelope],
    }


def identified(letter: Letter | None) -> dict[str, str] | None:
    """Describe which letter it is."""
    if letter is None:
        return None
    return {"type": letter.type_code, "version": letter.version_code, "identifier": letter.identifier}


def difference_described(difference: FieldDifference, mask: PersonMask) -> dict[str, object]:
    """Describe a difference of two messages."""
    return {
        "relation": difference.relation.value,
        "path": difference.path,
        "en": mask(difference.what.en),
        "da": mask(difference.what.da),
        "first": mask(difference.first),
        "second": mask(difference.second),
        "first_place": None if difference.first_place is None else asdict(difference.first_place),
        "second_place": None if difference.second_place is None else asdict(difference.second_place),
    }


def party(letter: Letter, role: str) -> dict[str, str | None]:
    """Describe a party by its numbers and names."""
    return {name: letter.root.value(f"{role}/{name}") for name in PARTY_FIELDS if letter.root.value(f"{role}/{name}")}


def verdict_on(data: bytes, check: Check) -> dict[str, Any]:  # Any: what JSON holds
    """Check a file: the verdict and the findings."""
    return verdict_of_findings([finding for interchange in read_all(data) for finding in check(interchange)])


def verdict_on_pieces(pieces: Iterable[Piece], validator: PartValidator) -> dict[str, Any]:  # Any: what JSON holds
    """Check a file that comes in pieces: the verdict and the findings."""
    reader = PieceReader()
    return verdict_of_findings(
        [finding for piece in pieces for part in reader.read(piece) for finding in validator.findings(part)]
    )


def verdict_of_findings(findings: Sequence[Finding]) -> dict[str, Any]:  # Any: what JSON holds
    """Return the verdict and the findings."""
    verdict = verdict_of(findings)
    valid = verdict is Verdict.VALID
    return {"valid": valid, "verdict": verdict.value, "findings": [plain(finding) for finding in findings]}


def reported(conversion: Conversion) -> dict[str, object]:
    """Describe what came of a conversion."""
    return {
        "written": conversion.data is not None,
        "losses": [plain(loss) for loss in conversion.losses],
        "errors": [plain(error) for error in conversion.errors],
    }


def plain(finding: Finding) -> dict[str, object]:
    """Describe a finding."""
    return asdict(finding)


def bridged(result: BridgedMessage, interchange: Interchange, *, to: str) -> dict[str, object]:
    """Describe what came of taking a message to another version."""
    return {
        "from": sorted({letter.version_code for letter in interchange.letters}),
        "to": to,
        "ways": result.ways,
        "written": result.data is not None,
        "losses": [loss_described(loss) for loss in result.losses],
        "errors": [plain(error) for error in result.errors],
    }


def loss_described(loss: Loss) -> dict[str, object]:
    """Describe a loss on a bridge."""
    return {
        "rule": loss.rule,
        "what": loss.what,
        "weight": loss.weight.value,
        "consented": loss.consented,
        "finding": plain(loss.finding),
    }
