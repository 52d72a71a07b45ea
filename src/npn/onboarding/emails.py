"""The e-mails of onboarding, in Danish and English."""

from collections.abc import Mapping

from npn.support.emails import LANGUAGES

_GREETING = {"da": "Med venlig hilsen\nNPN-driften", "en": "Kind regards\nThe NPN operator"}

_LETTERS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "confirm": {
        "da": (
            "Bekræft anmodningen om at få {system} tilsluttet",
            (
                "Hej {name}\n\nNogen, formentlig du, har bedt om at få systemet {system} tilsluttet NPN, den nationale "
                "tjeneste for prøvenumre, og har skrevet denne adresse.\n\nBekræft anmodningen her:\n{link}\n\n"
                "Linket virker i to døgn. Var det ikke dig, skal du ikke gøre noget: så sker der ikke mere."
            ),
        ),
        "en": (
            "Confirm the request to connect {system}",
            (
                "Hello {name}\n\nSomebody, probably you, has asked to have the system {system} connected to NPN, the "
                "national service for sample numbers, and wrote this address.\n\nConfirm the request here:\n{link}\n\n"
                "The link works for two days. If it wasn't you, do nothing: nothing more will happen."
            ),
        ),
    },
    "confirmed": {
        "da": (
            "Anmodningen om {system} er modtaget",
            (
                "Hej {name}\n\nTak. Anmodningen om at få {system} tilsluttet er bekræftet og registreret som "
                "sag {number}."
                "\n\nFølg sagen her; siden viser, hvilket skridt der er det næste, og hvem der skal tage "
                "det:\n{link}\n\n"
                "Linket er personligt og virker i 90 dage; vi sender et nyt, hver gang vi skriver."
            ),
        ),
        "en": (
            "The request for {system} has been received",
            (
                "Hello {name}\n\nThank you. The request to connect {system} is confirmed and registered as "
                "case {number}."
                "\n\nFollow the case here; the page shows the next step and who must take it:\n{link}\n\n"
                "The link is personal and works for 90 days; we send a new one whenever we write."
            ),
        ),
    },
    "key": {
        "da": (
            "Nøglen til {system}",
            (
                "Hej {name}\n\nDer er lavet adgang til {system} ({environment}). Systemets id er {id}.\n\n"
                "Hent nøglen her, når du er klar til at gemme den:\n{link}\n\n"
                "Linket virker én gang og til og med {until}. Nøglen vises kun den ene gang og står ikke i nogen mail."
            ),
        ),
        "en": (
            "The key of {system}",
            (
                "Hello {name}\n\nAccess was made for {system} ({environment}). The system's id is {id}.\n\n"
                "Fetch the key here when you are ready to store it:\n{link}\n\n"
                "The link works once, until {until}. The key is shown that one time and stands in no mail."
            ),
        ),
    },
    "refused": {
        "da": (
            "Anmodningen om {system} er afvist",
            (
                "Hej {name}\n\nAnmodningen om at få {system} tilsluttet er afvist:\n\n{text}\n\n"
                "Sagen er her; skriv gerne til os:\n{link}"
            ),
        ),
        "en": (
            "The request for {system} was refused",
            (
                "Hello {name}\n\nThe request to connect {system} was refused:\n\n{text}\n\n"
                "The case is here; do write to us:\n{link}"
            ),
        ),
    },
    "step": {
        "da": (
            "{system}: {text}",
            "Hej {name}\n\n{text}.\n\nSiden her viser det næste skridt og hvem der skal tage det:\n{link}",
        ),
        "en": (
            "{system}: {text}",
            "Hello {name}\n\n{text}.\n\nThis page shows the next step and who must take it:\n{link}",
        ),
    },
}

NEWS = {
    "test": {"da": "Der er givet adgang til testmiljøet", "en": "Access to the test environment was given"},
    "certificate": {"da": "Certifikatet er knyttet til systemet", "en": "The certificate is bound to the system"},
    "production": {"da": "Der er givet adgang til produktion", "en": "Access to production was given"},
}
ENVIRONMENTS = {"da": {"test": "test", "production": "produktion"}, "en": {"test": "test", "production": "production"}}


def spoken(language: str) -> str:
    """Return the language e-mails are written in: Danish where it is unknown."""
    return language if language in LANGUAGES else "da"


def written(name: str, language: str, /, **values: object) -> tuple[str, str]:
    """Return an e-mail's subject and text."""
    subject, text = _LETTERS[name][spoken(language)]
    return subject.format(**values), f"{text.format(**values)}\n\n{_GREETING[spoken(language)]}\n"
