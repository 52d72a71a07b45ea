"""What is done to accounts, and by whom: alone, by two people, or at the shell."""

from datetime import datetime

from npn.people.events import AccountAdded, AccountChanged, AccountCredentialSet, AccountEmailChanged
from npn.proof.agreed import ApprovalProof
from npn.proof.edition import Breach, Edition, is_shell
from npn.proof.people import OPERATOR, People
from npn.proof.wrong import WrongError

_PROVIDER = "openid"  # of identities: who signs in for the first time gets an account of a role that settings name


class AccountActs:
    """The rules about those acts; `people` keep what comes of them."""

    def __init__(self, people: People, agreed: ApprovalProof, edition: Edition) -> None:
        """Start before the first act."""
        self._people = people
        self._agreed = agreed
        self._edition = edition
        self._made: AccountAdded | None = None  # the last one, until its first link

    def added(self, event: AccountAdded) -> None:
        """Check who may make an account: an operator's takes two people once there were two operators."""
        self._may_act(event.by)
        needs_two = event.role == OPERATOR and self._people.needs_two
        self._people.add(event)
        self._two_or_breach(event, "make", needed=needs_two)
        self._people.tie(event.account, event.by)
        self._made = event

    def changed(self, event: AccountChanged, *, at: datetime) -> None:
        """Check who may promote or activate an operator; suspending one takes one person."""
        self._may_act(event.by)
        before = self._people.known(event.account)
        promoted = event.role == OPERATOR != before.role
        again = event.role == OPERATOR == before.role and event.state == "active" and not before.active
        needed = (promoted or again) and self._people.needs_two
        if event.approval is not None and not (event.state == "active" and (promoted or again)):
            raise WrongError(f"two people agreed on the operator {event.account}, and {event.by} did something else")
        self._people.change(event)
        self._two_or_breach(event, "promote" if promoted else "reactivate", needed=needed)
        if promoted:
            self._people.tie(event.account, event.by)
        else:
            self._people.tie_for_now(event.account, event.by, at)

    def credential_set(self, event: AccountCredentialSet, *, at: datetime) -> None:
        """Check who may reset an account; what its holder sets is the holder's own."""
        person = self._people.known(event.account)
        own = event.by == f"account:{event.account}"
        if event.credential == "password_reset":
            self._reset_by_email(event, own=own, at=at)
            return
        account_added = self._made
        if account_added and (account_added.account, account_added.by, "link") == (
            event.account,
            event.by,
            event.credential,
        ):
            self._first_link(event, account_added)
            return
        if event.approval is not None and (person.role != OPERATOR or not person.active):
            raise WrongError(f"two people agreed on a reset of {event.account}, which is not an active operator's")
        if not own:
            self._may_act(event.by)
            if event.credential != "link" and not is_shell(event.by):
                raise WrongError(f"the {event.credential} of the account {event.account} was set by {event.by}")
        needed = not own and person.role == OPERATOR and self._people.needs_two
        self._two_or_breach(event, "reset", needed=needed)
        self._people.tie(event.account, event.by)

    def _reset_by_email(self, event: AccountCredentialSet, *, own: bool, at: datetime) -> None:
        """Check that an account's holder alone set the password by e-mail."""
        self._edition.needs_rules(event)
        if not own or event.approval is not None:
            raise WrongError(f"the password of the account {event.account} was set by e-mail, and by {event.by}")
        self._people.reset(event.account, at)

    def _first_link(self, event: AccountCredentialSet, made: AccountAdded) -> None:
        """Check that whoever made the account made its link on the same ground."""
        if event.approval != made.approval:
            raise WrongError(f"the account {event.account} was made on another approval than its link")
        self._made = None
        self._two_or_breach(event, "make", needed=False)

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
            if isinstance(event, AccountAdded) and event.role != OPERATOR:
                raise WrongError(f"two people agreed on an operator, and {event.account} is not one")
            self._agreed.operator_act(event.approval, event.account, act, by=event.by)
            if not (act == "make" and isinstance(event, AccountAdded)):
                self._agreed.act_once(event.approval)
        elif needed and not is_shell(event.by):
            reason = f"the operator {event.account} was changed by {event.by} alone"
            self._edition.breach(Breach.LONE_OPERATOR, reason)
