"""What the ledger's events about numbers, systems and organisations are called, and what each says."""

from collections.abc import Mapping

from npn.web.pages.ledger.event_text import EventText
from npn.web.texts import _

NUMBERS: Mapping[str, EventText] = {
    "series_granted": EventText(
        _("Series drawn"),
        _("%(system)s drew %(usable)s usable numbers, %(first)s to %(last)s, from %(space)s."),
    ),
    "series_released": EventText(
        _("Numbers released"),
        _("%(system)s released %(first)s to %(last)s. They wait until %(quarantine_until)s."),
    ),
    "series_re_registered": EventText(
        _("Series taken back by its receipt"),
        _("The series %(first)s to %(last)s of %(system)s, lost in a restore, was taken back by its receipt."),
    ),
    "range_imported": EventText(
        _("Numbers in use imported"),
        _("%(first)s to %(last)s, in use by %(system)s since %(drawn_at)s, were imported into %(space)s."),
    ),
    "regrant_approved": EventText(
        _("Released numbers cleared for reuse"),
        _("%(first)s to %(last)s in %(space)s were cleared to be granted again."),
    ),
    "quarantine_policy_set": EventText(_("Quarantine set"), _("Numbers released from now on wait %(days)s days.")),
    "space_added": EventText(
        _("Number space added"),
        _("The number space %(space)s, %(first)s to %(last)s, was opened for %(environment)s."),
    ),
    "space_default_set": EventText(
        _("Default number space set"),
        _("%(space)s became the default number space for %(environment)s."),
    ),
    "space_closed": EventText(_("Number space closed"), _("%(space)s was closed: nothing more is drawn from it.")),
    "space_opened": EventText(_("Number space opened again"), _("%(space)s was opened again.")),
    "system_space_set": EventText(_("System moved to a number space"), _("%(system)s now draws from %(space)s.")),
    "pool_contested": EventText(
        _("Pool copied or restored"),
        _("A pool of %(system)s was copied or restored. Numbers of %(series)s series may have been used twice."),
    ),
    "pool_rejoined": EventText(
        _("Pool found to be no copy"),
        _("A contested pool of %(system)s turned out not to be a copy."),
    ),
}
SYSTEMS: Mapping[str, EventText] = {
    "system_added": EventText(
        _("System connected"),
        _("%(system)s from %(vendor)s was connected in %(environment)s for %(owner)s."),
    ),
    "system_suspended": EventText(_("System suspended"), _("%(system)s was suspended.")),
    "system_resumed": EventText(_("System resumed"), _("%(system)s may draw again.")),
    "system_limits_set": EventText(
        _("Limits set"),
        _(  # one sentence
            "The limits of %(system)s were set: %(smallest_draw)s to %(largest_draw)s numbers in one draw, quota %(quota)s numbers in %(quota_days)s days."  # noqa: E501  # a sentence stands on one line
        ),
    ),
    "system_owner_set": EventText(_("Owner changed"), _("%(owner)s became the owner of %(system)s.")),
    "system_contact_set": EventText(_("Contact changed"), _("A contact of %(system)s was changed: %(kind)s.")),
    "system_named": EventText(_("Name in a register"), _("%(system)s is called %(alias)s in the register %(source)s.")),
    "system_left_list": EventText(
        _("System left a register"),
        _("%(system)s is no longer in the register %(source)s."),
    ),
    "system_back_on_list": EventText(
        _("System back in a register"),
        _("%(system)s is back in the register %(source)s."),
    ),
    "key_added": EventText(_("Key issued"), _("%(holder)s got a new key. Older keys that ended: %(ended)s.")),
    "certificate_bound": EventText(_("Certificate linked"), _("A client certificate was linked to %(system)s.")),
    "certificate_ended": EventText(_("Certificate removed"), _("A client certificate of %(system)s was removed.")),
    "subject_bound": EventText(
        _("Certificate subject linked"),
        _("Certificates of %(subject)s were linked to %(system)s."),
    ),
    "subject_ended": EventText(
        _("Certificate subject removed"),
        _("Certificates by subject no longer identify %(system)s."),
    ),
    "security_levels_set": EventText(
        _("Security levels set"),
        _("%(system)s may use the DGWS security levels %(levels)s."),
    ),
    "organisation_added": EventText(_("Organisation added"), _("%(name)s was added as %(kind)s.")),
    "organisation_region_set": EventText(
        _("Region of an organisation set"),
        _("%(organisation)s belongs to %(region)s."),
    ),
    "unit_set": EventText(_("Unit set"), _("%(region)s has a unit called %(name)s.")),
    "system_care_set": EventText(_("User support set"), _("%(unit)s answers the users of %(system)s.")),
    "organisation_renamed": EventText(_("Organisation renamed"), _("An organisation was renamed to %(name)s.")),
    "organisation_merged": EventText(
        _("Organisations merged"),
        _("An organisation was merged into %(into)s. Systems moved: %(systems)s."),
    ),
    "organisation_closed": EventText(_("Organisation closed"), _("%(organisation)s was closed.")),
    "organisation_reopened": EventText(_("Organisation reopened"), _("%(organisation)s was reopened.")),
    "system_closed": EventText(_("System closed"), _("%(system)s was closed for good.")),
    "system_renamed": EventText(_("System renamed"), _("A system was renamed: %(system)s is now called %(name)s.")),
    "system_vendor_set": EventText(_("Vendor changed"), _("%(vendor)s became the vendor of %(system)s.")),
}
