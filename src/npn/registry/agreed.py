"""What two people agreed on is carried out here: by kind of proposal, the room that does it."""

from functools import partial

import msgspec

from npn.ledger.service import Ledger
from npn.people import operators as operating
from npn.people.accounts import Accounts
from npn.people.approvals import Approval, Approvals, Check
from npn.registry import quarantine as quarantining
from npn.registry import regrants as regranting
from npn.registry import space_choice as choosing
from npn.registry.quarantine import Quarantine
from npn.registry.recovery import recover
from npn.registry.regrants import Regrants
from npn.registry.space_choice import SpaceChoice
from npn.systems.model import Limits
from npn.systems.service import Systems


def approvals_of(
    accounts: Accounts, systems: Systems, *, regrants: Regrants, quarantine: Quarantine, spaces: SpaceChoice
) -> Approvals:
    """Return what two people must agree on, and who does it then."""
    database, ledger = accounts.database, accounts.ledger
    executors = {
        "limits": partial(_set_limits, systems),
        "recovery": partial(_recover, ledger),
        regranting.KIND: partial(_give_free, regrants),
        quarantining.KIND: partial(_set_quarantine, quarantine),
        choosing.KIND: partial(_move, spaces),
        operating.KIND: partial(operating.carry_out, accounts),
    }
    checks: dict[str, Check] = {
        regranting.KIND: regrants.checked,
        quarantining.KIND: quarantine.checked,
        choosing.KIND: spaces.checked,
        operating.KIND: partial(operating.checked, accounts),
    }
    return Approvals(database, ledger, executors, checks, accounts.mailing)


def _set_limits(systems: Systems, approved: Approval) -> str:
    """Set limits beyond the usual."""
    limits = msgspec.convert(approved.wish, Limits)
    systems.set_limits(
        limits.system,
        by=approved.by,
        smallest_draw=limits.smallest_draw,
        largest_draw=limits.largest_draw,
        quota=limits.quota,
        quota_days=limits.quota_days,
        agreed=True,
    )
    return f"the limits of {limits.system} are set"


def _recover(ledger: Ledger, approved: Approval) -> str:
    """Skip ahead to what the witness knows."""
    diagnosis = recover(ledger, by=approved.by)
    return "; ".join(f"{g.size} numbers of {g.space} are withheld" for g in diagnosis.gaps) or "nothing was behind"


def _give_free(regrants: Regrants, approved: Approval) -> str:
    """Let released numbers be granted again."""
    regrant = regrants.give_free(approved.wish, approval=approved.id, by=approved.by)
    return f"{regrant.text(regrant.first)} to {regrant.text(regrant.last)} may be granted again ({regrant.id})"


def _set_quarantine(quarantine: Quarantine, approved: Approval) -> str:
    """Set another quarantine."""
    days = quarantine.change(approved.wish, approval=approved.id, by=approved.by)
    return f"numbers released from now on wait {days} days"


def _move(spaces: SpaceChoice, approved: Approval) -> str:
    """Move a system to another space."""
    system, space = (str(approved.wish.get(name, "")) for name in ("system", "space"))
    spaces.move(system, space, by=approved.by, agreed=approved.id)
    return f"{system} draws from {space}"
