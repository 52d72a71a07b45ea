"""An agreement's text as HTML: parts of a page, whose headings and frame the page makes itself."""

from markdown_it.token import Token

from npn.agreements.text import AgreementText, Section, markdown


def lead(text: AgreementText) -> str:
    """Return what stands before the first section."""
    return _rendered(text.lead)


def body(section: Section) -> str:
    """Return what stands under a section's heading. All is escaped; links lead to http, https and mailto alone."""
    return _rendered(section.tokens)


def _rendered(tokens: tuple[Token, ...]) -> str:
    writer = markdown()
    return str(writer.renderer.render(list(tokens), writer.options, {}))
