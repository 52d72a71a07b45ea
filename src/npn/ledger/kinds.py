"""Every type of event the ledger may hold, from the modules that describe them."""

from npn.ledger import (
    agreement_events,
    approval_events,
    desk_events,
    events,
    people_events,
    rule_events,
    space_events,
    transport_events,
)

KINDS: dict[str, type[events.Event]] = {
    **events.TYPES,
    **transport_events.TYPES,
    **approval_events.TYPES,
    **desk_events.TYPES,
    **agreement_events.TYPES,
    **people_events.TYPES,
    **rule_events.TYPES,
    **space_events.TYPES,
}
