"""Who a TLS client certificate stands for: the system it is bound to, itself or by its subject and issuer.

Bound itself, a certificate is known by its fingerprint, whoever issued it. Bound by subject and issuer, every
certificate that a known authority issues to that subject stands for the system, so that a renewed one needs nobody.
Several may be in force at once: the old and the new overlap as long as both are valid.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from npn.db import Database
from npn.errors import (
    ConfigurationError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
    UnauthenticatedError,
    codes,
)
from npn.instants import iso_day, iso_time
from npn.ledger.service import Ledger
from npn.systems import store
from npn.systems.authorities import Authorities
from npn.systems.certificates import CERTIFICATE
from npn.systems.events import SubjectBound, SubjectEnded
from npn.systems.model import Caller, Certificate, Role, Subject
from npn.systems.permissions import Act, require_permitted
from npn.systems.reading import DecodedCertificate, decoded, read_certificate

LONGEST_NAME = 400


@dataclass(frozen=True, slots=True)
class PresentedCertificate:
    """A certificate that a client showed, and proved to hold the key of."""

    fingerprint: str
    certificate: x509.Certificate

    @property
    def subject_digest(self) -> str:
        """Return a digest that distinguishes this subject of this issuer from all others."""
        return subject_digest(_name(self.certificate.subject), _name(self.certificate.issuer))


@lru_cache(maxsize=1024)
def presented(der: bytes) -> PresentedCertificate:
    """Read a certificate that a client showed. Raises ValueError."""
    return PresentedCertificate(hashlib.sha256(der).hexdigest(), x509.load_der_x509_certificate(der))


def presented_in(extensions: Mapping[str, object] | None) -> PresentedCertificate | None:
    """Return the certificate that the server, or a trusted proxy, put into a request's extensions."""
    certificate = (extensions or {}).get(CERTIFICATE)
    return certificate if isinstance(certificate, PresentedCertificate) else None


class Issue(StrEnum):
    """Whether a known authority issued a certificate: `unknown` where none is known (`client_ca`)."""

    KNOWN = "known"
    SELF = "self"
    STRANGER = "stranger"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class JudgedCertificate:
    """A certificate as it is shown to whoever decides about it: what it says, and what this service knows of it.

    `bound_to`: the system that it stands for now, itself or by its subject; None where it stands for none. `at`: when
    it was judged.
    """

    says: DecodedCertificate
    issue: Issue
    bound_to: str | None
    revoked_at: datetime | None
    at: datetime

    @property
    def has_expired(self) -> bool:
        """Whether it is past its end."""
        return self.says.has_expired(self.at)

    @property
    def is_early(self) -> bool:
        """Whether it is before its beginning."""
        return self.says.is_early(self.at)


@dataclass(frozen=True, slots=True)
class Clients:
    """What is done with the certificates that clients show."""

    database: Database
    ledger: Ledger
    authorities: Authorities

    def who(self, shown: PresentedCertificate) -> Caller:
        """Return the system that a certificate stands for now.

        Raises UnauthenticatedError `certificate_unknown`, `certificate_not_valid` or `certificate_revoked`.
        """
        system, key = self._bound(shown)
        self.check(shown.certificate)
        return Caller(Role.SYSTEM, system, system, key)

    def check(self, certificate: x509.Certificate) -> None:
        """Refuse one that is not valid now or was revoked. Raises as `who` does."""
        now = self.ledger.clock()
        if now < certificate.not_valid_before_utc:
            raise UnauthenticatedError(
                f"the client certificate is valid from {iso_time(certificate.not_valid_before_utc)} on",
                code=codes.CERTIFICATE_NOT_VALID,
            )
        if now > certificate.not_valid_after_utc:
            raise UnauthenticatedError(
                f"the client certificate expired on {iso_day(certificate.not_valid_after_utc)}",
                code=codes.CERTIFICATE_NOT_VALID,
            )
        revoked = self.authorities.revoked_at(certificate)
        if revoked is not None:
            raise UnauthenticatedError(
                f"the client certificate was revoked by its authority on {iso_day(revoked)}",
                code=codes.CERTIFICATE_REVOKED,
            )

    def judge(self, certificate: x509.Certificate) -> JudgedCertificate:
        """Decode a certificate, with what this service knows of it."""
        says = decoded(certificate)
        with self.database.read() as connection:
            itself = store.certificate(connection, says.fingerprint)
            named = store.subject(connection, subject_digest(_name(certificate.subject), _name(certificate.issuer)))
        in_force = [bound.system for bound in (itself, named) if bound is not None and bound.ended_at is None]
        issue, revoked = self._issue(certificate, is_self_signed=says.is_self_signed)
        return JudgedCertificate(says, issue, next(iter(in_force), None), revoked, self.ledger.clock())

    def judge_kept(self, data: bytes) -> JudgedCertificate | None:
        """Judge what is kept, PEM or DER; None where it can't be read any longer."""
        try:
            return self.judge(read_certificate(data))
        except InvalidInputError:
            return None

    def _issue(self, certificate: x509.Certificate, *, is_self_signed: bool) -> tuple[Issue, datetime | None]:
        """Return whether a known authority signed it, and when that revoked it."""
        try:
            if self.authorities.vouch(certificate) or self.authorities.hold(certificate):
                return Issue.KNOWN, self.authorities.revoked_at(certificate)
            are_known = self.authorities.are_known
        except ConfigurationError:  # a file that can't be read now: nobody can tell
            return Issue.UNKNOWN, None
        if is_self_signed:
            return Issue.SELF, None
        return (Issue.STRANGER if are_known else Issue.UNKNOWN), None

    def bind_subject(self, system_id: str, sample: bytes, *, by: str) -> Subject:
        """Bind the subject and issuer that a certificate (PEM or DER) names to a system.

        Raises InvalidInputError, NotFoundError, ConflictError `certificate_bound`, RefusedError `system_suspended`.
        """
        read = read_certificate(sample)
        subject, issuer = _name(read.subject), _name(read.issuer)
        if not subject or max(len(subject), len(issuer)) > LONGEST_NAME:
            raise InvalidInputError(
                f"subject and issuer have at most {LONGEST_NAME} characters, and a subject some",
                code=codes.NOT_A_CERTIFICATE,
                field="certificate",
                hint="bind the certificate itself",
            )
        digest = subject_digest(subject, issuer)
        with self.ledger.transaction() as tx:
            require_permitted(tx.connection, system_id, Act.BIND)
            bound = store.subject(tx.connection, digest)
            if bound is not None and bound.ended_at is None:
                if bound.system == system_id:
                    return bound
                raise ConflictError(
                    f"that subject of that issuer stands for system {bound.system}",
                    code=codes.CERTIFICATE_BOUND,
                    field="certificate",
                    hint="end it there first: npn admin system unbind-certificate",
                )
            bound_subject = Subject(digest, system_id, subject, issuer, tx.at)
            store.put_subject(tx.connection, bound_subject)
            tx.append(SubjectBound(system=system_id, binding=digest, subject=subject, issuer=issuer, by=by))
            return bound_subject

    def unbind_subject(self, system_id: str, digest: str, *, by: str) -> Subject:
        """End a binding by subject and issuer; `digest` may be its beginning. Raises NotFoundError."""
        with self.ledger.transaction() as tx:
            mine = store.subjects_of(tx.connection, system_id)
            fitting = [candidate for candidate in mine if candidate.digest.startswith(digest.lower())]
            if len(fitting) != 1:
                raise NotFoundError(
                    f"no one binding of system {system_id} by subject begins with {digest!r}",
                    field="binding",
                    hint=f"there are: {', '.join(candidate.digest for candidate in mine) or 'none'}",
                )
            store.end_subject(tx.connection, fitting[0].digest, tx.at)
            tx.append(SubjectEnded(system=system_id, binding=fitting[0].digest, by=by))
            return fitting[0]

    def subjects(self, system_id: str | None = None) -> list[Subject]:
        """Return the bindings by subject in force, of one system or of all."""
        with self.database.read() as connection:
            return store.subjects_of(connection, system_id)

    def certificates(self) -> list[Certificate]:
        """Return every certificate in force that is bound itself, the first to expire first."""
        with self.database.read() as connection:
            return store.certificates_in_force(connection)

    def note(self, shown: PresentedCertificate) -> None:
        """Keep which certificate was shown last under a subject: its expiry is to be warned of."""
        certificate = shown.certificate
        with self.database.write() as connection:
            store.note_shown(
                connection,
                shown.subject_digest,
                fingerprint=shown.fingerprint,
                not_after=certificate.not_valid_after_utc,
                at=self.ledger.clock(),
            )

    def _bound(self, shown: PresentedCertificate) -> tuple[str, str]:
        with self.database.read() as connection:
            itself = store.certificate(connection, shown.fingerprint)
            by_subject = None if itself is not None else store.subject(connection, shown.subject_digest)
        if itself is not None:
            if itself.ended_at is not None:  # ended on purpose: its subject does not bring it back
                raise UnauthenticatedError(
                    f"the client certificate no longer stands for system {itself.system}",
                    code=codes.CERTIFICATE_UNKNOWN,
                )
            return itself.system, itself.fingerprint
        if by_subject is None or by_subject.ended_at is not None:
            raise UnauthenticatedError(
                "the client certificate is bound to no connected system",
                code=codes.CERTIFICATE_UNKNOWN,
                hint=f"give the operator its SHA-256 fingerprint: {shown.fingerprint}",
            )
        if not self.authorities.vouch(shown.certificate):
            raise UnauthenticatedError(
                "the client certificate bears a bound subject, but no known authority has signed it",
                code=codes.CERTIFICATE_UNKNOWN,
            )
        return by_subject.system, by_subject.digest


def subject_digest(subject: str, issuer: str) -> str:
    """Name the pair of subject and issuer."""
    return hashlib.sha256(f"{subject}\n{issuer}".encode()).hexdigest()


def fingerprint_of(data: bytes) -> str:
    """Return the SHA-256 of a certificate's DER form. Raises InvalidInputError."""
    return hashlib.sha256(read_certificate(data).public_bytes(Encoding.DER)).hexdigest()


def _name(name: x509.Name) -> str:
    return name.rfc4514_string()
