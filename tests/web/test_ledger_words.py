"""Every kind of event of every room is told in words: names in place of ids, no code, no key, in both languages."""

import re
from typing import Any

import pytest
from msgspec import inspect

from npn.ledger.event import Event
from npn.proof.kinds import KINDS
from npn.web.lists.model import LinkCell
from npn.web.pages.ledger.describing import EVENTS, GROUPS, LedgerNames, described
from npn.web.texts import texts

NAMES = LedgerNames(
    systems={"labka-ii": "Labka II Ålborg"},
    accounts={"acc0": "Bente Drift"},
    organisations={"labka-ii": "Region Nordjylland"},
    units={"labka-ii": "It-vagten"},
    requirements={"labka_ii": "4.2 Lager"},
    answers={"labka-ii": "En ny nøgle"},
)
BY_MEMBER = {
    "account": "acc0", "by": "account:acc0", "requirement": "labka_ii", "case": 1007, "source": "medcom",
    "proposal": "2026-1",
}  # fmt: skip
BY_PATTERN = {
    r"\A[a-z0-9][a-z0-9-]{0,79}\Z": "labka-ii", r"\A[a-z0-9_-]{1,64}\Z": "production",
    r"\A[0-9]{6,18}\Z": "1000000015", r"\A(0|[1-9][0-9]{0,18})\Z": "336962",
    r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}\Z": "2027-09-01", r"\A[1-9][0-9]{0,3}\.[0-9]{1,4}\Z": "1.1",
    r"\A([0-9]{1,2}|[A-Z])(\.[0-9]{1,2}){0,3}\Z": "4.2",
}  # fmt: skip


def values_of(name: str, of: inspect.Type) -> list[Any]:  # noqa: C901, PLR0911  # one case a type
    """Return values that a member may have: each of a list of words, one of anything else."""
    if name in BY_MEMBER:
        return [BY_MEMBER[name]]
    while isinstance(of, inspect.Metadata):
        of = of.type
    if isinstance(of, inspect.UnionType):
        return [value for each in of.types for value in values_of(name, each)]
    if isinstance(of, inspect.NoneType):
        return [None]
    if isinstance(of, inspect.LiteralType):
        return list(of.values)
    if isinstance(of, inspect.EnumType):
        return [each.value for each in of.cls]
    if isinstance(of, inspect.ListType):
        return [[], [values_of("", of.item_type)[0]], values_of("", of.item_type)]
    if isinstance(of, inspect.BoolType):
        return [True, False]
    if isinstance(of, inspect.IntType):
        return [int(of.ge or 2)]
    if isinstance(of, inspect.StructType):
        return [{field.encode_name: values_of(field.name, field.type)[0] for field in of.fields}]
    assert isinstance(of, inspect.StrType), of
    if of.pattern and "T" in of.pattern and "Z" in of.pattern and "[0-9]{4}" in of.pattern:
        return ["2026-12-31T23:30:00Z"]
    return [BY_PATTERN.get(of.pattern or "", "Labka II Ålborg" if not of.pattern else "abc0123456789def")]


def events_of(shape: type[Event]) -> list[dict[str, Any]]:
    """Return events of a kind: of each member, each of its values once."""
    choices = {field.encode_name: values_of(field.name, field.type) for field in inspect.type_info(shape).fields}  # type: ignore[attr-defined]  # a struct
    most = max(len(values) for values in choices.values())
    return [{name: values[at % len(values)] for name, values in choices.items()} for at in range(most)]


def test_every_kind_has_its_words_in_one_group() -> None:
    assert not set(KINDS) - set(EVENTS)
    assert sum(len(texts_of) for _, texts_of in GROUPS.values()) == len(EVENTS)


@pytest.mark.parametrize("language", ["da", "en"])
@pytest.mark.parametrize("tag", sorted(KINDS))
def test_an_event_is_said_in_words(tag: str, language: str) -> None:
    for facts in events_of(KINDS[tag]):
        if facts.get("kind") and tag == "approval_proposed":
            facts["kind"] = "limits"
        said = described(texts(language), NAMES, kind=tag, facts=facts)
        sentence = "".join(part.text if isinstance(part, LinkCell) else part for part in said.sentence)
        assert sentence.endswith(".")
        assert said.label
        assert "%(" not in sentence
        assert tag not in sentence.replace(" ", "_") or "_" not in tag
        raw = {*facts, *(str(v) for v in facts.values() if isinstance(v, str) and re.fullmatch(r"[a-z]+(_[a-z]+)+", v))}
        shown = set(re.findall(r"[a-z]+(?:_[a-z]+)+", sentence))
        assert not shown & raw, (sentence, shown)
        assert "labka-ii" not in sentence
        assert "acc0" not in sentence
        assert "account:" not in sentence
        assert not re.search(r"\d{4}-\d\d-\d\d|T\d\d:|True|False|None|\{|\[|[0-9a-f]{16}", sentence), sentence
        if language == "da":
            english = described(texts("en"), NAMES, kind=tag, facts=facts)
            assert said.label != english.label
            assert said.sentence != english.sentence
        if facts.get("by"):
            assert said.who == "Bente Drift"
            assert said.person == "account:acc0"


@pytest.mark.parametrize(
    ("by", "danish"),
    [
        ("admin:root", "root (kommando på serveren)"),
        ("init", "installationen"),
        ("", "systemet selv"),
        ("labka-ii", "Labka II Ålborg"),
        ("account:gone", "en konto"),
    ],
)
def test_who_did_something_is_named(by: str, danish: str) -> None:
    facts = {"system": "labka-ii", "by": by, "reason": "Prøve"}
    said = described(texts("da"), NAMES, kind="system_suspended", facts=facts)
    assert said.who == danish
    assert said.reason == "Prøve"


def test_words_of_the_events_are_strings_of_the_program() -> None:
    for text in EVENTS.values():
        assert texts("da").gettext(text.sentence) != text.sentence
