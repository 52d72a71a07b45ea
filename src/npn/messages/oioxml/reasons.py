"""Why a text is not well-formed XML, in both languages: the parser knows English only."""

import tomllib
from pathlib import Path

from lxml import etree

from npn.messages.model.finding import Text

REASONS = tomllib.loads((Path(__file__).parent / "reasons.toml").read_text("utf-8"))
BY_CODE: dict[int, Text] = {getattr(etree.ErrorTypes, name): Text(en, da) for name, (da, en) in REASONS.items()}


def reason_of(error: etree.XMLSyntaxError) -> Text:
    """Return why the parser refused a document; a reason without words of ours is the parser's own."""
    own = Text(error.msg or "", f"XML-læseren melder: {error.msg}")
    return BY_CODE.get(error.code, own)  # type: ignore[attr-defined]  # the stubs leave it out
