"""Templates: one environment a language, every value escaped, an unknown name an error.

Values are data. `_("…")` translates a literal and nothing else, as a test of every template sees to; a text chosen by
the program is written with the filter `translated`, which leaves alone what comes from the database. Translations are
plain text that is escaped as any value, and only `{% trans %}` puts values into one: into the literal of a template.
With Jinja's newer style of translations `_()` would return markup and apply `%` to what it is given.
"""

from collections.abc import Mapping
from functools import cache

import jinja2

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
    )
    words = texts(language)
    jinja.install_gettext_callables(words.gettext, words.ngettext, newstyle=False)  # type: ignore[attr-defined]  # the extension adds it
    jinja.policies["ext.i18n.trimmed"] = True
    jinja.filters.update(
        number=words.number,
        date=words.date,
        day=words.day,
        time=words.time,
        clock=words.clock,
        translated=words.translated,
    )
    jinja.globals.update(asset=assets.address, language=language)
    return jinja


def rendered(language: str, template: str, values: Mapping[str, object]) -> bytes:
    """Render a page."""
    return environment(language).get_template(template).render(values).encode("utf-8", "replace")
