"""One-time codes that change with the time: RFC 6238 with what every app does (SHA-1, six digits, thirty seconds)."""

import base64
import hashlib
import hmac
import secrets
from urllib.parse import quote

PERIOD = 30
DIGITS = 6
_DRIFT = 1  # periods that a telephone's clock may be off, either way


def make_secret() -> str:
    """Make a secret of 160 bits, in base 32 as apps take it."""
    return base64.b32encode(secrets.token_bytes(20)).decode("ascii")


def code_at(secret: str, step: int) -> str:
    """Return the code of a period (the whole seconds since 1970, divided by thirty)."""
    digest = hmac.new(base64.b32decode(secret), step.to_bytes(8, "big"), hashlib.sha1).digest()
    start = digest[-1] & 0x0F
    value = int.from_bytes(digest[start : start + 4], "big") & 0x7FFF_FFFF
    return str(value % 10**DIGITS).zfill(DIGITS)


def step_of(secret: str, code: str, *, seconds: float, after: int) -> int | None:
    """Return the period that a code is of, None where it is not valid now.

    `after` is the last period a code of this secret was used in: each is good once (RFC 6238, 5.2).
    """
    now, typed = int(seconds) // PERIOD, code.encode("utf-8", "surrogatepass")  # comparing texts takes ASCII alone
    for step in range(now - _DRIFT, now + _DRIFT + 1):
        if step > after and hmac.compare_digest(code_at(secret, step).encode(), typed):
            return step
    return None


def address(secret: str, *, issuer: str, account: str) -> str:
    """Return the address that a QR code carries to the app."""
    label = f"{quote(issuer, safe='')}:{quote(account, safe='')}"
    return f"otpauth://totp/{label}?secret={secret}&issuer={quote(issuer, safe='')}&period={PERIOD}&digits={DIGITS}"
