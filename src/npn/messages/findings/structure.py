"""The structure layer of validation: what reading found, and every problem of structure as a finding at its place."""

from npn.messages.findings.places import Places
from npn.messages.findings.segments import segment_findings
from npn.messages.model.finding import Finding
from npn.messages.model.interchange import Interchange, Syntax
from npn.messages.structure.problems import interchange_problems


def structure_findings(interchange: Interchange, places: Places) -> list[Finding]:
    """Return the findings of reading and of structure; without an error the XML schema accepts the document."""
    problems = interchange_problems(interchange)
    if not problems:
        return list(interchange.findings)
    if interchange.syntax is Syntax.EDIFACT:
        return segment_findings(interchange, places, problems=problems)
    namespace = interchange.namespace
    return [
        *interchange.findings,
        *(problem.finding(places.of(problem.element), namespace) for problem in problems),
    ]
