"""What can go wrong with a pool, in the agent's own words. Each says the way out."""

from npn.errors import ConflictError, RefusedError, UnavailableError


class TooFewNumbersError(UnavailableError):
    """The pool has fewer usable numbers than asked for; none of them was taken."""

    code = "too_few_numbers"


class PoolInUseError(ConflictError):
    """Another process, or another opening in this one, owns the pool; `pid` is the owner's, 0 if not known."""

    code = "pool_in_use"

    def __init__(self, message: str, *, pid: int = 0, hint: str = "") -> None:
        """Say who owns it."""
        super().__init__(message, hint=hint)
        self.pid = pid


class PoolRefusedError(RefusedError):
    """The pool must not be used as it is: restored, copied, damaged, stopped, taken over, forked, closed."""


class PoolWriteError(UnavailableError):
    """The pool's file can't be written (disk full, read-only, input or output error); nothing was handed out."""

    code = "pool_write"


class ClonedError(RefusedError):
    """The service answered `agent_cloned`: this pool was copied or restored, and another copy is in use."""

    def __init__(self, message: str, *, held: str = "") -> None:
        """The service's own words, and the digest of the token that it holds, where it says so."""
        super().__init__(message, code="agent_cloned", hint="see docs/guide/agent-oncall.md, state 'cloned'")
        self.held = held
