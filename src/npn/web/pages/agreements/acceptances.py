"""One acceptance: what was signed, as paper and as the signature itself, and its end; and a system's respite."""

from dataclasses import dataclass

from npn.agreements.model import Acceptance, AgreementStanding, Respite, Version
from npn.agreements.printed import acceptance_pdf
from npn.agreements.service import Agreements
from npn.errors import NotFoundError
from npn.http.answers import Answer
from npn.people.model import AccountRole
from npn.systems.model import ConnectedSystem
from npn.systems.service import Systems
from npn.web.answers import download
from npn.web.checking import submit_checked, summary
from npn.web.forms import Field, Form
from npn.web.pages.agreements.agreement import language_of
from npn.web.pages.agreements.requirement import check_coming, coming_day
from npn.web.pages.people.names import names_of
from npn.web.pages.systems.systems import LOOKERS
from npn.web.routes import get, post
from npn.web.rules import theirs
from npn.web.texts import _
from npn.web.visit import Onward, Visit

OPERATOR = AccountRole.OPERATOR
_PATH = "/systems/{system}/agreement/acceptances/{acceptance}"
_END = (
    Field(
        "reason",
        _("Reason"),
        largest=400,
        hint=_("Such as: given by mistake, or terminated by the owner. It is kept in the ledger; name no persons."),
    ),
)
_ENDING = (
    _("The system counts as one that has not accepted, and may be refused draws from the days that were set."),
    _("What was signed stays in the ledger. It can't be taken up again: the owner would have to accept again."),
)
_RESPITE = (
    Field("until", _("Until"), kind="date", hint=_("The first day on which the system may be refused new series.")),
    Field("reason", _("Reason"), largest=400, hint=_("It is stored in the ledger, so name no persons.")),
)


@dataclass(frozen=True, slots=True)
class _Accepted:
    """What the page shows."""

    system: ConnectedSystem
    acceptance: Acceptance
    version: Version


async def _accepted(visit: Visit) -> _Accepted:
    """Find an acceptance among those of the system in the address. Raises NotFoundError."""
    services, arguments = visit.services, visit.arguments
    return await visit.read(
        _acceptance_of,
        services.agreements,
        services.systems,
        system_id=arguments["system"],
        wanted=arguments["acceptance"],
    )


def _acceptance_of(agreements: Agreements, systems: Systems, *, system_id: str, wanted: str) -> _Accepted:
    acceptance = next((a for a in agreements.acceptances(system_id, ended=True) if a.id == wanted), None)
    if acceptance is None:
        raise NotFoundError("the system has no such acceptance", field="acceptance")
    version = agreements.version(acceptance.number, agreement=acceptance.agreement)
    return _Accepted(systems.get(system_id), acceptance, version)


@get(_PATH, theirs(*LOOKERS))
async def show_acceptance(visit: Visit) -> Answer:
    """Show who accepted what, and what the service signed."""
    return await _acceptance_page(visit, visit.form(_END))


async def _acceptance_page(visit: Visit, form: Form) -> Answer:
    record = await _accepted(visit)
    return await visit.page(
        "agreements/acceptance.html",
        system=record.system,
        acceptance=record.acceptance,
        version=record.version,
        form=form,
        names=await visit.read(names_of, visit.services.accounts),
        path=f"/systems/{record.system.id}/agreement/acceptances/{record.acceptance.id}",
    )


@get(f"{_PATH}/pdf", theirs(*LOOKERS))
async def give_signed(visit: Visit) -> Answer:
    """Return the version as it was accepted, with the signature, on paper."""
    record, language = await _accepted(visit), language_of(visit)
    pdf = await visit.read(acceptance_pdf, record.version, language, record.acceptance)
    name = f"npn-agreement-{record.acceptance.number}-{record.system.id}-{language}.pdf"
    return download(pdf, name=name, media_type="application/pdf")


@get(f"{_PATH}/jws", theirs(*LOOKERS))
async def give_signature(visit: Visit) -> Answer:
    """Return the signature itself, to be verified with the service's keys."""
    record = await _accepted(visit)
    name = f"npn-agreement-{record.acceptance.number}-{record.system.id}.jws"
    return download(record.acceptance.signed.encode("ascii"), name=name, media_type="application/jose")


@post(f"{_PATH}/end", theirs(OPERATOR))
async def end_acceptance(visit: Visit) -> Answer:
    """End an acceptance; it stays among those that were."""
    record, form = await _accepted(visit), visit.form(_END)
    end = visit.services.agreements.end_acceptance
    return await submit_checked(
        visit,
        form,
        lambda: visit.write(end, record.acceptance.id, by=visit.person.by, reason=form["reason"]),
        then=Onward(f"/systems/{record.system.id}/agreement", _("The acceptance has ended.")),
        again=lambda: _acceptance_page(visit, form),
        answers=lambda: summary(
            visit,
            form,
            title=visit.text(_("End the acceptance?")),
            button=_("End the acceptance"),
            meaning=_ENDING,
            about=(
                (visit.text(_("System")), record.system.name),
                (visit.text(_("Version")), str(record.version.number)),
                (visit.text(_("Who accepted")), record.acceptance.accepted_by),
            ),
        ),
    )


def _spared(
    agreements: Agreements, systems: Systems, system_id: str
) -> tuple[ConnectedSystem, AgreementStanding, Respite | None]:
    respite = next((row for row in agreements.respites() if row.system == system_id), None)
    return systems.get(system_id), agreements.standing(system_id), respite


@get("/systems/{system}/agreement/respite", theirs(OPERATOR))
async def show_respite(visit: Visit) -> Answer:
    """Ask until when a system is not refused."""
    return await _respite_page(visit, visit.form(_RESPITE))


async def _respite_page(visit: Visit, form: Form) -> Answer:
    services = visit.services
    system, standing, respite = await visit.read(
        _spared, services.agreements, services.systems, visit.arguments["system"]
    )
    return await visit.page("agreements/respite.html", system=system, standing=standing, respite=respite, form=form)


@post("/systems/{system}/agreement/respite", theirs(OPERATOR))
async def grant_respite(visit: Visit) -> Answer:
    """Have a system not refused before a day."""
    form, system = visit.form(_RESPITE), visit.arguments["system"]
    return await visit.submit(
        form,
        lambda: visit.write(
            visit.services.agreements.grant_respite,
            system,
            until=coming_day(visit, form["until"], "until"),
            reason=form["reason"],
            by=visit.person.by,
        ),
        then=Onward(f"/systems/{system}/agreement", _("The respite is given.")),
        again=lambda: _respite_page(visit, form),
        check=lambda: check_coming(visit, form),
    )


@post("/systems/{system}/agreement/respite/end", theirs(OPERATOR))
async def end_respite(visit: Visit) -> Answer:
    """End a system's respite today."""
    system_id = visit.arguments["system"]
    agreements = visit.services.agreements
    _system, _standing, respite = await visit.read(_spared, agreements, visit.services.systems, system_id)
    if respite is not None:
        grant = agreements.grant_respite
        await visit.write(grant, system_id, until=agreements.today, reason="ended in the pages", by=visit.person.by)
    return visit.see_other(f"/systems/{system_id}/agreement", _("The respite has ended."))
