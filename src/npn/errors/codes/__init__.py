"""Every error code, by its name in capitals: `codes.COUNT_TOO_LARGE`.

A code is declared in the file of its subject, and nowhere else; the import below makes them one namespace.
"""

from npn.errors.codes.agent import *  # noqa: F403  # one namespace, so that a code stands in one file alone
from npn.errors.codes.agreements import *  # noqa: F403  # as above
from npn.errors.codes.callers import *  # noqa: F403  # as above
from npn.errors.codes.commands import *  # noqa: F403  # as above
from npn.errors.codes.draws import *  # noqa: F403  # as above
from npn.errors.codes.http import *  # noqa: F403  # as above
from npn.errors.codes.messages import *  # noqa: F403  # as above
from npn.errors.codes.onboarding import *  # noqa: F403  # as above
from npn.errors.codes.organisations import *  # noqa: F403  # as above
from npn.errors.codes.people import *  # noqa: F403  # as above
from npn.errors.codes.standards import *  # noqa: F403  # as above
from npn.errors.codes.storage import *  # noqa: F403  # as above
from npn.errors.codes.tasks import *  # noqa: F403  # as above
