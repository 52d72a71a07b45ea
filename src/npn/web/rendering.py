"""Templates: one environment a language, every value escaped, an unknown name an error.

Values are data. `_("…")` translates a literal and nothing else, as a test of every template sees to; a text chosen by
the program is written with the filter `translated`, which leaves alone what comes from the database. Translations are
plain text that is escaped as any value, and only `{% trans %}` puts values into one: into the literal of a template.
With Jinja's newer style of translations `_()` would return markup and apply `%` to what it is given.
"""

from collections.abc import Callable, Mapping
from datetime import date
from functools import cache

import jinja2
from markupsafe import Markup

from npn.bilingual import DANISH
from npn.instants import iso_day, rfc3339_seconds
from npn.systems.reading import grouped
from npn.web import assets
from npn.web.texts import texts

EXTENSIONS = ("jinja2.ext.i18n",)


@cache
def environment(language: str) -> jinja2.Environment:
    """Return the environment of a language; templates are compiled when first used, and kept."""
    jinja = jinja2.Environment(
        loader=jinja2.PackageLoader("npn.web"),
        undefined=jinja2.StrictUndefined,
        extensions=EXTENSIONS,
        auto_reload=False,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_written,
    )
    words = texts(language)
    jinja.install_gettext_callables(words.gettext, words.ngettext, newstyle=False)  # type: ignore[attr-defined]  # the extension adds it
    jinja.policies["ext.i18n.trimmed"] = True
    jinja.filters.update(
        number=words.number,
        rate=words.rate,
        date=words.date,
        day=words.day,
        month=words.month,
        time=words.time,
        clock=words.clock,
        translated=words.translated,
        utc=rfc3339_seconds,
        iso=iso_day,
        as_written=_as_written(language),
        space_name=words.space_name,
        address_name=words.address_name,
        who=words.who,
        grouped=lambda digits: grouped(digits or ""),
    )
    jinja.globals.update(asset=assets.address, language=language)
    return jinja


def _as_written(language: str) -> Callable[[str | None], str | Markup]:
    """Return the filter of what an operator or an owner wrote: Danish, which a page in another language says."""

    def as_written(text: str | None) -> str | Markup:
        if not text or language == DANISH:
            return text or ""
        return Markup('<span lang="da">{}</span>').format(text)

    return as_written


def _written(value: object) -> object:
    """Refuse a day or an instant that no filter has written: each kind has one form."""
    if isinstance(value, date):
        raise TypeError("a date is shown with the filter day, date, time or month")
    return value


def rendered(language: str, template: str, values: Mapping[str, object]) -> bytes:
    """Render a page."""
    return environment(language).get_template(template).render(values).encode("utf-8", "replace")
