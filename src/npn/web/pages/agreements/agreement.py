"""The connection agreement: its text for everybody, where one system stands with it, and its acceptance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from markupsafe import Markup

from npn.agreements import html
from npn.agreements.documents import in_force
from npn.agreements.model import (
    Acceptance,
    AgreementStanding,
    Evidence,
    Language,
    Stage,
    Version,
    VersionNumber,
)
from npn.agreements.printed import version_pdf
from npn.agreements.requirements import Check, Verdict
from npn.agreements.service import Agreements
from npn.agreements.status import Status
from npn.agreements.text import AgreementText, Section, read
from npn.errors import NotFoundError, codes
from npn.http.answers import Answer
from npn.people.model import AccountRole, Person
from npn.systems.model import ConnectedSystem
from npn.systems.service import Systems
from npn.web.answers import download
from npn.web.forms import Field, Form
from npn.web.pages.people.names import names_of
from npn.web.pages.systems.systems import LOOKERS
from npn.web.routes import get, post
from npn.web.rules import public, theirs
from npn.web.texts import _
from npn.web.visit import Visit

OWNERS = (AccountRole.OWNER, AccountRole.REGION)  # the parties; a vendor is not one
_ACCEPTS = (AccountRole.OPERATOR, *OWNERS)
_TICK = _("Tick this to accept.")
_VERSION = Field("version", _("Version"), kind="hidden", largest=12)
_CAPACITY = Field(
    "capacity", _("Capacity"), hint=_("The signatory's role, e.g. head of laboratory. It is part of what is signed.")
)
_OWN = (
    _VERSION,
    _CAPACITY,
    Field(
        "read", _("I have read the agreement and accept it on behalf of the owner."), kind="checkbox", unticked=_TICK
    ),
)
_ON_BEHALF = (
    _VERSION,
    Field("accepted_by", _("Who accepted"), hint=_("The person at the owner.")),
    _CAPACITY,
    Field("evidence", _("Evidence"), hint=_("For example a signed document, and where it is kept."), largest=400),
    Field(
        "read",
        _("The owner has accepted the agreement, and I have seen the evidence."),
        kind="checkbox",
        unticked=_TICK,
    ),
)
VERDICTS = {Verdict.MET: _("met"), Verdict.NOT_MET: _("not met"), Verdict.UNKNOWN: _("not known")}
COLOURS = {Verdict.MET: "good", Verdict.NOT_MET: "bad", Verdict.UNKNOWN: "warn"}


@dataclass(frozen=True, slots=True)
class TextEdition:
    """A version in one language, with what stands around it."""

    version: Version
    text: AgreementText
    in_force: bool
    others: Sequence[Version]


def language_of(visit: Visit) -> Language:
    """Return the agreement's language for a visit."""
    return Language(visit.language)


def edition(agreements: Agreements, wanted: str, language: Language) -> TextEdition | None:
    """Return the version asked for, else the one in force, else the first to come; None where none is published."""
    versions = agreements.versions()
    if not versions and not wanted:
        return None
    version = agreements.version(VersionNumber.parse(wanted) if wanted else None)
    current = in_force(versions, agreements.today)
    others = [other for other in reversed(versions) if other.number != version.number]
    return TextEdition(version, read(version.texts[language]), current == version, others)


@get("/agreement", public())
async def show_text(visit: Visit) -> Answer:
    """Show the agreement in force, or the version asked for."""
    wanted = await visit.read(edition, visit.services.agreements, visit.query.get("version", ""), language_of(visit))
    agreements, systems, person = visit.services.agreements, visit.services.systems, visit.person_or_none
    own = await visit.read(_own_standings, agreements, systems, person)
    vendors = [] if person is None else await visit.read(vendors_of, systems, person)
    return await visit.page("agreements/agreement.html", edition=wanted, lead=lead, body=body, own=own, vendors=vendors)


def lead(text: AgreementText) -> Markup:
    """Return what stands before the first section, for a page."""
    return Markup(html.lead(text))  # noqa: S704  # the room escapes all of it


def body(section: Section) -> Markup:
    """Return what stands under a section's heading, for a page."""
    return Markup(html.body(section))  # noqa: S704  # the room escapes all of it


def _own_standings(
    agreements: Agreements, systems: Systems, person: Person | None
) -> list[tuple[ConnectedSystem, AgreementStanding]]:
    """Return where the systems of somebody who has some stand; nothing for those who see all, or none."""
    if person is None or not person.sees:
        return []
    standings = {standing.system: standing for standing in agreements.standings()}
    return [(system, standings[system.id]) for system in systems.list() if person.may_see(system.id)]


def vendors_of(systems: Systems, person: Person) -> list[str]:
    """Return the vendors whose systems somebody sees."""
    return sorted({system.vendor for system in systems.list() if person.may_see(system.id)}, key=str.casefold)


@get("/agreement.pdf", public())
async def give_pdf(visit: Visit) -> Answer:
    """Return the same on paper."""
    language = language_of(visit)
    wanted = await visit.read(edition, visit.services.agreements, visit.query.get("version", ""), language)
    if wanted is None:
        raise NotFoundError("no agreement is published yet", code=codes.UNKNOWN_VERSION)
    pdf = await visit.read(version_pdf, wanted.version, language)
    name = f"npn-agreement-{wanted.version.number}-{language}.pdf"
    return download(pdf, name=name, media_type="application/pdf")


@dataclass(frozen=True, slots=True)
class _SystemAgreement:
    """What a system's page shows. `offered`: the version that may be accepted now, None where all are."""

    system: ConnectedSystem
    standing: AgreementStanding
    current: Version | None
    text: AgreementText | None
    checks: list[Check]
    acceptances: list[Acceptance]
    offered: Version | None


def _system_agreement(
    agreements: Agreements, requirements: Status, systems: Systems, *, system_id: str, language: Language
) -> _SystemAgreement:
    versions, today = agreements.versions(), agreements.today
    standing = agreements.standing(system_id)
    current = in_force(versions, today) or (versions[0] if versions else None)
    text = None if current is None else read(current.texts[language])
    return _SystemAgreement(
        system=systems.get(system_id),
        standing=standing,
        current=current,
        text=text,
        checks=[] if text is None else requirements.glimpsed(system_id, text),
        acceptances=agreements.acceptances(system_id, ended=True),
        offered=_offered(versions, today, standing.accepted),
    )


def _offered(versions: list[Version], today: date, accepted: VersionNumber | None) -> Version | None:
    """Return the oldest version that is neither superseded nor covered by what was accepted."""
    current = in_force(versions, today)
    still = [version for version in versions if current is None or version.number >= current.number]
    return next((version for version in still if accepted is None or version.number > accepted), None)


@get("/systems/{system}/agreement", theirs(*LOOKERS))
async def show_standing(visit: Visit) -> Answer:
    """Show what the system meets of the agreement, and who accepted it."""
    return await _standing_page(visit, None)


async def _standing_page(visit: Visit, form: Form | None) -> Answer:
    services, system_id = visit.services, visit.arguments["system"]
    picture = await visit.read(
        _system_agreement,
        services.agreements,
        services.requirements,
        services.systems,
        system_id=system_id,
        language=language_of(visit),
    )
    fields = _ON_BEHALF if visit.person.is_operator else _OWN
    offered = "" if picture.offered is None else str(picture.offered.number)
    form = form or Form.of(fields)
    form.values.update(version=offered, read="")  # what is shown is what is accepted
    names = await visit.read(names_of, services.accounts)
    return await visit.page(
        "agreements/system_agreement.html",
        system=picture.system,
        picture=picture,
        form=form,
        accepts=visit.person.role in _ACCEPTS and visit.person.may_act_for(system_id),
        refused=picture.standing.stage is Stage.REFUSE,
        evidence=lambda check: evidence_of(check, language_of(visit), names),
        respite=next((r for r in await visit.read(services.agreements.respites) if r.system == system_id), None),
        verdicts=VERDICTS,
        colours=COLOURS,
    )


def evidence_of(check: Check, language: Language, names: Mapping[str, str]) -> str:
    """Return the evidence; who recorded it by name, where the ledger's word is an account's."""
    by = str(check.seen.values.get("by", ""))
    return replace(check.seen, values={**check.seen.values, "by": names.get(by, by)}).told(language)


@post("/systems/{system}/agreement", theirs(*_ACCEPTS))
async def accept(visit: Visit) -> Answer:
    """Accept the version that the form showed, for this system."""
    form, person = visit.form(_ON_BEHALF if visit.person.is_operator else _OWN), visit.person
    return await visit.submit(
        form,
        lambda: visit.write(
            visit.services.agreements.accept,
            visit.arguments["system"],
            by=person.by,
            accepted_by=form["accepted_by"] if person.is_operator else person.name,
            capacity=form["capacity"],
            number=VersionNumber.parse(form["version"]),
            evidence=Evidence(form["evidence"]) if person.is_operator else None,
        ),
        then=lambda acceptance: visit.see_other(
            f"/systems/{acceptance.system}/agreement",
            visit.text(_("Version %(version)s is accepted for the system."), version=acceptance.number),
        ),
        again=lambda: _standing_page(visit, form),
    )
