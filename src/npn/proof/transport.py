"""What the ledger says of transport: bindings by subject, the sunset of plain HTTP, exceptions from it."""

import hashlib

from npn.proof.parties import Parties
from npn.proof.wrong import WrongError
from npn.systems.events import SubjectBound, SubjectEnded
from npn.transport.events import (
    BrownOutAnnounced,
    BrownOutCancelled,
    CertificateExpiring,
    ReleaseRhythmStated,
    SunsetAnnounced,
    SunsetWithdrawn,
    TransportExceptionEnded,
    TransportExceptionGranted,
)


class TransportProof:
    """The state of transport after the events so far."""

    def __init__(self, parties: Parties) -> None:
        """Nothing is bound or announced."""
        self._parties = parties
        self._subjects: dict[str, str] = {}
        self._announced = False
        self._brown_outs: set[str] = set()
        self._exempt: set[str] = set()

    def subject_bound(self, event: SubjectBound) -> None:
        """A subject of an issuer stands for one system at a time."""
        self._parties.known_open(event.system)
        if event.binding != hashlib.sha256(f"{event.subject}\n{event.issuer}".encode()).hexdigest():
            raise WrongError(f"the binding {event.binding} is not the digest of its subject and issuer")
        if event.binding in self._subjects:
            raise WrongError(f"the subject {event.subject} was bound already")
        self._subjects[event.binding] = event.system

    def subject_ended(self, event: SubjectEnded) -> None:
        """Only what is bound can end, and only where it is bound."""
        if self._subjects.pop(event.binding, None) != event.system:
            raise WrongError(f"the binding {event.binding} was not {event.system}'s")

    def system_closed(self, system: str) -> None:
        """Hold no subject to stand for a system that is closed."""
        if system in self._subjects.values():
            raise WrongError(f"the system {system} was closed while a subject stood for it")

    def told_of_system(self, event: CertificateExpiring) -> None:
        """Hold the system to be known."""
        self._parties.known(event.system)

    def sunset_announced(self, event: SunsetAnnounced) -> None:  # noqa: ARG002  # its form says it all
        """From here on there is one."""
        self._announced = True

    def sunset_withdrawn(self, event: SunsetWithdrawn) -> None:  # noqa: ARG002  # as above
        """Only what was announced can be withdrawn."""
        if not self._announced:
            raise WrongError("no end of plain HTTP was announced that could be withdrawn")
        self._announced = False

    def brown_out_announced(self, event: BrownOutAnnounced) -> None:
        """A brown-out comes before an announced end, under its own id, and ends after it starts."""
        if not self._announced:
            raise WrongError("a brown-out was announced before any end of plain HTTP")
        if event.brown_out in self._brown_outs:
            raise WrongError(f"the brown-out {event.brown_out} was announced already")
        if event.starts_at >= event.ends_at:
            raise WrongError(f"the brown-out {event.brown_out} ends before it starts")
        self._brown_outs.add(event.brown_out)

    def brown_out_cancelled(self, event: BrownOutCancelled) -> None:
        """Only what was announced can be cancelled, once."""
        if event.brown_out not in self._brown_outs:
            raise WrongError(f"the brown-out {event.brown_out} was not announced")
        self._brown_outs.remove(event.brown_out)

    def exception_granted(self, event: TransportExceptionGranted) -> None:
        """Hold the system to be known."""
        self._parties.known(event.system)
        self._exempt.add(event.system)

    def exception_ended(self, event: TransportExceptionEnded) -> None:
        """Only who has one can lose it."""
        if event.system not in self._exempt:
            raise WrongError(f"{event.system} had no exception")
        self._exempt.remove(event.system)

    def rhythm_stated(self, event: ReleaseRhythmStated) -> None:
        """Hold the vendor to be known."""
        self._parties.organisations.required(event.vendor, "vendor")
