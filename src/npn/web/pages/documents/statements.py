"""Whom to write to, and the statements about accessibility and personal data: the operator's texts, else our own."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import structlog
from markupsafe import Markup

from npn.documents.markdown import RenderedText, rendered
from npn.errors import ConfigurationError
from npn.http.answers import Answer
from npn.text import read_text
from npn.web.routes import get
from npn.web.rules import public
from npn.web.texts import _
from npn.web.visit import Visit

_LARGEST = 200_000  # bytes
_log = structlog.get_logger("npn.web")
_NOT_STATED = _("not stated")
_UNFILLED = _(
    "*This is the platform's text: it says what the program does and stores. The authority has not yet replaced it "
    "with a statement.*"
)


@dataclass(frozen=True, slots=True)
class StatementSource:
    """A statement as it is written, and in which language. `is_own`: it is the platform's, not the operator's."""

    text: str
    language: str
    is_own: bool


@get("/accessibility", public())
async def show_accessibility(visit: Visit) -> Answer:
    """Show how accessible the pages are, and whom to tell where they aren't."""
    return await _statement(visit, "accessibility", visit.services.settings.accessibility_statement)


@get("/privacy", public())
async def show_privacy(visit: Visit) -> Answer:
    """Show which personal data the service stores, why, and for how long."""
    return await _statement(visit, "privacy", visit.services.settings.privacy_statement)


@get("/contact", public())
async def show_contact(visit: Visit) -> Answer:
    """Show who runs the service, and where to ask what."""
    return await visit.page("documents/contact.html")


async def _statement(visit: Visit, name: str, file: str) -> Answer:
    source = await visit.read(_source, name, file, visit.language)
    text = await visit.read(_filled, source, _values(visit, source))
    return await visit.page(
        "documents/statement.html",
        title=text.title,
        body=Markup(text.html),  # noqa: S704  # rendered by us, with HTML off
        written_in=source.language,
    )


def _source(name: str, file: str, language: str) -> StatementSource:
    """Read a statement: the operator's in the visitor's language, else in Danish, else the platform's own."""
    if file:
        danish = Path(file)
        english = danish.with_name(f"{danish.stem}.en{danish.suffix}")
        wanted, path = ("en", english) if language == "en" and english.is_file() else ("da", danish)
        try:
            if path.stat().st_size <= _LARGEST:
                return StatementSource(read_text(path), wanted, is_own=False)
            _log.error("statement_too_large", file=str(path), largest=_LARGEST)
        except (OSError, ConfigurationError) as error:
            _log.error("statement_unreadable", file=str(path), error=str(error))
    own = files("npn.web").joinpath("statements", f"{name}.{language}.md")
    return StatementSource(own.read_text("utf-8"), language, is_own=True)


def _values(visit: Visit, source: StatementSource) -> Mapping[str, str]:
    """Return what is filled into a statement."""
    settings = visit.services.settings
    return {
        "authority": settings.authority_name or visit.text(_NOT_STATED),
        "contact": settings.authority_contact or visit.text(_NOT_STATED),
        "address": visit.address,
        "idle": visit.texts.number(settings.session_idle_minutes),
        "hours": visit.texts.number(settings.session_hours),
        "unfilled": visit.text(_UNFILLED) if source.is_own else "",
    }


def _filled(source: StatementSource, values: Mapping[str, str]) -> RenderedText:
    """Fill in what stands in braces, and render; what is filled in is text, except our own sentence."""
    text = source.text
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value if name == "unfilled" else _escaped(value))
    return rendered(text, lambda link: link)


def _escaped(value: str) -> str:
    """Write a value so that Markdown takes none of it as a mark."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]()#+-!|<>&" else c for c in " ".join(value.split()))
