"""Days and times as a letter states them, compared fairly: midnight often means that nobody wrote the time."""

from dataclasses import dataclass
from datetime import datetime

from npn.messages.model.interchange import Element
from npn.messages.rules.model import RuleSubject, once

RECEIVED = ("RequisitionInformation/SampleReceivedDateTime", "RequisitionInformation/Sample/SampleReceivedDateTime")
SAMPLED = ("RequisitionInformation/SamplingDateTime", "RequisitionInformation/Sample/SamplingDateTime")
RESULTS = ("LaboratoryResults/GeneralResultInformation/ResultsDateTime",)
AUTHORISED = ("Letter/Authorisation",)
REQUESTED = ("RequisitionInformation/RequisitionDateTime",)


@dataclass(frozen=True, slots=True)
class Moment:
    """A day and time; `element` is where it stands."""

    element: Element
    at: datetime

    def after(self, other: "Moment") -> bool:
        """Whether this is later; where one of the two has the time 00:00 only the days count."""
        if (self.at.hour, self.at.minute) == (0, 0) or (other.at.hour, other.at.minute) == (0, 0):
            return self.at.date() > other.at.date()
        return self.at > other.at

    def __str__(self) -> str:
        """As in the message: day, then time."""
        return f"{self.at:%Y-%m-%d %H:%M}"


def moment(element: Element | None) -> Moment | None:
    """Read an element with Date and Time; None where it is missing or no moment (the structure layer says so)."""
    if element is None:
        return None
    day, time = element.value("Date"), element.value("Time")
    try:
        return Moment(element, datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=None))
    except ValueError:
        return None


def first(case: RuleSubject, paths: tuple[str, ...]) -> Moment | None:
    """Return the moment at the first of the paths that the letter has."""
    by_path = moments(case)
    if paths not in by_path:
        by_path[paths] = moment(next(filter(None, map(case.find, paths)), None))
    return by_path[paths]


@once
def moments(_case: RuleSubject) -> dict[tuple[str, ...], Moment | None]:
    """Keep the moments that have been read, by their paths."""
    return {}


def sampled(case: RuleSubject) -> Moment | None:
    """When the sample was taken; None where the letter states a wish only."""
    if case.value("RequisitionInformation/SamplingDateTimeType") == "oensket":
        return None
    return first(case, SAMPLED)
