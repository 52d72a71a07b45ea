"""A form that could not be taken is shown again with what was typed: nothing is sent until somebody presses again.

It is shown by the handler that takes it, which stops before its action: `Visit.write` and `Visit.submit` change nothing
then. It may be too old (its session ended, or another began), too large, or kept while nobody was signed in.
"""

from collections.abc import Mapping
from dataclasses import fields as dataclass_fields
from dataclasses import replace

from npn.errors import NpnError, RefusedError, codes
from npn.http.answers import Answer, Reply
from npn.http.context import Context
from npn.people.kept_forms import without_keys
from npn.registry.draws import GrantedSeries
from npn.registry.model import Draw
from npn.web.addresses import path_of, with_next
from npn.web.form_pages import form_page
from npn.web.routes import Route
from npn.web.sending import KEPT, FormTooLargeError, SentForm, expired, without_secrets
from npn.web.texts import _
from npn.web.visit import OnlyShownError, RepeatCause, RepeatedForm, Visit

_STATUS = {RepeatCause.SIGNED_OUT: 200, RepeatCause.EXPIRED: 403, RepeatCause.TOO_LARGE: 413}
_SIGNED_OUT = _("You were signed out, so nothing was sent. Sign in again, and press once more.")
_KEPT = _(
    "You were signed out. What you filled in is kept for an hour: sign in, and it is shown again. Nothing was sent."
)


class _OnlyLooking(Context):
    """A context in which nothing is drawn."""

    async def draw(self, draw: Draw) -> GrantedSeries:  # noqa: ARG002  # as in the class above it
        """Draw nothing."""
        raise OnlyShownError


async def to_sign_in(visit: Visit, route: Route, sent: SentForm | None, *, page: str) -> Answer:
    """Keep what was sent while nobody was signed in, and lead to it by way of the sign-in; else to the form's page."""
    token = await keep_for_owner(visit, route, sent)
    back = f"{path_of(visit.request.scope)}?{KEPT}={token}" if token else page
    return visit.see_other(with_next("/sign-in", back), _KEPT if token else _SIGNED_OUT)


async def keep_for_owner(visit: Visit, route: Route, sent: SentForm | None) -> str:
    """Keep a form for the person for whom its page was made; return what finds it, empty where it is not kept."""
    if sent is None or not sent.owner or not route.again or route.rule.is_public or sent.size > route.largest:
        return ""
    fields = without_secrets(sent.fields)
    is_own = visit.person_or_none is not None and visit.person.id == sent.owner  # and refused: it would be so again
    if is_own or not any(fields.values()):
        return ""
    return await visit.write(visit.services.kept_forms.keep, sent.owner, visit.path, fields)


async def not_taken(visit: Visit, route: Route, sent: SentForm) -> Reply:
    """Show a form again that is too old or too large; only to the person for whom its page was made."""
    account = "" if visit.person_or_none is None else visit.person_or_none.id
    if sent.owner and sent.owner != account:
        await keep_for_owner(visit, route, sent)
        raise RefusedError("the form is another person's", code=codes.FORM_OF_ANOTHER)
    too_large = sent.size > route.largest
    if not route.again or (not sent.sound and sent.owner is None):
        raise FormTooLargeError(sent=sent.size, most=route.largest) if too_large else expired()
    why = RepeatCause.TOO_LARGE if too_large else RepeatCause.EXPIRED
    visit.again = RepeatedForm(why, size=sent.size, most=route.largest)
    return await show_again(visit, route, without_secrets(sent.fields))


async def show_kept(visit: Visit, route: Route, fields: Mapping[str, str], *, token: str) -> Reply:
    """Show a kept form to the person whose it is."""
    visit.again = RepeatedForm(RepeatCause.SIGNED_OUT, kept=token)
    return await show_again(visit, route, fields)


async def show_again(visit: Visit, route: Route, fields: Mapping[str, str]) -> Reply:
    """Have the form's handler show it, filled; where it can't, show the words that were typed."""
    assert visit.again is not None  # noqa: S101  # set by the callers above
    visit.sent, status = without_keys(fields), _STATUS[visit.again.why]
    visit.context = _OnlyLooking(**{part.name: getattr(visit.context, part.name) for part in dataclass_fields(Context)})
    try:
        answer = await route.handler(visit)
    except (OnlyShownError, NpnError):
        answer = None
    if isinstance(answer, Answer) and answer.status != 303:
        return replace(answer, status=status)
    words = [value for value in visit.sent.values() if any(c.isspace() for c in value.strip())]
    page = await form_page(visit, route)
    return await visit.page("words_again.html", status=status, words=words, form_page=page)
