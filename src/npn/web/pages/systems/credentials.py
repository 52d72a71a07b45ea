"""A system's keys and certificates: made, ended, shown once."""

from collections.abc import Sequence
from typing import NamedTuple

from npn.http.answers import Answer
from npn.systems.certificates import Certificates
from npn.systems.clients import Clients, JudgedCertificate
from npn.systems.model import Certificate, ConnectedSystem
from npn.systems.permissions import Act
from npn.systems.reading import grouped
from npn.web.checking import is_confirmed, is_to_be_changed, summary
from npn.web.forms import Field, Form
from npn.web.pages.systems.systems import ACTORS, LOOKERS
from npn.web.routes import get, post
from npn.web.rules import theirs
from npn.web.texts import Msgid, _
from npn.web.visit import Onward, Visit

_KEY = (
    Field(
        "revoke_old",
        _("Revoke all older keys at once"),
        kind="checkbox",
        hint=_("Otherwise the newest of them stays in force as well, so that nothing stops during the change."),
    ),
    Field("newest", "", kind="hidden", required=False, largest=60),
)
_CERTIFICATE = (
    Field(
        "certificate",
        _("Certificate"),
        kind="textarea",
        hint=_("The certificate alone, in PEM form: from BEGIN CERTIFICATE to END CERTIFICATE. Never the private key."),
        largest=16_000,
    ),
)


class _Ending(NamedTuple):
    """The words of the page that is shown before something ends."""

    title: Msgid
    button: Msgid
    meaning: Sequence[Msgid]


_ENDING_KEYS = _Ending(
    _("End every older key of %(name)s?"),
    _("Create the key and revoke the older ones"),
    (
        _("Every program that still calls with an older key is refused from the moment you confirm."),
        _("The new key is shown once, on the next page. A key that has ended can't be brought back."),
    ),
)
_ENDING = _Ending(
    _("Remove a certificate of %(name)s?"),
    _("Remove the certificate"),
    (
        _("Every program that still calls with the certificate is refused from the moment you confirm."),
        _("It can be linked again, by whoever has it."),
    ),
)
_END = (Field("fingerprint", "", kind="hidden", largest=64),)


@get("/systems/{system}/keys", theirs(*LOOKERS))
async def show_keys(visit: Visit) -> Answer:
    """List when keys were made and used; offer a further one."""
    system = await visit.read(visit.services.systems.get, visit.arguments["system"])
    keys = await visit.read(visit.services.systems.keys, system.id)
    form = visit.form(_KEY, {"newest": _newest(keys)})
    return await visit.page(
        "systems/keys.html", system=system, keys=keys, form=form, acts=visit.person.may_act_for(system.id)
    )


@post("/systems/{system}/keys", theirs(*ACTORS))
async def rotate_key(visit: Visit) -> Answer:
    """Make a further key and show it this once; the same form sent again makes no other."""
    form, system_id = visit.form(_KEY), visit.arguments["system"]
    if is_to_be_changed(visit):
        return visit.see_other(f"/systems/{system_id}/keys")
    system = await visit.read(visit.services.systems.get, system_id)
    keys = await visit.read(visit.services.systems.keys, system_id)
    if form["newest"] != _newest(keys):
        text = _("A key was created after you opened the page. Check the list before you create another.")
        return visit.see_other(f"/systems/{system_id}/keys", text)
    revoke_old = form["revoke_old"] == "yes"
    if revoke_old and not is_confirmed(visit):
        return await _check_page(visit, form, system, words=_ENDING_KEYS)
    key = await visit.write(visit.services.systems.rotate_key, system_id, by=visit.person.by, revoke_old=revoke_old)
    return await visit.page("systems/key.html", system=system, key=str(key), ended=revoke_old)


def _newest(keys: list[dict[str, object]]) -> str:
    return str(keys[-1]["created_at"]) if keys else "none"


async def _check_page(
    visit: Visit,
    form: Form,
    system: ConnectedSystem,
    *,
    words: _Ending,
    about: Sequence[tuple[Msgid, str]] = (),
) -> Answer:
    """Show what ends before it does."""
    check = await summary(
        visit,
        form,
        title=visit.text(words.title, name=system.name),
        button=words.button,
        meaning=words.meaning,
        about=((visit.text(_("System")), f"{system.name}, {system.owner}"), *((visit.text(k), v) for k, v in about)),
    )
    return await visit.page("check.html", form=form, check=check)


@get("/systems/{system}/certificates", theirs(*LOOKERS))
async def show_certificates(visit: Visit) -> Answer:
    """List the certificates bound to a system; offer to bind another."""
    return await _certificates_page(visit, visit.form(_CERTIFICATE))


async def _certificates_page(visit: Visit, form: Form) -> Answer:
    system = await visit.read(visit.services.systems.get, visit.arguments["system"])
    return await visit.page(
        "systems/certificates.html",
        form=form,
        system=system,
        certificates=await visit.read(_judged, visit.services.certificates, visit.services.clients, system.id),
        acts=visit.person.may_act_for(system.id),
    )


def _judged(
    certificates: Certificates, clients: Clients, system_id: str
) -> list[tuple[Certificate, JudgedCertificate | None]]:
    """Return a system's certificates, each decoded."""
    return [(bound, clients.judge_kept(bound.der)) for bound in certificates.of(system_id)]


@post("/systems/{system}/certificates", theirs(*ACTORS, act=Act.BIND))
async def bind_certificate(visit: Visit) -> Answer:
    """Bind a certificate."""
    form, system_id = visit.form(_CERTIFICATE), visit.arguments["system"]
    pem, bind = form["certificate"].encode("utf-8", "replace"), visit.services.certificates.bind
    return await visit.submit(
        form,
        lambda: visit.write(bind, system_id, pem, by=visit.person.by),
        then=Onward(f"/systems/{system_id}/certificates", _("The certificate is linked.")),
        again=lambda: _certificates_page(visit, form),
    )


@post("/systems/{system}/certificates/end", theirs(*ACTORS), largest=4096)
async def end_certificate(visit: Visit) -> Answer:
    """End a certificate."""
    form, system_id = visit.form(_END), visit.arguments["system"]
    if form.errors or len(form["fingerprint"]) != 64 or is_to_be_changed(visit):
        return visit.see_other(f"/systems/{system_id}/certificates")
    if not is_confirmed(visit):
        system = await visit.read(visit.services.systems.get, system_id)
        about = ((_("Fingerprint"), grouped(form["fingerprint"])),)
        return await _check_page(visit, form, system, words=_ENDING, about=about)
    await visit.write(visit.services.certificates.unbind, system_id, form["fingerprint"], by=visit.person.by)
    return visit.see_other(f"/systems/{system_id}/certificates", _("The certificate is removed."))
