"""Draws rooms and floors from the import contract, and writes the table of docs/architecture.md; --check compares.

The contract is `[tool.importlinter]` in pyproject.toml: a room may import rooms of lower floors and none beside it.
An arrow goes to a lower room that is imported directly; one that a longer way implies is left out.
"""

import ast
import sys
import tomllib
from html import escape
from itertools import pairwise
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "npn"
PAGE, PICTURE = ROOT / "docs" / "architecture.md", ROOT / "docs" / "architecture.svg"
BEGIN, END = "<!-- rooms: begin -->", "<!-- rooms: end -->"
WIDTH, FLOOR, ROOM, GAP = 1080, 58, 34, 14
LETTER = 7.6  # px a character of the rooms' names takes


def floors() -> list[list[str]]:
    """Return the rooms of each floor, the highest floor first."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    return [[room.strip(" ()") for room in layer.split("|")] for layer in layers]


def purpose(room: str) -> str:
    """Return the first sentence of a room's docstring."""
    folder = SOURCE / room
    path = folder / "__init__.py" if folder.is_dir() else SOURCE / f"{room}.py"
    text = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    return text.split("\n\n")[0].replace("\n", " ")


def arrows(rooms: list[str]) -> set[tuple[str, str]]:
    """Return who imports whom, without the arrows that a longer way implies."""
    graph = grimp.build_graph("npn", cache_dir=None)
    direct = {
        room: {
            other
            for other in rooms
            if other != room
            and graph.direct_import_exists(importer=f"npn.{room}", imported=f"npn.{other}", as_packages=True)
        }
        for room in rooms
    }
    below: dict[str, set[str]] = {}
    for room in reversed(rooms):  # from the lowest floor up
        below[room] = direct[room].union(*(below[other] for other in direct[room] if other in below))
    return {
        (room, other)
        for room in rooms
        for other in direct[room]
        if not any(other in below[between] for between in direct[room] - {other})
    }


def picture(levels: list[list[str]]) -> str:
    """Return the SVG: a floor a line, a room a box, arrows downwards."""
    places: dict[str, tuple[float, float, float]] = {}
    for number, rooms in enumerate(levels):
        widths = [len(room) * LETTER + 22 for room in rooms]
        aside = (number % 3 - 1) * 120 if len(rooms) == 1 else 0  # so that arrows to far floors pass beside the boxes
        left = (WIDTH - sum(widths) - GAP * 3 * (len(rooms) - 1)) / 2 + aside
        for room, width in zip(rooms, widths, strict=True):
            places[room] = (left, GAP + number * FLOOR, width)
            left += width + GAP * 3
    lines = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {len(levels) * FLOOR + GAP}" role="img" '
            'aria-label="Rooms and floors: every arrow goes down" font-family="sans-serif" font-size="13">'
        ),
        (
            "<style>rect{fill:#eef3f7;stroke:#35566f}text{fill:#10202c}path{fill:none;stroke:#8aa1b1;stroke-width:1}"
            "@media(prefers-color-scheme:dark){rect{fill:#1d2a33;stroke:#8fb3cc}text{fill:#e6eef3}path{stroke:#5d7688}}"
            "</style>"
        ),
    ]
    for room, other in sorted(arrows([room for level in levels for room in level])):
        (x, y, width), (to_x, to_y, to_width) = places[room], places[other]
        start, end = (x + width / 2, y + ROOM), (to_x + to_width / 2, to_y)
        half = (end[1] - start[1]) / 2
        lines.append(
            f'<path d="M{start[0]:.0f} {start[1]:.0f}C{start[0]:.0f} {start[1] + half:.0f} '
            f'{end[0]:.0f} {end[1] - half:.0f} {end[0]:.0f} {end[1]:.0f}"/>'
        )
    for room, (x, y, width) in places.items():
        lines.append(f'<rect x="{x:.0f}" y="{y:.0f}" width="{width:.0f}" height="{ROOM}" rx="5"/>')
        lines.append(f'<text x="{x + width / 2:.0f}" y="{y + 22:.0f}" text-anchor="middle">{escape(room)}</text>')
    return "\n".join([*lines, "</svg>", ""])


def table(levels: list[list[str]]) -> str:
    """Return the rooms with what each is for, the highest floor first."""
    rows = [f"| {number} | `{room}` | {purpose(room)} |" for number, room in _numbered(levels)]
    return "\n".join(["| floor | room | what it is for |", "| --- | --- | --- |", *rows])


def _numbered(levels: list[list[str]]) -> list[tuple[int, str]]:
    return [(len(levels) - number, room) for number, rooms in enumerate(levels) for room in rooms]


def page(levels: list[list[str]]) -> str:
    """Return the page with its table as the contract and the docstrings say now."""
    before, rest = PAGE.read_text("utf-8").split(BEGIN)
    return f"{before}{BEGIN}\n{table(levels)}\n{END}{rest.split(END)[1]}"


def main() -> int:
    """Write both, or with --check return 1 where they are not what they should be."""
    levels = floors()
    assert all(upper and lower for upper, lower in pairwise(levels))  # noqa: S101  # the contract has no empty floor
    wanted = {PAGE: page(levels), PICTURE: picture(levels)}
    if "--check" in sys.argv:
        stale = [path for path, text in wanted.items() if not path.exists() or path.read_text("utf-8") != text]
        for path in stale:
            print(f"{path.relative_to(ROOT)} is not up to date: make docs", file=sys.stderr)
        return 1 if stale else 0
    for path, text in wanted.items():
        path.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
