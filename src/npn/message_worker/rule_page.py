"""The page of a rule: what it asks, what it says, and an example that passes and one that fails."""

import re
from collections.abc import Mapping, Sequence

from npn.errors import InvalidInputError, codes, details
from npn.message_worker.desk import environment
from npn.message_worker.options import one_of
from npn.message_worker.reply import HTML, Reply
from npn.message_worker.samples import FAILS
from npn.message_worker.words import DeskWords
from npn.messages import Interchange, read, validate, write
from npn.messages.examples.samples import changed
from npn.messages.rules import Rule
from npn.messages.rules.catalogue import CATALOGUE

NEIGHBOURS = 3
_FACT = re.compile(r"\{\w+\}")  # what a finding puts into the text


def rule(options: Mapping[str, str], _parts: Sequence[bytes]) -> Reply:
    """Make the page of the rule that `rule` names. Raises InvalidInputError where there is none."""
    declared = CATALOGUE.get(options.get("rule", ""))
    if declared is None:
        detail = details.MESSAGE_OPTION.of(name="rule", choices="docs/reference/message-rules.md")
        raise InvalidInputError(detail, code=codes.INVALID_PARAMETER, field="rule")
    words = DeskWords(one_of(options, "lang", ("da", "en")))
    page = (
        environment()
        .get_template("rule.html.j2")
        .render(
            rule=declared,
            say=words.say,
            column=0 if words.lang == "en" else 1,
            finds=_FACT.sub("…", declared.finds[0 if words.lang == "en" else 1]),
            demands=declared.demands if isinstance(declared, Rule) else None,
            examples=_examples(declared) if isinstance(declared, Rule) else (),
            sample=FAILS + declared.id,
        )
    )
    return Reply(HTML, (page.encode(),), {"title": declared.id})


def _examples(declared: Rule) -> Sequence[tuple[str, str]]:
    """Return both examples as pieces of XML, round the place that the rule is about."""
    case = declared.sample
    passing = changed(case.version, case.passes, letters=case.letters)
    failing = changed(case.version, case.fails, letters=case.letters)
    texts = [_pretty(example) for example in (passing, failing)]
    at = _first_line(declared, texts[1])
    return [("rule_passes", _round(texts[0], at)), ("rule_fails", _round(texts[1], at))]


def _pretty(interchange: Interchange) -> list[str]:
    text = write(interchange, "xml").decode("iso-8859-1")
    return text.replace("><", ">\n<").split("\n")


def _first_line(declared: Rule, lines: Sequence[str]) -> int:
    """Return the line that the rule points at in the failing example; the first where it can't be told."""
    source = read("\n".join(lines).encode("iso-8859-1"))
    findings = validate(source, options=declared.sample.fails_with or declared.sample.options)
    places = (finding.place.line for finding in findings if finding.rule == declared.id)
    return next((line for line in places if line is not None), 1)


def _round(lines: Sequence[str], at: int) -> str:
    return "\n".join(lines[max(0, at - 1 - NEIGHBOURS) : at + NEIGHBOURS])
