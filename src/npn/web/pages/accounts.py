"""Accounts, for operators: who may sign in."""

from npn.people.model import AccountRole
from npn.web.answers import Answer
from npn.web.routes import get
from npn.web.rules import only
from npn.web.visit import Visit


@get("/accounts", only(AccountRole.OPERATOR))
async def list_accounts(visit: Visit) -> Answer:
    """List everybody who may sign in."""
    return await visit.page("accounts.html", accounts=await visit.read(visit.service.accounts.list))
