"""What the ledger's events about standards, products and installations are called, and what each says."""

from collections.abc import Mapping

from npn.web.pages.ledger.event_text import EventText
from npn.web.texts import _

STANDARDS: Mapping[str, EventText] = {
    "standard_list_imported": EventText(
        _("List of approvals imported"),
        _("MedCom's list as of %(as_of)s was imported. Rows: %(rows)s. Systems: %(systems)s."),
    ),
    "standard_version_set": EventText(
        _("Version of a standard described"),
        _("The version %(version)s of %(standard)s is valid from %(valid_from)s to %(valid_to)s."),
    ),
    "product_named": EventText(_("Product named"), _("A product of %(vendor)s is called %(name)s.")),
    "product_released": EventText(
        _("Product release added"),
        _("A product was released on %(released_on)s in version %(version)s."),
    ),
    "product_fault_noted": EventText(
        _("Product fault recorded"),
        _("A fault of a product in version %(version)s was recorded: %(severity)s."),
    ),
    "installation_set": EventText(_("Installation recorded"), _("An installation of a product was recorded.")),
    "capability_set": EventText(
        _("Capability recorded"),
        _("For an installation it was recorded, from %(since)s: %(standard)s %(version)s, %(direction)s: %(able)s."),
    ),
}
