"""What came of a proposal, in the visitor's language: by its kind and wish, or by the code that refused it."""

import re
from collections.abc import Callable, Mapping

from npn.errors import CATALOGUE, Code
from npn.people.approvals import DONE, Approval
from npn.web.refusals import text_of_code
from npn.web.texts import Msgid, Texts, _

_WITHHELD = re.compile(r"([0-9]+) numbers of (\S+) are withheld")
_OPERATOR = {
    "make": _("The operator is added."),
    "promote": _("The account is an operator now."),
    "reset": _("The operator's account is reset."),
    "reactivate": _("The operator may sign in again."),
}
_MAILED, _NOT_MAILED = "the link is on its way", "no mail is set up"


def outcome_in(texts: Texts, approval: Approval) -> str:
    """Return what came of a proposal; nothing where it was not carried out yet, or by a code without words of ours."""
    if not approval.outcome:
        return ""
    if approval.outcome.startswith(DONE):
        tell = _TELLERS.get(approval.kind)
        return texts.gettext(_("It is done.")) if tell is None else tell(texts, approval)
    return text_of_code(texts, _code(approval.outcome))


def own_words(approval: Approval) -> str:
    """Return the English words of what refused it, where its code says less than they do."""
    if approval.outcome.startswith(DONE):
        return ""
    meaning = CATALOGUE.get(Code(_code(approval.outcome)))
    return approval.outcome if meaning is None or meaning.is_general else ""


def _code(outcome: str) -> str:
    return outcome.rpartition("[")[2].rstrip("]")


def _filled(msgid: Msgid, *names: str) -> Callable[[Texts, Approval], str]:
    """Return what says a text with members of the wish; whole numbers are written as figures."""

    def tell(texts: Texts, approval: Approval) -> str:
        wish = approval.wish
        return texts.gettext(msgid) % {name: _value(texts, wish, name) for name in names}

    return tell


def _value(texts: Texts, wish: Mapping[str, object], name: str) -> object:
    value = wish.get(name, "")
    return texts.number(value) if isinstance(value, int) else value


def _recovered(texts: Texts, approval: Approval) -> str:
    text = texts.gettext(_("%(size)s numbers of %(space)s are withheld."))
    parts = [text % {"size": texts.number(size), "space": space} for size, space in _WITHHELD.findall(approval.outcome)]
    return " ".join(parts) or texts.gettext(_("Nothing was behind."))


def _of_operator(texts: Texts, approval: Approval) -> str:
    msgid = _OPERATOR.get(str(approval.wish.get("act", "")), _("It is done."))
    parts = [texts.gettext(msgid)]
    if _MAILED in approval.outcome:
        parts.append(texts.gettext(_("The link is on its way to the address.")))
    elif _NOT_MAILED in approval.outcome:
        parts.append(texts.gettext(_("No mail is set up: npn admin account link EMAIL at the server prints a link.")))
    return " ".join(parts)


_TELLERS: Mapping[str, Callable[[Texts, Approval], str]] = {
    "limits": _filled(_("The limits of %(system)s are set."), "system"),
    "recovery": _recovered,
    "regrant": _filled(_("%(first)s to %(last)s may be granted again."), "first", "last"),
    "quarantine": _filled(_("Numbers released from now on wait %(days)s days."), "days"),
    "space": _filled(_("%(system)s draws from %(space)s."), "system", "space"),
    "operator": _of_operator,
}
