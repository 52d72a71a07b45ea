"""The first day: from an empty database to a laboratory's first series in production, everybody's clicks together."""

from pathlib import Path

from playwright.sync_api import Browser

from authority import Authority
from command import npn
from npn.config import Settings
from npn.onboarding.asking import READ_AT_LEAST
from web.weeks.conftest import Place, place_of
from web.weeks.person import Count, Person, walk

PASSWORD = "fire kloge ord om aftenen"  # noqa: S105  # nobody's
OLE, VERA, TORE, LONE = "ole@example.dk", "vera@csc.example", "tore@csc.example", "lone@nord.example"


def test_from_nothing_to_the_first_draw_in_production(browser: Browser, nothing: Settings, tmp_path: Path) -> None:
    made = npn("admin", "account", "add", OLE, "--name", "Ole Drift", "--role", "operator", on=nothing)
    (path,) = [line[line.index("/welcome/") :] for line in made.lines if "/welcome/" in line]
    with place_of(tmp_path, nothing) as place, walk(40, 360, "first day") as count:
        operator = Person(browser, count, "drift")
        operator.open(place.server.url + path)
        begins(operator)
        sets_up(operator, place)
        asks_to_connect(browser, count, place)
        gives_test(operator, place)
        key = fetches_key_and_sends_certificate(browser, count, place, system="Labka Nord")
        accepts(browser, count, place)
        draws_and_releases_in_test(place, key)
        gives_production_and_invites(operator)
        draws(browser, count, place)
        operator.close()


def begins(person: Person) -> None:
    """Choose a password and set up a telephone, from the link of an invitation."""
    person.sees("Velkommen")
    person.write("Ny adgangskode", PASSWORD)
    person.write("Gentag adgangskoden", PASSWORD)
    person.press("Gem adgangskoden")
    if person.page.locator("svg.qr").count():
        secret = person.page.locator("input[name=secret]").input_value()
        person.write("Kode fra appen", person.code(secret))
        person.enter()
        person.follow("Fortsæt")
    person.sees("Dine opgaver")


def sets_up(operator: Person, place: Place) -> None:
    """Go through the checklist: mail, a second operator, the agreement."""
    operator.follow("Tjekliste")
    operator.press("Send en testmail til mig")
    operator.open(place.link(OLE, "/setup/mail/"))
    operator.press("Bekræft")
    operator.sees("Det er bekræftet med linket i testmailen")
    operator.follow("Gør det her", within="#operator")
    operator.write("Navn", "Grethe Drift")
    operator.write("E-mailadresse", "grethe@example.dk")
    operator.press("Send invitationen")
    operator.follow("Overblik")
    operator.follow("Tjekliste")
    operator.follow("Gør det her", within="#agreement")
    operator.tick("Begge tekster er")
    operator.press("Offentliggør")


def asks_to_connect(browser: Browser, count: Count, place: Place) -> None:
    """Ask as a vendor does, from the front page, and confirm by the mail."""
    vendor = Person(browser, count, "leverandør")
    vendor.open(place.server.url)
    vendor.follow("Anmod om tilslutning")
    for label, text in {
        "Dit navn": "Vera Leverandør",
        "Din e-mail": VERA,
        "Systemets navn": "Labka Nord",
        "Leverandør": "CSC Sundhed",
        "Ejer": "Nordsygehuset",
    }.items():
        vendor.write(label, text)
    vendor.choose("Ønsket adgang", "Først test")
    vendor.write("Antal prøver pr. dag", "1.200")
    vendor.choose("Hvordan skal systemet kalde", "REST over HTTPS med")
    for kind, name, address in (("Teknisk", "Tore Teknik", TORE), ("Administrativ", "Lone Leder", LONE)):
        vendor.write(f"{kind} kontakt: navn", name)
        vendor.write(f"{kind} kontakt: e-mail", address)
        vendor.write(f"{kind} kontakt: telefon", "12 34 56 78")
    vendor.page.wait_for_timeout(READ_AT_LEAST.total_seconds() * 1000)  # whoever types faster is no person
    vendor.press("Send anmodningen")
    vendor.sees("Tjek din e-mail")
    vendor.open(place.link(VERA, "/apply/confirm/"))
    vendor.press("Bekræft anmodningen")
    vendor.sees("Adgang til test", "Driften")
    vendor.close()


def gives_test(operator: Person, place: Place) -> None:
    """Open the request from the mail to the operators, and give access to test."""
    operator.open(place.link("drift@example.dk", "Labka Nord"))
    operator.press("Giv adgang til test")


def fetches_key_and_sends_certificate(browser: Browser, count: Count, place: Place, *, system: str) -> str:
    """Fetch the key by its link and send the certificate by another, as the technical contact."""
    contact = Person(browser, count, "teknik")
    contact.open(place.link(TORE, "/key/"))
    contact.press("Vis nøglen, denne ene gang")
    key = contact.page.locator("#key").inner_text()
    contact.open(place.link(TORE, "/step/"))
    contact.write("Klientcertifikat", Authority("Prøve-CA").client(system).pem.decode())
    contact.press("Send certifikatet")
    contact.close()
    return key


def accepts(browser: Browser, count: Count, place: Place) -> None:
    """Accept the agreement as the owner, by the link of the mail."""
    owner = Person(browser, count, "ejer")
    owner.open(place.link(LONE, "/step/"))
    owner.write("Din stilling", "Laboratoriechef")
    owner.tick("Jeg har læst aftalen")
    owner.press("Accepter aftalen")
    owner.close()


def draws_and_releases_in_test(place: Place, key: str) -> None:
    """Call the service as the mail to the technical contact says."""
    with place.server.client(key) as client:
        series = client.post("/v1/series", json={"count": 1000}, headers={"Idempotency-Key": "test-1"}).json()
        assert client.post(f"/v1/series/{series['id']}/release", json={}).is_success


def gives_production_and_invites(operator: Person) -> None:
    """Link the certificate, give access to production, and invite the owner's person."""
    operator.follow("NPN")
    operator.follow("Labka Nord")
    operator.press("Tilknyt certifikatet")
    operator.press("Giv adgang til produktion")
    operator.sees("Testsystem: Labka Nord (test) · Produktionssystem: Labka Nord")
    operator.sees("Labka Nord i produktion skal have sit eget")
    operator.follow("inviter en person fra Nordsygehuset")
    operator.press("Send invitationen")


def draws(browser: Browser, count: Count, place: Place) -> None:
    """Draw the first series in production, with its check and its receipt."""
    owner = Person(browser, count, "ejer")
    owner.open(place.link(LONE, "/welcome/"))
    begins(owner)
    owner.follow("Træk en nummerserie Labka Nord")
    owner.write("Hvor mange", "1000")
    owner.enter()
    owner.sees("Der er ikke sket noget endnu")
    owner.press("Træk nummerserien")
    owner.sees("Kvittering", "Labka Nord har fået 1.000 brugbare numre, fra 1000000000 til 1000010991.")
    owner.close()
