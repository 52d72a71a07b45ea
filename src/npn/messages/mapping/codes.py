"""The code lists of `codes.txt`: what a value of the XML form is called in EDIFACT."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from npn.messages.model.finding import Text

ANY = "*"
MAX_NAMED = 12  # codes that a finding names


@dataclass(frozen=True, slots=True)
class CodeList:
    """Both directions of one list.

    read     by the code's first component, every value it can mean
    assumed  whether no public document says which code means which
    """

    name: str
    assumed: bool = False
    write: dict[str, tuple[str, ...]] = field(default_factory=dict)
    read: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def value(self, code: str, allowed: tuple[str, ...]) -> str | None:
        """Return the value a code means among those the version allows (empty: all); None where there is none."""
        for value in self.read.get(code) or self.read.get(ANY, ()):
            if not allowed or value in allowed:
                return value
        return None

    def known(self, allowed: tuple[str, ...]) -> Text:
        """Return the ending of a sentence that says which codes a version knows."""
        codes = [code for code, values in self.read.items() if code and (not allowed or set(values) & set(allowed))]
        few = ", ".join(codes[:MAX_NAMED]) + (", …" if len(codes) > MAX_NAMED else "")
        return Text(f"; known: {few}", f"; kendte: {few}") if codes else Text("", "")


@cache
def code_lists() -> dict[str, CodeList]:
    """Read `codes.txt`."""
    lists: dict[str, CodeList] = {}
    current = CodeList("")
    for line in Path(__file__).with_name("codes.txt").read_text("utf-8").splitlines():
        if line.startswith("list "):
            name, _, base = line[5:].removesuffix(" assumed").partition(" of ")
            base_list, guess = lists.get(base, CodeList("")), line.endswith(" assumed")
            current = lists[name] = CodeList(name, guess, dict(base_list.write), dict(base_list.read))
        elif line.strip() and not line.startswith("#"):
            add(current, line.strip(" "))
    return lists


def add(codes: CodeList, line: str) -> None:
    """Read one line: `value = code`, `value -> code` (written only), `value <- code` (read only)."""
    for sign in (" -> ", " <- ", " = "):
        value, mark, code = line.partition(sign)
        if mark:
            value = value[1:-1] if value.startswith('"') else value
            parts = tuple(code.split(":"))
            if sign != " <- ":
                codes.write[value] = parts
            if sign != " -> ":
                codes.read[parts[0]] = (*codes.read.get(parts[0], ()), value)
            return
    raise ValueError(f"no code in {line!r}")
