"""Codes: who calls, with what, and over which transport."""

from npn.errors.catalogue import CatalogueSection, PageText, declare

UNAUTHENTICATED = declare(
    "unauthenticated",
    401,
    CatalogueSection.REST,
    title="Unknown caller",
    meaning="There is no key, it is not one of ours, or it is no longer in force.",
    way_out="Send `Authorization: Bearer npn_…` with the key the operator gave you, or ask for a new one.",
    page=PageText(
        "You are not signed in, or the key is not valid.", "Du er ikke logget ind, eller nøglen gælder ikke."
    ),
)
CERTIFICATE_UNKNOWN = declare(
    "certificate_unknown",
    401,
    CatalogueSection.REST,
    title="The client certificate is bound to nobody",
    meaning="The client certificate stands for no connected system: it was never bound to one, or no longer is.",
    way_out="Give the operator the certificate, or its SHA-256 fingerprint.",
    page=PageText("The certificate is bound to no system.", "Certifikatet er ikke tilknyttet noget system."),
)
CERTIFICATE_NOT_VALID = declare(
    "certificate_not_valid",
    401,
    CatalogueSection.REST,
    title="The client certificate is not valid now",
    meaning="The client certificate has expired, or is not valid yet.",
    way_out="Use a renewed one; it may be bound beside the old one ahead of time.",
    page=PageText(
        "The certificate has expired, or is not valid yet.", "Certifikatet er udløbet eller gælder endnu ikke."
    ),
)
CERTIFICATE_REVOKED = declare(
    "certificate_revoked",
    401,
    CatalogueSection.REST,
    title="The client certificate was revoked",
    meaning="The authority that issued the client certificate has revoked it.",
    way_out="Get a new certificate and have it bound; find out why the old one was revoked.",
    page=PageText("The certificate was revoked by its issuer.", "Certifikatet er spærret af udstederen."),
)
INSECURE_TRANSPORT = declare(
    "insecure_transport",
    403,
    CatalogueSection.REST,
    title="Plain HTTP is refused",
    meaning="The call came over plain HTTP, which has ended for the system, or is refused for a while as announced. Messages, which hold patients' data, are taken over TLS only, or from the server's own machine.",
    way_out="Call over https://. `GET /v1/me` over TLS tells what was announced; the operator may grant an exception to it, but none for messages.",
    page=PageText(
        "Plain HTTP is not accepted any more: use https://.", "Ukrypteret HTTP accepteres ikke længere: brug https://."
    ),
)
NOT_A_SYSTEM = declare(
    "not_a_system",
    403,
    CatalogueSection.REST,
    title="Only a connected system may do this",
    meaning="Operators see everything, but draw, release and report nothing.",
    way_out="Use the key of the connected system.",
    page=PageText("Only a connected system may do that.", "Det kan kun et tilsluttet system gøre."),
)
SYSTEM_SUSPENDED = declare(
    "system_suspended",
    403,
    CatalogueSection.REST,
    title="The system is suspended",
    meaning="The operator has suspended the system: it reads, and repeats draws that were granted; whatever would change something is refused. Numbers already drawn stay its own.",
    way_out="Ask the operator why.",
    page=PageText(
        "The system is suspended: nothing is changed for it until the operator resumes it.",
        "Systemet er spærret: intet ændres for det, før driften ophæver spærringen.",
    ),
)
SYSTEM_CLOSED = declare(
    "system_closed",
    403,
    CatalogueSection.REST,
    title="The system is closed",
    meaning="The operator has closed the system for good: its keys have ended, and nothing is drawn or changed for it any more. Its numbers stay its own, and can be released.",
    way_out="Connect the system that takes its place as a new one.",
    page=PageText(
        "The system is closed for good: nothing is drawn or changed for it any more.",
        "Systemet er lukket for altid: der trækkes og ændres ikke mere for det.",
    ),
)
CERTIFICATE_BOUND = declare(
    "certificate_bound",
    409,
    CatalogueSection.SOAP,
    meaning="the certificate is bound to another system",
    way_out="end it there first",
    page=PageText("The certificate is bound to another system.", "Certifikatet er tilknyttet et andet system."),
)
NOT_A_CERTIFICATE = declare(
    "not_a_certificate",
    422,
    CatalogueSection.SOAP,
    meaning="the file is not an X.509 certificate",
    way_out="give it in PEM or DER form",
    page=PageText(
        "That is not a certificate in PEM form. Send the certificate alone, not its private key.",
        "Det er ikke et certifikat i PEM-form. Send kun certifikatet, ikke dets private nøgle.",
    ),
)
SEVERAL_CERTIFICATES = declare(
    "several_certificates",
    422,
    CatalogueSection.COMMAND,
    meaning="more than one certificate was given, and one of them is meant",
    way_out="give the client's own certificate alone, without those of the authorities that issued it",
    page=PageText(
        "This holds more than one certificate. Send the client's own alone, without its chain of authorities.",
        "Der er mere end ét certifikat. Send kun klientens eget certifikat uden udstedernes certifikater (kæden).",
    ),
)
PRIVATE_KEY_SENT = declare(
    "private_key_sent",
    422,
    CatalogueSection.COMMAND,
    meaning="what was given holds a private key, or a file with one; nothing of it was stored",
    way_out="take the key as compromised: make a new key pair, have a new certificate issued, give that alone",
    page=PageText(
        "This held a private key. It was not stored, and is not shown here, but it has left the place where it was "
        "secret: the key must be taken as compromised. Make a new key pair, have a new certificate issued, and send "
        "the certificate alone.",
        "Her stod en privat nøgle. Den er ikke gemt og vises ikke, men den har forladt det sted, hvor den var "
        "hemmelig: Nøglen skal anses for kompromitteret. Lav et nyt nøglepar, få udstedt et nyt certifikat, og send "
        "kun certifikatet.",
    ),
)
NO_SUNSET = declare(
    "no_sunset",
    409,
    CatalogueSection.COMMAND,
    meaning="no end of plain HTTP is announced",
    way_out="announce one first",
    page=PageText("No end of plain HTTP is announced.", "Det er ikke udmeldt, at ukrypteret HTTP ophører."),
)
NO_CONTACT = declare(
    "no_contact",
    409,
    CatalogueSection.COMMAND,
    meaning="the system has no contact with an e-mail address",
    way_out="`npn admin system set-contact`",
    page=PageText(
        "The system has no contact with an e-mail address.", "Systemet har ingen kontakt med en e-mailadresse."
    ),
)
NO_CONTACT_LEFT = declare(
    "no_contact_left",
    422,
    CatalogueSection.COMMAND,
    meaning="a system has at least one contact, and the last would be removed",
    way_out="name somebody: a technical contact, an administrative one or somebody on call",
    page=PageText(
        "A system needs at least one contact: name somebody.", "Et system skal have mindst én kontakt: nævn en person."
    ),
)
NOT_A_TELEPHONE = declare(
    "not_a_telephone",
    422,
    CatalogueSection.COMMAND,
    meaning="not a telephone number",
    way_out="write 8 digits, or the country code first, as +45 33 12 34 56",
    page=PageText(
        "That is not a telephone number: write 8 digits, or the country code first, such as +45 33 12 34 56.",
        "Det er ikke et telefonnummer: skriv 8 cifre, eller landekoden først, fx +45 33 12 34 56.",
    ),
)
NOT_AN_ADDRESS = declare(
    "not_an_address",
    422,
    CatalogueSection.COMMAND,
    meaning="not one mail address",
    way_out="write it as name@example.dk",
    page=PageText("That is not an e-mail address.", "Det er ikke en e-mailadresse."),
)
