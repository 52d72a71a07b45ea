"""What is asked for, the steps on the way, and who must take the next one."""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Literal

import msgspec

from npn.errors import InvalidInputError, check_all, codes, details
from npn.mail.model import one_line
from npn.support.contacts import Contact
from npn.systems.model import ContactKind
from npn.wording import checked_line, checked_name, checked_text

LARGEST_USE = 10_000_000  # numbers a day: more than a country has samples
MOST_ADDRESSES = 20
_HOST = re.compile(r"(?=.{4,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}\Z", re.ASCII)

Transport = Literal["https_certificate", "https_key", "soap", "agent"]
WantedEnvironment = Literal["production", "test"]  # production: test first, then production
TRANSPORTS: tuple[Transport, ...] = ("https_certificate", "https_key", "soap", "agent")


class ConnectionWishes(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What somebody asks to have connected. `addresses`: where it will call from, addresses, networks or names."""

    system: str
    vendor: str
    owner: str
    system_type: str = ""
    environment: WantedEnvironment = "production"
    expected_per_day: int
    transport: Transport
    addresses: tuple[str, ...] = ()
    contacts: tuple[Contact, ...]
    comment: str = ""


class State(StrEnum):
    """Where a request is as a whole; the steps say the rest."""

    UNCONFIRMED = "unconfirmed"
    UNDER_WAY = "under_way"
    CONNECTED = "connected"
    REFUSED = "refused"


class StepName(StrEnum):
    """The steps, in their order."""

    REQUESTED = "requested"
    TEST_ACCESS = "test_access"
    AGREEMENT = "agreement_accepted"
    CERTIFICATE = "certificate_in_place"
    TEST_SHOWN = "test_shown"
    PRODUCTION = "production_access"
    FIRST_DRAW = "first_draw"


class Actor(StrEnum):
    """Who must do something next."""

    REQUESTER = "requester"
    OPERATOR = "operator"
    TECHNICAL = "technical"
    OWNER = "owner"
    NOBODY = "nobody"


WAIVABLE = frozenset({StepName.AGREEMENT, StepName.CERTIFICATE, StepName.TEST_SHOWN})


@dataclass(frozen=True, slots=True)
class Step:
    """One step as it is now. `todo` names what must be done, `evidence` what the service saw.

    `is_ready`: it can be taken now; a step that waits for another can't.
    """

    name: StepName
    done: bool
    who: Actor = Actor.NOBODY
    todo: str = ""
    evidence: str = ""
    at: datetime | None = None
    waived: bool = False
    is_ready: bool = True


@dataclass(frozen=True, slots=True)
class StepLink:
    """A link that was sent to whoever must take a step; it opens one page, and its answer is taken once."""

    digest: str
    request: str
    step: StepName
    sent_to: str
    name: str
    sent_at: datetime
    expires_at: datetime
    used_at: datetime | None
    ended_at: datetime | None

    def is_open(self, at: datetime) -> bool:
        """Whether an answer is still taken."""
        return self.used_at is None and self.leads_on(at)

    def leads_on(self, at: datetime) -> bool:
        """Whether the link still opens its page: after the answer it shows what was answered."""
        return self.ended_at is None and self.expires_at > at


@dataclass(frozen=True, slots=True)
class StepWait:
    """A step that waits for somebody: for whom and what, since when, and how many reminders were sent."""

    step: StepName
    who: Actor
    todo: str
    since: datetime
    reminders: int


@dataclass(frozen=True, slots=True)
class Request:
    """A request to be connected."""

    id: str
    state: State
    asked: ConnectionWishes
    requester_name: str
    requester_email: str
    language: str
    case: int | None
    test_system: str | None
    production_system: str | None
    proposed_certificate: str
    waived: frozenset[StepName]
    created_at: datetime
    confirmed_at: datetime | None
    settled_at: datetime | None
    reason: str


def checked(asked: ConnectionWishes) -> ConnectionWishes:
    """Accept what is asked for, tidied; `field` of the error is the form's. Raises InvalidInputError."""
    if not 0 <= asked.expected_per_day <= LARGEST_USE:
        raise InvalidInputError(details.TOO_MANY_SAMPLES, field="expected_per_day")
    if len(asked.addresses) > MOST_ADDRESSES:
        raise InvalidInputError(details.TOO_MANY_ADDRESSES.of(most=MOST_ADDRESSES), field="addresses")
    if asked.transport not in TRANSPORTS:
        raise InvalidInputError(details.NO_SUCH_TRANSPORT, field="transport")
    system, vendor, owner, system_type, comment = check_all(
        lambda: checked_name(asked.system, "system"),
        lambda: checked_name(asked.vendor, "vendor"),
        lambda: checked_name(asked.owner, "owner"),
        lambda: checked_line(asked.system_type, "system_type", least=0, most=100),
        lambda: checked_text(asked.comment, "comment", least=0, most=5000),
    )
    addresses = check_all(*(partial(checked_address, wanted) for wanted in asked.addresses))
    return msgspec.structs.replace(
        asked,
        system=system,
        vendor=vendor,
        owner=owner,
        system_type=system_type,
        addresses=tuple(addresses),
        contacts=checked_contacts(asked.contacts),
        comment=comment,
    )


def checked_address(text: str) -> str:
    """Accept an address, a network or a host's name that a system calls from. Raises InvalidInputError."""
    wanted = text.strip().lower()
    try:
        network = ipaddress.ip_network(wanted, strict=False)
    except ValueError:
        if _HOST.match(wanted):
            return wanted
        hint = "write 192.0.2.10, 192.0.2.0/24, 2001:db8::/48 or lab.example.dk"
        message = f"not an address to call from: {one_line(wanted, 60)}"
        raise InvalidInputError(message, code=codes.NOT_A_NETWORK, field="addresses", hint=hint) from None
    if network.prefixlen < 8 or network.is_unspecified or network.is_multicast:
        raise InvalidInputError("not a network of one system", code=codes.NOT_A_NETWORK, field="addresses")
    return str(network.network_address) if network.num_addresses == 1 else str(network)


def checked_contacts(contacts: Iterable[Contact]) -> tuple[Contact, ...]:
    """Accept the contacts asked for; of those on call nobody need be named. Raises InvalidInputError."""
    wanted = [contact for contact in contacts if contact.kind != ContactKind.ON_CALL or contact.is_filled_in]
    return tuple(check_all(*(contact.checked for contact in wanted)))
