"""Compares a requisition with its answer: what both of them state, and what was asked for against what was answered."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from npn.messages.comparison.fields import NOTHING, FieldComparison, named
from npn.messages.comparison.model import FieldDifference
from npn.messages.comparison.trees import words
from npn.messages.model.finding import Text
from npn.messages.model.interchange import Element, Letter

# Whose field it is, the fields of the requisition, one of which the answer's is to agree with, and the answer's field.
REQUESTER, LABORATORY, PATIENT = (
    Text("Requester", "Rekvirent"),
    Text("Laboratory", "Laboratorium"),
    Text("Patient", "Patient"),
)
SHARED: tuple[tuple[Text, tuple[str, ...], str], ...] = (
    (PATIENT, ("Patient/CivilRegistrationNumber",), "Patient/CivilRegistrationNumber"),
    (PATIENT, ("Patient/AlternativeIdentifier",), "Patient/AlternativeIdentifier"),
    (PATIENT, ("Patient/PersonSurnameName",), "Patient/PersonSurnameName"),
    (PATIENT, ("Patient/PersonGivenName",), "Patient/PersonGivenName"),
    (REQUESTER, ("Sender/EANIdentifier",), "Receiver/EANIdentifier"),
    (REQUESTER, ("Sender/Identifier", "OriginalRequester/Identifier", "CCReceiver/Identifier"), "Receiver/Identifier"),
    (LABORATORY, ("Receiver/EANIdentifier",), "Sender/EANIdentifier"),
    (LABORATORY, ("Receiver/Identifier",), "Sender/Identifier"),
)
OF_REQUESTER = frozenset(("RequesterSampleIdentifier", "RequestersRequisitionIdentifier"))
CODES = frozenset(("AnalysisCode", "MICAnalysisCode"))
NOT_ASKED = frozenset(("Relation", "Prompt"))  # where a code only points at an analysis


def requisition_differences(
    comparison: FieldComparison, *, requisition: Letter, answer: Letter
) -> Iterator[FieldDifference]:
    """Yield what does not agree; the requisition is the comparison's first message."""
    for about, paths, path_in_answer in SHARED:
        of_requisition = [element for path in paths if (element := requisition.root.find(path)) is not None]
        of_answer = answer.root.find(path_in_answer)
        if not of_requisition or of_answer is None:
            continue
        agreeing = [element for element in of_requisition if words(element) == words(of_answer)]
        for difference in comparison.trees((agreeing or of_requisition)[0], of_answer, path=path_in_answer):
            yield replace(difference, what=named(of_answer.name, about))
    yield from _numbers(comparison, requisition=requisition, answer=answer)
    yield from _analyses(comparison, requisition=requisition, answer=answer)


def _numbers(comparison: FieldComparison, *, requisition: Letter, answer: Letter) -> Iterator[FieldDifference]:
    """Compare the numbers that the requester gave; an answer that repeats none of them says nothing of them."""
    numbers = {sample.number.strip() for sample in requisition.sample_numbers}
    of_requisition = {
        sample.number.strip(): sample.element for sample in requisition.sample_numbers if sample.role in OF_REQUESTER
    }
    of_answer = {
        sample.number.strip(): sample.element for sample in answer.sample_numbers if sample.role in OF_REQUESTER
    }
    if of_answer:
        shared = {number: element for number, element in of_answer.items() if number in numbers}
        comparison.alike += len(shared)
        yield from _only(
            comparison,
            first={n: e for n, e in of_requisition.items() if n not in shared},
            second={n: e for n, e in of_answer.items() if n not in shared},
        )


def _analyses(comparison: FieldComparison, *, requisition: Letter, answer: Letter) -> Iterator[FieldDifference]:
    """Compare the codes of analyses, where both have some."""
    of_requisition, of_answer = analyses_of(requisition.root), analyses_of(answer.root)
    if of_requisition and of_answer:
        comparison.alike += len(of_requisition.keys() & of_answer.keys())
        yield from _only(
            comparison,
            first={n: e for n, e in of_requisition.items() if n not in of_answer},
            second={n: e for n, e in of_answer.items() if n not in of_requisition},
        )


def _only(
    comparison: FieldComparison, *, first: Mapping[str, Element], second: Mapping[str, Element]
) -> Iterator[FieldDifference]:
    for element in first.values():
        yield from comparison.single(element, None, path=element.name, what=named(element.name, NOTHING))
    for element in second.values():
        yield from comparison.single(None, element, path=element.name, what=named(element.name, NOTHING))


def analyses_of(root: Element) -> dict[str, Element]:
    """Return what holds the code of an analysis, by code, in the order of the message."""
    analyses: dict[str, Element] = {}

    def visit(parent: Element) -> None:
        for child in parent.children:
            if child.name in CODES and child.text.strip():
                analyses.setdefault(child.text.strip(), child)
            elif child.name not in NOT_ASKED:
                visit(child)

    visit(root)
    return analyses
