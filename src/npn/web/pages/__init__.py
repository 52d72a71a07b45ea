"""The pages, a module for each area. A module's import puts its routes into the table."""

from importlib import import_module

AREAS = (
    "public",
    "signing_in",
    "openid",
    "second_factor",
    "own_account",
    "overview",
    "systems",
    "stock",
    "transport",
    "system_transport",
    "agreements",
    "agreements_overview",
    "proposals",
    "proposal_drafts",
    "consequences",
    "publishing",
    "annexes",
    "requirement",
    "acceptances",
    "other_numbers",
    "credentials",
    "spaces",
    "series",
    "lookup",
    "ledger",
    "running",
    "accounts",
    "approvals",
    "connecting",
    "private",
    "cases",
    "requests",
    "desk",
)


def load() -> None:
    """Put every area's routes into the table. Raises TypeError where a route has no rule, or one that is not enough."""
    for area in AREAS:
        import_module(f"npn.web.pages.{area}")
