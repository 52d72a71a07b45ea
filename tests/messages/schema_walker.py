"""Makes documents straight from MedCom's schema files, knowing nothing of our data for the versions.

So that what our data got wrong shows: a generator that reads them makes their mistakes too.
"""

import re
from pathlib import Path
from random import Random

from lxml import etree
from tests.messages.generator import from_pattern

XS = "{http://www.w3.org/2001/XMLSchema}"
PARTICLES = frozenset((f"{XS}element", f"{XS}sequence", f"{XS}choice", f"{XS}all", f"{XS}group"))
TYPES = (f"{XS}complexType", f"{XS}simpleType")
LETTERS = "abcæøåÆØÅ019 .,-/()?+:'\\éµ§\"½&<>"
VALUES = {
    "date": ("2014-09-04", "2000-02-29", "1999-12-31", "2026-11-24Z", "2026-11-24+01:00"),
    "boolean": ("true", "false", "1", "0"),
    "decimal": ("0", "3.10", "-3.10", "+7", ".5", "5.", " 4.0 ", "12345678901234567"),
}
LENGTHS = (0, 1, 10, 69, 70, 71, 140)
Name = tuple[str, str]
Node = etree._Element  # lxml gives its class no other name


class Schemas:
    """Every named component of a folder of schemas, by namespace and name."""

    def __init__(self, folder: Path) -> None:
        self.found: dict[str, dict[Name, Node]] = {"element": {}, "type": {}, "group": {}}
        self.seen: set[Path] = set()
        self.namespace = ""
        self._load(folder / "EMessage.xsd", "")

    def _load(self, path: Path, namespace: str) -> None:
        """Read a file and all it includes; the schemas spell one folder in two cases."""
        if path.resolve() in self.seen or not path.exists():
            return
        self.seen.add(path.resolve())
        root = etree.parse(path).getroot()
        namespace = root.get("targetNamespace", namespace)
        self.namespace = self.namespace or namespace
        for child in root.iterchildren("{*}*"):
            if child.get("schemaLocation"):
                self._load(path.parent / str(child.get("schemaLocation")), namespace)
            kind = child.tag.removeprefix(XS).replace("complexType", "type").replace("simpleType", "type")
            if kind in self.found and child.get("name"):
                self.found[kind].setdefault((namespace, str(child.get("name"))), child)

    def named(self, kind: str, name: str, near: Node) -> Node | None:
        """What a name means where it stands; None for one of XML Schema's own types."""
        prefix, _, local = name.rpartition(":")
        namespace = near.nsmap.get(prefix or None) or self.namespace
        return None if f"{{{namespace}}}" == XS else self.found[kind][namespace, local]


class Walker:
    """Draws one document. `mode`: least, most (of what is not much) or any number of occurrences."""

    def __init__(self, schemas: Schemas, lots: Random) -> None:
        self.schemas, self.lots = schemas, lots
        self.mode = lots.choice(("least", "most", "any", "any"))

    def document(self, letter: str) -> Node:
        """An `Emessage` with one letter of that name."""
        namespace = self.schemas.namespace
        root = etree.Element(f"{{{namespace}}}Emessage", nsmap={None: namespace})
        envelope = etree.SubElement(root, f"{{{namespace}}}Envelope")
        self._complex(envelope, self.schemas.found["type"][namespace, "EnvelopeType"])
        self._element(root, self.schemas.found["element"][namespace, letter])
        return root

    def _times(self, particle: Node) -> int:
        low, high = int(particle.get("minOccurs", "1")), particle.get("maxOccurs", "1")
        most = min(int(high) if high.isdecimal() else low + 2, low + 2)
        return {"least": low, "most": most}.get(self.mode, self.lots.randint(low, most))

    def _particle(self, parent: Node, particle: Node) -> None:
        for _ in range(self._times(particle)):
            if particle.tag == f"{XS}element":
                self._element(parent, particle)
                continue
            inside = particle
            if particle.tag == f"{XS}group":
                inside = self.schemas.named("group", str(particle.get("ref")), particle)
            parts = [each for each in inside if each.tag in PARTICLES]
            for each in [self.lots.choice(parts)] if particle.tag == f"{XS}choice" and parts else parts:
                self._particle(parent, each)

    def _element(self, parent: Node, declared: Node) -> None:
        if declared.get("ref"):
            declared = self.schemas.named("element", str(declared.get("ref")), declared)
        made = etree.SubElement(parent, f"{{{self.schemas.namespace}}}{declared.get('name')}")
        name = declared.get("type")
        kind = self.schemas.named("type", name, declared) if name else next(declared.iterchildren(*TYPES), None)
        if kind is not None and kind.tag == f"{XS}complexType":
            self._complex(made, kind)
        elif kind is not None and kind.tag == f"{XS}simpleType":
            made.text = self._simple(kind, {})
        elif name:
            made.text = self._builtin(name.rpartition(":")[2], {})

    def _complex(self, made: Node, kind: Node) -> None:
        for part in kind.iterchildren(f"{XS}*"):
            if part.tag in PARTICLES:
                self._particle(made, part)
            elif part.tag == f"{XS}complexContent":
                extension = next(part.iterchildren(f"{XS}extension", f"{XS}restriction"))
                if extension.tag == f"{XS}extension":
                    base = self.schemas.named("type", str(extension.get("base")), extension)
                    self._complex(made, base)
                self._complex(made, extension)
        if kind.get("mixed") == "true":
            made.text = self._words(self.lots.choice(LENGTHS))
            for child in made:
                child.tail = self._words(self.lots.choice(LENGTHS))

    def _words(self, length: int) -> str:
        return "".join(self.lots.choices(LETTERS, k=length))

    def _simple(self, kind: Node, facets: dict[str, list[str]]) -> str:
        restriction = next(kind.iterchildren(f"{XS}restriction"))
        for facet in restriction.iterchildren(f"{XS}*"):
            facets.setdefault(facet.tag.removeprefix(XS), []).append(str(facet.get("value")))
        base = str(restriction.get("base"))
        inner = self.schemas.named("type", base, restriction)
        return self._simple(inner, facets) if inner is not None else self._builtin(base.rpartition(":")[2], facets)

    def _builtin(self, name: str, facets: dict[str, list[str]]) -> str:
        lots, patterns = self.lots, facets.get("pattern", [])
        if "enumeration" in facets:
            codes = facets["enumeration"]
            return lots.choice([code for code in codes if all(re.fullmatch(each, code) for each in patterns)])
        if patterns:
            return from_pattern(patterns[0], lots)
        if name == "string":
            exact = facets.get("length")
            low = int((exact or facets.get("minLength", ["0"]))[0])
            high = int((exact or facets.get("maxLength", ["40"]))[0])
            return self._words(lots.choice((low, high, lots.randint(low, high))))
        if name in VALUES:
            return lots.choice(VALUES[name])
        low, high = int(facets.get("minInclusive", ["1"])[0]), int(facets.get("maxInclusive", ["99"])[0])
        return str(lots.choice((low, high, lots.randint(low, high))))
