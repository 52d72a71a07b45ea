"""What is written to the contacts of systems: in Danish, then in English, plain text."""

from collections.abc import Collection
from datetime import datetime

from npn.instants import danish_day, day_in, start_of_day, time_in
from npn.ledger.service import Transaction
from npn.mail.model import EmailDraft
from npn.mail.service import put_if_valid
from npn.systems import store as systems
from npn.systems.model import ContactKind
from npn.systems.reading import grouped
from npn.transport.model import BrownOut, Sunset

REASON_EN = "Reason, in the operator's words"  # written once, mostly in Danish


def sunset(made: Sunset, before: Sunset | None) -> EmailDraft:
    """Return the mail that plain HTTP ends, or that the day was moved."""
    da, en = _beginning("da", made.cut_off), _beginning("en", made.cut_off)
    moved = "" if before is None else f"Den tidligere udmeldte dato var {day_in('da', before.cut_off)}.\n"
    moved_en = "" if before is None else f"The date announced before was {day_in('en', before.cut_off)}.\n"
    return EmailDraft(
        f"NPN: ukrypteret HTTP ophører {day_in('da', made.cut_off)} / plain HTTP ends",
        f"NPN-tjenesten kan ikke længere kaldes over ukrypteret HTTP fra {da}.\n{moved}"
        f"Begrundelse: {made.reason}\n"
        "Ret systemets adresse til https://, og bed driften om en dispensation, hvis I ikke kan nå det.\n\n"
        f"The NPN service can't be called over plain HTTP from {en}.\n{moved_en}"
        f"{REASON_EN}: {made.reason}\n"
        "Change the system's address to https://, and ask the operator for an exception if you can't be ready.\n",
    )


def withdrawn(made: Sunset, reason: str) -> EmailDraft:
    """Return the mail that plain HTTP does not end after all."""
    return EmailDraft(
        "NPN: udmeldingen om ukrypteret HTTP er trukket tilbage / announcement withdrawn",
        f"Ukrypteret HTTP ophører ikke {day_in('da', made.cut_off)} som udmeldt. Begrundelse: {reason}\n"
        "Brug alligevel https://, så snart I kan.\n\n"
        f"Plain HTTP does not end on {day_in('en', made.cut_off)} as announced. {REASON_EN}: {reason}\n"
        "Use https:// anyway, as soon as you can.\n",
    )


def brown_out(made: BrownOut, ends: Sunset) -> EmailDraft:
    """Return the mail that says when plain HTTP will be refused for a while."""
    da, en = (f"{time_in(spoken, made.starts_at)} - {time_in(spoken, made.ends_at)}" for spoken in ("da", "en"))
    return EmailDraft(
        f"NPN: ukrypteret HTTP afvises {day_in('da', made.starts_at)} / brown-out of plain HTTP",
        f"Kald over ukrypteret HTTP afvises i perioden {da}, dansk tid. Kald over https:// berøres ikke.\n"
        f"Begrundelse: {made.reason}\nUkrypteret HTTP ophører helt {day_in('da', ends.cut_off)}.\n\n"
        f"Calls over plain HTTP are refused from {en}, Danish time. Calls over https:// are not affected.\n"
        f"{REASON_EN}: {made.reason}\nPlain HTTP ends for good on {day_in('en', ends.cut_off)}.\n",
    )


def expiring(system: str, subject: str, fingerprint: str, *, not_after: datetime) -> EmailDraft:
    """Return the mail that a certificate is about to expire."""
    da, en, digits = day_in("da", not_after), day_in("en", not_after), grouped(fingerprint)
    return EmailDraft(
        f"NPN: certifikat for {system} udløber {da} / certificate expires",
        f"Klientcertifikatet {subject} for systemet {system} udløber {da}.\nFingeraftryk (SHA-256): {digits}\n"
        "Forny det i god tid, og tilføj det nye på systemets side: det gamle og det nye kan bruges side om side.\n\n"
        f"The client certificate {subject} of system {system} expires on {en}.\n"
        f"Fingerprint (SHA-256): {digits}\n"
        "Renew it in good time and add the new one on the system's page: both may be used side by side.\n",
    )


def _beginning(language: str, at: datetime) -> str:
    """Return from when something holds: a day alone where it is from the day's beginning, else its time too."""
    if at == start_of_day(danish_day(at)):
        return day_in(language, at)
    return f"{time_in(language, at)}, {'dansk tid' if language == 'da' else 'Danish time'}"


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
