"""What a request's vendor and owner, as somebody typed them, are to the service."""

from dataclasses import dataclass

from npn.onboarding.model import Request
from npn.systems.model import OrganisationKind
from npn.systems.service import Systems


@dataclass(frozen=True, slots=True)
class TypedName:
    """A name as it was typed. `near`: the organisations that may be meant; `is_new`: none has it."""

    name: str
    is_new: bool
    near: tuple[str, ...]


def names_of(systems: Systems, request: Request) -> dict[str, TypedName]:
    """Return the vendor and the owner of a request, compared with those that are known."""
    kinds = {"vendor": OrganisationKind.VENDOR, "owner": OrganisationKind.OWNER}
    names: dict[str, TypedName] = {}
    for field, kind in kinds.items():
        name = getattr(request.asked, field)
        near = tuple(systems.near(kind, name))
        is_known = any(one.kind is kind and one.name == name for one in systems.organisations())
        names[field] = TypedName(name, not is_known, near)
    return names
