"""The use cases of connected systems: add, suspend, keys, contacts, limits. Each change has its ledger row."""

import builtins
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from npn.db import Database
from npn.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError, check_all, codes, details
from npn.ledger.service import Ledger, Transaction
from npn.mail.model import address
from npn.systems import organisation_store, store
from npn.systems.events import (
    CertificateEnded,
    KeyAdded,
    OrganisationRegionSet,
    SubjectEnded,
    SystemAdded,
    SystemClosed,
    SystemContactSet,
    SystemLimitsSet,
    SystemOwnerSet,
    SystemRenamed,
    SystemResumed,
    SystemSuspended,
    SystemVendorSet,
)
from npn.systems.model import (
    OPERATOR,
    USUAL_LARGEST_DRAW,
    ApiKey,
    Caller,
    ConnectedSystem,
    Environment,
    Limits,
    Organisation,
    OrganisationKind,
    Role,
    SystemState,
    contact_kind,
    slug,
)
from npn.systems.organisations import near_organisations, organisation_in, require, require_open
from npn.systems.permissions import Act, require_permitted
from npn.wording import LONGEST_REASON, checked_line, checked_name, checked_telephone

LARGEST_DRAW = USUAL_LARGEST_DRAW
KEYS_AT_ONCE = 2
MOST_QUOTA_DAYS = 3660


def _nothing_follows(_tx: Transaction, _system: str, *, by: str) -> None:
    """Do nothing when a system has another owner."""


@dataclass(frozen=True, slots=True)
class NewSystem:
    """A system to be connected. `vendor` and `owner`: the organisations' names."""

    name: str
    vendor: str
    owner: str
    environment: Environment
    system_type: str = ""


@dataclass(frozen=True, slots=True)
class Systems:
    """Everything that is done to connected systems. `after_new_owner`: what else follows within the transaction."""

    database: Database
    ledger: Ledger
    after_new_owner: Callable[..., None] = _nothing_follows

    def add(
        self,
        *,
        by: str,
        name: str,
        vendor: str,
        owner: str,
        environment: Environment,
        system_type: str = "",
        new_organisations: bool = False,
    ) -> tuple[ConnectedSystem, ApiKey]:
        """Connect a system and make its first key, which is shown this once.

        `new_organisations`: a vendor or owner is meant to be new although one of nearly that name is known.
        Raises NearOrganisationError, ConflictError `organisation_closed`.
        """
        names = check_all(
            lambda: checked_name(name, "name"),
            lambda: checked_name(vendor, "vendor"),
            lambda: checked_name(owner, "owner"),
            lambda: checked_line(system_type, "system_type", least=0, most=200),
        )
        wanted = NewSystem(names[0], names[1], names[2], environment, names[3])
        with self.ledger.transaction() as tx:
            system_id = add_system(tx, wanted, by=by, new_organisations=new_organisations)
            key = add_key(tx, by=by, caller=Caller(Role.SYSTEM, system_id, system_id, ""))
            return store.get(tx.connection, system_id), key

    def list(self, *, closed: bool = False) -> list[ConnectedSystem]:
        """Return the systems, by id; the `closed` ones too where it is asked for."""
        with self.database.read() as connection:
            return store.systems(connection, closed=closed)

    def get(self, system_id: str) -> ConnectedSystem:
        """Return one system. Raises NotFoundError."""
        with self.database.read() as connection:
            return store.get(connection, system_id)

    def require_permitted(self, system_id: str, act: Act) -> None:
        """Raise RefusedError `system_suspended` unless the system's state permits the act."""
        with self.database.read() as connection:
            require_permitted(connection, system_id, act)

    def details(self, system_id: str) -> dict[str, object]:
        """Return what is known beside the system itself: other names, contacts, keys in force (never secrets)."""
        with self.database.read() as connection:
            keys = store.keys_of(connection, system_id)
            return {
                "aliases": store.aliases_of(connection, system_id),
                "contacts": store.contacts_of(connection, system_id),
                "keys": [{"created_at": k.created_at, "last_used_at": k.last_used_at} for k in keys],
            }

    def aliases(self) -> dict[str, builtins.list[str]]:
        """Return the other names of every system that has some, by its id."""
        with self.database.read() as connection:
            return store.aliases_by_system(connection)

    def contacts(self) -> dict[str, builtins.list[dict[str, object]]]:
        """Return the contacts of every system that has some, by its id."""
        with self.database.read() as connection:
            return store.contacts_by_system(connection)

    def without_contact(self) -> set[str]:
        """Return the ids of the systems for which nobody is named."""
        with self.database.read() as connection:
            return store.without_contact(connection)

    def keys(self, system_id: str) -> builtins.list[dict[str, object]]:
        """Return when each key in force was made and last used, oldest first; never secrets."""
        with self.database.read() as connection:
            keys = store.keys_of(connection, system_id)
        return [{"created_at": key.created_at, "last_used_at": key.last_used_at} for key in keys]

    def set_state(self, system_id: str, state: SystemState, *, by: str, reason: str = "") -> ConnectedSystem:
        """Suspend or resume; no change where it is so already. Raises RefusedError `system_closed`."""
        why = checked_line(reason, "reason", least=0, most=LONGEST_REASON)
        with self.ledger.transaction() as tx:
            system = require_permitted(tx.connection, system_id, Act.ADMINISTER)
            if system.state is not state:
                store.update_system(tx.connection, system_id, {"state": state.value})
                change = SystemSuspended if state is SystemState.SUSPENDED else SystemResumed
                tx.append(change(system=system_id, by=by, reason=why))
            return store.get(tx.connection, system_id)

    def rotate_key(self, system_id: str, *, by: str, revoke_old: bool = False) -> ApiKey:
        """Make a further key; at most two are in force, so a third ends the oldest. Shown this once."""
        with self.ledger.transaction() as tx:
            if system_id == OPERATOR:
                caller = Caller(Role.OPERATOR, OPERATOR, None, "")
            else:
                caller = Caller(Role.SYSTEM, system_id, system_id, "")
            return add_key(tx, by=by, caller=caller, keep=0 if revoke_old else KEYS_AT_ONCE - 1)

    def set_limits(
        self,
        system_id: str,
        *,
        by: str,
        smallest_draw: int,
        largest_draw: int,
        quota: int | None,
        quota_days: int | None,
        agreed: bool = False,
    ) -> ConnectedSystem:
        """Set what one draw and all draws in a period of days may be.

        `agreed`: two people did. Raises RefusedError `two_people_needed` where they must and did not.
        """
        check_all(partial(check_draws, smallest_draw, largest_draw), partial(check_quota, quota, quota_days))
        wanted = Limits(system_id, smallest_draw, largest_draw, quota, quota_days)
        values: dict[str, object] = {
            "smallest_draw": smallest_draw,
            "largest_draw": largest_draw,
            "quota": quota,
            "quota_days": quota_days,
        }
        with self.ledger.transaction() as tx:
            system = require_permitted(tx.connection, system_id, Act.ADMINISTER)
            if not agreed and wanted.is_wider_than_usual(system):
                raise RefusedError(
                    "these limits let more be drawn than two people have agreed on",
                    code=codes.TWO_PEOPLE_NEEDED,
                    hint="npn admin approval limits proposes them",
                )
            store.update_system(tx.connection, system_id, values)
            tx.append(
                SystemLimitsSet(
                    system=system_id,
                    by=by,
                    smallest_draw=str(smallest_draw),
                    largest_draw=str(largest_draw),
                    quota=None if quota is None else str(quota),
                    quota_days=quota_days,
                )
            )
            return store.get(tx.connection, system_id)

    def close(self, system_id: str, *, by: str, reason: str) -> ConnectedSystem:
        """Close a system for good: it draws nothing more, its keys and certificates end; its numbers stay its own.

        No change where it is closed already. Raises InvalidInputError.
        """
        why = checked_line(reason, "reason", most=LONGEST_REASON)
        with self.ledger.transaction() as tx:
            if store.get(tx.connection, system_id).state is not SystemState.CLOSED:
                for key in store.keys_of(tx.connection, system_id):
                    store.revoke_key(tx.connection, key.digest, tx.at)
                for certificate in store.certificates_of(tx.connection, system_id):
                    store.end_certificate(tx.connection, certificate.fingerprint, tx.at)
                    tx.append(CertificateEnded(system=system_id, certificate=certificate.fingerprint, by=by))
                for subject in store.subjects_of(tx.connection, system_id):
                    store.end_subject(tx.connection, subject.digest, tx.at)
                    tx.append(SubjectEnded(system=system_id, binding=subject.digest, by=by))
                values: dict[str, object] = {"state": SystemState.SUSPENDED.value, "closed_at": tx.at}
                store.update_system(tx.connection, system_id, values)
                tx.append(SystemClosed(system=system_id, by=by, reason=why))
            return store.get(tx.connection, system_id)

    def rename(self, system_id: str, name: str, *, by: str) -> ConnectedSystem:
        """Rename a system; its id stays. No change where it has that name."""
        wanted = checked_name(name, "name")
        with self.ledger.transaction() as tx:
            system = require_permitted(tx.connection, system_id, Act.ADMINISTER)
            if system.name != wanted:
                store.update_system(tx.connection, system_id, {"name": wanted})
                store.add_former(tx.connection, system_id, system.name, at=tx.at)
                tx.append(SystemRenamed(system=system_id, name=wanted, by=by))
            return store.get(tx.connection, system_id)

    def set_owner(self, system_id: str, owner: str, *, by: str, new_organisation: bool = False) -> ConnectedSystem:
        """Set who runs the system; no change where it is so already. What was accepted for the owner before ends.

        Raises NearOrganisationError, ConflictError `organisation_closed`, RefusedError `system_closed`.
        """
        name = checked_name(owner, "owner")
        with self.ledger.transaction() as tx:
            system = require_permitted(tx.connection, system_id, Act.ADMINISTER)
            organisation = organisation_in(tx, OrganisationKind.OWNER, name, is_meant=new_organisation)
            if system.owner != organisation.name:
                store.update_system(tx.connection, system_id, {"owner": organisation.id})
                tx.append(SystemOwnerSet(system=system_id, owner=organisation.name, by=by))
                self.after_new_owner(tx, system_id, by=by)
            return store.get(tx.connection, system_id)

    def set_vendor(self, system_id: str, vendor: str, *, by: str, new_organisation: bool = False) -> ConnectedSystem:
        """Set who makes the system; no change where it is so already. Raises as `set_owner` does."""
        name = checked_name(vendor, "vendor")
        with self.ledger.transaction() as tx:
            system = require_permitted(tx.connection, system_id, Act.ADMINISTER)
            organisation = organisation_in(tx, OrganisationKind.VENDOR, name, is_meant=new_organisation)
            if system.vendor != organisation.name:
                store.update_system(tx.connection, system_id, {"vendor": organisation.id})
                store.add_former(tx.connection, system_id, system.vendor, at=tx.at, source=store.FORMER_VENDORS)
                tx.append(SystemVendorSet(system=system_id, vendor=organisation.name, by=by))
            return store.get(tx.connection, system_id)

    def organisation(self, kind: OrganisationKind, name_or_id: str, *, new_organisation: bool = False) -> str:
        """Return an organisation's id; a region that is not known yet is made.

        Raises NotFoundError, NearOrganisationError.
        """
        name = checked_name(name_or_id, "organisation")
        with self.ledger.transaction() as tx:
            by_id = organisation_store.one_organisation(tx.connection, name_or_id)
            if by_id is not None and by_id.kind is kind:
                return require(tx.connection, name_or_id, kind).id
            named = organisation_store.with_name(tx.connection, kind, name)
            if named is None and kind is not OrganisationKind.REGION:
                near = near_organisations(tx.connection, kind, name)
                hint = f"did you mean {' or '.join(map(repr, near))}?" if near else "npn admin organisation list"
                detail = details.NO_SUCH_ORGANISATION.of(kind=details.ORGANISATION_KINDS[kind.value], name=name)
                raise NotFoundError(detail, field="organisation", hint=hint)
            return (named or organisation_in(tx, kind, name, field="organisation", is_meant=new_organisation)).id

    def organisations(self) -> builtins.list[Organisation]:
        """Return every organisation that was not merged into another, by kind and name."""
        with self.database.read() as connection:
            return organisation_store.organisations(connection)

    def near(self, kind: OrganisationKind, name: str) -> builtins.list[str]:
        """Return the names of the organisations that may be meant by a name which leads to none, the nearest first."""
        with self.database.read() as connection:
            return near_organisations(connection, kind, name)

    def set_region(self, organisation_id: str, region_id: str, *, by: str) -> None:
        """Set which region an owner belongs to: its people see and act for the owner's systems."""
        with self.ledger.transaction() as tx:
            owner = require(tx.connection, organisation_id, OrganisationKind.OWNER, field="owner")
            region = require(tx.connection, region_id, OrganisationKind.REGION, field="region")
            require_open(region, "region")
            if owner.region != region.id:
                store.set_region(tx.connection, owner.id, region.id)
                tx.append(OrganisationRegionSet(organisation=owner.id, region=region.id, by=by))

    def set_contact(self, system_id: str, *, by: str, kind: str, name: str, email: str, telephone: str) -> None:
        """Set whom to call; the ledger keeps that it changed, not the person."""
        contact = contact_kind(kind)
        checked_person, checked_address, checked_number = check_all(
            lambda: checked_name(name, "name"),
            lambda: address(email) if email.strip() else "",
            lambda: checked_telephone(telephone, "telephone"),
        )
        with self.ledger.transaction() as tx:
            require_permitted(tx.connection, system_id, Act.ADMINISTER)
            store.set_contact(
                tx.connection,
                {
                    "system_id": system_id,
                    "kind": contact.value,
                    "name": checked_person,
                    "email": checked_address,
                    "telephone": checked_number,
                    "updated_at": tx.at,
                },
            )
            tx.append(SystemContactSet(system=system_id, kind=contact, by=by))

    def caller(self, digest: str) -> tuple[Caller, datetime | None] | None:
        """Return who holds the key of this digest, and when it was last used; None where it is not in force."""
        with self.database.read() as connection:
            return store.caller_of(connection, digest)

    def record_use(self, digest: str, at: datetime) -> None:
        """Record when a key was last used; no ledger row, since nothing was changed."""
        with self.database.write() as connection:
            store.record_use(connection, digest, at)


def add_system(tx: Transaction, wanted: NewSystem, *, by: str, new_organisations: bool = False) -> str:
    """Insert a system inside a transaction; give its id, made of its name and never changed again.

    Raises NearOrganisationError, unless organisations are meant to be new; ConflictError `organisation_closed`.
    """
    system_id = _free_id(tx, wanted.name)
    vendor = organisation_in(tx, OrganisationKind.VENDOR, wanted.vendor, is_meant=new_organisations)
    owner = organisation_in(tx, OrganisationKind.OWNER, wanted.owner, is_meant=new_organisations)
    store.add_system(
        tx.connection,
        {
            "id": system_id,
            "name": wanted.name,
            "environment": wanted.environment.value,
            "state": SystemState.ACTIVE.value,
            "vendor": vendor.id,
            "owner": owner.id,
            "system_type": wanted.system_type,
            "smallest_draw": 1,
            "largest_draw": LARGEST_DRAW,
            "created_at": tx.at,
        },
    )
    tx.append(
        SystemAdded(
            system=system_id,
            name=wanted.name,
            vendor=vendor.name,
            owner=owner.name,
            environment=wanted.environment,
            by=by,
        )
    )
    return system_id


def add_key(tx: Transaction, *, by: str, caller: Caller, keep: int = KEYS_AT_ONCE - 1) -> ApiKey:
    """Make a key inside a transaction; of those before it the newest `keep` stay in force.

    Raises RefusedError `system_closed`.
    """
    if caller.system is not None:
        require_permitted(tx.connection, caller.system, Act.ADMINISTER)
    older = store.keys_of(tx.connection, caller.name)
    ended = older[: max(len(older) - keep, 0)]
    for key in ended:
        store.revoke_key(tx.connection, key.digest, tx.at)
    new_key = ApiKey.make(caller.name)
    store.add_key(tx.connection, digest=new_key.digest, caller=caller, at=tx.at)
    tx.append(KeyAdded(holder=caller.name, by=by, ended=len(ended)))
    return new_key


def _free_id(tx: Transaction, name: str) -> str:
    wanted = slug(name)
    candidates = [wanted, *(f"{wanted}-{n}" for n in range(2, 1000))]
    for candidate in candidates:
        if candidate != OPERATOR and store.system(tx.connection, candidate) is None:
            return candidate
    raise ConflictError(details.NAME_TAKEN.of(name=name), field="name", hint="choose another name")


def check_draws(smallest: int, largest: int) -> None:
    """Hold what one draw may be to its bounds. Raises InvalidInputError."""
    if smallest < 1:
        raise InvalidInputError(details.SMALLEST_BELOW_ONE, field="smallest_draw")
    if largest < smallest:
        raise InvalidInputError(details.LARGEST_BELOW_SMALLEST, field="largest_draw")
    if largest > 10**18:
        raise InvalidInputError(details.LARGEST_TOO_LARGE, field="largest_draw")


def check_quota(quota: int | None, days: int | None) -> None:
    """Hold a quota to its bounds; its numbers and its days come together. Raises InvalidInputError."""
    if (quota is None) != (days is None):
        raise InvalidInputError(details.QUOTA_HALF, field="quota" if quota is None else "quota_days")
    if quota is not None and quota < 1:
        raise InvalidInputError(details.QUOTA_OUT_OF_BOUNDS.of(most=MOST_QUOTA_DAYS), field="quota")
    if days is not None and not 1 <= days <= MOST_QUOTA_DAYS:
        raise InvalidInputError(details.QUOTA_OUT_OF_BOUNDS.of(most=MOST_QUOTA_DAYS), field="quota_days")
