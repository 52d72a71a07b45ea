"""The list of accounts, for operators."""

from npn.http.answers import Answer
from npn.people.model import Account, AccountRole, AccountState
from npn.web.forms import Choice, Field
from npn.web.lists.model import Column, Filter, Kind, LinkCell, ListDefinition, TagCell
from npn.web.lists.pages import listed, offer_file
from npn.web.pages.people.accounts import NAMES, STATES
from npn.web.routes import get
from npn.web.rules import only
from npn.web.texts import Msgid, _
from npn.web.visit import Visit

OPERATOR = AccountRole.OPERATOR


def _is_invited(account: Account) -> bool:
    """Whether somebody may sign in who never has, and has no password yet."""
    return account.state is AccountState.ACTIVE and not account.has_password and account.signed_in_at is None


def _colour(account: Account) -> str:
    if _is_invited(account):
        return "warn"
    return "good" if account.state is AccountState.ACTIVE else "bad"


def _state(account: Account) -> Msgid:
    if _is_invited(account):
        return _("Invited")
    return _("May sign in") if account.state is AccountState.ACTIVE else _("May not sign in")


ACCOUNTS = ListDefinition[Account](
    name="accounts",
    path="/accounts",
    caption=_("Accounts"),
    columns=(
        Column[Account](
            "name", _("Name"), lambda row: row.name, cell=lambda row: LinkCell(row.name, f"/accounts/{row.id}")
        ),
        Column[Account]("email", _("E-mail address"), lambda row: row.email, under="name"),
        Column[Account]("role", _("Role"), lambda row: NAMES[row.role]),
        Column[Account]("organisation", _("Organisation"), lambda row: row.organisation_name),
        Column[Account](
            "state",
            _("State"),
            _state,
            cell=lambda row: TagCell(_state(row), _colour(row)),
        ),
        Column[Account]("factor", _("Second factor"), lambda row: _("yes") if row.has_second_factor else _("no")),
        Column[Account]("seen", _("Last signed in"), lambda row: row.signed_in_at, kind=Kind.TIME),
        Column[Account]("created", _("Created"), lambda row: row.created_at, kind=Kind.DAY, only="file"),
    ),
    empty=_("There are no accounts yet."),
    none_left=_("No account fits the search."),
    order="name",
    filters=(
        Filter(
            Field(
                "role",
                _("Role"),
                kind="select",
                required=False,
                choices=[Choice(role, label) for role, label in NAMES.items()],
            ),
            lambda row, value: row.role == value,
        ),
        Filter(
            Field("state", _("State"), kind="select", required=False, choices=STATES),
            lambda row, value: row.state == value,
        ),
    ),
)


async def _rows(visit: Visit) -> list[Account]:
    return await visit.read(visit.services.accounts.list)


@get("/accounts", only(OPERATOR))
async def list_accounts(visit: Visit) -> Answer:
    """List everybody who may sign in."""
    return await visit.page("people/accounts.html", accounts=await listed(visit, ACCOUNTS, await _rows(visit)))


offer_file(ACCOUNTS.path, only(OPERATOR), rows=_rows, definition=lambda _visit: ACCOUNTS)
