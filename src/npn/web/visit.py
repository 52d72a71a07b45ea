"""One visit: who, in which language, with what. All that a handler works with."""

import math
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from inspect import isawaitable
from typing import Concatenate, NamedTuple, ParamSpec, TypeVar
from urllib.parse import quote

from npn.errors import NpnError, RefusedError, UnavailableError, errors_of
from npn.health.model import ServiceState
from npn.http.answers import Answer
from npn.http.context import Context
from npn.http.requests import Asked
from npn.people.model import Person
from npn.people.sessions import Session, Visitor
from npn.reading import Reading
from npn.systems.notices import Notice
from npn.tokens import digest_of
from npn.web import cookies, refusals, rendering, state_words
from npn.web.addresses import here, path_of
from npn.web.answers import HTML
from npn.web.cookies import Cookies
from npn.web.forms import Field, Form, SentFields
from npn.web.menu_counts import MENU_COUNTS
from npn.web.navigation import groups
from npn.web.services import WebServices
from npn.web.session_end import SessionExpiry, session_end
from npn.web.texts import LANGUAGES, NAMES, Msgid, Texts, _, texts
from npn.web.uploads import UploadedFile

_HOST = re.compile(r"[A-Za-z0-9.:\[\]_-]{1,260}\Z")
_P = ParamSpec("_P")
_T = TypeVar("_T")


class RepeatCause(Enum):
    """Why a form is shown again with what was typed; `GONE`: nothing is kept of it any more."""

    SIGNED_OUT = "signed out"
    EXPIRED = "expired"
    TOO_LARGE = "too large"
    GONE = "gone"


class RepeatedForm(NamedTuple):
    """A form that was not taken. `kept` finds it; `size` and the `most` are in bytes, of one that is too large."""

    why: RepeatCause
    kept: str = ""
    size: int = 0
    most: int = 0


class OnlyShownError(Exception):
    """A handler wanted to change something while its form is only shown again."""


class Onward(NamedTuple):
    """Where a form leads: a path, and what is said there, translated."""

    path: str
    said: str = ""


@dataclass(slots=True)
class Visit:
    """A request to a page. `sent` is the form's fields, `query` the address's; the first of a repeated name counts."""

    services: WebServices
    context: Context
    request: Asked
    cookies: Cookies
    language: str
    visitor: Visitor | None = None
    arguments: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    sent: Mapping[str, str] = field(default_factory=dict)
    uploads: Sequence[UploadedFile] = ()
    again: RepeatedForm | None = None  # the form was not taken: it is shown, and nothing is changed
    mark: str = ""  # says for whom the visit's pages are made
    age: float | None = None  # seconds that what is shown may be behind; None: read at the primary

    def file(self, name: str) -> bytes | None:
        """Return the file that was chosen in a field; the first of several."""
        return next((file.content for file in self.uploads if file.field == name), None)

    @property
    def person(self) -> Person:
        """Return who visits; only where the route's rule let nobody in without an account."""
        if self.person_or_none is None:
            raise TypeError("a public page has nobody it may count on")
        return self.person_or_none

    @property
    def person_or_none(self) -> Person | None:
        """Return who is signed in, or None."""
        return self.visitor.person if self.visitor is not None and self.visitor.step == "in" else None

    @property
    def texts(self) -> Texts:
        """Return the words of the visit's language."""
        return texts(self.language)

    @property
    def path(self) -> str:
        """Return the path asked for."""
        return str(self.request.scope["path"])

    @property
    def address(self) -> str:
        """Return the service's address: as the operator has set it, else as this page was asked for."""
        if self.services.settings.public_url:
            return self.services.settings.public_url.rstrip("/")
        host = self.request.headers.get("host", "")
        return f"{self.request.scope['scheme']}://{host}" if _HOST.match(host) else ""

    def _address(self) -> str:
        """Return the address asked for; without its query where a private key stands in it."""
        return path_of(self.request.scope) if self.address_had_private_key else here(self.request.scope)

    @property
    def address_had_private_key(self) -> bool:
        """Whether somebody pasted a private key into a search: the address is then shown nowhere."""
        return isinstance(self.query, SentFields) and self.query.had_private_key()

    @property
    def session_digest(self) -> str:
        """Return what a form's token is bound to."""
        return self.visitor.digest if self.visitor is not None else ""

    @property
    def form_token(self) -> str:
        """Return what a form of this visit carries: its token, and the mark that says for whom its page is made."""
        if not self.mark:
            person = self.person_or_none
            self.mark = self.services.kept_forms.mark("" if person is None else person.id)
        return f"{self.cookies.token(self.session_digest)}.{self.mark}"

    @property
    def kept(self) -> str:
        """Return what finds the kept form that is shown, or was sent after all; empty where there is none."""
        return self.again.kept if self.again is not None else self.sent.get("kept", "")

    @property
    def is_only_shown(self) -> bool:
        """Whether a form is shown again, so that nothing may be changed."""
        return self.again is not None and self.again.why is not RepeatCause.GONE

    def text(self, msgid: Msgid, **values: object) -> str:
        """Translate, with values put in: `visit.text(_("%(name)s is suspended."), name=…)`."""
        if not isinstance(msgid, Msgid):  # templates are not type-checked
            raise TypeError("only a text of the program is translated, and takes values")
        words = self.texts.gettext(msgid)
        return words % {name: self.texts.value(value) for name, value in values.items()} if values else words

    def notice(self, notice: Notice) -> str:
        """Return what a room has to say to a system, in the visitor's language."""
        return notice.said_in(self.language)

    def code(self, code: str) -> str:
        """Return what a refusal's code means, in the visitor's language; the code itself where it is not ours."""
        return refusals.text_of_code(self.texts, code) or code

    async def read(self, work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Read in a thread."""
        return await self.context.threads.read(work, *args, **kwargs)

    async def look(self, work: Callable[Concatenate[Reading, _P], _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Read what may be a little old, at a standby where there is one; the page says its age.

        Who has just changed something reads at the primary, and so finds the change.
        """
        if self.cookies.get(cookies.CHANGED):
            return await self.read(work, self.services.readings.primary, *args, **kwargs)
        result, age = await self.context.looked(work, *args, **kwargs)
        if age is not None:
            self.age = max(age, self.age or 0.0)
        return result

    async def write(self, work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Change something, in the writer; the use case gets `by=visit.person.by`."""
        if self.is_only_shown:
            raise OnlyShownError
        return await self.context.threads.write(work, *args, **kwargs)

    def form(self, fields: Sequence[Field], values: Mapping[str, object] | None = None) -> Form:
        """Return the form: on a GET as it is known, on a POST with what was sent, checked."""
        form = Form.of(fields, values)
        is_sent = self.is_only_shown or self.request.scope["method"] == "POST"
        return form.read(self.sent, self.texts) if is_sent else form

    def question(self, fields: Sequence[Field]) -> Form:
        """Return the form of a page that is asked by its address: checked where anything was asked, else empty."""
        form = Form.of(fields)
        parts = ("", "_day", "_month", "_year")
        is_asked = any(self.query.get(f"{name}{part}") for name in form.fields for part in parts)
        return form.read(self.query, self.texts) if is_asked else form

    def _show_again(self, form: Form) -> None:
        """Show a form again: only what made it too large is wrong with it."""
        form.errors, form.parts = {}, {}
        if self.again is None or self.again.why is not RepeatCause.TOO_LARGE:
            return
        for name, entry in form.fields.items():
            over = len(form[name]) - entry.largest
            if over > 0 and entry.kind != "number":
                text = _("%(count)s characters; %(most)s at most: shorten it by %(over)s.")
                count, most = self.texts.number(len(form[name])), self.texts.number(entry.largest)
                form.errors[name] = self.text(text, count=count, most=most, over=self.texts.number(over))
        if not form.errors:
            form.errors[""] = self.too_large(self.again.size, self.again.most)

    def too_large(self, sent: int, most: int) -> str:
        """Return how much a form holds, and how much it may hold."""
        kilobytes = self.texts.number(math.ceil(most / 1024))
        if not sent:
            return self.text(_("It takes %(most)s kB at most."), most=kilobytes)
        text = _("It holds %(sent)s kB and takes %(most)s kB at most.")
        return self.text(text, sent=self.texts.number(math.ceil(sent / 1024)), most=kilobytes)

    def explained(self, error: NpnError) -> str:
        """Return what we say of an error, and when to try again where that helps."""
        seconds = getattr(error, "retry_after", None)
        text = refusals.explained(self.texts, error)
        return f"{text} {self._when_again(seconds)}" if seconds and isinstance(error, RefusedError) else text

    def _when_again(self, seconds: int) -> str:
        if seconds <= 90:
            return self.text(_("Try again in %(seconds)s seconds."), seconds=seconds)
        at = self.services.ledger.clock() + timedelta(seconds=seconds)
        minutes = math.ceil(seconds / 60)
        if minutes > 120:
            return self.text(_("Try again after %(at)s."), at=self.texts.time(at))
        return self.text(_("Try again in %(minutes)s minutes."), minutes=minutes)

    def blame(self, form: Form, error: NpnError) -> None:
        """Put what was refused beside the field it is about: a text of the program, or what we say of the error."""
        for cause in errors_of(error):
            own_text = isinstance(cause.message, Msgid)
            form.blame(cause, cause.message if own_text else self.explained(cause))
        if isinstance(error, RefusedError) and error.retry_after:
            form.status, form.retry_after = refusals.status_of(error), error.retry_after

    async def submit(
        self,
        form: Form,
        action: Callable[[], Awaitable[_T]],
        *,
        then: Onward | Callable[[_T], Answer | Awaitable[Answer]],
        again: Callable[[], Awaitable[Answer]],
        blame: Callable[[Form, NpnError], None] | None = None,
        check: Callable[[], Awaitable[object] | object] | None = None,
    ) -> Answer:
        """Run a form's action; where the form has errors, or the action is refused, show it `again` with them.

        `then`: where to go on, or what answers with the action's result. `blame` puts a refusal beside its field where
        the form needs more than `Visit.blame`. `check`: the domain's own check of the values, which changes nothing:
        it is made of a form with errors too, so that all that is wrong is told at once.
        """
        try:
            outcome = None if check is None else check()
            if isawaitable(outcome):
                await outcome
        except NpnError as error:
            (blame or self.blame)(form, error)
        if form.errors or self.is_only_shown:
            return await again()
        try:
            result = await action()
        except NpnError as error:
            (blame or self.blame)(form, error)
            form.status = 503 if isinstance(error, UnavailableError) else form.status
            return await again()
        if isinstance(then, Onward):
            return self.see_other(then.path, then.said)
        answer = then(result)
        return answer if isinstance(answer, Answer) else await answer

    async def state(self) -> ServiceState:
        """Return the state of the service, at most some seconds old."""
        health = self.services.health
        remembered = health.remembered()
        return await self.context.threads.read_now(health.state) if remembered is None else remembered

    async def _counts(self) -> Mapping[str, int]:
        """Return what waits at the places of the menu; nothing where it can't be counted now: a page needs none."""
        person = self.person_or_none
        if person is None:
            return {}
        remembered = MENU_COUNTS.remembered(person)
        if remembered is not None:
            return remembered
        try:
            return await self.context.threads.read_now(MENU_COUNTS.count, self.services, person)
        except NpnError:
            return {}

    async def page(self, template: str, *, status: int = 0, **values: object) -> Answer:
        """Render a page in a thread; where no status is given it is that of its form if that has errors."""
        form = values.get("form")
        for value in values.values() if self.is_only_shown else ():
            if isinstance(value, Form) and (value.errors or value is form):
                self._show_again(value)
        status = status or (form.status if isinstance(form, Form) and form.errors else 200)
        common = {
            **self._common(),
            "menu": groups(self.person_or_none, self.path, await self._counts()),
            "banner": state_words.banner(self.texts, await self.state(), self.person_or_none),
        }
        common["failed"] = any(isinstance(value, Form) and value.errors for value in values.values())
        body = await self.read(rendering.rendered, self.language, template, {**common, **values})
        headers = (("Vary", "Cookie, Accept-Language"), *self.cookies.headers())
        if isinstance(form, Form) and form.retry_after:
            headers = (*headers, ("Retry-After", str(form.retry_after)))
        if self.age is not None:
            headers = (*headers, ("Npn-Data-Age", f"{self.age:.1f}"))
        return Answer(body, status, HTML, headers)

    def see_other(self, path: str, said: str = "") -> Answer:
        """Go on after a form: nothing is sent twice by reloading. `said` is shown, translated, on the next page."""
        if self.person_or_none is not None:
            MENU_COUNTS.forget(self.person_or_none)
        if said:
            self.cookies.say(self.texts.translated(said))
        return Answer(b"", 303, "text/plain; charset=utf-8", (("Location", path), *self.cookies.headers()))

    def keep(self, session: Session) -> None:
        """Set the browser's session; the visitor's secret is made again with it."""
        self.mark = ""
        self.cookies.set(cookies.SESSION, session.token)
        if self.visitor is not None:
            self.visitor = replace(self.visitor, digest=digest_of(session.token), step=session.step)
        self.cookies.sent.pop(cookies.VISITOR, None)
        self.cookies.set(cookies.VISITOR, "")
        self.cookies.visitor()

    def _session_end(self) -> SessionExpiry | None:
        visitor = self.visitor if self.person_or_none is not None else None
        return None if visitor is None else session_end(visitor, self.services.ledger.clock())

    def _common(self) -> dict[str, object]:
        """Return what every template may use."""
        person, settings = self.person_or_none, self.services.settings
        return {
            "visit": self,
            "person": person,
            "session_end": self._session_end(),
            "installation": settings.installation,
            "authority_name": settings.authority_name,
            "authority_contact": settings.authority_contact,
            "searched": self.query.get("q", "") if self.path == "/search" else "",
            "said": self.cookies.said(),
            "languages": [(language, NAMES[language]) for language in LANGUAGES if language != self.language],
            "here": quote(self._address(), safe=""),
            "printed_at": datetime.now(UTC),
            "printed_from": f"{self.address}{self._printed_path()}",
        }

    def _printed_path(self) -> str:
        """Return the page's path as paper shows it: without the secret of a private link or of a sign-in."""
        path = self.path if self.path.startswith("/sign-in") else self._address()
        for name, value in self.arguments.items():
            path = path.replace(value, "…") if value and name.endswith("link") else path
        return path
