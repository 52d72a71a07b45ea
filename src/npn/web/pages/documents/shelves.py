"""Which document is for whom: the shelves of the index. A test sees that every document stands on one."""

from collections.abc import Sequence
from dataclasses import dataclass

from npn.web.texts import _


@dataclass(frozen=True, slots=True)
class Shelf:
    """Documents for one kind of reader, by name. `pages` are pages of the site that belong there: address and title."""

    title: str
    names: Sequence[str]
    pages: Sequence[tuple[str, str]] = ()


SHELVES: Sequence[Shelf] = (
    Shelf(
        _("Laboratories, owners and regions"),
        ("owner", "region", "on-call", "agent-oncall", "labels"),
        (("/numbers-needed", _("How many numbers do you need?")),),
    ),
    Shelf(
        _("Vendors"),
        ("rest", "rest-stability", "legacy", "divergences", "agent-vendors"),
        (
            ("/docs/api", _("REST: every operation")),
            ("/docs/problems", _("Error codes")),
            ("/docs/transport", _("The end of plain HTTP: what is announced")),
        ),
    ),
    Shelf(
        _("Reference group and auditors"),
        ("group", "messages", "versions", "message-rules", "standards", "auditor", "ledger"),
    ),
    Shelf(
        _("The operator"),
        (
            "operator", "tasks", "onboarding", "agreements", "https-and-certificates", "operations", "install",
            "high-availability", "scale",
        ),
    ),
    Shelf(_("Look something up"), ("glossary", "numbers", "national-year", "settings", "cli")),
    Shelf(
        _("How the platform is made"),
        ("architecture", "issuance", "failure-modes", "agent-pool", "messages-design", "web-design", "adr"),
    ),
)  # fmt: skip
