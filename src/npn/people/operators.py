"""Proposals to make, promote, reset or re-activate an operator: put forward by one, done once another has approved."""

import secrets
from dataclasses import dataclass

import msgspec

from npn.errors import ConflictError, NotFoundError, RefusedError, codes
from npn.people import approvals_store, store, ties_store
from npn.people.accounts import Accounts, Link
from npn.people.approvals import Approval, Approvals, Wish
from npn.people.model import Account, AccountDetails, AccountRole, AccountState, NamedAccount, checked_email
from npn.people.operator_acts import KIND, OperatorAct, OperatorWish, act_of, takes_two
from npn.wording import checked_name


@dataclass(frozen=True, slots=True)
class Operators:
    """What takes two operators, from the side of who proposes it."""

    accounts: Accounts
    approvals: Approvals

    def take_two(self, by: str) -> bool:
        """Return whether somebody needs another operator's approval by now."""
        with self.accounts.database.read() as connection:
            return takes_two(connection, by)

    def propose_new(self, *, by: str, email: str, name: str, reason: str) -> Approval:
        """Propose a new operator. Raises ConflictError `account_exists`, `proposed_already`; InvalidInputError."""
        address, called = checked_email(email), checked_name(name, "name")
        with self.accounts.database.read() as connection:
            if store.by_email(connection, address) is not None:
                raise ConflictError("there is an account with that address", code=codes.ACCOUNT_EXISTS, field="email")
            if approvals_store.open_wish_for(connection, address):
                raise ConflictError("the same is proposed already", code=codes.PROPOSED_ALREADY, field="email")
        wish = {"account": secrets.token_hex(6), "act": OperatorAct.MAKE.value}
        return self.approvals.propose(KIND, wish, by=by, reason=reason, named=NamedAccount(called, address))

    def propose(self, account_id: str, act: OperatorAct, *, by: str, reason: str) -> Approval:
        """Propose to promote, reset or re-activate an account. Raises NotFoundError, RefusedError, ConflictError."""
        return self.approvals.propose(KIND, {"account": account_id, "act": act.value}, by=by, reason=reason)

    def whom(self, approval: Approval) -> NamedAccount | None:
        """Return whom a proposal is about: as proposed, or as the account is now; None where nobody knows any more."""
        if approval.kind != KIND:
            return None
        with self.accounts.database.read() as connection:
            named = approvals_store.named(connection, approval.id)
            account = store.by_id(connection, str(approval.wish["account"]))
        return named or (None if account is None else NamedAccount(account.name, account.email))


def checked(accounts: Accounts, wish: Wish) -> Wish:
    """Return a wish as it is kept. Raises where it can't be carried out as things are."""
    wanted = msgspec.convert(dict(wish), OperatorWish)
    if wanted.act is not OperatorAct.MAKE:
        _suits(accounts, accounts.get(wanted.account), wanted.act)
    return {"account": wanted.account, "act": wanted.act.value}


def _suits(accounts: Accounts, account: Account, act: OperatorAct) -> None:
    """Raise unless the act changes something about the account, and leads its holder in."""
    is_operator, is_active = account.role is AccountRole.OPERATOR, account.state is AccountState.ACTIVE
    suits = {
        OperatorAct.PROMOTE: not is_operator,
        OperatorAct.RESET: is_operator and is_active,
        OperatorAct.REACTIVATE: is_operator and not is_active,
    }
    if not suits[act]:
        raise ConflictError("the account is not one that this can be done to", code=codes.NOTHING_TO_CHANGE)
    if act is OperatorAct.RESET and not accounts.mailing.works:
        raise RefusedError(
            "no mail is set up, so a new link would reach nobody",
            code=codes.MAIL_NOT_SET_UP,
            hint="npn admin account link EMAIL, at the server",
        )


def carry_out(accounts: Accounts, approved: Approval) -> str:
    """Do what two people agreed on, once; return what came of it, without names."""
    wanted = msgspec.convert(dict(approved.wish), OperatorWish)
    with accounts.database.read() as connection:
        carried = ties_store.was_done(connection, wanted.account, approved.id)
        named = approvals_store.named(connection, approved.id)
    if not carried and wanted.act is OperatorAct.MAKE:
        if named is None:
            raise NotFoundError("nobody knows any more who was to be made an operator", field="account")
        _, link = accounts.add(
            by=approved.by,
            email=named.email,
            name=named.name,
            role=AccountRole.OPERATOR,
            account_id=wanted.account,
            approval=approved.id,
        )
        return f"{wanted.account} was made an operator{_linked(link)}"
    if not carried:
        account = accounts.get(wanted.account)
        _suits(accounts, account, wanted.act)
        if wanted.act is OperatorAct.RESET:
            link = accounts.new_link(account.id, by=approved.by, approval=approved.id)
            return f"{wanted.account} was reset{_linked(link)}"
        accounts.change(
            account.id,
            AccountDetails(name=account.name, role=AccountRole.OPERATOR, organisation=None, state=AccountState.ACTIVE),
            by=approved.by,
            approval=approved.id,
        )
    return f"{wanted.account} is an active operator"


def _linked(link: Link) -> str:
    if link.mailed:
        return "; the link is on its way to the address"
    return "; no mail is set up: `npn admin account link EMAIL` at the server prints a link"


__all__ = ["KIND", "OperatorAct", "Operators", "act_of", "carry_out", "checked"]
