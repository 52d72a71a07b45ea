"""Cookies: the session, the visitor's secret that forms are bound to, the chosen language, one message after a form.

Under https a name carries `__Host-`, so that no other host of the domain can set it.
"""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie

SESSION = "npn_session"
VISITOR = "npn_visitor"
LANGUAGE = "npn_language"
SAID = "npn_said"
DEVICE = "npn_device"  # an account signed in on this browser before
CHANGED = "npn_changed"  # the visitor changed something a moment ago
_YEAR = 365 * 86_400
_TOKEN_CHARACTERS = 43


@dataclass(slots=True)
class Cookies:
    """What the browser sent, and what it is told to keep."""

    sent: dict[str, str]
    secure: bool
    _set: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, header: str, *, secure: bool) -> "Cookies":
        """Read the header; what can't be read is nothing."""
        jar: SimpleCookie = SimpleCookie()
        for part in header.split(";"):
            try:
                jar.load(part.strip())
            except CookieError:
                continue
        return cls({name: morsel.value for name, morsel in jar.items()}, secure)

    def get(self, name: str) -> str:
        """Return a cookie's value, empty where there is none."""
        return self.sent.get(self._named(name), "")

    def set(self, name: str, value: str, *, seconds: int | None = None, strict: bool = False) -> None:
        """Have the browser keep a value: for `seconds`, or until it is closed. Scripts never see it."""
        named = self._named(name)
        self.sent[named] = value
        parts = [f"{named}={value}", "Path=/", "HttpOnly", f"SameSite={'Strict' if strict else 'Lax'}"]
        if seconds is not None:
            parts.append(f"Max-Age={seconds}")
        if self.secure:
            parts.append("Secure")
        self._set[named] = "; ".join(parts)

    def forget(self, name: str) -> None:
        """Have the browser forget it."""
        if self.get(name):
            self.set(name, "", seconds=0)

    def remember_language(self, language: str) -> None:
        """Keep the language for a year."""
        self.set(LANGUAGE, language, seconds=_YEAR)

    def headers(self) -> tuple[tuple[str, str], ...]:
        """Return the answer's headers."""
        return tuple(("Set-Cookie", value) for value in self._set.values())

    def device(self) -> str:
        """Return the browser's own token, a new one where there is none; it is kept for a year after each sign-in."""
        token = self.get(DEVICE)
        if len(token) != _TOKEN_CHARACTERS:
            token = secrets.token_urlsafe(32)
        self.set(DEVICE, token, seconds=_YEAR, strict=True)
        return token

    def visitor(self) -> str:
        """Return the visitor's secret, a new one where there is none."""
        secret = self.get(VISITOR)
        if len(secret) != _TOKEN_CHARACTERS:
            secret = secrets.token_urlsafe(32)
            self.set(VISITOR, secret)
        return secret

    def token(self, session: str) -> str:
        """Return the token that a form of this visitor carries; bound to the session, where there is one."""
        return _mac(self.visitor(), f"form:{session}")

    def is_token(self, text: str, session: str) -> bool:
        """Return whether a form carries this visitor's token; what follows it says for whom its page was made."""
        visitor, text = self.get(VISITOR), text.partition(".")[0]
        if len(visitor) != _TOKEN_CHARACTERS or not text.isascii():
            return False
        return hmac.compare_digest(_mac(visitor, f"form:{session}"), text)

    def keep_sealed(self, name: str, text: str, *, seconds: int) -> None:
        """Keep a text that only we may have written."""
        body = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
        self.set(name, f"{body}.{_mac(self.visitor(), f'{name}:{body}')}", seconds=seconds)

    def take_sealed(self, name: str) -> str:
        """Take it, once; empty where there is none, or somebody else wrote it."""
        text = self.look_at_sealed(name)
        self.forget(name)
        return text

    def look_at_sealed(self, name: str) -> str:
        """Read it and leave it where it is."""
        body, _, mac = self.get(name).partition(".")
        if not body:
            return ""
        if not mac.isascii() or not hmac.compare_digest(_mac(self.visitor(), f"{name}:{body}"), mac):
            return ""
        return base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)).decode()

    def say(self, text: str) -> None:
        """Keep a message for the next page; only what we wrote ourselves is shown there."""
        self.keep_sealed(SAID, text, seconds=300)

    def said(self) -> str:
        """Take the message, where there is one."""
        return self.take_sealed(SAID)

    def _named(self, name: str) -> str:
        return f"__Host-{name}" if self.secure else name


def _mac(key: str, text: str) -> str:
    return hmac.new(key.encode("utf-8", "surrogatepass"), text.encode(), hashlib.sha256).hexdigest()
