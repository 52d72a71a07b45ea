"""The search in the header: whatever somebody has in hand (a name, a number, a case, an address) leads to its page."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from npn.http.answers import Answer
from npn.people.model import AccountRole, Person
from npn.support.model import CaseState
from npn.systems.model import ConnectedSystem
from npn.web.forms import Field
from npn.web.navigation import MENU
from npn.web.pages.documents.documents import found
from npn.web.routes import get
from npn.web.rules import signed_in
from npn.web.services import WebServices
from npn.web.texts import Msgid, Texts, _
from npn.web.visit import Visit
from npn.wording import has_words

_SHOWN = 20
_DOCUMENTS_SHOWN = 5  # of many: everything else comes first
_NUMBER = re.compile(r"[0-9][0-9 .\u00a0\u202f-]{4,40}[0-9]\Z")
_CASE = re.compile(r"(?:NPN-)?([1-9][0-9]{0,8})(?:-[a-z0-9]{10})?\Z", re.IGNORECASE)
_QUERY = (Field("q", _("Search"), required=False, largest=100),)


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One thing that fits: its name, what it is beside that, and its page."""

    path: str
    name: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class SearchGroup:
    """What fits of one kind; `more` further ones are not shown, and `path` leads to all of them."""

    label: Msgid
    hits: tuple[SearchHit, ...]
    more: int = 0
    path: str = ""


@get("/search", signed_in())
async def search(visit: Visit) -> Answer:
    """Show everything that the visitor may see and that fits what they look for."""
    form = visit.form(_QUERY, visit.query)
    words = " ".join(form["q"].split())
    groups = await visit.read(_groups, visit.services, visit.person, words, texts=visit.texts) if words else []
    return await visit.page("search.html", form=form, words=words, groups=groups)


def _groups(services: WebServices, person: Person, words: str, *, texts: Texts) -> list[SearchGroup]:
    systems = [system for system in services.systems.list() if person.may_see(system.id)]
    finders: tuple[Callable[[], SearchGroup], ...] = (
        lambda: _numbers(words),
        lambda: _systems(services, systems, words, person=person),
        lambda: _cases(services, person, words, systems=systems),
        lambda: _contacts(services, systems, words, person=person),
        lambda: _organisations(services, person, words),
        lambda: _accounts(services, person, words),
        lambda: _pages(person, words, texts),
        lambda: _documents(words, texts.language),
    )
    return [group for group in (find() for find in finders) if group.hits]


def _group(label: Msgid, hits: Iterator[SearchHit], path: str = "") -> SearchGroup:
    every = list(hits)
    return SearchGroup(label, tuple(every[:_SHOWN]), max(0, len(every) - _SHOWN), path)


def _numbers(words: str) -> SearchGroup:
    """Offer the look-up for what may be a sample number, as it is printed or typed."""
    digits = re.sub(r"[ .\u00a0\u202f-]", "", words)
    hits = [SearchHit(f"/lookup?number={digits}", digits)] if _NUMBER.match(words) and digits.isascii() else []
    return _group(_("Sample number"), iter(hits))


def _systems(services: WebServices, systems: list[ConnectedSystem], words: str, *, person: Person) -> SearchGroup:
    if person.role is AccountRole.GROUP:
        return SearchGroup(_("Systems"), ())
    aliases = services.systems.aliases()
    hits = (
        SearchHit(f"/systems/{system.id}", system.name, f"{system.vendor}, {system.owner}")
        for system in systems
        if has_words(words, system.name, system.id, system.vendor, system.owner, *aliases.get(system.id, ()))
    )
    return _group(_("Systems"), hits, f"/systems?{urlencode({'q': words})}")


def _cases(services: WebServices, person: Person, words: str, *, systems: list[ConnectedSystem]) -> SearchGroup:
    if person.role is AccountRole.GROUP:
        return SearchGroup(_("Cases"), ())
    names = {system.id: system.name for system in systems}
    numbered = _CASE.match(words)
    number = int(numbered[1]) if numbered else None
    hits = (
        SearchHit(f"/cases/{case.number}", f"{case.number}: {case.subject}", names.get(case.system or "", ""))
        for case in services.cases.some(states=tuple(CaseState), systems=person.sees)
        if case.number == number
        or has_words(words, case.subject, case.requester.name, case.requester.email, names.get(case.system or "", ""))
    )
    return _group(_("Cases"), hits, "/cases?show=all")


def _contacts(services: WebServices, systems: list[ConnectedSystem], words: str, *, person: Person) -> SearchGroup:
    if person.role is AccountRole.GROUP:
        return SearchGroup(_("Contacts"), ())
    contacts = services.systems.contacts()
    hits = (
        SearchHit(f"/systems/{system.id}", f"{contact['name']}, {contact['email']}", system.name)
        for system in systems
        for contact in contacts.get(system.id, ())
        if has_words(words, str(contact["name"]), str(contact["email"]), str(contact["telephone"] or ""))
    )
    return _group(_("Contacts"), hits)


def _organisations(services: WebServices, person: Person, words: str) -> SearchGroup:
    if person.role not in (AccountRole.OPERATOR, AccountRole.AUDITOR):
        return SearchGroup(_("Organisations"), ())
    hits = (
        SearchHit(f"/organisations/{organisation.id}", organisation.name)
        for organisation in services.systems.organisations()
        if has_words(words, organisation.name, organisation.id)
    )
    return _group(_("Organisations"), hits, "/organisations")


def _accounts(services: WebServices, person: Person, words: str) -> SearchGroup:
    if not person.is_operator:
        return SearchGroup(_("Accounts"), ())
    hits = (
        SearchHit(f"/accounts/{account.id}", account.name, account.email)
        for account in services.accounts.list()
        if has_words(words, account.name, account.email, account.organisation_name or "")
    )
    return _group(_("Accounts"), hits, "/accounts")


def _pages(person: Person, words: str, texts: Texts) -> SearchGroup:
    hits = (
        SearchHit(entry.path, texts.gettext(entry.label), texts.gettext(group.label))
        for group in MENU
        for entry in group.entries
        if person.role in entry.roles and has_words(words, texts.gettext(entry.label), str(entry.label), entry.path)
    )
    return _group(_("Pages"), hits)


def _documents(words: str, language: str) -> SearchGroup:
    every = [
        SearchHit(hit.entry.address, hit.entry.section or hit.entry.document, hit.entry.document)
        for hit in found(words, language)
    ]
    best = tuple(every[:_DOCUMENTS_SHOWN])
    more = len(every) - len(best)
    return SearchGroup(_("Guides and documentation"), best, more, f"/docs?{urlencode({'q': words})}")
