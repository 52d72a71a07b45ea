"""The texts of standard answers: which placeholders they may have, how they are filled in, and those that are shipped.

A stored text is data. It is filled in by one pass over its placeholders, so that neither it nor a value that is put in
is ever read as a template, and braces that are no placeholder are refused before a text is stored.
"""

import re
from collections.abc import Mapping

from npn.errors import InvalidInputError, details
from npn.support.model import StandardAnswer, StandardText
from npn.wording import checked_text

LONGEST_STANDARD_TEXT = 10_000
PLACEHOLDERS = ("name", "case", "system", "operator")
_PLACEHOLDER = re.compile(rf"\{{({'|'.join(PLACEHOLDERS)})\}}")
_BRACES = re.compile(r"\{[^{}\n]{0,40}\}?|\}")


def checked_standard_text(text: str, field: str) -> str:
    """Return a text whose braces are placeholders. Raises InvalidInputError, which names the first that is not."""
    checked = checked_text(text, field, most=LONGEST_STANDARD_TEXT)
    unknown = _BRACES.search(_PLACEHOLDER.sub("", checked))
    if unknown is not None:
        names = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
        raise InvalidInputError(details.NO_PLACEHOLDER.of(found=unknown[0], names=names), field=field)
    return checked


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return a text with a value in the place of each placeholder; all else stays as it is written."""
    return _PLACEHOLDER.sub(lambda match: values[match[1]], text)


def _shipped(answer_id: str, *, danish: StandardText, english: StandardText) -> StandardAnswer:
    return StandardAnswer(id=answer_id, case_kind=None, danish=danish, english=english)


SHIPPED: Mapping[str, StandardAnswer] = {
    answer.id: answer
    for answer in (
        _shipped(
            "key",
            danish=StandardText(
                "En ny nøgle",
                "Hej {name}\n\n"
                "Driften kan ikke se en nøgle igen. Lav en ny på systemets side under Nøgler: den gamle gælder, "
                "indtil du ophæver den. System: {system}.\n\nVenlig hilsen\n{operator}",
            ),
            english=StandardText(
                "A new key",
                "Hello {name}\n\n"
                "The operator can't see a key again. Make a new one on the system's page, under Keys: the old "
                "one stays valid until you end it. System: {system}.\n\nRegards\n{operator}",
            ),
        ),
        _shipped(
            "certificate",
            danish=StandardText(
                "Et certifikat skal fornyes",
                "Hej {name}\n\n"
                "Tilføj det nye certifikat på siden for {system}, før det gamle udløber: de kan bruges side om "
                "side. Send kun certifikatet, aldrig den private nøgle.\n\nVenlig hilsen\n{operator}",
            ),
            english=StandardText(
                "A certificate must be renewed",
                "Hello {name}\n\n"
                "Add the new certificate on the page of {system} before the old one expires: both may be used "
                "side by side. Send the certificate alone, never the private key.\n\nRegards\n{operator}",
            ),
        ),
        _shipped(
            "plain-http",
            danish=StandardText(
                "Systemet kalder over ukrypteret HTTP",
                "Hej {name}\n\n"
                "{system} kalder stadig over ukrypteret HTTP. Ret adressen til https:// i systemets opsætning; "
                "nøglen er den samme. Systemets side viser, hvordan kaldene er kommet.\n\nVenlig hilsen\n{operator}",
            ),
            english=StandardText(
                "The system calls over plain HTTP",
                "Hello {name}\n\n"
                "{system} still calls over plain HTTP. Change the address to https:// in the system's "
                "settings; the key stays the same. The system's page shows how its calls came.\n\nRegards\n{operator}",
            ),
        ),
        _shipped(
            "more",
            danish=StandardText(
                "Der mangler oplysninger",
                "Hej {name}\n\n"
                "Vi skal vide mere, før vi kan hjælpe i sag {case}: Hvad gjorde I, hvad så I, og hvornår? Skriv "
                "ingen CPR-numre eller svar.\n\nVenlig hilsen\n{operator}",
            ),
            english=StandardText(
                "More information is needed",
                "Hello {name}\n\n"
                "We need to know more before we can help in case {case}: what did you do, what did you see, "
                "and when? Write no CPR numbers or results.\n\nRegards\n{operator}",
            ),
        ),
        _shipped(
            "solved",
            danish=StandardText(
                "Problemet er løst",
                "Hej {name}\n\n"
                "Problemet er løst, og vi lukker sag {case}. Svar på denne e-mail, hvis det vender tilbage.\n\n"
                "Venlig hilsen\n{operator}",
            ),
            english=StandardText(
                "The problem is solved",
                "Hello {name}\n\n"
                "The problem is solved, and we close case {case}. Answer this e-mail if it comes back.\n\n"
                "Regards\n{operator}",
            ),
        ),
    )
}
