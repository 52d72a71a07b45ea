"""What a rule is: one small function with its id, texts, citation, severity, where it applies, and two samples."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from typing import TypeVar, cast

from npn.messages.model.finding import FindingRule, Severity, Text
from npn.messages.model.interchange import Element, Interchange, Kind, Letter
from npn.messages.model.number_forms import KNOWN_SCHEMES
from npn.numbers.scheme import NumberScheme

ANY = frozenset((Kind.REQUISITION, Kind.ANSWER, Kind.RECEIPT))
LETTERS = frozenset((Kind.REQUISITION, Kind.ANSWER))
REQUISITIONS = frozenset((Kind.REQUISITION,))
ANSWERS = frozenset((Kind.ANSWER,))
XML_ONLY = frozenset(("XREQ04", "XRPT05", "XRPT06"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the one who asks may settle.

    limit         the most results in one answer that the receiver takes; None: not stated, not checked
    schemes       what makes a sample number an NPN
    stated        whether somebody said so: then a flagged number that none of them accepts is an error
    lookup        asks the number service for a number's state (`granted`, `never_issued`, ...); None: offline
    now           what dates may not lie after; None: not checked
    show_persons  whether findings may show a whole CPR number
    """

    limit: int | None = None
    schemes: tuple[NumberScheme, ...] = KNOWN_SCHEMES
    stated: bool = False
    lookup: Callable[[str], str] | None = None
    now: datetime | None = None
    show_persons: bool = False

    @property
    def given(self) -> frozenset[str]:
        """Names of the options that a rule may need and that are settled."""
        return frozenset(name for name in ("limit", "lookup", "now") if getattr(self, name) is not None)


DEFAULT = Options()
REQUESTER = "RequesterSampleIdentifier"


@dataclass(slots=True)
class LetterIndex:
    """What the letters of an interchange have in common, worked out once; a long interchange adds its portions.

    count        how many letters it has
    identifiers  of letters, with the number (from 0) of the first that has it
    patients     by the sample numbers that requesters gave: the first letter with it, and its patient
    """

    count: int = 0
    identifiers: dict[str, int] = field(default_factory=dict)
    patients: dict[str, tuple[int, str]] = field(default_factory=dict)

    def add(self, letters: Iterable[Letter]) -> None:
        """Add the letters that come next."""
        for letter in letters:
            self.identifiers.setdefault(letter.identifier, self.count)
            person = patient(letter.root)
            for sample in letter.sample_numbers:
                if sample.role == REQUESTER:
                    self.patients.setdefault(sample.number, (self.count, person))
            self.count += 1


def patient(root: Element) -> str:
    """Return the patient's number, whichever the letter has."""
    return root.value("Patient/CivilRegistrationNumber") or root.value("Patient/AlternativeIdentifier") or ""


@dataclass(frozen=True, slots=True, eq=False)
class RuleSubject:
    """What a rule looks at: a letter, the interchange it is in, its place there (from 0), and the options.

    `root` is the letter's tree; `index` knows the interchange's letters; `answers` keeps what several rules ask for:
    the elements at a path, and answers of functions marked with `once`.
    """

    letter: Letter
    interchange: Interchange
    number: int = 0
    options: Options = DEFAULT
    index: LetterIndex = field(default_factory=LetterIndex)
    root: Element = field(init=False)
    answers: dict[object, object] = field(init=False, default_factory=dict)
    paths: dict[str, tuple[Element, ...]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Keep the tree at hand: every rule asks for it."""
        object.__setattr__(self, "root", self.letter.root)

    def all(self, path: str) -> tuple[Element, ...]:
        """Return every element of the letter at a path of names."""
        elements = self.paths.get(path)
        if elements is None:
            elements = self.paths[path] = self.root.all(path)
        return elements

    def find(self, path: str) -> Element | None:
        """Return the first element of the letter at a path of names."""
        elements = self.all(path)
        return elements[0] if elements else None

    def value(self, path: str) -> str | None:
        """Return the text at a path of names, exactly as written; None where there is no such element."""
        elements = self.all(path)
        return elements[0].text if elements else None


T = TypeVar("T")


def once(work: Callable[[RuleSubject], T]) -> Callable[[RuleSubject], T]:
    """Let a function be worked out once for each letter, however many rules ask; the answer is never None."""

    @wraps(work)
    def remembered(case: RuleSubject) -> T:
        answer = case.answers.get(work)
        if answer is None:
            answer = case.answers[work] = work(case)
        return cast("T", answer)

    return remembered


@dataclass(frozen=True, slots=True)
class Hit:
    """What a rule found: the element to point at, and the values that its texts name in braces.

    severity  where it is not that of the rule
    """

    element: Element
    values: Mapping[str, object] = field(default_factory=dict)
    severity: Severity | None = None


def hit(element: Element, *, severity: Severity | None = None, **values: object) -> Hit:
    """Make a hit; the values fill the braces of the rule's texts, and a severity stands instead of the rule's."""
    return Hit(element, values, severity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """How the example of a version is changed to pass and to fail.

    Each change is a path in the letter and its new text; None takes the element away. `letters`: how many
    copies of the letter the interchange holds; a path may start with the copy's number: `2:Letter/Identifier`;
    a path after `+` names an element that is repeated once. `fails_with`: other options for the failing one.
    """

    version: str
    passes: Mapping[str, str | None] = field(default_factory=dict)
    fails: Mapping[str, str | None] = field(default_factory=dict)
    letters: int = 1
    options: Options = DEFAULT
    fails_with: Options | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """Which messages a rule is about.

    types  only these of their kinds; empty: all
    needs  an option without which the rule can't run: `limit`, `lookup`, `now`
    """

    kinds: frozenset[Kind]
    types: frozenset[str] = frozenset()
    needs: str = ""

    def holds(self, kind: Kind, message_type: str, *, given: frozenset[str]) -> bool:
        """Whether the rule has anything to say about a message of that kind and type, with these options given."""
        return kind in self.kinds and (not self.types or message_type in self.types) and self.needs in ("", *given)


Check = Callable[[RuleSubject], Iterable[Hit]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rule(FindingRule):
    """A rule for messages, the same only as itself; `demands` is what it asks of a message."""

    scope: Scope
    demands: Text
    sample: Sample
    check: Check


@dataclass(frozen=True, slots=True)
class Book:
    """The rules of one layer, in the order they are written."""

    rules: list[Rule] = field(default_factory=list)

    def rule(
        self,
        name: str,
        severity: Severity,
        *,
        scope: Scope,
        demands: Text,
        finds: Text,
        citation: str,
        sample: Sample,
    ) -> Callable[[Check], Check]:
        """Enter the function below as a rule (`Rule` explains the parameters)."""

        def enter(check: Check) -> Check:
            self.rules.append(
                Rule(name, severity, finds, citation, scope=scope, demands=demands, sample=sample, check=check)
            )
            return check

        return enter
