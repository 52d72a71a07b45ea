"""Failures to sign in, counted for an hour after the last, by what was tried.

By the address that somebody typed, whether anybody has an account under it or not: so nobody learns which is which. By
the device that an account signed in on before: so others' failures don't count there. By the shell's user, and by the
account whose session asks for the present factor: so neither is stopped by what strangers do on the pages.

Attempts from one network address, right or wrong, are counted beside them. All of it is in the database, so that two
servers together allow what one does.
"""

from dataclasses import dataclass
from datetime import timedelta

from npn.tokens import digest_of

FREE_FAILURES = 5  # afterwards password and code are asked for together, or a shell or session must wait
REMEMBERED = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class SignInAttempt:
    """What a failure is counted for; no address is kept in the clear."""

    key: str

    @classmethod
    def address(cls, email: str) -> "SignInAttempt":
        """Return what a stranger tried: the address typed."""
        return cls(f"address:{digest_of(email.strip().lower())}")

    @classmethod
    def device(cls, digest: str, account_id: str) -> "SignInAttempt":
        """Return what was tried on a device that an account signed in on before."""
        return cls(f"device:{digest}:{account_id}")

    @classmethod
    def shell(cls, email: str) -> "SignInAttempt":
        """Return what was tried from the shell."""
        return cls(f"shell:{digest_of(email.strip().lower())}")

    @classmethod
    def present(cls, account_id: str) -> "SignInAttempt":
        """Return what somebody signed in tried: the present password or factor of the account."""
        return cls(f"present:{account_id}")

    @classmethod
    def reset(cls, account_id: str) -> "SignInAttempt":
        """Return what whoever has a link to set a forgotten password tried: the account's second factor."""
        return cls(f"reset:{account_id}")

    @classmethod
    def forgotten(cls, email: str) -> "SignInAttempt":
        """Return what a stranger asked for: a link to the address typed."""
        return cls(f"forgotten:{digest_of(email.strip().lower())}")

    @classmethod
    def forgotten_from(cls, network: str) -> "SignInAttempt":
        """Return what is asked for from a network address: links to any address."""
        return cls(f"forgotten-from:{digest_of(network)}")

    @classmethod
    def network(cls, network: str) -> "SignInAttempt":
        """Return what is tried from a network address."""
        return cls(f"network:{digest_of(network)}")

    @classmethod
    def together(cls, network: str) -> "SignInAttempt":
        """Return what is tried from a network address with password and code together."""
        return cls(f"together:{digest_of(network)}")


@dataclass(frozen=True, slots=True)
class AttemptAllowance:
    """How many attempts are allowed at once; they are all there again after `within`, at an even rate."""

    attempts: int
    within: timedelta

    @property
    def each(self) -> timedelta:
        """Return how long it takes until one more is there."""
        return self.within / self.attempts
