"""What the pages say of an error, in the visitor's language: by its code, else by its kind, else in its own words."""

from collections.abc import Mapping

from npn.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    NpnError,
    RefusedError,
    UnauthenticatedError,
    UnavailableError,
)
from npn.web.texts import Msgid, Texts, _

STATUS: Mapping[type[NpnError], int] = {
    InvalidInputError: 422,
    NotFoundError: 404,
    ConflictError: 409,
    UnauthenticatedError: 401,
    RefusedError: 403,
    UnavailableError: 503,
}
BY_CODE: Mapping[str, Msgid] = {
    "agreement_missing": _("The connection agreement is not accepted for the system: it is given no new series."),
    "invalid_dates": _(
        "The days follow one another: inform, then warn, then refuse; nobody is refused before the version has effect."
    ),
    "invalid_version": _("A version is written as 1.0."),
    "version_exists": _("A version is later in number than those before: choose a higher number."),
    "invalid_words": _("This is too long, or holds characters that can't be seen."),
    "invalid_name": _("This is too long, or holds characters that can't be seen."),
    "day_passed": _("Choose a day that is to come."),
    "invalid_shown": _("It was shown on a day that is not to come, and is to be shown again after it."),
    "unknown_section": _("The newest draft has no section of that number."),
    "comments_closed": _("The time for comments is over."),
    "proposal_decided": _("The proposal is decided, and stays as it is."),
    "base_superseded": _("A version was published since the draft was made: put a further draft forward first."),
    "invalid_decision": _(
        "The decision was made since the proposal, not in the future; what is adopted has a day from when it applies."
    ),
    "unknown_version": _("There is no such version of the agreement."),
    "version_superseded": _("A later version is in force by now: read and accept that one."),
    "access_given": _("There is such a system already."),
    "certificate_bound": _("The certificate is bound to another system."),
    "link_ended": _("The link has been used or has run out, or it is not whole. Ask for a new one."),
    "mail_sent": _("The letter was sent."),
    "no_contact": _("The system has no contact with an e-mail address."),
    "not_a_certificate": _("That is no certificate in PEM form. Send the certificate alone, not its private key."),
    "not_a_network": _("That is no address that a system calls from. Write one on each line."),
    "not_an_address": _("That is not an e-mail address."),
    "not_under_way": _("The request is no longer in progress."),
    "reason_missing": _("Say why: the reason is kept."),
    "steps_missing": _("Steps before this one are not done. Wait for them, or say why it is given anyway."),
    "too_many_requests_to_connect": _("Too many requests came from here. Wait a day, or write to the operator."),
    "unit_exists": _("The region has a unit of that name."),
    "account_exists": _("There is an account with that address already."),
    "code_wrong": _("That code is not right. Wait for the next one, and check the telephone's clock."),
    "database_busy": _("The service is busy. Try again in a moment."),
    "form_expired": _("The form was too old, or came from elsewhere. Nothing was done: fill it in again."),
    "form_too_large": _("That is more than the form can take."),
    "last_operator": _("Nobody would be left to run the service: make another operator first."),
    "link_used": _(
        "The link has expired or was already used. It works once, and for a week: ask the operator for another."
    ),
    "no_sunset": _("No end of plain HTTP is announced."),
    "not_a_day": _("That is no day or time."),
    "notice_too_short": _("The notice is shorter than what is agreed: tick that it is on purpose, if it is."),
    "not_found": _("There is nothing at this address, or not for you."),
    "not_yours": _("Your account may not do this."),
    "openid_bound": _("The provider's account belongs to another account here."),
    "openid_failed": _("The provider signed nobody in. Try again; if it goes on, tell the operator."),
    "openid_unavailable": _("The sign-in provider does not answer. Try again in a moment."),
    "openid_unknown": _("The provider knows you, but there is no account of yours here. Ask the operator for one."),
    "outcome_unknown": _("It is not known whether the change was made. Look before you try again."),
    "password_guessed": _("That password is easily guessed. Choose another, of several words perhaps."),
    "password_long": _("A password has 200 characters at most."),
    "password_short": _("A password has 12 characters or more."),
    "proposed_already": _("The same is proposed already, and waits for a second person."),
    "decided_already": _("The proposal was decided already."),
    "people_tied": _(
        "The two accounts may be one person's: one made, reset, promoted or lately changed the other, or a third did "
        "so to both, or both signed in as one subject of the provider. Another operator decides, or a third one "
        "vouches for the account first."
    ),
    "two_people_needed": _("That takes two operators: propose it, and have another one approve it."),
    "not_operator": _("Only an operator who may sign in approves or vouches."),
    "mail_not_set_up": _("No mail is set up, so the link would reach nobody. Whoever runs the server prints one."),
    "nothing_to_change": _("The account is not one that this can be done to."),
    "same_person": _("A proposal is decided by another operator than who made it."),
    "rate_limited": _("Too many attempts. Wait a little and try again."),
    "sign_in_failed": _("The address, the password or the code is not right."),
    "sign_in_again": _("You signed in more than ten minutes ago. Sign out, sign in again, and then try once more."),
    "sign_in_locked": _("Too many wrong attempts. Wait an hour and try again."),
    "system_suspended": _("The system is suspended: nothing is changed for it until the operator resumes it."),
    "in_quarantine": _("The numbers are still in quarantine."),
    "not_released": _("Only numbers that were released can be granted again."),
    "regranted_already": _("Some of these numbers were given free to be granted again before."),
    "before_recovery": _(
        "The series is older than a recovery: whether its numbers were granted again in the time that was lost, "
        "nobody can say. They stay unused."
    ),
    "not_a_number": _("That is no sample number."),
    "count_too_large": _(
        "That is more than the system may draw at once. Ask for fewer, or ask the operator to raise its largest draw."
    ),
    "count_too_small": _("That is less than the system's smallest draw. Ask for more."),
    "quota_exceeded": _("The system's quota is used up for now. Wait, ask for fewer, or ask the operator to raise it."),
    "space_exhausted": _("The number space has too few numbers left for this draw."),
    "unknown_space": _("There is no such number space."),
    "wrong_space": _("A test system draws from the test space alone, and a production system from that of production."),
    "insecure_transport": _("Plain HTTP is not accepted any more: use https://."),
    "idempotency_conflict": _("This form was used for another draw before. Begin again with a new one."),
    "not_owner": _("The series belongs to another system."),
    "not_a_tail": _("A series is given back whole, or from a number to its end."),
    "outside_series": _("That number lies outside the series."),
    "not_witnessed": _("The series is being made safe. Try again in a moment."),
    "draw_timeout": _("The draw took too long. Send the form again: it is the same draw, and gives no second series."),
    "space_closed": _("The number space is closed: nothing more is drawn from it."),
    "clock_wrong": _("A clock of the service is wrong: nothing is released or granted again until it is right."),
    "quarantine_days": _("A quarantine has 365 to 36,500 days."),
    "policy_unchanged": _("That is how it is already."),
    "stopping": _("The service is being restarted. Try again in a moment."),
    "database_replaced": _("The database was replaced just now. Try again in a moment."),
    "storage_full": _("The service's disk is full. The operator must see to it."),
    "space_exists": _("There is a number space of that name already."),
    "space_overlaps": _("The range overlaps another number space of that length."),
    "certificate_not_valid": _("The certificate has run out, or is not yet good."),
    "certificate_revoked": _("The certificate was revoked by its issuer."),
    "certificate_unknown": _("The certificate is bound to no system."),
    "confirmed": _("The request is confirmed already."),
    "missing_field": _("Something that is needed was not filled in."),
    "agreement_text": _("The text has not the form that an agreement's numbered sections need."),
    "texts_differ": _("The Danish and the English text have different sections or marks."),
    "witness_behind": _(
        "The database is older than the witness knows. Nothing is drawn until the operator has recovered it."
    ),
    "witness_wrong": _("The witness is not the database's own. Nothing is drawn until the operator has seen to it."),
    "schema_outdated": _("The service is being upgraded. Try again in a moment."),
    "out_of_descriptors": _("The service has too much to do just now. Try again in a moment."),
    "out_of_memory": _("The service has too much to do just now. Try again in a moment."),
    "out_of_time": _("The witness did not answer in time. Try again in a moment."),
    "witness_missing": _("The witness can't be read. Nothing is drawn until the operator has seen to it."),
}
_BY_KIND: Mapping[type[NpnError], Msgid] = {
    NotFoundError: BY_CODE["not_found"],
    UnavailableError: BY_CODE["database_busy"],
}


def status_of(error: NpnError) -> int:
    """Return the HTTP status of an error's kind."""
    if error.code in ("rate_limited", "sign_in_locked"):
        return 429
    if error.code == "form_too_large":
        return 413
    return next((status for kind, status in STATUS.items() if isinstance(error, kind)), 500)


def explained(texts: Texts, error: NpnError) -> str:
    """Return what happened: our words for its code; for another the error's own, which are English."""
    msgid = BY_CODE.get(error.code) or next((t for kind, t in _BY_KIND.items() if isinstance(error, kind)), None)
    return texts.gettext(msgid) if msgid else f"{error.message[:1].upper()}{error.message[1:]}."
