"""Certificates bound to connected systems, and the security levels a system may use.

A certificate is known by the SHA-256 of its DER form. Bound to a system it stands for it: as a TLS client certificate,
and as the signer of an ID card. Whose authority issued it is not asked: the operator binds it, and can end it.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.serialization import Encoding

from npn.db import Database
from npn.errors import ConflictError, InvalidInputError, NotFoundError, codes, details
from npn.ledger.service import Ledger
from npn.systems import store
from npn.systems.events import CertificateBound, CertificateEnded, SecurityLevelsSet
from npn.systems.model import Certificate
from npn.systems.permissions import Act, require_permitted
from npn.systems.reading import name_text, read_certificate

LEVELS = (1, 2, 3, 4)

CERTIFICATE = "npn.client_certificate"  # the name under which the server hands a client's certificate to a wire


@dataclass(frozen=True, slots=True)
class Certificates:
    """Everything that is done to the certificates of connected systems."""

    database: Database
    ledger: Ledger

    def bind(self, system_id: str, pem: bytes, *, by: str) -> Certificate:
        """Bind a certificate (PEM or DER); one that is bound to the system already stays so.

        Raises as `read_certificate` does, NotFoundError, ConflictError `certificate_bound`, RefusedError
        `system_suspended`.
        """
        read = read_certificate(pem)
        der = read.public_bytes(Encoding.DER)
        fingerprint = hashlib.sha256(der).hexdigest()
        with self.ledger.transaction() as tx:
            require_permitted(tx.connection, system_id, Act.BIND)
            bound = store.certificate(tx.connection, fingerprint)
            if bound is not None and bound.ended_at is None:
                if bound.system == system_id:
                    return bound
                raise ConflictError(
                    f"the certificate is bound to system {bound.system}",
                    code=codes.CERTIFICATE_BOUND,
                    field="certificate",
                    hint="end it there first: npn admin system unbind-certificate",
                )
            certificate = Certificate(
                fingerprint=fingerprint,
                system=system_id,
                der=der,
                subject=name_text(read.subject)[:400],
                not_before=read.not_valid_before_utc,
                not_after=read.not_valid_after_utc,
                bound_at=tx.at,
                ended_at=None,
            )
            store.put_certificate(tx.connection, certificate)
            tx.append(CertificateBound(system=system_id, certificate=fingerprint, by=by))
            return certificate

    def unbind(self, system_id: str, fingerprint: str, *, by: str) -> Certificate:
        """End a certificate; `fingerprint` may be its beginning. Raises NotFoundError."""
        wanted = "".join(fingerprint.lower().replace(":", "").split())
        with self.ledger.transaction() as tx:
            store.get(tx.connection, system_id)
            mine = store.certificates_of(tx.connection, system_id)
            fitting = [c for c in mine if c.fingerprint.startswith(wanted)]
            if len(fitting) != 1:
                raise NotFoundError(
                    f"no one certificate of system {system_id} begins with {fingerprint!r}",
                    field="fingerprint",
                    hint=f"bound are: {', '.join(c.fingerprint for c in mine) or 'none'}",
                )
            store.end_certificate(tx.connection, fitting[0].fingerprint, tx.at)
            tx.append(CertificateEnded(system=system_id, certificate=fitting[0].fingerprint, by=by))
            return fitting[0]

    def of(self, system_id: str) -> list[Certificate]:
        """Return a system's certificates in force, oldest first."""
        with self.database.read() as connection:
            return store.certificates_of(connection, system_id)

    def bound(self, fingerprint: str) -> Certificate | None:
        """Return the certificate of this fingerprint where it is bound to a system now."""
        with self.database.read() as connection:
            certificate = store.certificate(connection, fingerprint)
        return certificate if certificate is not None and certificate.ended_at is None else None

    def expiring(self, *, within: timedelta, now: datetime) -> list[Certificate]:
        """Return the certificates in force that end within a time, or have ended, the first to end first."""
        with self.database.read() as connection:
            return store.expiring(connection, before=now + within)

    def levels(self, system_id: str) -> tuple[int, ...]:
        """Return the security levels a system may use; all of them where nobody has said."""
        with self.database.read() as connection:
            return store.levels_of(connection, system_id) or LEVELS

    def set_levels(self, system_id: str, levels: Collection[int], *, by: str) -> tuple[int, ...]:
        """Set which security levels a system may use. Raises InvalidInputError, NotFoundError."""
        wanted = tuple(sorted(set(levels)))
        if not wanted or any(level not in LEVELS for level in wanted):
            raise InvalidInputError(details.NO_SECURITY_LEVEL, field="levels")
        with self.ledger.transaction() as tx:
            store.get(tx.connection, system_id)
            store.set_levels(tx.connection, system_id, wanted)
            tx.append(SecurityLevelsSet(system=system_id, levels=list(wanted), by=by))
        return wanted


def in_validity(certificate: Certificate, at: datetime) -> bool:
    """Whether the certificate's own dates cover `at`."""
    return certificate.not_before <= at <= certificate.not_after
