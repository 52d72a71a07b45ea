"""The structure layer of validation: what reading found, and every problem of structure as a finding at its place."""

from npn.messages.findings.places import Places
from npn.messages.findings.segments import segment_findings
from npn.messages.model.finding import Finding, Severity
from npn.messages.model.interchange import Interchange, Syntax
from npn.messages.structure.problems import interchange_problems

CITATION = "MedCom XML schema {namespace}"


def structure_findings(interchange: Interchange, places: Places) -> list[Finding]:
    """Return the findings of reading and of structure; without an error the XML schema accepts the document."""
    problems = interchange_problems(interchange)
    if not problems:
        return list(interchange.findings)
    citation = CITATION.format(namespace=interchange.namespace)
    if interchange.syntax is Syntax.EDIFACT:
        return segment_findings(interchange, places, problems, citation)
    found = [places.finding(Severity.ERROR, each.element, (each.rule, each.en, each.da), citation) for each in problems]
    return [*interchange.findings, *found]
