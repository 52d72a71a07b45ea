"""Requirements checked against systems as they are now; how the unseen ones were shown; where NPN is not used."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

import sqlalchemy as sa

from npn.agreements import requirements_store as store
from npn.agreements.documents import fingerprint, new_id
from npn.agreements.events import OtherNumbersEnded, OtherNumbersNoted, RequirementExempted, RequirementShown
from npn.agreements.model import Numbering, OtherNumbers, RequirementEvidence, RequirementExemption, checked_words
from npn.agreements.observations import Observation, observe
from npn.agreements.requirements import Check, check
from npn.agreements.service import required
from npn.agreements.text import AgreementText
from npn.db import Database
from npn.errors import InvalidInputError, NotFoundError, check_all, codes, details
from npn.instants import danish_day, iso_day
from npn.ledger.canonical import Json
from npn.ledger.service import Ledger
from npn.registry import use_store
from npn.stock.cover import Cover
from npn.stock.picture import Pictures, cover_of
from npn.systems import store as systems_store
from npn.systems.model import ConnectedSystem

CALLS_DAYS = 30


@dataclass(frozen=True, slots=True)
class Status:
    """What is known of systems' requirements."""

    database: Database
    ledger: Ledger
    pictures: Pictures

    def of(self, system_id: str, text: AgreementText) -> list[Check]:
        """Hold one system against a text's requirements. Raises NotFoundError."""
        at = self.ledger.clock()
        with self.database.read() as connection:
            system = systems_store.get(connection, system_id)
            covers = {system_id: cover_of(self.database, system_id, now=at)}
            drawn = use_store.drawn_ever(connection, [system_id])
            observation = self._observe(connection, [system], text, covers=covers, drawn=drawn)[0]
        return [check(section, observation) for section in text.requirements]

    def glimpsed(self, system_id: str, text: AgreementText) -> list[Check]:
        """Do the same with the stock as the picture of the moment shows it. Raises NotFoundError."""
        picture = self.pictures.latest()
        with self.database.read() as connection:
            system = systems_store.get(connection, system_id)
            observation = self._observe(connection, [system], text, covers=picture.covers, drawn=picture.ever)[0]
        return [check(section, observation) for section in text.requirements]

    def of_all(self, text: AgreementText) -> list[tuple[ConnectedSystem, list[Check]]]:
        """Hold every system against a text's requirements, by vendor and then id."""
        picture = self.pictures.latest()
        with self.database.read() as connection:
            systems = systems_store.systems(connection)
            observations = self._observe(connection, systems, text, covers=picture.covers, drawn=picture.ever)
        checks = [
            (observation.system, [check(section, observation) for section in text.requirements])
            for observation in observations
        ]
        return sorted(checks, key=lambda pair: (pair[0].vendor.casefold(), pair[0].id))

    def check_days(self, shown_on: date, expires_on: date | None) -> None:
        """Hold the day on which it was shown to be past, and that of the next to come after it.

        Raises InvalidInputError `invalid_shown`, for both days where both are wrong.
        """
        check_all(partial(self._check_shown, shown_on), partial(_check_next, shown_on, expires_on))

    def _check_shown(self, shown_on: date) -> None:
        if shown_on > danish_day(self.ledger.clock()):
            raise InvalidInputError(details.SHOWN_IN_FUTURE, code=codes.INVALID_SHOWN, field="shown_on")

    def show(
        self,
        system_id: str,
        requirement: str,
        *,
        met: bool,
        how: str,
        by: str,
        shown_on: date | None = None,
        expires_on: date | None = None,
    ) -> RequirementEvidence:
        """Record how it was shown that a system meets a requirement, or does not; it replaces what was shown before.

        Raises InvalidInputError, NotFoundError.
        """
        _check_name(requirement)
        on = shown_on or danish_day(self.ledger.clock())
        check_all(partial(self.check_days, on, expires_on), partial(checked_words, how, "how"))
        record = RequirementEvidence(system_id, requirement, met, checked_words(how, "how"), on, expires_on, by)
        statement: dict[str, Json] = {
            "system": system_id,
            "requirement": requirement,
            "met": met,
            "how": record.how,
            "shown_on": iso_day(on),
            "expires_on": None if expires_on is None else iso_day(expires_on),
        }
        with self.ledger.transaction() as tx:
            required(tx, system_id)
            store.set_shown(tx.connection, record)
            tx.append(
                RequirementShown(
                    system=system_id,
                    requirement=requirement,
                    met=met,
                    statement=fingerprint(statement),
                    by=by,
                )
            )
        return record

    def shown(self, system_id: str) -> dict[str, RequirementEvidence]:
        """Return how requirements were shown for a system, by requirement."""
        with self.database.read() as connection:
            return {record.requirement: record for record in store.shown(connection, system_id)}

    def exemptions(self) -> list[RequirementExemption]:
        """Return the exemptions that hold today, by system and requirement."""
        today = danish_day(self.ledger.clock())
        with self.database.read() as connection:
            return [exemption for exemption in store.exemptions(connection) if exemption.until > today]

    def exempt(self, system_id: str, requirement: str, *, until: date, reason: str, by: str) -> RequirementExemption:
        """Let one system not meet a requirement before a day; a day that has passed ends it. Raises NotFoundError."""
        _check_name(requirement)
        granted = RequirementExemption(system_id, requirement, until, checked_words(reason, "reason"), by)
        with self.ledger.transaction() as tx:
            required(tx, system_id)
            store.set_exemption(tx.connection, granted)
            tx.append(
                RequirementExempted(
                    system=system_id,
                    requirement=requirement,
                    until=iso_day(until),
                    reason=granted.reason,
                    by=by,
                )
            )
        return granted

    def others(self, system: str | None = None, *, ended: bool = False) -> list[OtherNumbers]:
        """Return the places where NPN is not used: of one system or all, those that still are or all."""
        with self.database.read() as connection:
            return store.others(connection, system=system, ended=ended)

    def note_others(
        self,
        system_id: str,
        kind: Numbering,
        *,
        place: str,
        reason: str,
        sends_onward: bool | None,
        by: str,
        review_on: date | None = None,
    ) -> OtherNumbers:
        """Note a place where a system does not use NPN, and why. Raises NotFoundError, InvalidInputError."""
        where, why = check_all(
            partial(checked_words, place, "place", most=200), partial(checked_words, reason, "reason")
        )
        with self.ledger.transaction() as tx:
            required(tx, system_id)
            noted = OtherNumbers(new_id("o"), system_id, kind, where, why, sends_onward, review_on, tx.at, by)
            store.add_other(tx.connection, noted)
            tx.append(OtherNumbersNoted(place=noted.id, system=system_id, kind=kind, by=by))
        return noted

    def end_others(self, other_id: str, *, by: str) -> OtherNumbers:
        """NPN is used there from now on. Raises NotFoundError."""
        with self.ledger.transaction() as tx:
            place = store.other(tx.connection, other_id)
            if place is None:
                raise NotFoundError("there is no such place in the register", field="place")
            if place.ended_at is None:
                store.end_other(tx.connection, other_id, tx.at)
                tx.append(OtherNumbersEnded(place=other_id, system=place.system, by=by))
            return store.other(tx.connection, other_id) or place

    def _observe(
        self,
        connection: sa.Connection,
        systems: Sequence[ConnectedSystem],
        text: AgreementText,
        *,
        covers: Mapping[str, Cover],
        drawn: Mapping[str, tuple[int, datetime]],
    ) -> list[Observation]:
        at = self.ledger.clock()
        days = next((s.figures.get("days", CALLS_DAYS) for s in text.requirements if s.name == "https"), CALLS_DAYS)
        since = danish_day(at) - timedelta(days=days)
        return observe(connection, list(systems), at=at, covers=covers, drawn=drawn, calls_since=since)


def _check_next(shown_on: date, expires_on: date | None) -> None:
    if expires_on is not None and expires_on <= shown_on:
        raise InvalidInputError(details.SHOWN_AGAIN_BEFORE, code=codes.INVALID_SHOWN, field="expires_on")


def _check_name(requirement: str) -> None:
    if not (1 <= len(requirement) <= 40 and all("a" <= c <= "z" or c == "_" for c in requirement)):
        raise InvalidInputError(details.NOT_A_REQUIREMENT, field="requirement")
