"""What the pages call the values that an event's members may have."""

from collections.abc import Mapping

from npn.web.pages.agreements.other_numbers import KINDS as NUMBERINGS
from npn.web.pages.onboarding.step_words import STEPS
from npn.web.pages.people.accounts import NAMES as ROLES
from npn.web.pages.people.approvals import KINDS as APPROVALS
from npn.web.texts import _

_CASE_KINDS = {"connection": _("connection"), "support": _("support")}
_CONTACTS = {"technical": _("technical"), "administrative": _("administrative"), "on_call": _("on call")}
_ORGANISATIONS = {
    "operator": _("operator"),
    "region": _("region"),
    "vendor": _("vendor"),
    "owner": _("owner"),
}
_KINDS: Mapping[str, str] = {
    **_CASE_KINDS,
    **_CONTACTS,
    **_ORGANISATIONS,
    **{str(kind): label for kind, label in NUMBERINGS.items()},
}
VALUES: Mapping[str, Mapping[str, str]] = {
    "environment": {"production": _("production"), "test": _("test")},
    "role": ROLES,
    "state": {"active": _("may sign in"), "suspended": _("may not sign in")},
    "credential": {
        "link": _("a one-time link was made"),
        "password": _("a new password"),
        "second_factor": _("a new second factor"),
        "recovery_codes": _("new recovery codes"),
        "openid": _("the sign-in service"),
    },
    "decision": {"approved": _("approved"), "rejected": _("rejected"), "withdrawn": _("withdrawn")},
    "wanted": APPROVALS,
    "outcome": {"adopted": _("adopted"), "rejected": _("not adopted"), "withdrawn": _("withdrawn")},
    "forum": {"user_group": _("The user group"), "steering_group": _("The steering group")},
    "met": {"true": _("it is met"), "false": _("it is not met")},
    "what": {
        "answered": _("answered"),
        "noted": _("given a note"),
        "written_to": _("written to"),
        "closed": _("closed"),
        "reopened": _("opened again"),
        "assigned": _("assigned"),
        "linked": _("linked to a system"),
    },
    "direction": {"send": _("send"), "receive": _("receive"), "webservice": _("offer as a web service")},
    "able": {"yes": _("yes"), "no": _("no"), "testing": _("in test"), "unknown": _("unknown")},
    "severity": {"critical": _("critical"), "serious": _("serious"), "minor": _("minor")},
    "step": {str(step): label for step, label in STEPS.items()},
    "missing": {str(step): label for step, label in STEPS.items()},
}


def called_kind(kind: str) -> str:
    """Return what a member called `kind` says, whichever event it is of."""
    return _KINDS.get(kind, _("something else"))
