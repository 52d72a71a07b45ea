"""Messages as documents for programs: what the commands print with `--json`, and what REST answers."""

from collections.abc import Callable
from dataclasses import asdict

from npn.messages.conversion import Conversion
from npn.messages.files import read_all
from npn.messages.model.finding import Finding
from npn.messages.model.interchange import Interchange, Letter
from npn.messages.verdicts import Verdict, verdict_of
from npn.numbers.check import is_valid

Check = Callable[[Interchange], list[Finding]]
PARTY_FIELDS = ("EANIdentifier", "Identifier", "IdentifierCode", "OrganisationName", "DepartmentName", "UnitName")


def inspected(data: bytes) -> dict[str, object]:
    """Describe a file."""
    return {"interchanges": [described(interchange) for interchange in read_all(data)]}


def described(interchange: Interchange) -> dict[str, object]:
    """Describe an interchange."""
    envelope = interchange.envelope
    return {
        "syntax": interchange.syntax.value,
        "namespace": interchange.namespace or None,
        "identifier": envelope.value("Identifier"),
        "sent": " ".join(filter(None, (envelope.value("Sent/Date"), envelope.value("Sent/Time")))),
        "letters": [letter_described(letter) for letter in interchange.letters],
        "findings": [plain(finding) for finding in interchange.findings],
    }


def letter_described(letter: Letter) -> dict[str, object]:
    """Describe a letter."""
    return {
        "kind": letter.kind.value,
        "type": letter.type_code,
        "version": letter.version_code,
        "known": letter.version is not None,
        "read_as": letter.version.base if letter.version and letter.version.assumed else None,
        "identifier": letter.identifier,
        "sender": party(letter, "Sender"),
        "receiver": party(letter, "Receiver"),
        "sample_numbers": [
            {"number": number.number, "role": number.role, "flagged_npn": number.flagged, "npn": is_npn(number.number)}
            for number in letter.sample_numbers
        ],
    }


def party(letter: Letter, role: str) -> dict[str, str | None]:
    """Describe a party by its numbers and names."""
    return {name: letter.root.value(f"{role}/{name}") for name in PARTY_FIELDS if letter.root.value(f"{role}/{name}")}


def is_npn(number: str) -> bool:
    """Whether a text is a usable national sample number."""
    return len(number) == 10 and is_valid(number)


def verdict_on(data: bytes, check: Check) -> dict[str, object]:
    """Check a file: the verdict and the findings."""
    findings = [finding for interchange in read_all(data) for finding in check(interchange)]
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
