"""The use cases of agreements: publish a version, accept it for a system, and say what happens to those who don't."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from importlib.resources import files

import sqlalchemy as sa

from npn.agreements import store
from npn.agreements.documents import accepted, check_notice, check_number, in_force, published
from npn.agreements.events import AgreementAcceptanceEnded, AgreementDatesSet, AgreementRespiteGranted
from npn.agreements.model import (
    CONNECTION,
    Acceptance,
    AgreementStanding,
    Dates,
    Evidence,
    Language,
    Respite,
    Signatory,
    Stage,
    Version,
    VersionNumber,
    checked_slug,
    checked_words,
    standing,
)
from npn.agreements.text import read_pair
from npn.db import Database
from npn.errors import InvalidInputError, NotFoundError, RefusedError, check_all, codes, details
from npn.instants import danish_day, iso_day
from npn.ledger.service import Ledger, Transaction
from npn.systems import store as systems_store
from npn.systems.model import ConnectedSystem, Environment
from npn.wording import checked_name

NEW_OWNER = "another owner runs the system"


@dataclass(frozen=True, slots=True)
class Agreements:
    """Everything that is done to agreements and acceptances."""

    database: Database
    ledger: Ledger

    @property
    def today(self) -> date:
        """Return the day it is in Denmark."""
        return danish_day(self.ledger.clock())

    def names(self) -> list[str]:
        """Return the agreements that have a version."""
        with self.database.read() as connection:
            return store.agreements(connection)

    def versions(self, agreement: str = CONNECTION) -> list[Version]:
        """Return every version, oldest first."""
        with self.database.read() as connection:
            return store.versions(connection, agreement)

    def version(self, number: VersionNumber | None = None, *, agreement: str = CONNECTION) -> Version:
        """Return one version, or the one in force (before the first takes effect: the first). Raises NotFoundError."""
        all_versions = self.versions(agreement)
        chosen_version = in_force(all_versions, self.today) or (all_versions[0] if all_versions else None)
        if number is not None:
            chosen_version = next((v for v in all_versions if v.number == number), None)
        if chosen_version is None:
            raise NotFoundError(
                f"there is no version {number or ''} of the agreement {agreement!r}".replace("  ", " "),
                code=codes.UNKNOWN_VERSION,
                field="version",
                hint="npn admin agreement list; npn admin agreement publish makes the first",
            )
        return chosen_version

    @staticmethod
    def shipped() -> dict[Language, str]:
        """Return the texts that the platform ships, to begin with."""
        folder = files("npn.agreements").joinpath("texts")
        return {language: folder.joinpath(f"connection.{language}.md").read_text("utf-8") for language in Language}

    def publish(
        self,
        number: VersionNumber,
        texts: Mapping[Language, str],
        *,
        by: str,
        effective_from: date,
        agreement: str = CONNECTION,
    ) -> Version:
        """Publish a version without a proposal; a later one keeps the notice of the one before.

        Raises InvalidInputError `agreement_text` or `texts_differ`, ConflictError `version_exists`, RefusedError
        `notice_too_short`.
        """
        with self.ledger.transaction() as tx:
            return published(tx, checked_slug(agreement), number, texts=texts, by=by, effective_from=effective_from)

    def check_publication(
        self, number: str | None, texts: Mapping[Language, str] | None, *, effective_from: date | None = None
    ) -> None:
        """Hold a version, as far as it is known, to those before it and its texts to each other; None: not known.

        Raises what `publish` raises, all at once.
        """
        versions, today = self.versions(), self.today
        checks: list[Callable[[], object]] = []
        if number is not None:
            checks.append(lambda: check_number(versions, VersionNumber.parse(number)))
        if effective_from is not None:
            checks.append(partial(check_notice, versions, effective_from, today=today))
        if texts is not None:
            checks.append(partial(read_pair, texts))
        check_all(*checks)

    def accept(
        self,
        system_id: str,
        *,
        by: str,
        accepted_by: str,
        capacity: str,
        number: VersionNumber | None = None,
        evidence: Evidence | None = None,
        agreement: str = CONNECTION,
    ) -> Acceptance:
        """Accept a version (the one in force, where none is named) for a system.

        A version that is accepted already stays accepted as it was. `evidence`: where somebody else records it.
        Raises NotFoundError, RefusedError `version_superseded`.
        """
        signatory = Signatory(accepted_by, capacity)
        wanted = self.version(number, agreement=agreement)
        with self.ledger.transaction() as tx:
            return self.accept_in(tx, system_id, wanted, signatory=signatory, by=by, evidence=evidence)

    @staticmethod
    def accept_in(
        tx: Transaction, system_id: str, wanted: Version, *, signatory: Signatory, by: str, evidence: Evidence | None
    ) -> Acceptance:
        """Accept a version for a system inside a transaction. Raises as `accept` does."""
        who = checked_name(signatory.name, "accepted_by")
        signatory = Signatory(who, checked_name(signatory.capacity, "capacity"))
        if evidence is not None:
            evidence = Evidence(checked_words(evidence.text, "evidence"), evidence.digest)
        system = required(tx, system_id)
        current = in_force(store.versions(tx.connection, wanted.agreement), danish_day(tx.at))
        if current is not None and wanted.number < current.number:
            raise RefusedError(
                f"version {wanted.number} is superseded by {current.number}",
                code=codes.VERSION_SUPERSEDED,
                field="version",
                hint=f"accept version {current.number}",
            )
        standing_now = store.acceptances(tx.connection, agreement=wanted.agreement, system=system_id)
        same = next((a for a in standing_now if a.number == wanted.number), None)
        if same is not None:
            return same
        return accepted(tx, wanted, system, signatory=signatory, by=by, evidence=evidence)

    def end_acceptance(self, acceptance_id: str, *, by: str, reason: str) -> Acceptance:
        """End an acceptance: given by mistake, or the agreement was terminated. Raises NotFoundError."""
        why = checked_words(reason, "reason")
        with self.ledger.transaction() as tx:
            record = store.acceptance(tx.connection, acceptance_id)
            if record is None:
                raise NotFoundError("there is no such acceptance", field="acceptance")
            if record.ended_at is None:
                store.end_acceptance(tx.connection, record.id, at=tx.at, reason=why)
                tx.append(AgreementAcceptanceEnded(acceptance=record.id, system=record.system, reason=why, by=by))
            return store.acceptance(tx.connection, acceptance_id) or record

    def acceptances(
        self, system: str | None = None, *, agreement: str = CONNECTION, ended: bool = False
    ) -> list[Acceptance]:
        """Return acceptances, newest first: of one system or all, those in force or all that ever were."""
        with self.database.read() as connection:
            return store.acceptances(connection, agreement=agreement, system=system, ended=ended)

    def dates(self, agreement: str = CONNECTION) -> list[Dates]:
        """Return the policy's dates, by version."""
        with self.database.read() as connection:
            matching = [dates for dates in store.dates(connection) if dates.agreement == agreement]
        return sorted(matching, key=lambda each: each.number)

    def check_dates(self, wanted: Dates) -> None:
        """Hold the policy's days to their order. Raises InvalidInputError naming each day that is wrong."""
        _check_dates(wanted, self.version(wanted.number, agreement=wanted.agreement))

    def set_dates(self, wanted: Dates, *, by: str) -> list[AgreementStanding]:
        """Set from when what happens to systems without a version; return those that are refused today.

        All three days None: nothing happens. Raises InvalidInputError naming the day, NotFoundError.
        """
        self.check_dates(wanted)
        with self.ledger.transaction() as tx:
            store.set_dates(tx.connection, wanted)
            tx.append(
                AgreementDatesSet(
                    agreement=wanted.agreement,
                    version=str(wanted.number),
                    inform_from=_day(wanted.inform_from),
                    warn_from=_day(wanted.warn_from),
                    refuse_from=_day(wanted.refuse_from),
                    by=by,
                )
            )
        return [state for state in self.standings(wanted.agreement) if state.stage is Stage.REFUSE]

    def grant_respite(
        self, system_id: str, *, until: date, reason: str, by: str, agreement: str = CONNECTION
    ) -> Respite:
        """Have one system not refused before a day. A day that has passed ends the respite. Raises NotFoundError."""
        granted = Respite(agreement, system_id, until, checked_words(reason, "reason"), by)
        self.version(agreement=agreement)
        with self.ledger.transaction() as tx:
            required(tx, system_id)
            store.set_respite(tx.connection, granted)
            tx.append(
                AgreementRespiteGranted(
                    agreement=agreement,
                    system=system_id,
                    until=iso_day(until),
                    reason=granted.reason,
                    by=by,
                )
            )
        return granted

    def respites(self, agreement: str = CONNECTION) -> list[Respite]:
        """Return the respites that hold today, by system."""
        with self.database.read() as connection:
            matching = [respite for respite in store.respites(connection) if respite.agreement == agreement]
        return sorted((respite for respite in matching if respite.until > self.today), key=lambda each: each.system)

    def standings(self, agreement: str = CONNECTION) -> list[AgreementStanding]:
        """Return every system's standing today, by its id. Systems under test are held to nothing."""
        with self.database.read() as connection:
            return _standings(
                self.today, agreement, _Known.of(connection, agreement), systems=systems_store.systems(connection)
            )

    def standing(self, system_id: str, agreement: str = CONNECTION) -> AgreementStanding:
        """Return one system's standing today. Raises NotFoundError."""
        with self.database.read() as connection:
            system = systems_store.get(connection, system_id)
            facts = _Known.of(connection, agreement)
        return _standings(self.today, agreement, facts, systems=[system])[0]


@dataclass(frozen=True, slots=True)
class _Known:
    """What standings are judged from, read at once."""

    accepted: Mapping[tuple[str, str], VersionNumber]
    dates: list[Dates]
    respites: Mapping[str, Respite]

    @classmethod
    def of(cls, connection: sa.Connection, agreement: str) -> "_Known":
        return cls(
            store.newest_accepted(connection),
            [dates for dates in store.dates(connection) if dates.agreement == agreement],
            {respite.system: respite for respite in store.respites(connection) if respite.agreement == agreement},
        )


def _standings(
    today: date, agreement: str, known: _Known, *, systems: list[ConnectedSystem]
) -> list[AgreementStanding]:
    return [
        standing(
            today,
            agreement=agreement,
            system=system.id,
            accepted=known.accepted.get((agreement, system.id)),
            dates=known.dates if system.environment is Environment.PRODUCTION else [],
            respite=known.respites.get(system.id),
        )
        for system in systems
    ]


def required(tx: Transaction, system_id: str) -> ConnectedSystem:
    """Return a system inside a transaction. Raises NotFoundError."""
    return systems_store.get(tx.connection, system_id)


def end_for_new_owner(tx: Transaction, system_id: str, *, by: str) -> None:
    """End what was accepted for a system by the owner it had; the new one accepts for itself."""
    for record in store.acceptances(tx.connection, system=system_id):
        store.end_acceptance(tx.connection, record.id, at=tx.at, reason=NEW_OWNER)
        tx.append(AgreementAcceptanceEnded(acceptance=record.id, system=system_id, reason=NEW_OWNER, by=by))


def _check_dates(wanted: Dates, version: Version) -> None:
    before: date | None = None
    checks: list[Callable[[], None]] = []
    for name in ("inform_from", "warn_from", "refuse_from"):
        day = getattr(wanted, name)
        checks.append(partial(_check_stage, name, day, before=before))
        before = day or before
    check_all(*checks)
    if wanted.refuse_from is not None and wanted.refuse_from < version.effective_from:
        detail = details.REFUSED_BEFORE_EFFECT.of(version=str(version.number), day=version.effective_from)
        raise InvalidInputError(detail, code=codes.INVALID_DATES, field="refuse_from")


def _check_stage(name: str, day: date | None, *, before: date | None) -> None:
    if day is not None and before is not None and day < before:
        raise InvalidInputError(details.STAGE_BEFORE, code=codes.INVALID_DATES, field=name)


def _day(day: date | None) -> str | None:
    return None if day is None else iso_day(day)
