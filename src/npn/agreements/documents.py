"""Signed documents: what is published or accepted, its hash in the ledger, and the service's signature over both."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial

from msgspec import structs

from npn.agreements import store
from npn.agreements.events import AgreementAccepted, AgreementPublished
from npn.agreements.model import Acceptance, Evidence, Language, Signatory, Version, VersionNumber
from npn.agreements.text import digest, read, read_pair
from npn.errors import ConflictError, RefusedError, check_all, codes
from npn.instants import danish_day, iso_day, rfc3339
from npn.ledger.canonical import Json, canonical
from npn.ledger.keys import current_key
from npn.ledger.model import Entry
from npn.ledger.service import Transaction
from npn.systems.model import ConnectedSystem


def fingerprint(statement: Mapping[str, Json]) -> str:
    """SHA-256 of the statement's canonical JSON, hexadecimal."""
    return hashlib.sha256(canonical(dict(statement))).hexdigest()


def signed(tx: Transaction, statement: Mapping[str, Json], entry: Entry) -> str:
    """Return the JWS of a statement and its place in the ledger, as receipts are signed."""
    return current_key(tx.connection).sign({**statement, "ledger_seq": entry.seq, "ledger_hash": entry.hash})


def new_id(letter: str) -> str:
    """Make an id: a letter that says of what, and 80 random bits."""
    return f"{letter}{secrets.token_hex(10)}"


def in_force(versions: list[Version], today: date) -> Version | None:
    """Return the newest version that has taken effect."""
    effective = [version for version in versions if version.effective_from <= today]
    return max(effective, key=lambda version: version.number, default=None)


def earliest(versions: list[Version], today: date) -> date:
    """Return the first day a change published today may take effect."""
    latest = versions[-1] if versions else None
    if latest is None:
        return today
    return max(latest.effective_from, today + timedelta(days=latest.notice_days))


def check_number(versions: Sequence[Version], number: VersionNumber) -> None:
    """Hold a version's number to be above those that there are. Raises ConflictError `version_exists`."""
    if versions and number <= versions[-1].number:
        message = f"version {versions[-1].number} is there already"
        raise ConflictError(message, code=codes.VERSION_EXISTS, field="version")


def check_notice(versions: list[Version], effective_from: date, *, today: date) -> None:
    """Hold a version's day to the notice of the one before. Raises RefusedError `notice_too_short`."""
    first_day = earliest(versions, today)
    if versions and effective_from < first_day:
        raise RefusedError(
            f"version {versions[-1].number} asks {versions[-1].notice_days} days' notice: a change published today "
            f"takes effect on {iso_day(first_day)} at the earliest",
            code=codes.NOTICE_TOO_SHORT,
            field="effective_from",
            hint=f"choose {iso_day(first_day)} or later",
        )


def published(
    tx: Transaction,
    agreement: str,
    number: VersionNumber,
    *,
    texts: Mapping[Language, str],
    by: str,
    effective_from: date,
    proposal: str | None = None,
) -> Version:
    """Publish a version inside a transaction, held to the notice of the one before."""
    before = store.versions(tx.connection, agreement)
    check_all(
        partial(check_number, before, number),
        partial(check_notice, before, effective_from, today=danish_day(tx.at)),
        partial(read_pair, texts),
    )
    checked_texts = read_pair(texts)
    danish = read(checked_texts[Language.DANISH])
    event = AgreementPublished(
        agreement=agreement,
        version=str(number),
        digest_da=digest(checked_texts[Language.DANISH]),
        digest_en=digest(checked_texts[Language.ENGLISH]),
        effective_from=iso_day(effective_from),
        notice_days=danish.notice_days,
        proposal=proposal,
        by=by,
    )
    entry = tx.append(event)
    version = Version(
        agreement=agreement,
        number=number,
        texts=checked_texts,
        digests={language: digest(text) for language, text in checked_texts.items()},
        notice_days=danish.notice_days,
        effective_from=effective_from,
        published_at=tx.at,
        published_by=by,
        proposal=proposal,
        signed=signed(tx, {"document": "agreement version", **_statement_of(event)}, entry),
    )
    store.add_version(tx.connection, version)
    return version


def _statement_of(published: AgreementPublished) -> dict[str, Json]:
    """Return what is signed of a publication: what was published, not by whom."""
    return {name: value for name, value in structs.asdict(published).items() if name not in ("by", "claimed")}


def accepted(
    tx: Transaction,
    version: Version,
    system: ConnectedSystem,
    *,
    signatory: Signatory,
    by: str,
    evidence: Evidence | None,
) -> Acceptance:
    """Accept a version inside a transaction; by a person in a role."""
    made_id = new_id("a")
    statement = _statement(made_id, version, system, signatory=signatory, at=tx.at, evidence=evidence)
    entry = tx.append(
        AgreementAccepted(
            acceptance=made_id,
            agreement=version.agreement,
            version=str(version.number),
            digest_da=version.digests[Language.DANISH],
            system=system.id,
            statement=fingerprint(statement),
            by=by,
        )
    )
    acceptance = Acceptance(
        id=made_id,
        agreement=version.agreement,
        number=version.number,
        system=system.id,
        accepted_by=signatory.name,
        capacity=signatory.capacity,
        evidence=evidence,
        accepted_at=tx.at,
        recorded_by=by,
        signed=signed(tx, statement, entry),
    )
    store.add_acceptance(tx.connection, acceptance)
    return acceptance


def _statement(
    acceptance: str,
    version: Version,
    system: ConnectedSystem,
    *,
    signatory: Signatory,
    at: datetime,
    evidence: Evidence | None,
) -> dict[str, Json]:
    return {
        "document": "agreement acceptance",
        "acceptance": acceptance,
        "agreement": version.agreement,
        "version": str(version.number),
        "digest_da": version.digests[Language.DANISH],
        "digest_en": version.digests[Language.ENGLISH],
        "system": system.id,
        "system_name": system.name,
        "owner": system.owner,
        "accepted_by": signatory.name,
        "capacity": signatory.capacity,
        "accepted_at": rfc3339(at),
        "evidence": None if evidence is None else evidence.text,
        "evidence_digest": None if evidence is None else evidence.digest,
    }
