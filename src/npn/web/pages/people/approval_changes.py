"""What a proposal changes: what holds now beside what would hold, for each kind of proposal."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from npn.errors import NotFoundError
from npn.people.approvals import DONE, Approval, Decision
from npn.people.operators import OperatorAct
from npn.registry.recovery import diagnose
from npn.web.services import WebServices
from npn.web.texts import Msgid, _

LIMITS = {
    "smallest_draw": _("Smallest draw"),
    "largest_draw": _("Largest draw"),
    "quota": _("Quota"),
    "quota_days": _("In how many days"),
}
TO = "\N{EN DASH}"
NO_QUOTA = _("none")
_ACTS: Mapping[str, tuple[Msgid, Msgid, Msgid]] = {
    OperatorAct.MAKE.value: (_("Role"), _("no account"), _("an operator")),
    OperatorAct.PROMOTE.value: (_("Role"), _("not an operator"), _("an operator")),
    OperatorAct.RESET.value: (
        _("Password, second factor, sessions"),
        _("as they are"),
        _("ended; a one-time link goes to the address"),
    ),
    OperatorAct.REACTIVATE.value: (_("State"), _("deactivated"), _("active, as an operator")),
}


@dataclass(frozen=True, slots=True)
class ProposedChange:
    """One line: what it is about, what holds now, what would hold. Texts of ours are translated, all else is data."""

    about: str
    now: object
    then: object

    @property
    def differs(self) -> bool:
        """Whether anything changes."""
        return self.now != self.then


def is_undone(approval: Approval) -> bool:
    """Whether what was proposed may still be done, so that what holds now can be shown beside it."""
    waits = approval.state in (Decision.OPEN, Decision.APPROVED)
    return waits and not approval.outcome.startswith(DONE)


def changes(services: WebServices, approval: Approval) -> Sequence[ProposedChange]:
    """Return what would change; nothing where that was done, rejected, or its subject is not there any more."""
    if not is_undone(approval) or approval.kind not in _BY_KIND:
        return ()
    try:
        return _BY_KIND[approval.kind](services, approval)
    except NotFoundError:
        return ()


def _limits(services: WebServices, approval: Approval) -> list[ProposedChange]:
    system, wish = services.systems.get(str(approval.wish["system"])), approval.wish
    pairs = ((label, getattr(system, name), wish.get(name)) for name, label in LIMITS.items())
    return [
        ProposedChange(label, NO_QUOTA if now is None else now, NO_QUOTA if then is None else then)
        for label, now, then in pairs
    ]


def _quarantine(services: WebServices, approval: Approval) -> list[ProposedChange]:
    return [ProposedChange(_("Days of quarantine"), services.quarantine.days(), approval.wish["days"])]


def _space(services: WebServices, approval: Approval) -> list[ProposedChange]:
    system = services.systems.get(str(approval.wish["system"]))
    return [ProposedChange(_("Number space"), system.space or _("the default space"), approval.wish["space"])]


def _operator(_services: WebServices, approval: Approval) -> list[ProposedChange]:
    act = _ACTS.get(str(approval.wish["act"]))
    return [] if act is None else [ProposedChange(*act)]


def _regrant(_services: WebServices, approval: Approval) -> list[ProposedChange]:
    numbers = f"{approval.wish['first']} {TO} {approval.wish['last']}"
    return [ProposedChange(numbers, _("released, granted to nobody"), _("may be granted again, once"))]


def _recovery(services: WebServices, _approval: Approval) -> list[ProposedChange]:
    return [
        ProposedChange(
            f"{gap.space}: {gap.first} {TO} {gap.last}", _("not drawn, as the database knows"), _("withheld")
        )
        for gap in diagnose(services.ledger).gaps
    ]


_BY_KIND: Mapping[str, Callable[[WebServices, Approval], list[ProposedChange]]] = {
    "limits": _limits,
    "quarantine": _quarantine,
    "space": _space,
    "operator": _operator,
    "regrant": _regrant,
    "recovery": _recovery,
}
