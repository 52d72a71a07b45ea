"""What is done to accounts, and by whom: alone, by two people, or at the shell."""

from datetime import datetime

from npn.people.events import AccountAdded, AccountChanged, AccountCredentialSet, AccountEmailChanged
from npn.proof.agreed import Agreed
from npn.proof.edition import Breach, Edition, is_shell
from npn.proof.people import OPERATOR, People
from npn.proof.wrong import WrongError

_PROVIDER = "openid"  # of identities: who signs in for the first time gets an account of a role that settings name


class AccountActs:
    """The rules about those acts; `people` keep what comes of them."""

    def __init__(self, people: People, agreed: Agreed, edition: Edition) -> None:
        """Start before the first act."""
        self._people = people
        self._agreed = agreed
        self._edition = edition
        self._made: tuple[str, str] = ("", "")  # the account that was made last, and by whom, until its first link

    def added(self, event: AccountAdded) -> None:
        """Check who may make an account: an operator's takes two people once there were two operators."""
        self._may_act(event.by)
        needs_two = event.role == OPERATOR and self._people.needs_two
        self._people.add(event)
        self._two_or_breach(event, "make", needed=needs_two)
        self._people.tie(event.account, event.by)
        self._made = (event.account, event.by)

    def changed(self, event: AccountChanged, *, at: datetime) -> None:
        """Check who may promote or activate an operator; suspending one takes one person."""
        self._may_act(event.by)
        before = self._people.known(event.account)
        promoted = event.role == OPERATOR != before.role
        again = event.role == OPERATOR == before.role and event.state == "active" and not before.active
        needed = (promoted or again) and self._people.needs_two
        self._people.change(event)
        self._two_or_breach(event, "promote" if promoted else "reactivate", needed=needed)
        if promoted:
            self._people.tie(event.account, event.by)
        else:
            self._people.tie_for_now(event.account, event.by, at)

    def credential_set(self, event: AccountCredentialSet) -> None:
        """Check who may reset an account; what its holder sets is the holder's own."""
        person = self._people.known(event.account)
        own = event.by == f"account:{event.account}"
        first_link = self._made == (event.account, event.by) and event.credential == "link"
        if first_link:
            self._made = ("", "")
            self._two_or_breach(event, "make", needed=False)
            return
        if not own:
            self._may_act(event.by)
            if event.credential != "link" and not is_shell(event.by):
                raise WrongError(f"the {event.credential} of the account {event.account} was set by {event.by}")
        needed = not own and person.role == OPERATOR and self._people.needs_two
        self._two_or_breach(event, "reset", needed=needed)
        self._people.tie(event.account, event.by)

    def email_changed(self, event: AccountEmailChanged, *, at: datetime) -> None:
        """Check that the account is known, and note who changed it."""
        self._edition.needs_rules(event)
        self._people.known(event.account)
        self._people.tie_for_now(event.account, event.by, at)

    def _may_act(self, by: str) -> None:
        names = self._people.names(by)
        if not (names or is_shell(by) or by == _PROVIDER):
            raise WrongError(f"{by!r} is nobody who may act on accounts")
        for name in names:
            self._people.operator(name)

    def _two_or_breach(
        self,
        event: AccountAdded | AccountChanged | AccountCredentialSet,
        act: str,
        *,
        needed: bool,
    ) -> None:
        if event.approval is not None:
            self._edition.needs_rules(event)
            self._agreed.operator_act(event.approval, event.account, act, event.by)
            if not (act == "make" and isinstance(event, AccountAdded)):
                self._agreed.act_once(event.approval)
        elif needed and not is_shell(event.by):
            reason = f"the operator {event.account} was changed by {event.by} alone"
            self._edition.breach(Breach.LONE_OPERATOR, reason)
