"""Searches of lists that somebody keeps: saved and removed from the list itself."""

from npn.errors import NotFoundError
from npn.http.answers import Answer
from npn.web.addresses import local
from npn.web.lists.html import SAVED_SEARCH
from npn.web.lists.pages import list_at
from npn.web.routes import post
from npn.web.rules import signed_in
from npn.web.texts import _
from npn.web.visit import Onward, Visit


@post("/account/searches", signed_in(), largest=8192, page="/account")
async def save_search(visit: Visit) -> Answer:
    """Keep what a list is searched for, under a name."""
    form, save = visit.form(SAVED_SEARCH), visit.services.saved_filters.save
    path, query = form["path"], form["query"]
    list_path = list_at(local(path, ""))
    back = local(f"{path}?{query}", path) if query else path
    return await visit.submit(
        form,
        lambda: visit.write(save, visit.person.id, list_path, name=form["name"], query=query),
        then=Onward(back, _("The search is saved.")),
        again=lambda: visit.page("people/saved_search.html", form=form, back=back),
    )


@post("/account/searches/remove", signed_in(), largest=8192, page="/account")
async def remove_search(visit: Visit) -> Answer:
    """Forget a search."""
    back = local(visit.sent.get("path", ""), "/overview")
    wanted = visit.sent.get("id", "")
    if not wanted:
        raise NotFoundError("there is no such saved search", field="id")
    await visit.write(visit.services.saved_filters.remove, visit.person.id, wanted)
    return visit.see_other(back, _("The search is removed."))
