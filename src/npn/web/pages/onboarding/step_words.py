"""What the pages call the steps of a request, who takes them, and what the service saw."""

from collections.abc import Mapping

from npn.onboarding.model import Actor, StepName
from npn.web.forms import Choice
from npn.web.texts import _

STEPS: Mapping[StepName, str] = {
    StepName.REQUESTED: _("Requested"),
    StepName.TEST_ACCESS: _("Test access"),
    StepName.AGREEMENT: _("Agreement accepted"),
    StepName.CERTIFICATE: _("Certificate in place"),
    StepName.TEST_SHOWN: _("First draw and release in test"),
    StepName.PRODUCTION: _("Production access"),
    StepName.FIRST_DRAW: _("First draw in production"),
}
DOING: Mapping[StepName, str] = {  # what whoever has a link to the step is asked to do
    **STEPS,
    StepName.CERTIFICATE: _("Send the client certificate"),
    StepName.TEST_SHOWN: _("Draw and release in test"),
    StepName.FIRST_DRAW: _("Draw the first series in production"),
}
WHO: Mapping[Actor, str] = {
    Actor.REQUESTER: _("Whoever asked"),
    Actor.OPERATOR: _("The operator"),
    Actor.TECHNICAL: _("The technical contact"),
    Actor.OWNER: _("The owner"),
    Actor.NOBODY: _("Nobody yet"),
}
TODO: Mapping[str, str] = {
    "confirm_mail": _("Confirm the request by the link in the mail."),
    "give_test_access": _("Look at the request and give access to test."),
    "offer_key_again": _("The link to the key ran out before it was used: send a new one."),
    "fetch_key": _("Fetch the key by the link in the mail; it works once."),
    "accept_agreement": _("Accept the connection agreement."),
    "send_certificate": _("Send the client certificate here on this page."),
    "bind_certificate": _("Look at the certificate that was sent and link it."),
    "draw_and_release": _("Draw a series in test, and release it or its unused tail."),
    "release_once": _("A series was drawn in test. Now release it or its unused tail."),
    "give_production_access": _("Every step is done: give access to production."),
    "answer_operator": _("Answer the operator's question in the case."),
    "answer_message": _("Answer the message in the case."),
    "unknown": _("Nobody knows yet whether an agreement is in force."),
    "draw_first": _("Draw the first series in production."),
}
EVIDENCE: Mapping[str, str] = {
    "mail_confirmed": _("Confirmed by mail"),
    "key_fetched": _("The key was fetched"),
    "agreement_accepted": _("Accepted"),
    "no_agreement_in_force": _("No agreement is in force, so none is asked for"),
    "certificate_valid": _("A linked certificate is valid, until"),
    "key_alone_asked_for": _("The system uses its key alone"),
    "drawn_and_released": _("The service saw both"),
    "drawn": _("The service saw it"),
    "waived": _("The operator went on without it; the ledger says why"),
}
TRANSPORTS = (
    Choice("https_certificate", _("REST over HTTPS with a client certificate")),
    Choice("https_key", _("REST over HTTPS with a key only")),
    Choice("soap", _("The legacy web service")),
    Choice("agent", _("The agent, our own program at the laboratory")),
)
TRANSPORT_NAMES = {choice.value: choice.label for choice in TRANSPORTS}
ENVIRONMENTS = (
    Choice("production", _("Test first, then production")),
    Choice("test", _("Test only")),
)
ENVIRONMENT_NAMES = {choice.value: choice.label for choice in ENVIRONMENTS}
STATES: Mapping[str, str] = {
    "unconfirmed": _("Not confirmed"),
    "under_way": _("Under way"),
    "connected": _("Connected"),
    "refused": _("Refused"),
}
KINDS: Mapping[str, str] = {
    "technical": _("Technical contact"),
    "administrative": _("Administrative contact"),
    "on_call": _("On call"),
}
WORDS: Mapping[str, object] = {
    "steps_called": STEPS,
    "doing_called": DOING,
    "who_called": WHO,
    "todo_called": TODO,
    "evidence_called": EVIDENCE,
    "transport_called": TRANSPORT_NAMES,
    "environment_called": ENVIRONMENT_NAMES,
    "request_state_called": STATES,
    "kind_called": KINDS,
}
