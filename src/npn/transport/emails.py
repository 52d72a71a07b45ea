"""What is written to the contacts of systems: in Danish, then in English, plain text."""

from collections.abc import Collection
from datetime import datetime

from npn.ledger.service import Transaction
from npn.mail.model import EmailDraft
from npn.mail.service import put_if_valid
from npn.systems import store as systems
from npn.systems.model import ContactKind
from npn.transport.model import BrownOut, Sunset


def sunset(made: Sunset, before: Sunset | None) -> EmailDraft:
    """Return the mail that plain HTTP ends, or that the day was moved."""
    day = f"{made.cut_off:%Y-%m-%d %H:%M} UTC"
    moved = "" if before is None else f"Den tidligere udmeldte dato var {before.cut_off:%Y-%m-%d}.\n"
    moved_en = "" if before is None else f"The date announced before was {before.cut_off:%Y-%m-%d}.\n"
    return EmailDraft(
        f"NPN: ukrypteret HTTP ophører {made.cut_off:%Y-%m-%d} / plain HTTP ends",
        f"NPN-tjenesten kan ikke længere kaldes over ukrypteret HTTP efter {day}.\n{moved}"
        f"Begrundelse: {made.reason}\n"
        "Ret systemets adresse til https://, og bed operatøren om en undtagelse, hvis I ikke kan nå det.\n\n"
        f"The NPN service can't be called over plain HTTP after {day}.\n{moved_en}"
        f"Reason: {made.reason}\n"
        "Change the system's address to https://, and ask the operator for an exception if you can't be ready.\n",
    )


def withdrawn(made: Sunset, reason: str) -> EmailDraft:
    """Return the mail that plain HTTP does not end after all."""
    return EmailDraft(
        "NPN: udmeldingen om ukrypteret HTTP er trukket tilbage / announcement withdrawn",
        f"Ukrypteret HTTP ophører ikke {made.cut_off:%Y-%m-%d} som udmeldt. Begrundelse: {reason}\n"
        "Brug alligevel https://, så snart I kan.\n\n"
        f"Plain HTTP does not end on {made.cut_off:%Y-%m-%d} as announced. Reason: {reason}\n"
        "Use https:// anyway, as soon as you can.\n",
    )


def brown_out(made: BrownOut, ends: Sunset) -> EmailDraft:
    """Return the mail that says when plain HTTP will be refused for a while."""
    window = f"{made.starts_at:%Y-%m-%d %H:%M} - {made.ends_at:%Y-%m-%d %H:%M} UTC"
    return EmailDraft(
        f"NPN: ukrypteret HTTP afvises {made.starts_at:%Y-%m-%d} / brown-out of plain HTTP",
        f"Kald over ukrypteret HTTP afvises i perioden {window}. Kald over https:// berøres ikke.\n"
        f"Begrundelse: {made.reason}\nUkrypteret HTTP ophører helt {ends.cut_off:%Y-%m-%d}.\n\n"
        f"Calls over plain HTTP are refused from {window}. Calls over https:// are not affected.\n"
        f"Reason: {made.reason}\nPlain HTTP ends for good on {ends.cut_off:%Y-%m-%d}.\n",
    )


def expiring(system: str, subject: str, fingerprint: str, *, not_after: datetime) -> EmailDraft:
    """Return the mail that a certificate is about to expire."""
    day = f"{not_after:%Y-%m-%d}"
    return EmailDraft(
        f"NPN: certifikat for {system} udløber {day} / certificate expires",
        f"Klientcertifikatet {subject} for systemet {system} udløber {day}.\nFingeraftryk (SHA-256): {fingerprint}\n"
        "Forny det i god tid, og tilføj det nye på systemets side: det gamle og det nye kan bruges side om side.\n\n"
        f"The client certificate {subject} of system {system} expires on {day}.\n"
        f"Fingerprint (SHA-256): {fingerprint}\n"
        "Renew it in good time and add the new one on the system's page: both may be used side by side.\n",
    )


def to_everybody(tx: Transaction, draft: EmailDraft) -> None:
    """Write to the contacts of every system, each address once."""
    to(tx, draft, [system.id for system in systems.systems(tx.connection)])


def to(tx: Transaction, draft: EmailDraft, ids: Collection[str]) -> None:
    """Write to the technical and administrative contacts of systems, each address once."""
    addresses = {
        str(contact["email"])
        for system_id in ids
        for contact in systems.contacts_of(tx.connection, system_id)
        if contact["kind"] in (ContactKind.TECHNICAL, ContactKind.ADMINISTRATIVE) and contact["email"]
    }
    for address in sorted(addresses):
        put_if_valid(tx.connection, draft.to(address), at=tx.at)
