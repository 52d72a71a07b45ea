"""Operators that a test needs: each another person, made by the shell."""

from npn.people import passwords, totp
from npn.people.model import Account, AccountRole
from npn.wiring.service import Service

PASSWORD = "correct horse battery staple"  # noqa: S105  # nobody's


def operator(service: Service, name: str) -> Account:
    """Return the operator of that name, made where there is none yet."""
    known = {account.email: account for account in service.accounts.list()}
    email = f"{name}@example.dk"
    if email in known:
        return known[email]
    return service.accounts.add(by="admin:root", email=email, name=name.title(), role=AccountRole.OPERATOR)[0]


def named(service: Service, name: str) -> str:
    """Return the operator's name in the ledger."""
    return operator(service, name).by


def ready(service: Service, account: Account) -> str:
    """Return an operator a password and a second factor; return the factor's secret."""
    link = service.accounts.new_link(account.id, by="admin:root")
    service.accounts.use_link(link.token, password=passwords.hashed(PASSWORD))
    secret = totp.make_secret()
    service.accounts.set_second_factor(account.id, secret=secret, step=0, by=account.by)
    return secret
