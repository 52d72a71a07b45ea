"""Derives the structure part of a version's data file from MedCom's XML schema.

    python tools/derive_version.py SCHEMA_FOLDER LETTER > structure.txt

SCHEMA_FOLDER holds EMessage.xsd and what it includes, LETTER is the letter's element (`LaboratoryReport`).
The output is the `structure` and `types` parts of `npn/messages/versions/<version>.txt` in our own notation
(docs/messages-design.md); heading and `edifact` part are written by hand, from MedCom's mapping documents.
Named complex types, and simple types with more than eight codes, become an entry under `types`.
"""

import re
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

XS = "{http://www.w3.org/2001/XMLSchema}"
BASES = {"positiveInteger": "positive", "nonNegativeInteger": "natural"}
LONG_LIST = 8
Name = tuple[str, str]


@dataclass
class Schema:
    """Every named component that the schema includes or imports, by kind, namespace and local name.

    Two namespaces may use one name: MedCom's CivilRegistrationNumberType is not the CPR register's.
    """

    namespace: str = ""
    types: dict[Name, etree._Element] = field(default_factory=dict)
    elements: dict[Name, etree._Element] = field(default_factory=dict)
    groups: dict[Name, etree._Element] = field(default_factory=dict)
    seen: set[Path] = field(default_factory=set)

    def load(self, path: Path, namespace: str = "") -> None:
        """Read one file and, through it, all it includes; a file without a namespace takes its includer's."""
        path = path.resolve()
        if path in self.seen:
            return
        self.seen.add(path)
        if not path.exists():  # one import is spelt in another case than its folder
            path = next(p for p in path.parent.parent.glob("*/*") if str(p).lower() == str(path).lower())
        root = etree.parse(str(path)).getroot()
        namespace = root.get("targetNamespace", namespace)
        self.namespace = self.namespace or namespace
        for child in root:
            if child.tag in (XS + "include", XS + "import") and child.get("schemaLocation"):
                self.load(path.parent / str(child.get("schemaLocation")), namespace)
        kinds = {
            XS + "complexType": self.types,
            XS + "simpleType": self.types,
            XS + "element": self.elements,
            XS + "group": self.groups,
        }
        for child in root:
            kind, name = kinds.get(str(child.tag)), child.get("name")
            if kind is not None and name:
                kind.setdefault((namespace, name), child)

    def named(self, kind: dict[Name, etree._Element], name: str, near: etree._Element) -> etree._Element:
        """Return the component that a name with its prefix means at that place of the schema."""
        prefix = name.rpartition(":")[0] or None
        return kind[near.nsmap.get(prefix) or self.namespace, local(name)]


def local(name: str) -> str:
    """Drop the prefix of a qualified name."""
    return name.rpartition(":")[2]


def keys(node: etree._Element, depth: int) -> list[str]:
    """Write the identity constraints of an element: a key and what refers to it."""

    def place(constraint: etree._Element) -> str:
        parts = [str(constraint.find(XS + part).get("xpath")) for part in ("selector", "field")]  # type: ignore[union-attr]  # the schema for schemas demands both
        return "/".join(parts).replace("tns:", "")

    declared = {str(key.get("name")): place(key) for key in node.findall(XS + "key")}
    refers = {local(str(ref.get("refer"))): place(ref) for ref in node.findall(XS + "keyref")}
    return ["  " * depth + f"key {path} from {refers[name]}" for name, path in declared.items()]


def short(name: str) -> str:
    """Name a type in the data: local name, without a `Type` at its end."""
    return local(name).removesuffix("Type")


def is_builtin(name: str, near: etree._Element) -> bool:
    """Whether the type name belongs to XML Schema itself."""
    prefix = name.rpartition(":")[0] or None
    return near.nsmap.get(prefix) == XS[1:-1]


def cardinality(node: etree._Element) -> str:
    """Write `[0..1]` when it is not exactly one."""
    low, high = node.get("minOccurs", "1"), node.get("maxOccurs", "1")
    high = "*" if high == "unbounded" else high
    return "" if (low, high) == ("1", "1") else f"[{low}..{high}]"


def quoted(value: str) -> str:
    """Write a code; in quotation marks when it is empty or holds blanks."""
    return f'"{value}"' if not value or value != value.strip() or " " in value else value


class Deriver:
    """Turns one letter of a schema into lines of our notation."""

    def __init__(self, schema: Schema, uses: Counter[str]) -> None:
        self.schema = schema
        self.uses = uses
        self.counted: Counter[str] = Counter()
        self.shared: dict[str, list[str]] = {}

    def facets(self, simple: etree._Element) -> tuple[str, dict[str, list[str]]]:
        """Return the base type and the facets of a simple type; a later value replaces, patterns add up."""
        restriction = simple.find(XS + "restriction")
        if restriction is None:
            raise SystemExit(f"cannot describe {etree.tostring(simple)!r}")
        base = str(restriction.get("base"))
        facets: dict[str, list[str]] = {}
        if is_builtin(base, restriction):
            kind = BASES.get(local(base), local(base))
        else:
            kind, facets = self.facets(self.schema.named(self.schema.types, base, restriction))
        own: dict[str, list[str]] = {}
        for facet in restriction:
            if isinstance(facet.tag, str) and facet.tag != XS + "annotation":
                own.setdefault(facet.tag.rpartition("}")[2], []).append(str(facet.get("value")))
        if "pattern" in own:
            own["pattern"] = [*facets.get("pattern", []), "|".join(own["pattern"])]
        return kind, facets | own

    def simple(self, node: etree._Element) -> str:
        """Write a simple type as one phrase."""
        kind, facets = self.facets(node)
        return " ".join([kind, *rendered(facets)])

    def named(self, name: str, near: etree._Element) -> str:
        """Return the phrase for a type that is referred to by name, and describe it once if it is shared."""
        if is_builtin(name, near):
            return BASES.get(local(name), local(name))
        node = self.schema.named(self.schema.types, name, near)
        if node.tag == XS + "simpleType":
            phrase = self.simple(node)
            return self.share(name, [phrase]) if phrase.count("|") >= LONG_LIST else phrase
        known = short(name)
        self.counted[known] += 1
        if self.uses[known] == 1:
            return ""
        if known not in self.shared:
            self.shared[known] = []
            self.shared[known] = self.complex(node, 2)
        return known

    def share(self, name: str, lines: list[str]) -> str:
        """Keep a type under its name."""
        known = short(name)
        self.shared[known] = lines
        return known

    def complex(self, node: etree._Element, depth: int) -> list[str]:
        """Write what a complex type holds."""
        lines = []
        if node.get("mixed") == "true":
            lines.append("  " * depth + "mixed")
        content = node.find(XS + "complexContent")
        if content is not None:
            derived = content[-1]
            if derived.tag == XS + "extension":
                base = self.schema.named(self.schema.types, str(derived.get("base")), derived)
                lines += self.complex(base, depth)
            node = derived
        for child in node:
            lines += self.particle(child, depth)
        return lines

    def particle(self, node: etree._Element, depth: int) -> list[str]:
        """Write an element, a sequence, a choice or a group."""
        pad = "  " * depth
        if node.tag == XS + "element":
            return self.element(node, depth)
        card, parent = cardinality(node), node.getparent()
        if node.tag == XS + "group":
            node = self.schema.named(self.schema.groups, str(node.get("ref")), node)[-1]
        if node.tag not in (XS + "sequence", XS + "choice"):
            return []
        kind = node.tag.rpartition("}")[2]
        plain = kind == "sequence" and not card and parent is not None and parent.tag != XS + "choice"
        lines = [] if plain else [f"{pad}{kind}{card}"]
        for child in node:
            lines += self.particle(child, depth + (0 if plain else 1))
        return lines

    def element(self, node: etree._Element, depth: int) -> list[str]:
        """Write one element with its type."""
        card = cardinality(node)
        if node.get("ref"):
            node = self.schema.named(self.schema.elements, str(node.get("ref")), node)
        head = "  " * depth + str(node.get("name")) + card
        if node.get("type"):
            phrase = self.named(str(node.get("type")), node)
            if phrase:
                return [f"{head}: {phrase}"]
            kind = self.schema.named(self.schema.types, str(node.get("type")), node)
            return [head, *self.complex(kind, depth + 1)]
        simple, compound = node.find(XS + "simpleType"), node.find(XS + "complexType")
        if simple is not None:
            phrase = self.simple(simple)
            return [f"{head}: {phrase}"]
        if compound is None:
            return [f"{head}: any"]
        inner = self.complex(compound, depth + 1) + keys(node, depth + 1)
        return [head, *inner] if inner else [f"{head}: empty"]


def rendered(own: dict[str, list[str]]) -> list[str]:
    """Write the facets of one restriction step in a fixed order."""
    lengths = bounds(own.pop("minLength", None), own.pop("maxLength", None), lowest="0")
    out = [
        *(own.pop("length", [])[:1] or lengths),
        *bounds(own.pop("minInclusive", None), own.pop("maxInclusive", None), lowest="*"),
    ]
    for facet, written in (("maxExclusive", "<{}"), ("totalDigits", "digits={}"), ("fractionDigits", "fraction={}")):
        out += [written.format(value) for value in own.pop(facet, [])]
    own.pop("whiteSpace", None)
    out += choices(own.pop("pattern", []), own.pop("enumeration", []))
    if own:
        raise SystemExit(f"no notation for {own}")
    return out


def bounds(low: list[str] | None, high: list[str] | None, *, lowest: str) -> list[str]:
    """Write a range, where either bound is set."""
    return [f"{low[0] if low else lowest}..{high[0] if high else '*'}"] if low or high else []


def choices(patterns: list[str], codes: list[str]) -> list[str]:
    """Write the codes, or the patterns where there are none: the patterns of the schemas pick codes out of a list."""
    if not codes:
        return [f"/{pattern}/" for pattern in patterns]
    chosen = [code for code in codes if all(re.fullmatch(pattern, code) for pattern in patterns)]
    return ["one of " + " | ".join(quoted(code) for code in chosen)]


def main() -> None:
    """Print the structure of a letter, with its envelope."""
    folder, letter = Path(sys.argv[1]), sys.argv[2]
    schema = Schema()
    schema.load(folder / "EMessage.xsd")
    uses: Counter[str] = Counter()
    for _ in range(2):  # the first round counts how often each type is used, the second writes
        deriver = Deriver(schema, uses)
        lines = ["structure", "  Envelope", *deriver.complex(schema.types[schema.namespace, "EnvelopeType"], 2)]
        lines += deriver.element(schema.elements[schema.namespace, letter], 1)
        uses = deriver.counted
    lines.append("types")
    for name in sorted(deriver.shared):
        body = deriver.shared[name]
        lines += [f"  {name}: {body[0]}"] if len(body) == 1 and not body[0].startswith(" ") else [f"  {name}", *body]
    print("\n".join(lines))


if __name__ == "__main__":
    main()
