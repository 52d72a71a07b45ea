"""Who may use a page: the rule that every route declares, and that a visitor is held to before its handler runs."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum, auto

from npn.people.model import ALL, SEES_EVERY_SYSTEM, AccountRole, Person
from npn.systems.permissions import Act
from npn.web.visit import Visit

FindSystem = Callable[[Visit, str], Awaitable[str]]


class Admission(Enum):
    """What a rule says of a visitor."""

    YES = auto()
    SIGN_IN = auto()  # nobody is signed in
    FORBIDDEN = auto()  # the role may not, or may look but not act
    UNKNOWN = auto()  # another's: as if it were not there


@dataclass(frozen=True, slots=True)
class AccessRule:
    """Which roles (none: everybody, signed in or not), and which of the path's parameters names a system.

    `system`: the visitor must be one who sees that system, and acts for it where the request changes something.
    `find`: gives the system of a parameter that names something of a system's (a series, a case). `acts`: looking at
    the page is already for those who may act, as a form is. `act`: what a form does for the system; where nothing is
    said the operator administers it and others change it (`systems/permissions.py`).
    """

    roles: frozenset[AccountRole]
    system: str = ""
    find: FindSystem | None = None
    acts: bool = False
    act: Act | None = None

    @property
    def is_public(self) -> bool:
        """Whether nobody needs to sign in."""
        return not self.roles

    def admits(self, person: Person | None) -> Admission:
        """Judge the visitor by role alone."""
        if self.is_public:
            return Admission.YES
        if person is None:
            return Admission.SIGN_IN
        return Admission.YES if person.role in self.roles else Admission.FORBIDDEN

    def admits_to(self, person: Person, system: str, *, acting: bool) -> Admission:
        """Judge by the system that the page is about."""
        if not person.may_see(system):
            return Admission.UNKNOWN
        return Admission.YES if not acting or person.may_act_for(system) else Admission.FORBIDDEN

    def act_of(self, person: Person) -> Act:
        """Return what this person's form does for the system, or to it."""
        return self.act or (Act.ADMINISTER if person.is_operator else Act.CHANGE)


def public() -> AccessRule:
    """Everybody, signed in or not."""
    return AccessRule(frozenset())


def signed_in() -> AccessRule:
    """Everybody with an account; what the page shows is narrowed by the handler to what is theirs."""
    return AccessRule(ALL)


def only(*roles: AccountRole) -> AccessRule:
    """These roles; what the page shows is narrowed by the handler to what is theirs."""
    return AccessRule(frozenset(roles))


def theirs(
    *roles: AccountRole,
    by: str = "system",
    find: FindSystem | None = None,
    acts: bool = False,
    act: Act | None = None,
) -> AccessRule:
    """These roles, and only for a system that is theirs: the path's parameter `by` names it, or `find` gives it.

    `acts`: only where they may act for it, also to look. `act`: what the form does for it.
    """
    return AccessRule(frozenset(roles), by, find, acts, act)


def unguarded(rule: AccessRule, parameters: frozenset[str]) -> str:
    """Return what is wrong with a rule for a path with these parameters; nothing where it is sound."""
    if rule.system and rule.system not in parameters:
        return f"the rule asks for the parameter {rule.system!r}, which the path has not"
    if rule.system and rule.is_public:
        return "a public page can't be about a system"
    narrow = not rule.is_public and rule.roles <= SEES_EVERY_SYSTEM
    if "system" in parameters and rule.system != "system" and not narrow:
        return "the path names a system: the rule must be theirs(…), or for roles that see every system"
    return ""
