"""Answers that are given again and again: chosen in a case's answer form, filled with the case's values, then edited.

The texts are the program's own, and what is filled in is a value of the case: no text that anybody wrote is a template.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from npn.bilingual import BilingualText
from npn.web.forms import Choice, Field, Form
from npn.web.texts import Msgid, _


@dataclass(frozen=True, slots=True)
class CannedAnswer:
    """An answer: what the operator chooses it by, and its text in both languages."""

    label: Msgid
    text: BilingualText


CANNED: Mapping[str, CannedAnswer] = {
    "key": CannedAnswer(
        _("A new key"),
        BilingualText(
            "Hello {name}\n\n"
            "The operator can't see a key again. Make a new one on the system's page, under Keys: the old "
            "one stays valid until you end it. System: {system}.\n\nRegards\n{operator}",
            "Hej {name}\n\n"
            "Driften kan ikke se en nøgle igen. Lav en ny på systemets side under Nøgler: den gamle gælder, "
            "indtil du ophæver den. System: {system}.\n\nVenlig hilsen\n{operator}",
        ),
    ),
    "certificate": CannedAnswer(
        _("A certificate must be renewed"),
        BilingualText(
            "Hello {name}\n\n"
            "Add the new certificate on the page of {system} before the old one expires: both may be used "
            "side by side. Send the certificate alone, never the private key.\n\nRegards\n{operator}",
            "Hej {name}\n\n"
            "Tilføj det nye certifikat på siden for {system}, før det gamle udløber: de kan bruges side om "
            "side. Send kun certifikatet, aldrig den private nøgle.\n\nVenlig hilsen\n{operator}",
        ),
    ),
    "plain_http": CannedAnswer(
        _("The system calls over plain HTTP"),
        BilingualText(
            "Hello {name}\n\n"
            "{system} still calls over plain HTTP. Change the address to https:// in the system's "
            "settings; the key stays the same. The system's page shows how its calls came.\n\nRegards\n{operator}",
            "Hej {name}\n\n"
            "{system} kalder stadig over ukrypteret HTTP. Ret adressen til https:// i systemets opsætning; "
            "nøglen er den samme. Systemets side viser, hvordan kaldene er kommet.\n\nVenlig hilsen\n{operator}",
        ),
    ),
    "more": CannedAnswer(
        _("More information is needed"),
        BilingualText(
            "Hello {name}\n\n"
            "We need to know more before we can help in case {case}: what did you do, what did you see, "
            "and when? Write no CPR numbers or results.\n\nRegards\n{operator}",
            "Hej {name}\n\n"
            "Vi skal vide mere, før vi kan hjælpe i sag {case}: Hvad gjorde I, hvad så I, og hvornår? Skriv "
            "ingen CPR-numre eller svar.\n\nVenlig hilsen\n{operator}",
        ),
    ),
    "solved": CannedAnswer(
        _("The problem is solved"),
        BilingualText(
            "Hello {name}\n\n"
            "The problem is solved, and we close case {case}. Answer this e-mail if it comes back.\n\n"
            "Regards\n{operator}",
            "Hej {name}\n\n"
            "Problemet er løst, og vi lukker sag {case}. Svar på denne e-mail, hvis det vender tilbage.\n\n"
            "Venlig hilsen\n{operator}",
        ),
    ),
}
_FIELD = Field(
    "answer",
    _("Start from a standard answer"),
    kind="select",
    choices=[Choice(key, canned.label) for key, canned in CANNED.items()],
)


def choosing(key: str) -> Form:
    """Return the form by which an answer is chosen."""
    return Form.of((_FIELD,), {"answer": key if key in CANNED else ""})


def filled(key: str, language: str, values: Mapping[str, str]) -> str:
    """Return an answer in the requester's language with the case's values; empty where none is chosen."""
    canned = CANNED.get(key)
    return "" if canned is None else canned.text.of(**values).text(language)
