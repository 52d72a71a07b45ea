"""What rooms say to a system, in the visitor's language: by a notice's code, else in its own words (English)."""

from collections.abc import Mapping

from npn.systems.notices import Notice
from npn.web.texts import Msgid, Texts, _

BY_CODE: Mapping[str, Msgid] = {
    "agreement_missing": _("The connection agreement is not accepted for the system: its owner accepts it."),
    "brown_out": _("Plain HTTP will be refused for some hours, as announced."),
    "certificate_expired": _("A certificate has expired."),
    "certificate_expires": _("A certificate expires and has no successor: renew it."),
    "plain_http_ends": _("The system still calls over plain HTTP, which ends: use https://."),
    "stock_low": _("The stock lasts for less than the six months that are agreed: draw now."),
}


def explained(texts: Texts, notice: Notice) -> str:
    """Return it in the visitor's language; with the day by which something must be done, where there is one."""
    msgid = BY_CODE.get(notice.code)
    sentence = texts.gettext(msgid) if msgid else f"{notice.text[:1].upper()}{notice.text[1:]}."
    if notice.by is None:
        return sentence
    return texts.gettext(_("%(said)s By %(day)s.")) % {"said": sentence, "day": texts.day(notice.by)}
