"""Dates in order: requested, sampled, received, result, approved, sent; and none that can't be."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from npn.messages.model.finding import Severity, Text
from npn.messages.rules.kinds import birth_date
from npn.messages.rules.model import ANSWERS, LETTERS, REQUISITIONS, Book, Hit, Options, RuleSubject, Sample, Scope, hit
from npn.messages.rules.moments import (
    AUTHORISED,
    RECEIVED,
    REQUESTED,
    RESULTS,
    SAMPLED,
    Moment,
    first,
    moment,
    sampled,
)

BOOK = Book()
ORDER = "order of events; times of 00:00 are read as 'time unknown'"
MAX_AGE = timedelta(days=365)
GENERAL = "LaboratoryResults/GeneralResultInformation/ResultsDateTime"
SAMPLING = "RequisitionInformation/Sample/SamplingDateTime"
SAMPLE_RECEIVED = "RequisitionInformation/Sample/SampleReceivedDateTime"


def late(earlier: Moment | None, later: Moment | None) -> Iterator[Hit]:
    """Point at what is stated to have come first but came after."""
    if earlier and later and earlier.after(later):
        yield hit(earlier.element, first=earlier, second=later)


@BOOK.rule(
    "date.sampled-after-received",
    Severity.ERROR,
    scope=Scope(ANSWERS),
    demands=Text("A sample is taken before it is received.", "En prøve tages, før den modtages."),
    finds=Text(
        "the sample was received {second}, before it was taken {first}",
        "prøven er modtaget {second}, før den blev taget {first}",
    ),
    citation=ORDER,
    sample=Sample(
        version="XR0231M",
        passes={f"{SAMPLE_RECEIVED}/Time": "00:00"},
        fails={f"{SAMPLING}/Date": "2024-03-05"},
    ),
)
def sampled_after_received(case: RuleSubject) -> Iterator[Hit]:
    """Compare sampling with reception."""
    yield from late(sampled(case), first(case, RECEIVED))


@BOOK.rule(
    "date.received-after-result",
    Severity.ERROR,
    scope=Scope(ANSWERS),
    demands=Text("A sample is received before there is a result.", "En prøve modtages, før der er et resultat."),
    finds=Text("the result is of {second}, before the sample was received {first}", "resultatet er fra {second}, før prøven blev modtaget {first}"),
    citation=ORDER,
    sample=Sample(version="XR0432P", fails={f"{GENERAL}/Date": "2024-03-02"}),
)  # fmt: skip
def received_after_result(case: RuleSubject) -> Iterator[Hit]:
    """Compare reception with the result."""
    yield from late(first(case, RECEIVED), first(case, RESULTS))


@BOOK.rule(
    "date.sampled-after-result",
    Severity.ERROR,
    scope=Scope(ANSWERS),
    demands=Text("A sample is taken before there is a result.", "En prøve tages, før der er et resultat."),
    finds=Text("the result is of {second}, before the sample was taken {first}", "resultatet er fra {second}, før prøven blev taget {first}"),
    citation=ORDER,
    sample=Sample(version="XR0131K", fails={f"{SAMPLING}/Date": "2024-05-01"}),
)  # fmt: skip
def sampled_after_result(case: RuleSubject) -> Iterator[Hit]:
    """Compare sampling with the result, where no reception stands between the two."""
    if first(case, RECEIVED) is None:
        yield from late(sampled(case), first(case, RESULTS))


@BOOK.rule(
    "date.result-after-authorisation",
    Severity.WARNING,
    scope=Scope(ANSWERS),
    demands=Text("A result is there before the letter is approved.", "Et resultat foreligger, før brevet godkendes."),
    finds=Text("the letter was approved {second}, before its result of {first}", "brevet er godkendt {second}, før resultatet fra {first}"),
    citation=ORDER + "; a warning, since public samples have it",
    sample=Sample(version="XR0131K", fails={"Letter/Authorisation/Date": "2024-03-03"}),
)  # fmt: skip
def result_after_authorisation(case: RuleSubject) -> Iterator[Hit]:
    """Compare the result with the letter's approval."""
    yield from late(first(case, RESULTS), first(case, AUTHORISED))


@BOOK.rule(
    "date.authorised-after-sent",
    Severity.WARNING,
    scope=Scope(LETTERS),
    demands=Text("A letter is approved before it is sent.", "Et brev godkendes, før det sendes."),
    finds=Text(
        "the letter was sent {second}, before it was approved {first}",
        "brevet er sendt {second}, før det blev godkendt {first}",
    ),
    citation=ORDER,
    sample=Sample(version="XQ0131K", fails={"Letter/Authorisation/Date": "2024-05-01"}),
)
def authorised_after_sent(case: RuleSubject) -> Iterator[Hit]:
    """Compare the letter's approval with the envelope."""
    yield from late(first(case, AUTHORISED), moment(case.interchange.envelope.child("Sent")))


@BOOK.rule(
    "date.requested-after-sampled",
    Severity.WARNING,
    scope=Scope(REQUISITIONS),
    demands=Text("A sample is taken after it was requested.", "En prøve tages, efter at den er rekvireret."),
    finds=Text(
        "the sample was taken {second}, before it was requested {first}",
        "prøven er taget {second}, før den blev rekvireret {first}",
    ),
    citation=ORDER + "; a warning, since a requisition may be written afterwards",
    sample=Sample(version="XQ0131K", fails={"RequisitionInformation/RequisitionDateTime/Date": "2024-03-04"}),
)
def requested_after_sampled(case: RuleSubject) -> Iterator[Hit]:
    """Compare the requisition with the sampling, where that has been done."""
    yield from late(first(case, REQUESTED), sampled(case))


@BOOK.rule(
    "date.sampling-interval",
    Severity.ERROR,
    scope=Scope(ANSWERS, types=frozenset(("XRPT01",))),
    demands=Text("A sampling interval starts before it ends.", "Et prøvetagningsinterval starter, før det slutter."),
    finds=Text("the sampling interval ends {second}, before it starts {first}", "prøvetagningen slutter {second}, før den starter {first}"),
    citation=ORDER,
    sample=Sample(
        version="XR0131K", fails={"RequisitionInformation/Sample/SamplingInterval/EndDateTime/Date": "2024-02-01"}
    ),
)  # fmt: skip
def sampling_interval(case: RuleSubject) -> Iterator[Hit]:
    """Compare the two ends of the interval."""
    interval = case.find("RequisitionInformation/Sample/SamplingInterval")
    if interval is not None:
        yield from late(moment(interval.child("StartDateTime")), moment(interval.child("EndDateTime")))


@BOOK.rule(
    "date.sampled-long-before",
    Severity.INFO,
    scope=Scope(ANSWERS),
    demands=Text("A result comes within a year of the sampling.", "Et resultat kommer inden for et år efter prøvetagningen."),
    finds=Text("the sample was taken {first}, more than a year before the result of {second}", "prøven er taget {first}, mere end et år før resultatet fra {second}"),
    citation="plausibility",
    sample=Sample(version="XR0131K", fails={f"{SAMPLING}/Date": "2022-03-03"}),
)  # fmt: skip
def sampled_long_before(case: RuleSubject) -> Iterator[Hit]:
    """Point at a sampling that is very old."""
    sampling, result = sampled(case), first(case, RESULTS)
    if sampling and result and result.at - sampling.at > MAX_AGE:
        yield hit(sampling.element, first=sampling, second=result)


@BOOK.rule(
    "date.sampled-before-birth",
    Severity.WARNING,
    scope=Scope(LETTERS),
    demands=Text("A sample is not taken before the patient is born.", "En prøve tages ikke, før patienten er født."),
    finds=Text("the sample was taken {first}, before the patient's birth by the CPR number", "prøven er taget {first}, før patientens fødsel ifølge CPR-nummeret"),
    citation="CPR: the first seven digits say the day of birth and the century",
    sample=Sample(version="XR0131K", fails={"Patient/CivilRegistrationNumber": "0101364000"}),
)  # fmt: skip
def sampled_before_birth(case: RuleSubject) -> Iterator[Hit]:
    """Compare the sampling with the day of birth."""
    sampling = sampled(case)
    born = birth_date(case.value("Patient/CivilRegistrationNumber") or "")
    if sampling and born and sampling.at.date() < born:
        yield hit(sampling.element, first=sampling)


@BOOK.rule(
    "date.in-future",
    Severity.WARNING,
    scope=Scope(LETTERS, needs="now"),
    demands=Text("What has happened does not lie in the future.", "Det, der er sket, ligger ikke i fremtiden."),
    finds=Text("{first} lies in the future", "{first} ligger i fremtiden"),
    citation="plausibility; a day's difference between clocks is allowed",
    sample=Sample(
        version="XR0131K",
        options=Options(now=datetime(2024, 6, 1)),  # noqa: DTZ001 - messages state local time without a zone
        fails={f"{GENERAL}/Date": "2034-03-04"},
    ),
)
def in_future(case: RuleSubject) -> Iterator[Hit]:
    """Compare everything that has happened with the clock."""
    latest = case.options.now
    if latest is None:
        return
    if latest.tzinfo is not None:
        latest = latest.astimezone(UTC).replace(tzinfo=None)
    moments = [first(case, paths) for paths in (AUTHORISED, RECEIVED, RESULTS)]
    for event in (*moments, sampled(case) if case.find(SAMPLED[1]) else None):
        if event and event.at > latest + timedelta(days=1):
            yield hit(event.element, first=event)
