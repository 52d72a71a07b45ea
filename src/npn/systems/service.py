"""The use cases of connected systems: add, suspend, keys, contacts, limits. Each change has its ledger row."""

import builtins
from dataclasses import dataclass
from datetime import datetime

from npn.db import Database
from npn.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError, check_all, codes
from npn.ledger.service import Ledger, Transaction
from npn.mail.model import address
from npn.systems import store
from npn.systems.events import (
    KeyAdded,
    OrganisationAdded,
    OrganisationRegionSet,
    SystemAdded,
    SystemContactSet,
    SystemLimitsSet,
    SystemOwnerSet,
    SystemResumed,
    SystemSuspended,
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
from npn.systems.permissions import Act, require_permitted
from npn.wording import LONGEST_REASON, checked_line, checked_name, checked_telephone

LARGEST_DRAW = USUAL_LARGEST_DRAW
KEYS_AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class Systems:
    """Everything that is done to connected systems."""

    database: Database
    ledger: Ledger

    def add(
        self, *, by: str, name: str, vendor: str, owner: str, environment: Environment, system_type: str = ""
    ) -> tuple[ConnectedSystem, ApiKey]:
        """Connect a system and make its first key, which is shown this once."""
        names = check_all(
            lambda: checked_name(name, "name"),
            lambda: checked_name(vendor, "vendor"),
            lambda: checked_name(owner, "owner"),
            lambda: checked_line(system_type, "system_type", least=0, most=200),
        )
        with self.ledger.transaction() as tx:
            system_id = add_system(
                tx,
                by=by,
                name=names[0],
                vendor=names[1],
                owner=names[2],
                environment=environment,
                system_type=names[3],
            )
            key = add_key(tx, by=by, caller=Caller(Role.SYSTEM, system_id, system_id, ""))
            return store.get(tx.connection, system_id), key

    def list(self) -> list[ConnectedSystem]:
        """Return every system, by id."""
        with self.database.read() as connection:
            return store.systems(connection)

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
        """Suspend or resume; no change where it is so already."""
        why = checked_line(reason, "reason", least=0, most=LONGEST_REASON)
        with self.ledger.transaction() as tx:
            system = store.get(tx.connection, system_id)
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
                caller = Caller(Role.SYSTEM, store.get(tx.connection, system_id).id, system_id, "")
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
        _check_limits(smallest_draw, largest_draw, quota, days=quota_days)
        wanted = Limits(system_id, smallest_draw, largest_draw, quota, quota_days)
        values: dict[str, object] = {
            "smallest_draw": smallest_draw,
            "largest_draw": largest_draw,
            "quota": quota,
            "quota_days": quota_days,
        }
        with self.ledger.transaction() as tx:
            if not agreed and wanted.is_wider_than_usual(store.get(tx.connection, system_id)):
                raise RefusedError(
                    "these limits let more be drawn than two people have agreed on",
                    code=codes.TWO_PEOPLE_NEEDED,
                    hint="npn admin approval limits proposes them",
                )
            store.get(tx.connection, system_id)
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

    def set_owner(self, system_id: str, owner: str, *, by: str) -> ConnectedSystem:
        """Set who runs the system; no change where it is so already."""
        name = checked_name(owner, "owner")
        with self.ledger.transaction() as tx:
            if store.get(tx.connection, system_id).owner != name:
                values: dict[str, object] = {"owner": _organisation(tx, OrganisationKind.OWNER, name)}
                store.update_system(tx.connection, system_id, values)
                tx.append(SystemOwnerSet(system=system_id, owner=name, by=by))
            return store.get(tx.connection, system_id)

    def organisation(self, kind: OrganisationKind, name_or_id: str) -> str:
        """Return an organisation's id; a region that is not known yet is made. Raises NotFoundError."""
        name = checked_name(name_or_id, "organisation")
        with self.ledger.transaction() as tx:
            named = store.organisation_named(tx.connection, name_or_id)
            if named is not None and named[1] is kind:
                return name_or_id
            named_id = store.organisation_id(tx.connection, kind=kind, name=name)
            if named_id is None and kind is not OrganisationKind.REGION:
                raise NotFoundError(f"there is no {kind.value} {name!r}", field="organisation")
            return named_id or _organisation(tx, kind, name)

    def organisations(self) -> builtins.list[Organisation]:
        """Return every organisation, by kind and name."""
        with self.database.read() as connection:
            return store.organisations(connection)

    def set_region(self, organisation_id: str, region_id: str, *, by: str) -> None:
        """Set which region an owner belongs to: its people see and act for the owner's systems."""
        with self.ledger.transaction() as tx:
            for wanted, kind in ((organisation_id, OrganisationKind.OWNER), (region_id, OrganisationKind.REGION)):
                named = store.organisation_named(tx.connection, wanted)
                if named is None or named[1] is not kind:
                    raise NotFoundError(f"there is no {kind.value} {wanted!r}", field=kind.value)
            store.set_region(tx.connection, organisation_id, region_id)
            tx.append(OrganisationRegionSet(organisation=organisation_id, region=region_id, by=by))

    def set_contact(self, system_id: str, *, by: str, kind: str, name: str, email: str, telephone: str) -> None:
        """Set whom to call; the ledger keeps that it changed, not the person."""
        contact = contact_kind(kind)
        checked_person, checked_address, checked_number = check_all(
            lambda: checked_name(name, "name"),
            lambda: address(email) if email.strip() else "",
            lambda: checked_telephone(telephone, "telephone"),
        )
        with self.ledger.transaction() as tx:
            store.get(tx.connection, system_id)
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


def add_system(
    tx: Transaction,
    *,
    by: str,
    name: str,
    vendor: str,
    owner: str,
    environment: Environment,
    system_type: str = "",
) -> str:
    """Insert a system inside a transaction; give its id, made of its name and never changed again."""
    connection = tx.connection
    system_id = _free_id(tx, name)
    store.add_system(
        connection,
        {
            "id": system_id,
            "name": name,
            "environment": environment.value,
            "state": SystemState.ACTIVE.value,
            "vendor": _organisation(tx, OrganisationKind.VENDOR, vendor),
            "owner": _organisation(tx, OrganisationKind.OWNER, owner),
            "system_type": system_type,
            "smallest_draw": 1,
            "largest_draw": LARGEST_DRAW,
            "created_at": tx.at,
        },
    )
    tx.append(
        SystemAdded(
            system=system_id,
            name=name,
            vendor=vendor,
            owner=owner,
            environment=environment,
            by=by,
        )
    )
    return system_id


def add_key(tx: Transaction, *, by: str, caller: Caller, keep: int = KEYS_AT_ONCE - 1) -> ApiKey:
    """Make a key inside a transaction; of those before it the newest `keep` stay in force."""
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
    raise ConflictError(f"a thousand systems are called {name!r}", field="name", hint="choose another name")


def _organisation(tx: Transaction, kind: OrganisationKind, name: str) -> str:
    named = store.organisation_id(tx.connection, kind=kind, name=name)
    if named is not None:
        return named
    wanted = f"{kind.value}-{slug(name)}"
    number = 1
    while store.organisation_exists(tx.connection, wanted if number == 1 else f"{wanted}-{number}"):
        number += 1
    free_id = wanted if number == 1 else f"{wanted}-{number}"
    store.add_organisation(tx.connection, organisation_id=free_id, kind=kind, name=name, at=tx.at)
    tx.append(OrganisationAdded(organisation=free_id, kind=kind, name=name))
    return free_id


def _check_limits(smallest: int, largest: int, quota: int | None, *, days: int | None) -> None:
    if smallest < 1:
        raise InvalidInputError("the smallest draw is 1 or more", field="smallest_draw")
    if largest < smallest:
        raise InvalidInputError("the largest draw is below the smallest", field="largest_draw")
    if largest > 10**18:
        raise InvalidInputError("no space has that many numbers", field="largest_draw")
    if (quota is None) != (days is None):
        raise InvalidInputError("a quota needs both a number count and a period in days", field="quota")
    if quota is not None and (quota < 1 or not 1 <= (days or 0) <= 3660):
        raise InvalidInputError("a quota is 1 or more numbers in 1 to 3660 days", field="quota")
