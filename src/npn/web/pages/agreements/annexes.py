"""The agreement's annex for a vendor: what its systems still lack, explained, as a page and assembled into the PDF."""

from npn.agreements.annex import Annex, annex_for
from npn.agreements.model import Language
from npn.agreements.printed import annex_pdf
from npn.agreements.service import Agreements
from npn.agreements.status import Status
from npn.errors import NotFoundError
from npn.http.answers import Answer
from npn.instants import time_in
from npn.people.model import Person
from npn.systems.service import Systems
from npn.web.answers import download
from npn.web.pages.agreements.agreement import (
    COLOURS,
    VERDICTS,
    TextEdition,
    body,
    edition,
    evidence_of,
    language_of,
    vendors_of,
)
from npn.web.pages.people.names import names_of
from npn.web.pages.systems.systems import LOOKERS
from npn.web.routes import get
from npn.web.rules import only
from npn.web.visit import Visit


async def _annex(visit: Visit, vendor: str) -> tuple[TextEdition, Annex]:
    """Assemble a vendor's annex of the systems that the visitor sees. Raises NotFoundError."""
    services = visit.services
    return await visit.read(
        _annex_for,
        services.agreements,
        services.requirements,
        services.systems,
        person=visit.person,
        vendor=vendor,
        language=language_of(visit),
    )


def _annex_for(
    agreements: Agreements,
    requirements: Status,
    systems: Systems,
    *,
    person: Person,
    vendor: str,
    language: Language,
) -> tuple[TextEdition, Annex]:
    current = edition(agreements, "", language)
    if current is None or vendor not in vendors_of(systems, person):
        raise NotFoundError("there is no such vendor, or not for this visitor", field="vendor")
    checked = [(s, checks) for s, checks in requirements.of_all(current.text) if person.may_see(s.id)]
    return current, annex_for(vendor, current.text, checked)


@get("/agreement/annex", only(*LOOKERS))
async def show_annex(visit: Visit) -> Answer:
    """Show a vendor's annex; without a vendor those there are."""
    vendors = await visit.read(vendors_of, visit.services.systems, visit.person)
    vendor = visit.query.get("vendor", vendors[0] if len(vendors) == 1 else "")
    if not vendor:
        return await visit.page("agreements/annexes.html", vendors=vendors)
    language = language_of(visit)
    current, annex = await _annex(visit, vendor)
    names = await visit.read(names_of, visit.services.accounts)
    return await visit.page(
        "agreements/annex.html",
        edition=current,
        annex=annex,
        body=body,
        evidence=lambda check: evidence_of(check, language, names),
        verdicts=VERDICTS,
        colours=COLOURS,
    )


@get("/agreement/annex.pdf", only(*LOOKERS))
async def give_annex(visit: Visit) -> Answer:
    """Return the agreement with the vendor's annex on paper."""
    language, vendor = language_of(visit), visit.query.get("vendor", "")
    current, annex = await _annex(visit, vendor)
    names = await visit.read(names_of, visit.services.accounts)
    pdf = await visit.read(
        annex_pdf,
        current.version,
        language,
        annex,
        evidence=lambda check: evidence_of(check, language, names),
        at=time_in(language, visit.services.ledger.clock()),
    )
    safe = "".join(c if c.isascii() and c.isalnum() else "-" for c in vendor.lower())[:60]
    name = f"npn-agreement-{current.version.number}-{safe}-{language}.pdf"
    return download(pdf, name=name, media_type="application/pdf")
