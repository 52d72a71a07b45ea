"""What a page is made of, before it is HTML. A text is `str` (escaped later) or `Markup` (escaped already)."""

from dataclasses import dataclass, field, replace

from markupsafe import Markup

Content = str | Markup
Labelled = tuple[str, "Content | None"]  # a label and what stands behind it


@dataclass(frozen=True, slots=True)
class LabelledValues:
    """Labels with their values."""

    rows: tuple[tuple[str, Content], ...]
    kind: str = "facts"


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell; `mark` names how it stands out: high, low, abnormal, corrected, preliminary."""

    text: Content
    mark: str = ""
    badge: str = ""


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row; its first cell is its heading. `note` spans the table below the row."""

    cells: tuple[Cell, ...]
    note: LabelledValues | None = None
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a caption and a heading above every column."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[TableRow, ...]
    numeric: tuple[int, ...] = ()
    kind: str = "table"


@dataclass(frozen=True, slots=True)
class Prose:
    """A piece of text."""

    text: Content
    kind: str = "prose"


@dataclass(frozen=True, slots=True)
class NoticeBlock:
    """A sentence that must not be missed, perhaps with lines below; `mark` as in a cell, or info."""

    text: str
    mark: str = "info"
    lines: tuple[str, ...] = ()
    kind: str = "notice"


@dataclass(frozen=True, slots=True)
class SectionBlock:
    """A heading with what belongs under it."""

    heading: str
    blocks: "tuple[Block, ...]"
    kind: str = "section"


Block = LabelledValues | Table | Prose | NoticeBlock | SectionBlock


@dataclass(frozen=True, slots=True)
class Sheet:
    """One letter on the page."""

    heading: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class ViewPage:
    """The whole page."""

    title: str
    lang: str
    audience: str
    sheets: tuple[Sheet, ...]
    notices: tuple[NoticeBlock, ...] = field(default=())
    footer: str = ""
    skip: str = ""


def bare(text: Content) -> str:
    """Return a text for where no markup may stand, as a heading."""
    return str(text.striptags() if isinstance(text, Markup) else text)


def without_empty_columns(table: Table) -> Table:
    """Leave out the columns in which no row says anything; the first, which names the rows, stays."""
    used = [0, *(column for column in range(1, len(table.head)) if any(row.cells[column].text for row in table.rows))]
    if len(used) == len(table.head):
        return table
    rows = tuple(replace(row, cells=tuple(row.cells[column] for column in used)) for row in table.rows)
    head = tuple(table.head[column] for column in used)
    return replace(table, head=head, rows=rows, numeric=tuple(used.index(n) for n in table.numeric if n in used))


def filled(*rows: Labelled) -> tuple[tuple[str, Content], ...]:
    """Return the rows that have a value."""
    return tuple((label, text) for label, text in rows if text)


def section(heading: str, *blocks: Block | None) -> SectionBlock | None:
    """Make a section of the blocks that hold anything; None where none does."""
    filled = tuple(block for block in blocks if block is not None and not is_empty(block))
    return SectionBlock(heading, filled) if filled else None


def is_empty(block: Block) -> bool:
    """Whether a block has nothing to show."""
    if isinstance(block, LabelledValues | Table):
        return not block.rows
    if isinstance(block, SectionBlock):
        return not block.blocks
    return not block.text
