"""Forms: read with a limit, checked field by field, shown again with what was typed and the error beside its field."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar, overload
from urllib.parse import parse_qsl

from npn.errors import NpnError
from npn.private_keys import holds_private_key
from npn.web.texts import Texts, _
from npn.web.typed import (
    PARTS,
    FieldValue,
    parts_of,
    read_day,
    read_email,
    read_number,
    read_telephone,
    read_time,
)
from npn.wording import hidden_in, private_key_sent

_T = TypeVar("_T")
TOKEN = "token"  # noqa: S105  # the name of the field, not a secret
SECRET_NAMES = frozenset({"password", "repeated", "present", "code", "secret"})  # never kept, never shown again
MOST_FIELDS = 200
REQUIRED = _("This field is required.")
TOO_LONG = _("Write at most %(most)s characters; there are %(there)s.")
NOT_A_CHOICE = _("Choose one of the options.")
LOST = _("Part of the form was lost on the way. Open the page again.")
HIDDEN = _("This contains invisible characters. Type it again without them.")
PRIVATE_KEY = _(
    "This held a private key. It was not stored, and is not shown here, but it has left the place where it was "
    "secret: the key must be taken as compromised. Make a new key pair, have a new certificate issued, and send "
    "the certificate alone."
)


class SentFields(dict[str, str]):
    """What was sent, by field. A private key that somebody pasted is in none of them.

    Whoever asks for such a field gets a refusal. A form asks `had_private_key` first, and says so beside the field.
    """

    def __init__(self, values: Mapping[str, str]) -> None:
        """Take what was sent, and leave private keys out of it."""
        self._leaked = frozenset(name for name, value in values.items() if holds_private_key(value))
        super().__init__({name: value for name, value in values.items() if name not in self._leaked})

    @classmethod
    def of(cls, sent: Mapping[str, str]) -> "SentFields":
        """Return what was sent as it is, or made of fields that were not taken from a request."""
        return sent if isinstance(sent, cls) else cls(sent)

    def replacing(self, **fields: str) -> "SentFields":
        """Return the same with other values for some fields; what was left out stays left out."""
        sent = SentFields({**self, **fields})
        sent._leaked = self._leaked - fields.keys()
        return sent

    def had_private_key(self, name: str = "") -> bool:
        """Whether a field, or any of them where none is named, held a private key."""
        return name in self._leaked if name else bool(self._leaked)

    def __getitem__(self, name: str) -> str:
        """Return a field. Raises InvalidInputError `private_key_sent`."""
        if name in self._leaked:
            raise private_key_sent(name)
        return super().__getitem__(name)

    @overload
    def get(self, name: str, default: None = None, /) -> str | None: ...
    @overload
    def get(self, name: str, default: str, /) -> str: ...
    @overload
    def get(self, name: str, default: _T, /) -> str | _T: ...
    def get(self, name: str, default: str | _T | None = None, /) -> str | _T | None:
        """Return a field where it was sent. Raises InvalidInputError `private_key_sent`."""
        if name in self._leaked:
            raise private_key_sent(name)
        return super().get(name, default)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a list: what is sent, and what is shown (a text of ours, or a name from the database)."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `label` and `hint` are texts to translate.

    `kind` is an input's type, or select, radio, textarea, checkbox. `largest` counts characters, or is the greatest
    number where `kind` is number; `smallest` is the least number.
    A `date` is shown as day, month and year, a `time` as a line; handlers get `2027-03-28` and `14:30`.
    `unticked`: what is said, in place of the label, where a box that must be ticked isn't.
    """

    name: str
    label: str
    kind: str = "text"
    hint: str = ""
    required: bool = True
    largest: int = 200
    choices: Sequence[Choice] = ()
    autocomplete: str = ""
    smallest: int = 0
    unticked: str = ""

    @property
    def is_named_in_errors(self) -> bool:
        """Whether an error needs the label before it: that of a box says all by itself."""
        return self.kind != "checkbox"

    def __post_init__(self) -> None:
        """Refuse a secret under another name than those that are never kept nor shown again."""
        if _is_secret(self) and self.name not in SECRET_NAMES:
            raise TypeError(f"the field {self.name} takes a secret: its name must be one of SECRET_NAMES")


@dataclass(slots=True)
class Form:
    """A form with what was typed. `errors` by field's name; the empty name is the form's own.

    `parts`: which part of a day an error is about.
    `status`: that of the page that shows the form again with its errors. `retry_after`: seconds until trying it again
    makes sense.
    """

    fields: Mapping[str, Field]
    values: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    parts: dict[str, str] = field(default_factory=dict)
    status: int = 422
    retry_after: int = 0

    @classmethod
    def of(cls, fields: Sequence[Field], values: Mapping[str, object] | None = None) -> "Form":
        """Make one to be filled in, with what is known already."""
        texts = {name: "" if value is None else str(value) for name, value in (values or {}).items()}
        return cls({entry.name: entry for entry in fields}, texts)

    def read(self, sent: Mapping[str, str], texts: Texts) -> "Form":
        """Take what was sent and check all that can be seen of it; passwords are kept as typed, the rest is trimmed."""
        for name, entry in self.fields.items():
            if isinstance(sent, SentFields) and sent.had_private_key(name):
                self.values[name], self.errors[name] = "", PRIVATE_KEY
                continue
            field_value = _read(entry, sent, texts)
            self.values[name] = field_value.value
            if entry.kind == "date":
                self.values.update({key: sent[key] for part in PARTS if (key := f"{name}_{part}") in sent})
            if field_value.problem:
                self._blame(entry, field_value)
        return self

    def _blame(self, entry: Field, field_value: FieldValue) -> None:
        """Put a problem beside its field; what is wrong with a hidden one is the page's fault."""
        self.errors["" if entry.kind == "hidden" else entry.name] = (
            LOST if entry.kind == "hidden" else field_value.problem
        )
        if field_value.part:
            self.parts[entry.name] = field_value.part

    def blame(self, error: NpnError, message: str) -> None:
        """Put an error beside its field where the form has it, else above the form; the first of a field counts."""
        field_is_shown = error.field in self.fields and self.fields[error.field].kind != "hidden"
        self.errors.setdefault(error.field if field_is_shown else "", message)

    def is_sound(self, *names: str) -> bool:
        """Whether none of these fields has an error."""
        return not any(name in self.errors for name in names)

    def part(self, name: str, part: str) -> str:
        """Return a day's part as typed, or as it is known."""
        parts = parts_of(self.values, name)
        return "" if parts is None else parts[part]

    def target(self, name: str) -> str:
        """Return what the id of a field's first input ends with: a day has three."""
        return f"{name}-{self.parts.get(name, 'day')}" if self.fields[name].kind == "date" else name

    def __getitem__(self, name: str) -> str:
        """Return what was typed."""
        return self.values.get(name, "")

    def whole(self, name: str) -> int | None:
        """Return a number, None where the field is empty or has no number."""
        return int(self[name]) if self[name] and name not in self.errors else None

    def sound(self) -> dict[str, str]:
        """Return what was typed, by field; a field with an error is empty."""
        return {name: "" if name in self.errors else self[name] for name in self.fields}

    def wrong(self) -> Iterator[tuple[Field, str]]:
        """Return the fields with their errors, in the form's order."""
        return ((entry, self.errors[name]) for name, entry in self.fields.items() if name in self.errors)


def _read(entry: Field, sent: Mapping[str, str], texts: Texts) -> FieldValue:
    """Read one field and check it."""
    text = sent.get(entry.name, "").replace("\r\n", "\n")
    text = text if entry.kind == "password" else text.strip()
    if entry.kind == "date":
        value = read_day(sent, entry.name, texts)
        missing = entry.required and not value.value and not value.problem
        return FieldValue("", texts.gettext(REQUIRED), "day") if missing else value
    if entry.kind == "checkbox":
        return FieldValue(text, "" if text == "yes" or not entry.unticked else texts.translated(entry.unticked))
    if not text:
        return FieldValue("", texts.gettext(REQUIRED) if entry.required else "")
    problem = _problem(entry, text, texts)
    return FieldValue(text, problem) if problem else _read_kind(entry, text, texts)


def _read_kind(entry: Field, text: str, texts: Texts) -> FieldValue:
    if entry.kind == "number":
        return read_number(text, texts, smallest=entry.smallest, largest=max(entry.largest, entry.smallest))
    if entry.kind == "time":
        return read_time(text, texts)
    if entry.kind == "email":
        return read_email(text, texts)
    return read_telephone(text, texts) if entry.kind == "tel" else FieldValue(text)


def _problem(entry: Field, text: str, texts: Texts) -> str:
    """Return what is wrong with a text as such; nothing where it is sound."""
    if entry.kind in ("number", "time"):
        return ""
    if len(text) > entry.largest:
        values = {"most": texts.number(entry.largest), "there": texts.number(len(text))}
        return texts.gettext(TOO_LONG) % values
    if (entry.choices or entry.kind == "select") and text not in {choice.value for choice in entry.choices}:
        return texts.gettext(NOT_A_CHOICE)
    hidden = not _is_secret(entry) and hidden_in(text, lines=entry.kind == "textarea") is not None
    return texts.gettext(HIDDEN) if hidden else ""


def _is_secret(entry: Field) -> bool:
    """Whether what is typed is compared and never shown: whoever checks it judges what it is made of."""
    return entry.kind == "password" or entry.autocomplete == "one-time-code"


def decoded(body: bytes) -> SentFields | None:
    """Read a body as browsers send a form; the first of a repeated name counts. None where it is invalid."""
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, strict_parsing=bool(body), errors="strict",
            max_num_fields=MOST_FIELDS,
        )  # fmt: skip
    except (ValueError, UnicodeDecodeError):
        return None
    values: dict[str, str] = {}
    for name, value in pairs:
        values.setdefault(name, value)
    return SentFields(values)
