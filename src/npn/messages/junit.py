"""Verdicts as JUnit's XML, which build servers show: a suite for each file, a case for each finding."""

from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

Document = Mapping[str, Any]  # Any: a document of `npn.messages.documents.verdict_on`, or `failed` with the reason
ERROR, FAILED = "error", "failed"
_NO_CONTROLS = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 65534, 65535), "�")


def junit_report(verdicts: Mapping[str, Document], lang: str = "en") -> bytes:
    """Return the report of files by name. An error is a failure; other findings are cases that pass and say so."""
    suites = Element("testsuites", name="npn message validate")
    for name, document in verdicts.items():
        findings = document.get("findings", ())
        is_read = FAILED not in document
        failures = [finding for finding in findings if finding["severity"] == ERROR]
        suite = SubElement(
            suites,
            "testsuite",
            name=_clean(name),
            tests=str(len(findings) + 1),
            failures=str(len(failures)),
            errors="0",
        )
        case = SubElement(suite, "testcase", classname="npn.message", name="read")
        if not is_read:
            SubElement(case, "error", message=_clean(document[FAILED]))
        for finding in findings:
            _case(suite, finding, lang=lang)
    for figure in ("tests", "failures", "errors"):
        suites.set(figure, str(sum(int(suite.get(figure, "0")) for suite in suites)))
    report: bytes = tostring(suites, encoding="utf-8", xml_declaration=True)
    return report


def _case(suite: Element, finding: Mapping[str, Any], *, lang: str) -> None:  # Any: a finding of a document
    place = finding["place"]
    where = ":".join(str(place[part]) for part in ("line", "column") if place[part] is not None)
    name = " ".join(filter(None, (finding["rule"], where, place["path"])))
    case = SubElement(suite, "testcase", classname=f"npn.message.{finding['rule']}", name=_clean(name))
    text = _clean(finding[lang])
    if finding["severity"] == ERROR:
        SubElement(
            case, "failure", message=text, type=finding["rule"]
        ).text = f"{where} {_clean(place['path'])}".strip()
    else:
        SubElement(case, "system-out").text = f"{finding['severity']}: {text}"


def _clean(text: str) -> str:
    """Replace what XML can't hold."""
    return text.translate(_NO_CONTROLS).encode("utf-8", "replace").decode()
