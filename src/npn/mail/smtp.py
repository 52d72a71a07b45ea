"""A mail server as we send to it: the standard library's SMTP, with TLS whose certificate is checked, and a login."""

import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Literal

from npn.errors import ConfigurationError, NpnError, codes
from npn.mail.model import OutgoingEmail, one_line

Tls = Literal["starttls", "tls", "none"]


class PermanentError(NpnError):
    """The server will never take this e-mail."""

    code = codes.MAIL_REFUSED


class TemporaryError(NpnError):
    """The server does not take this e-mail now; `of_server`: nor any other."""

    code = codes.MAIL_POSTPONED

    def __init__(self, message: str, *, of_server: bool) -> None:
        """`reason`: the server's own words."""
        super().__init__(message)
        self.of_server = of_server


@dataclass(frozen=True, slots=True)
class Smtp:
    """Where e-mails are given off, and in whose name."""

    host: str
    port: int
    sender: str
    tls: Tls = "starttls"
    user: str = ""
    password: Callable[[], str] = field(default=str, repr=False)
    ca: str = ""
    timeout: float = 30.0
    subaddress: bool = False

    @property
    def lease(self) -> timedelta:
        """How long an e-mail is one sender's own: a dialogue has some eight waits, each at most `timeout`."""
        return timedelta(seconds=self.timeout * 10)

    @contextmanager
    def session(self) -> Iterator["SmtpSession"]:
        """A session that connects when the first e-mail is sent; it is closed at the end."""
        session = SmtpSession(self)
        try:
            yield session
        finally:
            session.close()

    def message(self, email: OutgoingEmail) -> EmailMessage:
        """Write an e-mail as it goes out. Every value was held to one line before; the library refuses what is not."""
        message = EmailMessage(policy=SMTP)
        local, _, domain = self.sender.rpartition("@")
        message["From"] = Address("NPN", local, domain)
        message["To"] = email.to
        mark = f"[{email.thread}] " if email.thread else ""
        message["Subject"] = f"{mark}{email.subject}"
        message["Date"] = format_datetime(email.created_at)
        # The mark is in the id too: an answer's References lead back to the case whatever became of its subject.
        message["Message-ID"] = f"<{email.thread or 'NPN'}.{email.id}@{domain}>"
        if email.thread and self.subaddress:
            message["Reply-To"] = f"{local}+{email.thread}@{domain}"
        if email.automatic:
            message["Auto-Submitted"] = "auto-generated"
            message["X-Auto-Response-Suppress"] = "All"
        message.set_content(email.text, charset="utf-8")
        return message


class SmtpSession:
    """One connection to the server, made when it is needed."""

    def __init__(self, smtp: Smtp) -> None:
        """Nothing is connected yet."""
        self._smtp = smtp
        self._server: smtplib.SMTP | None = None

    def send(self, email: OutgoingEmail) -> None:
        """Send an e-mail. Raises PermanentError, TemporaryError."""
        message = self._written(email)
        try:
            if self._server is None:
                self._server = self._connected()
            self._server.send_message(message, from_addr=self._smtp.sender, to_addrs=[email.to])
        except smtplib.SMTPRecipientsRefused as error:
            code, words = next(iter(error.recipients.values()))
            raise _refusal(code, words) from error
        except smtplib.SMTPDataError as error:
            raise _refusal(error.smtp_code, error.smtp_error) from error
        except (smtplib.SMTPException, OSError) as error:  # our name refused, too: that is the set-up, not the e-mail
            self.close()
            raise TemporaryError(_words(error), of_server=True) from error
        except ConfigurationError as error:  # the file of the password was there at the start
            self.close()
            raise TemporaryError(error.message, of_server=True) from error
        except ValueError as error:  # an address that the library refuses: never sent, never tried again
            raise PermanentError(f"the e-mail can't be sent: {one_line(str(error))}") from error

    def _written(self, email: OutgoingEmail) -> EmailMessage:
        try:
            return self._smtp.message(email)
        except (ValueError, LookupError, TypeError, AttributeError, MessageError) as error:
            # A header that could end before its end, or one that the library's parser stumbles over.
            raise PermanentError(f"the e-mail can't be written: {one_line(str(error))}") from error

    def close(self) -> None:
        """Take leave, where there is somebody to take leave of."""
        server, self._server = self._server, None
        if server is not None:
            with suppress(smtplib.SMTPException, OSError):
                server.quit()

    def _connected(self) -> smtplib.SMTP:
        smtp = self._smtp
        context = ssl.create_default_context(cafile=smtp.ca or None)
        if smtp.tls == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(smtp.host, smtp.port, timeout=smtp.timeout, context=context)
        else:
            server = smtplib.SMTP(smtp.host, smtp.port, timeout=smtp.timeout)
        try:
            if smtp.tls == "starttls":
                server.starttls(context=context)
            if smtp.user:
                server.login(smtp.user, smtp.password())
        except BaseException:
            server.close()
            raise
        return server


def _refusal(code: int, words: bytes | str) -> PermanentError | TemporaryError:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    line = one_line(f"{code} {text}")
    return PermanentError(line) if 500 <= code < 600 else TemporaryError(line, of_server=False)


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"the mail server refuses the login ({error.smtp_code})"  # its words may hold the user's name
    return one_line(f"the mail server can't be used: {error or type(error).__name__}")
