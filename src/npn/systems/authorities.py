"""Who issues client certificates, and what they have revoked: PEM files of an operator, read again when they change.

A revocation list counts only where its signature is that of a known authority. A list that is overdue goes on
counting, and is reported: to refuse everybody because an authority is late would stop every laboratory at once.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature

from npn.errors import ConfigurationError
from npn.stamps import Stamps, stamps_of

_LARGEST = 200_000_000  # bytes of a revocation list


@dataclass(frozen=True, slots=True)
class RevocationList:
    """One list as it was last read. `next_update`: when the authority said there would be another."""

    path: str
    issuer: str
    last_update: datetime
    next_update: datetime | None
    entries: int

    def is_overdue(self, at: datetime) -> bool:
        """Whether a newer list should have been there by `at`."""
        return self.next_update is not None and self.next_update < at


def good_until(chain: Path) -> datetime:
    """Return when the first certificate of a PEM file expires. Raises OSError, ValueError."""
    return min(certificate.not_valid_after_utc for certificate in x509.load_pem_x509_certificates(chain.read_bytes()))


@dataclass(frozen=True, slots=True)
class _Read:
    """Everything the files say. Revoked: by issuer (DER) and serial number."""

    authorities: tuple[x509.Certificate, ...] = ()
    lists: tuple[RevocationList, ...] = ()
    revoked: dict[tuple[bytes, int], datetime] = field(default_factory=dict)


class Authorities:
    """The files, as they are now. Any thread may ask; `refresh` is for whoever looks after them."""

    def __init__(self, ca_file: str, crl_files: Sequence[str] = ()) -> None:
        """Nothing is read yet."""
        self._ca_file = ca_file
        self._crl_files = tuple(crl_files)
        self._reading = threading.Lock()
        self._stamps: Stamps = ()
        self._read: _Read | None = None

    def load(self) -> None:
        """Read the files. Raises ConfigurationError naming the one that can't be used; what was read before stays."""
        with self._reading:
            stamps = self._stamps_now()
            authorities = _authorities(self._ca_file)
            revoked: dict[tuple[bytes, int], datetime] = {}
            lists = tuple(_list(path, authorities, revoked) for path in self._crl_files)
            self._read = _Read(authorities, lists, revoked)
            self._stamps = stamps

    def refresh(self) -> bool:
        """Read the files again where one has changed, and say whether. Raises as `load` does."""
        changed = bool(self._stamps) and self._stamps_now() != self._stamps
        if changed:
            self.load()
        return changed

    def _stamps_now(self) -> Stamps:
        return stamps_of(self._ca_file, *self._crl_files)

    @property
    def lists(self) -> tuple[RevocationList, ...]:
        """Return the revocation lists."""
        return self._known().lists

    @property
    def are_known(self) -> bool:
        """Whether any authority is known."""
        return bool(self._known().authorities)

    def hold(self, certificate: x509.Certificate) -> bool:
        """Whether the certificate itself stands among the authorities: a client may show it then."""
        return certificate in self._known().authorities

    def vouch(self, certificate: x509.Certificate) -> bool:
        """Whether a known authority has signed the certificate itself."""
        return any(_signed_by(certificate, authority) for authority in self._known().authorities)

    def revoked_at(self, certificate: x509.Certificate) -> datetime | None:
        """Return when the certificate was revoked, None where it is on no list."""
        read = self._known()
        if not read.revoked:
            return None
        return read.revoked.get((certificate.issuer.public_bytes(), certificate.serial_number))

    def _known(self) -> _Read:
        if self._read is None:
            self.load()
        return self._read or _Read()


def _content(path: str, field_name: str) -> bytes:
    try:
        with Path(path).open("rb") as file:
            return file.read(_LARGEST)
    except OSError as error:
        raise ConfigurationError(f"can't read {path}: {error.strerror}", field=field_name) from error


def _authorities(path: str) -> tuple[x509.Certificate, ...]:
    if not path:
        return ()
    try:
        return tuple(x509.load_pem_x509_certificates(_content(path, "client_ca")))
    except ValueError as error:
        raise ConfigurationError(f"{path} holds no certificates in PEM form", field="client_ca") from error


def _list(
    path: str, authorities: Sequence[x509.Certificate], revoked: dict[tuple[bytes, int], datetime]
) -> RevocationList:
    """Read one list into `revoked`."""
    content = _content(path, "client_crls")
    load: Callable[[bytes], x509.CertificateRevocationList] = (
        x509.load_pem_x509_crl if b"-----BEGIN" in content[:1000] else x509.load_der_x509_crl
    )
    try:
        revocations = load(content)
    except ValueError as error:
        raise ConfigurationError(f"{path} is not a revocation list in PEM or DER form", field="client_crls") from error
    if not any(a.subject == revocations.issuer and _signed_list(revocations, a) for a in authorities):
        raise ConfigurationError(
            f"{path} is not signed by an authority that is known here",
            field="client_crls",
            hint="put the authority's certificate into client_ca",
        )
    issuer = revocations.issuer.public_bytes()
    revoked.update({(issuer, entry.serial_number): entry.revocation_date_utc for entry in revocations})
    return RevocationList(
        path,
        revocations.issuer.rfc4514_string(),
        revocations.last_update_utc,
        revocations.next_update_utc,
        len(revocations),
    )


def _signed_list(found: x509.CertificateRevocationList, authority: x509.Certificate) -> bool:
    try:
        return found.is_signature_valid(authority.public_key())  # type: ignore[arg-type]  # another kind: TypeError
    except TypeError:
        return False


def _signed_by(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    """Whether `authority`, as a valid authority now, signed the certificate."""
    if not authority.not_valid_before_utc <= datetime.now(UTC) <= authority.not_valid_after_utc:
        return False
    try:
        certificate.verify_directly_issued_by(authority)
        constraints = authority.extensions.get_extension_for_class(x509.BasicConstraints).value
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False
    return constraints.ca
