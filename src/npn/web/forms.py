"""Forms: read with a limit, checked field by field, shown again with what was typed and the error beside its field."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from npn.errors import NpnError
from npn.web.texts import _
from npn.wording import hidden_in

TOKEN = "token"  # noqa: S105  # the name of the field, not a secret
MOST_FIELDS = 200
REQUIRED = _("This must be filled in.")
TOO_LONG = _("This is too long.")
NOT_A_CHOICE = _("Choose one of those that are there.")
NOT_A_NUMBER = _("Write a whole number.")
HIDDEN = _("This holds characters that can't be seen. Type it again without them.")


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a list: what is sent, and what is shown (a text of ours, or a name from the database)."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `label` and `hint` are texts to translate; `kind` is an input's type, or select, textarea, checkbox.

    `largest` counts characters, or is the greatest number where `kind` is number.
    """

    name: str
    label: str
    kind: str = "text"
    hint: str = ""
    required: bool = True
    largest: int = 200
    choices: Sequence[Choice] = ()
    autocomplete: str = ""


@dataclass(slots=True)
class Form:
    """A form with what was typed. `errors` by field's name; the empty name is the form's own.

    `status`: that of the page that shows the form again with its errors.
    """

    fields: Mapping[str, Field]
    values: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    status: int = 422

    @classmethod
    def of(cls, fields: Sequence[Field], values: Mapping[str, object] | None = None) -> "Form":
        """Make one to be filled in, with what is known already."""
        texts = {name: "" if value is None else str(value) for name, value in (values or {}).items()}
        return cls({entry.name: entry for entry in fields}, texts)

    def read(self, sent: Mapping[str, str]) -> "Form":
        """Take what was sent and check what can be seen of it; passwords are kept as typed, the rest is trimmed."""
        for name, entry in self.fields.items():
            text = sent.get(name, "").replace("\r\n", "\n")
            self.values[name] = text if entry.kind == "password" else text.strip()
            problem = _problem(entry, self.values[name])
            if problem:
                self.errors[name] = problem
        return self

    def blame(self, error: NpnError, message: str) -> None:
        """Put an error beside its field where the form has it, else above the form."""
        self.errors[error.field if error.field in self.fields else ""] = message

    def __getitem__(self, name: str) -> str:
        """Return what was typed."""
        return self.values.get(name, "")

    def whole(self, name: str) -> int | None:
        """Return a number, None where the field is empty."""
        return int(self[name]) if self[name] else None

    def wrong(self) -> Iterator[tuple[Field, str]]:
        """Return the fields with their errors, in the form's order."""
        return ((entry, self.errors[name]) for name, entry in self.fields.items() if name in self.errors)


def _problem(entry: Field, text: str) -> str:
    """Return what is wrong with what was typed; nothing where it is sound."""
    if not text:
        return REQUIRED if entry.required and entry.kind != "checkbox" else ""
    if entry.kind == "number":
        return _problem_of_number(entry, text)
    if len(text) > entry.largest:
        return TOO_LONG
    if entry.choices and text not in {choice.value for choice in entry.choices}:
        return NOT_A_CHOICE
    hidden = not _is_secret(entry) and hidden_in(text, lines=entry.kind == "textarea") is not None
    return HIDDEN if hidden else ""


def _problem_of_number(entry: Field, text: str) -> str:
    if not (text.isascii() and text.isdecimal()):
        return NOT_A_NUMBER
    return TOO_LONG if len(text) > 19 or int(text) > max(entry.largest, 200) else ""


def _is_secret(entry: Field) -> bool:
    """Whether what is typed is compared and never shown: whoever checks it judges what it is made of."""
    return entry.kind == "password" or entry.autocomplete == "one-time-code"


def decoded(body: bytes) -> dict[str, str] | None:
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
    return values
