"""Passwords: what is accepted as one, and how it is kept. Slow by design: never on the event loop's thread."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from npn.errors import InvalidInputError, codes

SHORTEST = 12
LONGEST = 200
# OWASP's second choice: 19 MiB and two passes, so that some sign-ins at once don't fill a small machine's memory.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_NOBODY = (  # a hash of what nobody knows, so that an unknown address takes as long as a known one
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5J3Mgc2FsdA$c2hhbGwgbmV2ZXIgZml0IGFueXRoaW5nIGF0IGFsbCE"
)


def checked(password: str, *, email: str = "", name: str = "") -> str:
    """Accept a new password: long, and not what others know of the person. Raises InvalidInputError."""
    if len(password) < SHORTEST:
        raise InvalidInputError(
            f"a password has {SHORTEST} characters or more", field="password", code=codes.PASSWORD_SHORT
        )
    if len(password) > LONGEST:
        raise InvalidInputError(
            f"a password has {LONGEST} characters at most", field="password", code=codes.PASSWORD_LONG
        )
    plain = password.casefold()
    parts = [part for part in (email.partition("@")[0], *name.casefold().split()) if len(part) >= 4]
    if len(set(plain)) < 5 or plain in (email, name.casefold()) or _is_made_of(plain, parts):
        raise InvalidInputError("that password is easily guessed", field="password", code=codes.PASSWORD_GUESSED)
    return password


def _is_made_of(password: str, words: list[str]) -> bool:
    """Whether little is left once the words that everybody knows are taken out."""
    rest = password
    for word in (
        *words,
        "password",
        "adgangskode",
        "kodeord",
        "0123456789",
        "123456789",
        "12345678",
        "123456",
        "qwertyuiop",
    ):
        rest = rest.replace(word, "")
    return len(rest) < 6 < len(password)


def hashed(password: str) -> str:
    """Hash a password with its own salt; some fifty milliseconds of work."""
    return _HASHER.hash(password)


def verified(kept: str | None, password: str) -> bool:
    """Return whether it is the password; it takes as long where there is none."""
    try:
        return _HASHER.verify(kept or _NOBODY, password[:LONGEST]) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(kept: str) -> bool:
    """Return whether a hash was made with other costs than today's."""
    return _HASHER.check_needs_rehash(kept)
