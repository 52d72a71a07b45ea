"""The certificates of a case, decoded: the one that waits to be linked, and those in what was written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from npn.onboarding.service import Onboarding
from npn.support.service import Cases
from npn.systems.clients import Clients, JudgedCertificate
from npn.systems.reading import certificates_in


@dataclass(frozen=True, slots=True)
class CaseCertificates:
    """`proposed`: what waits to be linked. `written`: by the entry's id, what its text holds."""

    proposed: JudgedCertificate | None
    written: Mapping[int, Sequence[JudgedCertificate]]


def case_certificates(clients: Clients, cases: Cases, onboarding: Onboarding, *, number: int) -> CaseCertificates:
    """Return a case's certificates."""
    request = onboarding.of_case(number)
    pem = "" if request is None else request.proposed_certificate
    texts = {entry.id: entry.text for entry in cases.entries(number)}
    return CaseCertificates(
        clients.judge_kept(pem.encode()) if pem else None,
        {entry: [clients.judge(certificate) for certificate in certificates_in(text)] for entry, text in texts.items()},
    )
