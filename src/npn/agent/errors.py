"""What can go wrong with a pool, in the agent's own words. Each says the way out."""

from npn.errors import Code, ConflictError, RefusedError, UnavailableError, codes
from npn.wire import Problem


class TooFewNumbersError(UnavailableError):
    """The pool has fewer usable numbers than asked for; none of them was taken."""

    code = codes.TOO_FEW_NUMBERS


class PoolInUseError(ConflictError):
    """Another process, or another opening in this one, owns the pool; `pid` is the owner's, 0 if not known."""

    code = codes.POOL_IN_USE

    def __init__(self, message: str, *, pid: int = 0, hint: str = "") -> None:
        """Name its owner."""
        super().__init__(message, hint=hint)
        self.pid = pid


class PoolRefusedError(RefusedError):
    """The pool must not be used as it is: restored, copied, damaged, stopped, taken over, forked, closed."""


class PoolWriteError(UnavailableError):
    """The pool's file can't be written (disk full, read-only, input or output error); nothing was handed out."""

    code = codes.POOL_WRITE


class JournalWriteError(UnavailableError):
    """The printing journal can't be read or written; nothing was printed."""

    code = codes.JOURNAL_WRITE


class ClonedError(RefusedError):
    """The service answered `agent_cloned`: this pool was copied or restored, and another copy is in use."""

    def __init__(self, message: str, *, held: str = "") -> None:
        """The service's own words, and the digest of the token that it holds, where it says so."""
        super().__init__(message, code=codes.AGENT_CLONED, hint="see docs/guide/agent-oncall.md, state 'cloned'")
        self.held = held


class ServiceRefusalError(RefusedError):
    """The service said no; `status` is HTTP's, `code` and the words are its own."""

    def __init__(self, problem: Problem, *, retry_after: int | None) -> None:
        """Keep the service's words."""
        super().__init__(
            f"the service refuses: {problem.detail or problem.title}",
            code=Code(problem.code),
            field=problem.field or "",
            hint=problem.hint or "",
            retry_after=retry_after,
        )
        self.status = problem.status


class ServiceDoubtError(UnavailableError):
    """Whether the service did it is not known."""

    code = codes.SERVICE_UNREACHABLE


class ServiceOldError(ServiceDoubtError):
    """The service does not know this call: it is older than the agent, or the address is not a service's."""

    code = codes.SERVICE_TOO_OLD
