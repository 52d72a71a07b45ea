"""Days and instants are written in one place, `npn.instants`: no other module formats one; run by `make check`.

Found are: strftime and isoformat, a format of dates in an f-string, an instant cut to a day (`.date()`), another zone
than that of `npn.instants`, Babel's dates, and in an f-string a value that by its name is a day or an instant. In
templates: the same calls, and a day that no filter has written. What reads or stores rather than shows stands in
`ELSEWHERE`, with its reason; the list can only shrink.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "npn"
ELSEWHERE = {
    "instants.py": "the one place",
    "agent/": "the laboratory's program: it stores UTC, and knows no zone",
    "messages/": "the days and times of messages, as their standard writes them",
    "db/migrations/": "frozen",
    "cli/agreements/agreement.py": "click gives a day as an instant",
    "cli/transport/transport.py": "click gives a day as an instant",
    "soap/endpoint.py": "stored",
    "ledger/model.py": "the ledger's own text",
    "web/chart_frame.py": "the ticks of an axis",
    "web/typed.py": "the names of months that people type",
    "db/hosts.py": "the sign @ of an address",
    "cli/agent/simulate.py": "days counted from the first",
}
_CODES = re.compile(r"%[YmdHMSbBjy]")
_DAYLIKE = re.compile(
    r"(?:(?:^|(?<!per)_)(?:day|date|until|since|at|on|starts|ends|cut_off|not_after|today)|(?:effective|refuse|warn|inform)_from)$"
)
_WRITERS = frozenset({"iso_day", "iso_time", "utc_time", "day_in", "time_in", "rfc3339", "rfc3339_seconds"})
_TRANS = re.compile(r"\{%-?\s*trans\b(.*?)%\}", re.DOTALL)
_SET = re.compile(r"(\w+)\s*=\s*([^,]+)")


def uses(path: str, tree: ast.Module) -> Iterator[str]:
    """Yield what a module, by its path below `npn`, does with days that it should not."""
    if any(path == place or (place.endswith("/") and path.startswith(place)) for place in ELSEWHERE):
        return
    texts = texts_of(tree)
    for node in ast.walk(tree):
        for what in _found_in(node, texts):
            yield f"{path}:{getattr(node, 'lineno', 0)}: {what}"


def texts_of(tree: ast.Module) -> set[str]:
    """Return the names that a module gives to days and instants that are written out."""
    return {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and _last_name(node.value.func) in _WRITERS
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _found_in(node: ast.AST, texts: set[str]) -> Iterator[str]:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        yield from _call(node, node.func)
    elif isinstance(node, ast.FormattedValue):
        yield from _value(node, texts)
    elif isinstance(node, ast.ImportFrom) and node.module in ("babel.dates", "zoneinfo"):
        yield f"{node.module}"


def _call(node: ast.Call, method: ast.Attribute) -> Iterator[str]:
    if method.attr in ("strftime", "isoformat"):
        yield method.attr
    elif method.attr == "date" and not (node.args or node.keywords or _is_module(method.value)):
        yield "an instant cut to a day: danish_day"


def _value(node: ast.FormattedValue, texts: set[str]) -> Iterator[str]:
    spec = ast.unparse(node.format_spec) if node.format_spec is not None else ""
    if _CODES.search(spec):
        yield f"a date's format, {spec}"
    elif not spec and node.conversion == -1 and _is_a_day(_last_name(node.value), texts):
        yield f"{{{ast.unparse(node.value)}}}: write it with iso_day or iso_time, or name it as the text it is"


def _is_a_day(name: str, texts: set[str]) -> bool:
    return name not in texts and _DAYLIKE.search(name) is not None


def _is_module(value: ast.expr) -> bool:
    return isinstance(value, ast.Name) and value.id in ("dt", "datetime")


def _last_name(value: ast.expr) -> str:
    if isinstance(value, ast.Attribute):
        return value.attr
    return value.id if isinstance(value, ast.Name) else ""


def uses_in_template(path: str, text: str) -> Iterator[str]:
    """Yield the same of a template: calls, and values of a translated text that are days by their name."""
    for number, line in enumerate(text.splitlines(), 1):
        if re.search(r"\.(strftime|isoformat|date)\(", line):
            yield f"{path}:{number}: a date is written by a filter: day, date, time or month"
    for block in _TRANS.finditer(text):
        number = text.count("\n", 0, block.start()) + 1
        for name, value in _SET.findall(block[1]):
            if name in ("day", "at", "until", "since", "on", "date", "month") and not re.search(r"[|+]", value):
                yield f"{path}:{number}: {name}={value.strip()} needs a filter: day, date, time or month"


def _is_needed(place: str) -> bool:
    if place == "instants.py":
        return True
    paths = SOURCE.rglob("*.py") if place.endswith("/") else [SOURCE / place]
    trees = (ast.parse(path.read_text("utf-8")) for path in paths if str(path.relative_to(SOURCE)).startswith(place))
    return any(what for tree in trees for node in ast.walk(tree) for what in _found_in(node, set()))


def findings() -> list[str]:
    """Return a sentence for each use that is not in the one place."""
    sentences = [f"{place}: remove it from ELSEWHERE" for place in ELSEWHERE if not _is_needed(place)]
    for path in sorted(SOURCE.rglob("*.py")):
        sentences += uses(str(path.relative_to(SOURCE)), ast.parse(path.read_text("utf-8")))
    for path in sorted(SOURCE.rglob("*.html")):
        sentences += uses_in_template(str(path.relative_to(SOURCE)), path.read_text("utf-8"))
    return sentences


def main() -> int:
    """Print every use; 1 if there is one."""
    sentences = findings()
    print("\n".join(sentences) or "dates are written in one place")
    return 1 if sentences else 0


if __name__ == "__main__":
    sys.exit(main())
