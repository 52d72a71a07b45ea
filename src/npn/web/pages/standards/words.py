"""What the pages call the states, directions and evidence of the matrix."""

from collections.abc import Mapping
from dataclasses import dataclass

from npn.web.texts import Msgid, _


@dataclass(frozen=True, slots=True)
class StateText:
    """A state in a word, a sign and a colour, so that none of them is needed to tell it from another."""

    word: Msgid
    sign: str
    colour: str


STATES: Mapping[str, StateText] = {
    "yes": StateText(_("yes"), "✓", "good"),
    "no": StateText(_("no"), "✗", "bad"),
    "testing": StateText(_("in test"), "…", "warn"),
    "unknown": StateText(_("unknown"), "?", ""),
    "contradictory": StateText(_("contradictory"), "≠", "warn"),
}
DIRECTIONS: Mapping[str, Msgid] = {
    "send": _("Sends"),
    "receive": _("Receives"),
    "webservice": _("Web service"),
}
EVIDENCE: Mapping[str, Msgid] = {
    "certificate": _("certificate"),
    "attested": _("attested"),
    "observed": _("observed in traffic"),
    "listed_approval": _("on the list"),
}
DISAGREEMENTS: Mapping[str, Msgid] = {
    "in_use_not_approved": _("in use, not approved"),
    "approved_not_in_use": _("approved, not in use"),
}
FORMATS: Mapping[str, Msgid] = {"edifact": _("EDIFACT"), "xml": _("XML"), "other": _("other")}
