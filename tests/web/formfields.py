"""The forms of a page as a browser would send them, for tests that send them with other values."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

_TYPED = ("text", "email", "tel")


@dataclass
class SentForm:
    """One form: where it goes (empty: to the page itself), what its fields hold, which are typed into or chosen."""

    action: str
    values: dict[str, str] = field(default_factory=dict)
    typed: list[str] = field(default_factory=list)
    chosen: list[str] = field(default_factory=list)


@dataclass
class _Reader(HTMLParser):
    forms: list[SentForm] = field(default_factory=list)
    open: bool = False

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and given.get("method") == "post":
            self.forms.append(SentForm(given.get("action", "")))
        if tag == "form":
            self.open = given.get("method") == "post"
        if not self.open or tag not in ("input", "select", "textarea"):
            return
        form, name, kind = self.forms[-1], given.get("name", ""), given.get("type", "text")
        if tag == "textarea" or (tag == "input" and kind in _TYPED):
            form.typed.append(name)
        elif tag == "select" or kind == "hidden":
            form.chosen.append(name)
        form.values.setdefault(name, given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        self.open = self.open and tag != "form"


def forms_of(page: str) -> list[SentForm]:
    """Return the forms of a page that are posted."""
    reader = _Reader()
    reader.feed(page)
    return reader.forms
