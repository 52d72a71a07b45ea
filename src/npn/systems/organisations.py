"""Which organisation a name leads to: exactly, by a former name, or after "did you mean", and new ones.

Every way in (pages, command line, requests, lists) goes through `organisation_in`, so that a slip of the finger or
another way of writing a name makes no second organisation unless somebody means it to.
"""

from collections.abc import Collection

import sqlalchemy as sa

from npn.errors import ConflictError, NotFoundError, codes
from npn.ledger.service import Transaction
from npn.systems import organisation_store, store
from npn.systems.events import OrganisationAdded
from npn.systems.model import Organisation, OrganisationKind, slug
from npn.systems.names import near_names


class NearOrganisationError(ConflictError):
    """A name that leads to nobody is near the `names` of organisations that are known."""

    def __init__(self, kind: OrganisationKind, name: str, *, names: Collection[str], field: str) -> None:
        """Name those that are near."""
        listed = " or ".join(map(repr, names))
        super().__init__(
            f"there is no {kind.value} {name!r}; did you mean {listed}?",
            code=codes.ORGANISATION_NEAR,
            field=field,
            hint=f"give that name, or --new-organisation where {name!r} is another",
        )
        self.names = tuple(names)


def organisation_in(
    tx: Transaction, kind: OrganisationKind, name: str, *, field: str = "", is_meant: bool = False
) -> Organisation:
    """Return the organisation that a name leads to; make it where none is near, or where `is_meant` says to.

    Raises NearOrganisationError, ConflictError `organisation_closed`.
    """
    organisation = organisation_store.with_name(tx.connection, kind, name)
    if organisation is not None:
        return require_open(organisation, field or kind.value)
    near = near_organisations(tx.connection, kind, name)
    if near and not is_meant:
        raise NearOrganisationError(kind, name, names=near, field=field or kind.value)
    organisation_id = _free_id(tx.connection, kind, name)
    store.add_organisation(tx.connection, organisation_id=organisation_id, kind=kind, name=name, at=tx.at)
    tx.append(OrganisationAdded(organisation=organisation_id, kind=kind, name=name))
    return Organisation(organisation_id, name, kind, None)


def near_organisations(connection: sa.Connection, kind: OrganisationKind, name: str) -> list[str]:
    """Return the names of the organisations that may be meant by a name which leads to none, the nearest first."""
    names = organisation_store.names(connection, kind)
    return [] if name in names else list(dict.fromkeys(names[near] for near in near_names(name, names)))


def require(
    connection: sa.Connection,
    organisation_id: str,
    kind: OrganisationKind | None = None,
    *,
    field: str = "organisation",
) -> Organisation:
    """Return an organisation by its id; that of a merged one leads to where it went. Raises NotFoundError."""
    organisation = organisation_store.one_organisation(connection, organisation_id)
    while organisation is not None and organisation.merged_into is not None:
        organisation = organisation_store.one_organisation(connection, organisation.merged_into)
    if organisation is None or kind not in (None, organisation.kind):
        called = "organisation" if kind is None else kind.value
        raise NotFoundError(
            f"there is no {called} {organisation_id!r}", field=field, hint="npn admin organisation list"
        )
    return organisation


def require_open(organisation: Organisation, field: str) -> Organisation:
    """Return the organisation. Raises ConflictError `organisation_closed`."""
    if organisation.closed_at is not None:
        raise ConflictError(
            f"the {organisation.kind.value} {organisation.name!r} is closed",
            code=codes.ORGANISATION_CLOSED,
            field=field,
            hint=f"choose another, or npn admin organisation reopen {organisation.id}",
        )
    return organisation


def _free_id(connection: sa.Connection, kind: OrganisationKind, name: str) -> str:
    wanted, number = f"{kind.value}-{slug(name)}", 1
    while store.organisation_exists(connection, wanted if number == 1 else f"{wanted}-{number}"):
        number += 1
    return wanted if number == 1 else f"{wanted}-{number}"
