"""A region's units, and the care of a system: which unit answers its users, and who manages it locally."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of a region, such as its IT department. `hours`: when it answers, in its own words."""

    id: str
    region: str
    region_name: str
    name: str
    email: str
    telephone: str
    hours: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Care:
    """Who answers a system's users: a unit, or nobody yet; and its local system manager, where there is one."""

    system: str
    unit: Unit | None
    manager_name: str
    manager_email: str
    manager_telephone: str
    updated_at: datetime
