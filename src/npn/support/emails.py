"""The e-mails of support, in Danish and English: plain text, short, with the way to answer."""

from collections.abc import Mapping

from npn.systems.model import ContactKind

LANGUAGES = ("da", "en")

_GREETING = {"da": "Med venlig hilsen\nNPN-driften", "en": "Kind regards\nThe NPN operator"}

_LETTERS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "case_opened": {
        "da": (
            "Vi har modtaget din henvendelse",
            (
                "Hej {name}\n\nTak for din henvendelse om »{subject}«. Den er registreret som sag {number}.\n\n"
                "Følg sagen og skriv til os her:\n{link}\n\nLinket er personligt og virker i 90 dage. "
                "Du kan også svare på denne e-mail."
            ),
        ),
        "en": (
            "We have received your request",
            (
                "Hello {name}\n\nThank you for your request about “{subject}”. It is registered as case {number}.\n\n"
                "Follow the case and write to us here:\n{link}\n\nThe link is personal and works for 90 days. "
                "You may also answer this mail."
            ),
        ),
    },
    "case_answered": {
        "da": (
            "{subject}",
            (
                "Hej {name}\n\n{text}\n\nHele sagen ({number}) er her:\n{link}\n\n"
                "Linket er personligt og virker i 90 dage. Du kan også svare på denne e-mail."
            ),
        ),
        "en": (
            "{subject}",
            (
                "Hello {name}\n\n{text}\n\nThe whole case ({number}) is here:\n{link}\n\n"
                "The link is personal and works for 90 days. You may also answer this mail."
            ),
        ),
    },
    "case_news": {
        "da": ("Sag {number}: {subject}", "Der er nyt i sag {number} fra {name}:\n\n{text}\n\n{link}"),
        "en": ("Case {number}: {subject}", "There is news in case {number} from {name}:\n\n{text}\n\n{link}"),
    },
    "contacts": {
        "da": (
            "Er kontaktoplysningerne for {system} stadig rigtige?",
            (
                "Hej {name}\n\nEn gang om året spørger vi, om kontaktoplysningerne for {system} stadig er rigtige. "
                "De bruges, når der sker noget, I skal vide.\n\n{text}\n\nBekræft eller ret dem her (det "
                "tager et minut):\n"
                "{link}\n\nLinket virker i 60 dage."
            ),
        ),
        "en": (
            "Are the contacts for {system} still right?",
            (
                "Hello {name}\n\nOnce a year we ask whether the contacts for {system} are still right. "
                "They are used when something happens that you need to know.\n\n{text}\n\nConfirm or change them here "
                "(it takes a minute):\n{link}\n\nThe link works for 60 days."
            ),
        ),
    },
}

KINDS: Mapping[str, Mapping[str, str]] = {
    "da": {ContactKind.TECHNICAL: "Teknisk", ContactKind.ADMINISTRATIVE: "Administrativ", ContactKind.ON_CALL: "Vagt"},
    "en": {
        ContactKind.TECHNICAL: "Technical",
        ContactKind.ADMINISTRATIVE: "Administrative",
        ContactKind.ON_CALL: "On call",
    },
}


def written(name: str, language: str, /, **values: object) -> tuple[str, str]:
    """Return an e-mail's subject and text in the language, Danish where it is unknown."""
    spoken = language if language in LANGUAGES else "da"
    subject, text = _LETTERS[name][spoken]
    return subject.format(**values), f"{text.format(**values)}\n\n{_GREETING[spoken]}\n"
