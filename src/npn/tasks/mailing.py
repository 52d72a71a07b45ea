"""The daily mail: who wants it, whose turn it is, and at most one a day whatever is restarted, however many servers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa

from npn.db import Database
from npn.errors import NotFoundError, codes
from npn.instants import danish_day, in_denmark
from npn.mail.model import Email
from npn.mail.service import put_if_valid
from npn.people import store as people_store
from npn.people.model import Account, AccountState
from npn.support.links import new_token
from npn.tasks import store
from npn.tasks.store import Subscription
from npn.tokens import digest_of

SENT_AT = time(7)  # in Denmark
LINK_HOLDS = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class DueEmail:
    """A mail to be written: to whom, in which language, for which day in Denmark."""

    account: Account
    language: str
    day: date


@dataclass(frozen=True, slots=True)
class DailyText:
    """What a daily mail says."""

    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class TaskMailing:
    """Everything about the daily mail. `works`: a mail server is set up."""

    database: Database
    clock: Callable[[], datetime]
    public_url: str
    works: bool

    def subscription(self, account: str) -> Subscription | None:
        """Return how an account wants the mail; None where it does not."""
        with self.database.read() as connection:
            return next(iter(store.subscriptions(connection, account)), None)

    def subscribe(self, account: str, language: str) -> None:
        """Send an account the mail from its next morning on, in a language."""
        at = self._in_denmark()
        settled = danish_day(at) if at.time() >= SENT_AT else danish_day(at) - timedelta(days=1)
        with self.database.write() as connection:
            store.set_subscription(connection, Subscription(account, language, settled))

    def unsubscribe(self, account: str) -> None:
        """Send an account no more of them."""
        with self.database.write() as connection:
            store.end_subscription(connection, account)

    def due(self) -> list[DueEmail]:
        """Return the mails of today that nobody has settled yet; none before the hour."""
        at = self._in_denmark()
        if at.time() < SENT_AT:
            return []
        with self.database.read() as connection:
            waiting = [wish for wish in store.subscriptions(connection) if wish.handled_on < danish_day(at)]
            accounts = {wish.account: people_store.by_id(connection, wish.account) for wish in waiting}
        return [
            DueEmail(account, wish.language, danish_day(at))
            for wish in waiting
            if (account := accounts[wish.account]) is not None and account.state is AccountState.ACTIVE
        ]

    def settle(self, due: DueEmail, write: Callable[[str], DailyText] | None) -> bool:
        """Put a day's mail into the outbox, unless another server has settled the day; return whether it was put there.

        `write` is given the link that ends the mails; None: there is nothing to say today.
        """
        at = self.clock()
        with self.database.write() as connection:
            if not store.claim_day(connection, due.account.id, due.day) or write is None:
                return False
            link = f"{self.public_url}/daily-mail/{self._link(connection, due.account.id, at)}"
            content = write(link)
            return put_if_valid(connection, Email(due.account.email, content.subject, content.text), at=at)

    def of_link(self, token: str) -> Account:
        """Return whose mails a link ends. Raises NotFoundError `link_ended`."""
        with self.database.read() as connection:
            return self._account(connection, token)

    def unsubscribe_by_link(self, token: str) -> Account:
        """End the mails of whoever has the link; that they ended before is no error. Raises NotFoundError."""
        with self.database.write() as connection:
            account = self._account(connection, token)
            store.end_subscription(connection, account.id)
            return account

    def forget(self) -> None:
        """Remove the links that have ended."""
        with self.database.write() as connection:
            store.forget_mailing_links(connection, before=self.clock())

    def _link(self, connection: sa.Connection, account: str, at: datetime) -> str:
        token = new_token()
        store.add_mailing_link(connection, digest_of(token), account=account, expires_at=at + LINK_HOLDS)
        return token

    def _account(self, connection: sa.Connection, token: str) -> Account:
        account_id = store.account_of_link(connection, digest_of(token), at=self.clock())
        account = None if account_id is None else people_store.by_id(connection, account_id)
        if account is None:
            raise NotFoundError("the link has ended, or leads nowhere", code=codes.LINK_ENDED)
        return account

    def _in_denmark(self) -> datetime:
        return in_denmark(self.clock())
