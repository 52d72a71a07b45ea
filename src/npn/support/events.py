"""Events about contacts, cases and standard answers: by number and id, never by name."""

from typing import Literal

from npn.ledger.event import Claimed, Count, Event, Id, Text
from npn.support.model import CaseKind

CaseAct = Literal["answered", "noted", "written_to", "closed", "reopened", "assigned", "linked"]


class ContactsAsked(Event, frozen=True):
    """A system's contacts were asked whether they are right."""

    tag = "contacts_asked"
    free = ("system",)

    system: Id
    by: Text
    claimed: Claimed = ""


class ContactsConfirmed(Event, frozen=True):
    """A system's contacts confirmed that they are right."""

    tag = "contacts_confirmed"
    free = ("system",)

    system: Id
    by: Text
    claimed: Claimed = ""


class CaseOpened(Event, frozen=True):
    """A case was opened by somebody with an account, or by a confirmed request. What is said in it stays outside."""

    tag = "case_opened"
    free = ("case", "kind", "system")

    case: Count
    kind: CaseKind
    system: Id | None
    by: Text
    claimed: Claimed = ""


class CaseChanged(Event, frozen=True):
    """What somebody with an account did to a case."""

    tag = "case_changed"
    free = ("case", "what")

    case: Count
    what: CaseAct
    by: Text
    claimed: Claimed = ""


class StandardAnswerSet(Event, frozen=True):
    """A standard answer was added, changed, or taken into use again. Its text stays outside the ledger."""

    tag = "standard_answer_set"
    free = ("answer",)

    answer: Id
    by: Text
    claimed: Claimed = ""


class StandardAnswerRetired(Event, frozen=True):
    """A standard answer is offered no longer."""

    tag = "standard_answer_retired"
    free = ("answer",)

    answer: Id
    by: Text
    claimed: Claimed = ""
