"""What the ledger's other events are called, and what each says."""

from collections.abc import Mapping

from npn.web.pages.ledger.event_text import EventText
from npn.web.texts import _

PEOPLE: Mapping[str, EventText] = {
    "account_added": EventText(
        _("Account added"),
        _("An account was added for %(account)s: %(role)s, %(organisation)s."),
    ),
    "account_changed": EventText(
        _("Account changed"),
        _("The account of %(account)s was changed: %(role)s, %(organisation)s, %(state)s."),
    ),
    "account_credential_set": EventText(
        _("Sign-in changed"),
        _("The sign-in of %(account)s was changed: %(credential)s."),
    ),
    "account_email_changed": EventText(
        _("E-mail address changed"),
        _("The e-mail address of %(account)s was changed."),
    ),
    "account_vouched": EventText(
        _("Account vouched for"),
        _("Somebody vouched that the account of %(account)s belongs to a separate person."),
    ),
    "approval_proposed": EventText(
        _("Proposal for approval"),
        _("Proposed for approval by a second person: %(wanted)s."),
    ),
    "approval_decided": EventText(_("Approval decided"), _("A proposal was %(decision)s.")),
}
AGREEMENTS: Mapping[str, EventText] = {
    "agreement_published": EventText(
        _("Agreement published"),
        _("Version %(version)s of the connection agreement was published, with effect from %(effective_from)s."),
    ),
    "agreement_accepted": EventText(
        _("Agreement accepted"),
        _("Version %(version)s of the agreement was accepted for %(system)s."),
    ),
    "agreement_acceptance_ended": EventText(_("Acceptance ended"), _("An acceptance for %(system)s ended.")),
    "agreement_dates_set": EventText(
        _("Agreement dates set"),
        _(  # one sentence
            "For systems without version %(version)s: informed from %(inform_from)s, warned from %(warn_from)s, refused from %(refuse_from)s."  # noqa: E501  # a sentence stands on one line
        ),
    ),
    "agreement_respite_granted": EventText(_("Respite granted"), _("%(system)s is not refused before %(until)s.")),
    "requirement_shown": EventText(
        _("Requirement checked by hand"),
        _("Evidence was recorded for %(system)s and the requirement %(requirement)s: %(met)s."),
    ),
    "requirement_exempted": EventText(
        _("Exempted from a requirement"),
        _("%(system)s is exempt from the requirement %(requirement)s until %(until)s."),
    ),
    "other_numbers_noted": EventText(
        _("Other numbers noted"),
        _("A place where %(system)s does not use NPN was noted: %(kind)s."),
    ),
    "other_numbers_ended": EventText(
        _("Other numbers ended"),
        _("%(system)s now uses NPN at a place where it did not."),
    ),
    "agreement_change_proposed": EventText(
        _("Agreement change proposed"),
        _("Proposal %(proposal)s for version %(version)s was put forward, draft %(revision)s, to %(forum)s."),
    ),
    "agreement_change_commented": EventText(
        _("Proposal commented on"),
        _("Section %(section)s of proposal %(proposal)s was commented on."),
    ),
    "agreement_change_need_said": EventText(
        _("Needs stated"),
        _("What %(system)s needs for proposal %(proposal)s was stated."),
    ),
    "agreement_change_decided": EventText(
        _("Proposal decided"),
        _("Proposal %(proposal)s was %(outcome)s on %(decided_on)s (%(minutes)s)."),
    ),
}
TRANSPORT: Mapping[str, EventText] = {
    "certificate_expiring": EventText(
        _("Warning of a certificate's end"),
        _("%(system)s was warned that a certificate expires within %(days)s days."),
    ),
    "sunset_announced": EventText(
        _("End of plain HTTP announced"),
        _("Plain HTTP ends on %(cut_off)s, it was announced."),
    ),
    "sunset_withdrawn": EventText(
        _("End of plain HTTP withdrawn"),
        _("The announced end of plain HTTP was withdrawn."),
    ),
    "brown_out_announced": EventText(
        _("Brown-out announced"),
        _("Plain HTTP will be refused from %(starts_at)s to %(ends_at)s, it was announced."),
    ),
    "brown_out_cancelled": EventText(_("Brown-out cancelled"), _("An announced brown-out was cancelled.")),
    "transport_exception_granted": EventText(
        _("Transport exception granted"),
        _("%(system)s may use plain HTTP until %(until)s."),
    ),
    "transport_exception_ended": EventText(
        _("Transport exception ended"),
        _("The exception of %(system)s for plain HTTP ended."),
    ),
    "release_rhythm_stated": EventText(
        _("Release plan stated"),
        _(  # one sentence
            "%(vendor)s stated its releases: one on %(release)s; months between releases: %(every_months)s; months of code freeze: %(freeze_months)s; weeks of work: %(work_weeks)s."  # noqa: E501  # a sentence stands on one line
        ),
    ),
}
SUPPORT: Mapping[str, EventText] = {
    "contacts_asked": EventText(
        _("Contacts asked"),
        _("The contacts of %(system)s were asked whether they are right."),
    ),
    "contacts_confirmed": EventText(_("Contacts confirmed"), _("The contacts of %(system)s were confirmed.")),
    "case_opened": EventText(_("Case opened"), _("Case %(case)s was opened (%(kind)s). System: %(system)s.")),
    "case_changed": EventText(_("Case changed"), _("Case %(case)s was %(what)s.")),
    "standard_answer_set": EventText(
        _("Standard answer in use"),
        _("The standard answer %(answer)s was added, changed, or taken into use again."),
    ),
    "standard_answer_retired": EventText(
        _("Standard answer retired"),
        _("The standard answer %(answer)s was retired."),
    ),
    "request_confirmed": EventText(
        _("Connection request confirmed"),
        _("A request for connection was confirmed; its case is %(case)s."),
    ),
    "test_access_given": EventText(_("Test access given"), _("%(system)s was given access to test.")),
    "production_access_given": EventText(
        _("Production access given"),
        _("%(system)s was given access to production, after %(test)s in test. Steps not completed: %(missing)s."),
    ),
    "step_waived": EventText(_("Onboarding step waived"), _("A step of a connection was waived: %(step)s.")),
    "request_refused": EventText(_("Connection request refused"), _("A request for connection was refused.")),
    "key_offered": EventText(_("Key link sent"), _("A one-time link to a key for %(system)s was sent.")),
}
SERVICE: Mapping[str, EventText] = {
    "signing_key_added": EventText(
        _("Signing key added"),
        _("Receipts and checkpoints are signed with a new key from here on."),
    ),
    "clock_accepted": EventText(
        _("Clocks accepted"),
        _("The clocks were accepted although the ledger holds the later time %(newest)s."),
    ),
    "secrets_key_made": EventText(_("Key for secrets made"), _("A new key for stored secrets was made.")),
    "secrets_rotated": EventText(_("Secrets encrypted again"), _("Stored secrets were encrypted with the new key.")),
    "rules_adopted": EventText(
        _("Ledger rules adopted"),
        _("From here on the ledger keeps the rules of edition %(rules)s."),
    ),
    "recovered": EventText(
        _("Recovery after a restore"),
        _("After a restore the service skipped ahead to what the witness knows. Ranges withheld: %(withheld)s."),
    ),
    "witness_rebuilt": EventText(_("Witness rebuilt"), _("The witness was lost and was rebuilt from the database.")),
    "backup_seen": EventText(_("Backup noted"), _("A backup of the database, taken on %(taken)s, was noted.")),
}
