"""The tree while EDIFACT is read into it: filled in any order, then put in the order the version's structure asks."""

from collections.abc import Iterator
from functools import cache
from operator import gt

from npn.messages.model.interchange import Element
from npn.messages.versions.notation import ComplexType, Field, ModelGroup

LAST = 1_000_000.0
Item = tuple[str, "Node | Element | str", int]


class Node:
    """An element that is being filled. `items`: (slot, Node, Element or text; origin)."""

    __slots__ = ("inner_nodes", "items", "origin")

    def __init__(self, origin: int = -1) -> None:
        """`origin`: index of the segment it came from."""
        self.items: list[Item] = []
        self.inner_nodes: dict[str, Node] = {}
        self.origin = origin

    def inner(self, name: str, origin: int = -1) -> "Node":
        """Return the child node of that name; made when first asked for."""
        node = self.inner_nodes.get(name)
        if node is None:
            node = self.add(name, origin)
        return node

    def at(self, path: tuple[str, ...], origin: int = -1) -> "Node":
        """Return the node at a path."""
        node = self
        for name in path:
            node = node.inner(name, origin)
        return node

    def add(self, name: str, origin: int = -1) -> "Node":
        """Add one more child node of that name; `inner` gives the newest."""
        node = Node(origin)
        self.inner_nodes[name] = node
        self.items.append((name, node, origin))
        return node

    def put(self, path: tuple[str, ...], payload: "Node | Element | str", *, origin: int) -> None:
        """Add a value at a path."""
        node = self
        for name in path[:-1]:
            node = node.inner_nodes.get(name) or node.add(name, origin)
        node.items.append((path[-1], payload, origin))

    def has(self, path: tuple[str, ...]) -> bool:
        """Whether something stands at a path."""
        node: Node | None = self
        for name in path[:-1]:
            node = node.inner_nodes.get(name) if node else None
        return node is not None and any(item[0] == path[-1] for item in node.items)

    def text(self, path: tuple[str, ...]) -> str | None:
        """Return the text at a path, where one was put."""
        node: Node | None = self
        for name in path[:-1]:
            node = node.inner_nodes.get(name) if node else None
        for slot, payload, _ in node.items if node else ():
            if slot == path[-1] and isinstance(payload, str):
                return payload
        return None


@cache
def ranks(kind: ComplexType) -> dict[str, float]:
    """Return each child's place in the type; members of a repeated group share one, and keep the order they came in."""
    places: dict[str, float] = {}

    def visit(part: Field | ModelGroup, place: float, *, shared: bool) -> float:
        if isinstance(part, Field):
            places.setdefault(part.name, place)
            return place if shared else place + 1
        shared_inside = shared or part.high > 1
        for inner in part.parts:
            place = visit(inner, place, shared=shared_inside)
        return place if shared else place + 1

    visit(kind.content, 0.0, shared=False)
    return places


@cache
def essentials(kind: ComplexType) -> tuple[str, ...]:
    """Return the children that must be there but may hold nothing: they are made where nothing was read for them."""

    def required(part: Field | ModelGroup) -> Iterator[Field]:
        if part.low and isinstance(part, Field):
            yield part
        elif part.low and isinstance(part, ModelGroup) and part.kind == "sequence":
            for inner in part.parts:
                yield from required(inner)

    return tuple(
        field.name
        for field in required(kind.content)
        if isinstance(field.type, ComplexType) and field.type.shape.fullmatch("")
    )


def finished(name: str, node: Node, *, kind: ComplexType | None) -> Element:
    """Return a node as a frozen element, in the order of its type."""
    items = node.items if kind is None else ordered(completed(node, kind), kind)
    fields = {} if kind is None else kind.fields
    children = []
    for slot, payload, origin in items:
        child, _, _ = slot.partition("#")
        if payload.__class__ is Node:
            field = fields.get(child)
            inner = field.type if field is not None and isinstance(field.type, ComplexType) else None
            children.append(finished(child, payload, kind=inner))
        elif payload.__class__ is Element:
            children.append(payload)
        else:
            children.append(Element(child, payload, (), "", origin))  # type: ignore[arg-type]  # the third of three
    return Element(name, "", tuple(children), "", node.origin)


def completed(node: Node, kind: ComplexType) -> list[Item]:
    """Return what was put into a node, and the empty children that its type demands and nothing was read for."""
    items = node.items
    for name in essentials(kind):
        if name not in [item[0] for item in items]:
            items = [*items, (name, Element(name, "", (), "", node.origin), node.origin)]
    return items


def ordered(items: list[Item], kind: ComplexType) -> list[Item]:
    """Return the items in the order of the type; those of one place keep theirs."""
    if len(items) < 2:
        return items
    order = ranks(kind)
    places = [order.get(item[0]) or rank(item[0], order) for item in items]
    if not any(map(gt, places, places[1:])):
        return items
    return [item for _, _, item in sorted(zip(places, range(len(items)), items, strict=True))]


def rank(slot: str, order: dict[str, float]) -> float:
    """Return a slot's place; `A#B` stands right after B."""
    name, mark, after = slot.partition("#")
    if mark:
        return order.get(after, LAST) + 0.5
    return order.get(name, LAST)
