"""One system's page: how is it? Three figures, a line for each thing that can be in order or not, and its series."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from npn.agreements.model import AgreementStanding, Stage
from npn.errors import NotFoundError
from npn.http.answers import Answer
from npn.registry.service import SeriesPage, SpaceParts
from npn.stock.cover import Colour, Cover
from npn.support.contacts import Contact
from npn.support.facts import SystemFacts
from npn.support.model import CaseState
from npn.systems.model import Certificate, ConnectedSystem, SystemState
from npn.transport.model import Plan, Usage
from npn.web.pages.systems.systems import LOOKERS, as_system
from npn.web.routes import get
from npn.web.rules import theirs
from npn.web.services import WebServices
from npn.web.texts import Msgid, Texts, _
from npn.web.visit import Visit

_DAYS = 30
_SOON = timedelta(days=30)
_STYLES = {Colour.GREEN: "good", Colour.AMBER: "warn", Colour.RED: "bad", Colour.UNKNOWN: ""}


@dataclass(frozen=True, slots=True)
class StateLine:
    """One thing of a system: how it is, in a word and in a sentence, and the page on which it is dealt with."""

    label: Msgid
    path: str
    style: str
    word: Msgid
    text: str


@dataclass(frozen=True, slots=True)
class SystemPicture:
    """What one system's page shows, read in one go."""

    facts: SystemFacts
    aliases: Sequence[str]
    cover: Cover | None
    standing: AgreementStanding
    accepts: bool
    plan: Plan
    used: Usage
    certificates: Sequence[Certificate]
    cases: int
    series: SeriesPage
    lines: Sequence[SpaceParts]

    @property
    def system(self) -> ConnectedSystem:
        """Return the system."""
        return self.facts.system

    @property
    def contacts(self) -> Sequence[Contact]:
        """Return the contacts that somebody has named."""
        return [contact for contact in self.facts.contacts if contact.name or contact.email]


@get("/systems/{system}", theirs(*LOOKERS))
async def show_system(visit: Visit) -> Answer:
    """Show one system."""
    picture = await visit.read(_picture, visit.services, visit.arguments["system"])
    return await visit.page(
        "systems/system.html",
        picture=picture,
        system=picture.system,
        lines=list(_lines(visit.texts, picture, visit.services.ledger.clock())),
        styles=_STYLES,
        acts=visit.person.may_act_for(picture.system.id),
    )


def _picture(services: WebServices, system_id: str) -> SystemPicture:
    facts = services.facts.of(system_id)
    if facts is None:
        raise NotFoundError("there is no such system", field="system")
    return SystemPicture(
        facts=facts,
        aliases=services.systems.aliases().get(system_id, []),
        cover=services.pictures.latest().covers.get(system_id),
        standing=services.agreements.standing(system_id),
        accepts=bool(services.agreements.versions()),
        plan=services.transport.plan(),
        used=services.transport.usage(days=_DAYS, system=system_id).get(system_id) or Usage(system_id),
        certificates=services.certificates.of(system_id),
        cases=len(services.cases.some(states=(CaseState.OPEN, CaseState.WAITING), systems={system_id})),
        series=services.registry.page(by=as_system(system_id), before=None, limit=10),
        lines=services.registry.line(system_id),
    )


def _lines(texts: Texts, picture: SystemPicture, now: datetime) -> Iterator[StateLine]:
    """Judge each thing; what can't be known is said to be unknown."""
    for judge in (_state, _stock, _agreement, _transport, _certificates, _keys, _contacts, _cases):
        yield judge(texts, picture, now)


def _line(label: Msgid, picture: SystemPicture, page: str) -> Callable[[str, Msgid, str], StateLine]:
    path = f"/systems/{picture.system.id}{page}"
    return lambda style, word, text: StateLine(label, path, style, word, text)


def _counted(texts: Texts, n: int, *, one: Msgid, many: Msgid) -> str:
    return texts.gettext(one if n == 1 else many) % {"n": texts.number(n)}


def _state(texts: Texts, picture: SystemPicture, _now: datetime) -> StateLine:
    line = _line(_("Access"), picture, "")
    if picture.system.state is SystemState.ACTIVE:
        return line("good", _("Given"), texts.gettext(_("The system may draw.")))
    if picture.system.state is SystemState.CLOSED:
        return line("", _("Closed"), texts.gettext(_("The system was closed for good; its numbers stay its own.")))
    return line("bad", _("Suspended"), texts.gettext(_("The system may not draw.")))


def _stock(texts: Texts, picture: SystemPicture, _now: datetime) -> StateLine:
    line, cover = _line(_("Stock"), picture, "/stock"), picture.cover
    if cover is None or cover.colour is Colour.UNKNOWN:
        unknown = _("The system has not reported its stock, and has drawn too little to estimate it.")
        return line("", _("Unknown"), texts.gettext(unknown))
    estimated = cover.source != "reported"
    source = _("Estimated from its draws.") if estimated else _("Reported by the system.")
    if cover.days is None:
        return line("good", _("In order"), texts.gettext(_("No numbers are used.")) + " " + texts.gettext(source))
    one, many = (
        _("Lasts %(n)s day; six months (183 days) are agreed."),
        _("Lasts %(n)s days; six months (183 days) are agreed."),
    )
    text = _counted(texts, int(cover.days), one=one, many=many)
    word = _("In order") if cover.colour is Colour.GREEN else _("Low")
    return line(_STYLES[cover.colour], word, f"{text} {texts.gettext(source)}")


def _agreement(texts: Texts, picture: SystemPicture, _now: datetime) -> StateLine:
    line, standing = _line(_("Agreement"), picture, "/agreement"), picture.standing
    if not picture.accepts:
        return line("", _("None yet"), texts.gettext(_("No connection agreement has been published.")))
    if standing.accepted is None:
        text = texts.gettext(_("The owner has not accepted the connection agreement."))
        style = "bad" if standing.stage is Stage.REFUSE else "warn"
        return line(style, _("Not accepted"), text)
    values = {"version": standing.accepted}
    if standing.stage is Stage.NONE:
        return line("good", _("Accepted"), texts.gettext(_("Version %(version)s is accepted.")) % values)
    text = texts.gettext(_("Version %(version)s is accepted; a newer one is waiting for the owner.")) % values
    return line("bad" if standing.stage is Stage.REFUSE else "warn", _("Newer version"), text)


def _transport(texts: Texts, picture: SystemPicture, _now: datetime) -> StateLine:
    line, used = _line(_("Transport"), picture, "/transport"), picture.used
    ends = picture.plan.ends_for(picture.system.id)
    if used.plain:
        one, many = _("%(n)s call over plain HTTP in 30 days."), _("%(n)s calls over plain HTTP in 30 days.")
        text = _counted(texts, used.plain, one=one, many=many)
        if ends is not None:
            text += " " + texts.gettext(_("Plain HTTP ends for the system on %(day)s.")) % {"day": texts.date(ends)}
        return line("warn" if ends is None else "bad", _("Plain HTTP"), text)
    if used.secure:
        return line("good", _("Encrypted"), texts.gettext(_("All calls in the last 30 days came over TLS.")))
    return line("", _("Unknown"), texts.gettext(_("The system has not called in the last 30 days.")))


def _certificates(texts: Texts, picture: SystemPicture, now: datetime) -> StateLine:
    line = _line(_("Certificates"), picture, "/certificates")
    valid = [c for c in picture.certificates if c.ended_at is None]
    if not valid:
        return line("", _("None"), texts.gettext(_("No certificate is linked to the system; it calls with a key.")))
    last = max(c.not_after for c in valid)
    values = {"day": texts.date(last)}
    if last <= now:
        return line("bad", _("Expired"), texts.gettext(_("The last certificate expired on %(day)s.")) % values)
    text = texts.gettext(_("The last certificate is valid until %(day)s.")) % values
    return line("warn" if last - now < _SOON else "good", _("Expires soon") if last - now < _SOON else _("Valid"), text)


def _keys(texts: Texts, picture: SystemPicture, _now: datetime) -> StateLine:
    line, keys = _line(_("Keys"), picture, "/keys"), picture.facts.keys
    if not keys:
        return line("", _("None"), texts.gettext(_("The system has no key in force.")))
    return line(
        "good", _("In force"), _counted(texts, keys, one=_("%(n)s key in force."), many=_("%(n)s keys in force."))
    )


def _contacts(texts: Texts, picture: SystemPicture, _now: datetime) -> StateLine:
    line, contacts = _line(_("Contacts"), picture, "/contacts"), picture.contacts
    if not contacts:
        return line("warn", _("Missing"), texts.gettext(_("The system has no contacts.")))
    if not any(contact.kind == "on_call" for contact in contacts):
        return line("warn", _("Nobody on call"), texts.gettext(_("Nobody is named to be called at night.")))
    return line("good", _("Named"), ", ".join(contact.name for contact in contacts))


def _cases(texts: Texts, picture: SystemPicture, _now: datetime) -> StateLine:
    text = _counted(texts, picture.cases, one=_("%(n)s open case."), many=_("%(n)s open cases."))
    path = f"/cases?{urlencode({'q': picture.system.name})}"
    if not picture.cases:
        return StateLine(_("Cases"), path, "good", _("None open"), texts.gettext(_("There are no open cases.")))
    return StateLine(_("Cases"), path, "warn", _("Under way"), text)
