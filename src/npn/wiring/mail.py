"""Mail as the settings say it: the server that takes it, and where its links lead."""

from pathlib import Path

from npn.config import Settings
from npn.errors import ConfigurationError, InvalidInputError
from npn.mail.model import address
from npn.mail.smtp import Smtp
from npn.text import read_text


def mail_server(settings: Settings) -> Smtp | None:
    """Return the mail server that the settings name, or None. Raises ConfigurationError naming the setting."""
    if not settings.smtp_host:
        return None
    try:
        sender = address(settings.mail_from, "mail_from")
    except InvalidInputError as error:
        hint = "name the address that mail is from"
        raise ConfigurationError("smtp_host needs mail_from", field="mail_from", hint=hint) from error
    _smtp_password(settings)  # a file that can't be read ends the start
    return Smtp(
        host=settings.smtp_host,
        port=settings.smtp_port,
        sender=sender,
        tls=settings.smtp_tls,
        user=settings.smtp_user,
        password=lambda: _smtp_password(settings),
        ca=settings.smtp_ca,
        timeout=settings.smtp_timeout_seconds,
        subaddress=settings.mail_subaddress,
    )


def _smtp_password(settings: Settings) -> str:
    """Read the password, for each connection: a new one counts without a restart. Raises ConfigurationError."""
    if not settings.smtp_password_file:
        return ""
    return read_text(Path(settings.smtp_password_file), field="smtp_password_file").partition("\n")[0].strip()


def public_address(settings: Settings) -> str:
    """Return the address that links in mails begin with; where none is set, the one that is listened on."""
    if settings.public_url:
        return settings.public_url.rstrip("/")
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"{'https' if settings.tls_cert else 'http'}://{host}:{settings.port}"
