"""What exactly is wrong, where an error's code is a general one: each declared once, in both languages.

`raise InvalidInputError(details.LARGEST_BELOW_SMALLEST, field="largest_draw")`, or with values
`details.OUT_OF_BOUNDS.of(least=1, most=60)`. Programs are told the English, pages say it in the visitor's language.
A sentence begins small and has no full stop; each front adds what it needs. A test refuses an error of a general code
without one, where a page could show it.
"""

from npn.errors.details.agreements import *  # noqa: F403  # one namespace, so that a detail stands in one file alone
from npn.errors.details.messages import *  # noqa: F403  # as above
from npn.errors.details.onboarding import *  # noqa: F403  # as above
from npn.errors.details.organisations import *  # noqa: F403  # as above
from npn.errors.details.people import *  # noqa: F403  # as above
from npn.errors.details.registry import *  # noqa: F403  # as above
from npn.errors.details.standards import *  # noqa: F403  # as above
from npn.errors.details.systems import *  # noqa: F403  # as above
from npn.errors.details.transport import *  # noqa: F403  # as above
