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
                "\n\nFølg sagen her; siden viser, hvilke trin der er de næste, og hvem der skal tage "
                "dem:\n{link}\n\n"
                "Linket er personligt og virker i 90 dage; vi sender et nyt, hver gang vi skriver."
            ),
        ),
        "en": (
            "The request for {system} has been received",
            (
                "Hello {name}\n\nThank you. The request to connect {system} is confirmed and registered as "
                "case {number}."
                "\n\nFollow the case here; the page shows the next steps and who must take them:\n{link}\n\n"
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
                "Linket virker én gang og til og med {until}. Nøglen vises kun den ene gang "
                "og står ikke i nogen e-mail."
            ),
        ),
        "en": (
            "The key of {system}",
            (
                "Hello {name}\n\nAccess was made for {system} ({environment}). The system's id is {id}.\n\n"
                "Fetch the key here when you are ready to store it:\n{link}\n\n"
                "The link works once, until {until} (Danish time). "
                "The key is shown that one time and stands in no mail."
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
    "accept_agreement": {
        "da": (
            "{reminder}Accepter tilslutningsaftalen for {system}",
            (
                "Hej {name}\n\n{vendor} er ved at tilslutte {system} til NPN, den nationale tjeneste for prøvenumre. "
                "Før systemet kan få adgang til produktion, skal ejeren, {owner}, acceptere tilslutningsaftalen.\n\n"
                "Læs aftalen, og accepter den her. Det kræver ingen konto:\n{link}\n\n"
                "Linket er personligt, virker i {days} dage og kan kun bruges én gang. Skal en anden acceptere på "
                "ejerens vegne, så videresend e-mailen til vedkommende: navn og stilling skrives på siden."
            ),
        ),
        "en": (
            "{reminder}Accept the connection agreement for {system}",
            (
                "Hello {name}\n\n{vendor} is connecting {system} to NPN, the national service for sample numbers. "
                "Before the system can be given access to production, its owner, {owner}, must accept the connection "
                "agreement.\n\nRead the agreement and accept it here. No account is needed:\n{link}\n\n"
                "The link is personal, works for {days} days and can be used once. If somebody else accepts on the "
                "owner's behalf, forward this e-mail to them: name and position are entered on the page."
            ),
        ),
    },
    "send_certificate": {
        "da": (
            "{reminder}Send klientcertifikatet for {system}",
            (
                "Hej {name}\n\n{system} skal kalde NPN med et klientcertifikat. Send certifikatet her, aldrig den "
                "private nøgle:\n{link}\n\nLinket er personligt, virker i {days} dage og kan kun bruges én gang."
            ),
        ),
        "en": (
            "{reminder}Send the client certificate of {system}",
            (
                "Hello {name}\n\n{system} will call NPN with a client certificate. Send the certificate here, never "
                "the private key:\n{link}\n\nThe link is personal, works for {days} days and can be used once."
            ),
        ),
    },
    "draw_and_release": {
        "da": (
            "{reminder}Træk en nummerserie i test med {system}",
            (
                "Hej {name}\n\nTestmiljøet er klar. Næste trin er, at {system} trækker en nummerserie i test og "
                "frigiver den eller den ubrugte rest. Tjenesten ser det selv.\n\n"
                "Siden viser, hvad der er set, og hvordan det gøres:\n{link}\n\nLinket virker i {days} dage."
            ),
        ),
        "en": (
            "{reminder}Draw a series in test with {system}",
            (
                "Hello {name}\n\nThe test environment is ready. In the next step {system} draws a series in test and "
                "releases it or its unused tail. The service sees it by itself.\n\n"
                "The page shows what was seen, and how it is done:\n{link}\n\nThe link works for {days} days."
            ),
        ),
    },
    "draw_first": {
        "da": (
            "{reminder}{system} kan trække i produktion",
            (
                "Hej {name}\n\n{system} har adgang til produktion. Sidste trin er den første nummerserie. Tjenesten "
                "ser den selv.\n\nSiden viser, hvordan det gøres:\n{link}\n\nLinket virker i {days} dage."
            ),
        ),
        "en": (
            "{reminder}{system} can draw in production",
            (
                "Hello {name}\n\n{system} has access to production. The last step is the first series. The service "
                "sees it by itself.\n\nThe page shows how it is done:\n{link}\n\nThe link works for {days} days."
            ),
        ),
    },
    "accepted": {
        "da": (
            "Tilslutningsaftalen er accepteret for {system}",
            (
                "Kopi af accepten\n\n  System: {system} ({id})\n  Ejer: {owner}\n  Aftale: version {version}\n"
                "  Accepteret af: {accepted_by}\n  Stilling: {capacity}\n  Tidspunkt: {at}\n  Hvordan: {evidence}\n"
                "  Acceptens id: {acceptance}\n  Tekstens SHA-256: {digest}\n\nAftalens tekst:\n{link}\n\n"
                "Er noget forkert, så svar på denne e-mail."
            ),
        ),
        "en": (
            "The connection agreement is accepted for {system}",
            (
                "Copy of the acceptance\n\n  System: {system} ({id})\n  Owner: {owner}\n"
                "  Agreement: version {version}\n  Accepted by: {accepted_by}\n  Position: {capacity}\n  Time: {at}\n"
                "  How: {evidence}\n  Id of the acceptance: {acceptance}\n  SHA-256 of the text: {digest}\n\n"
                "The text of the agreement:\n{link}\n\nIf anything is wrong, answer this e-mail."
            ),
        ),
    },
    "step": {
        "da": (
            "{system}: {text}",
            "Hej {name}\n\n{text}.\n\nSiden her viser de næste trin, og hvem der skal tage dem:\n{link}",
        ),
        "en": (
            "{system}: {text}",
            "Hello {name}\n\n{text}.\n\nThis page shows the next steps and who must take them:\n{link}",
        ),
    },
}

NEWS = {
    "test": {"da": "Der er givet adgang til testmiljøet", "en": "Access to the test environment was given"},
    "certificate": {"da": "Certifikatet er tilknyttet systemet", "en": "The certificate is linked to the system"},
    "production": {"da": "Der er givet adgang til produktion", "en": "Access to production was given"},
}
REMINDER = {"da": "Påmindelse: ", "en": "Reminder: "}
OPERATOR_TODO = {
    "give_test_access": "Se på anmodningen, og giv adgang til test",
    "offer_key_again": "Linket til nøglen udløb, før det blev brugt: send et nyt",
    "bind_certificate": "Certifikatet er sendt: se på det, og tilknyt det",
    "give_production_access": "Alle trin er gennemført: giv adgang til produktion",
}
WRITTEN_TO = {
    "accept_agreement": {"da": "Link til at acceptere aftalen sendt til", "en": "Link to accept the agreement sent to"},
    "send_certificate": {
        "da": "Link til at sende certifikatet sendt til",
        "en": "Link to send the certificate sent to",
    },
    "draw_and_release": {"da": "Skrevet om træk i test til", "en": "Wrote about drawing in test to"},
    "release_once": {"da": "Skrevet om frigivelse i test til", "en": "Wrote about releasing in test to"},
    "draw_first": {
        "da": "Skrevet om første træk i produktion til",
        "en": "Wrote about the first draw in production to",
    },
}
ALL_DONE = {"da": "Alle trin er gennemført; sagen er lukket", "en": "Every step is done; the case is closed"}
ACCEPTED_NEWS = {
    "da": "Tilslutningsaftalens version {version} er accepteret af {who}, {capacity}",
    "en": "Version {version} of the connection agreement was accepted by {who}, {capacity}",
}
CERTIFICATE_NEWS = {"da": "Certifikatet er sendt til driften", "en": "The certificate was sent to the operator"}
HOW_ACCEPTED = {
    "da": "Accepteret på siden, via et engangslink sendt til {to}",
    "en": "Accepted on the page, by a one-time link sent to {to}",
}
ACCEPTED_FOR_BOTH = "Accepteret sammen med testsystemet {test}: accept {acceptance}"
ENVIRONMENTS = {"da": {"test": "test", "production": "produktion"}, "en": {"test": "test", "production": "production"}}


def spoken(language: str) -> str:
    """Return the language e-mails are written in: Danish where it is unknown."""
    return language if language in LANGUAGES else "da"


def written(name: str, language: str, /, **values: object) -> tuple[str, str]:
    """Return an e-mail's subject and text."""
    subject, text = _LETTERS[name][spoken(language)]
    return subject.format(**values), f"{text.format(**values)}\n\n{_GREETING[spoken(language)]}\n"
