"""Who watches how systems call."""

from npn.people.model import AccountRole

WATCHERS = (AccountRole.OPERATOR, AccountRole.AUDITOR)
