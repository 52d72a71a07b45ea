"""A week of each role, in Danish: what takes them there, how many clicks it is, and what stands on the way."""

import csv
import io
import shutil
from pathlib import Path

from authority import Authority
from command import npn
from mail_catcher import text_of
from npn.instants import day_in
from npn.people.model import AccountRole
from tlshouse import until
from web.weeks.conftest import NIGHT, Week
from web.weeks.person import walk

AUTHORITY = Authority("Prøve-CA")


def test_an_owner_accepts_by_mail(week: Week) -> None:
    """The mail really came; one page, a name, a position, one press; everybody concerned has a copy."""
    request = week.town.service.onboarding.requests()[0]
    week.town.browser(AccountRole.OPERATOR).post(f"/requests/{request.id}/give-test")
    link = week.place.link("a@example.dk", "/step/")
    with walk(3, 60, "acceptance by mail") as count:
        owner = week.somebody(count, "accept")
        owner.open(link)
        owner.sees("Tilslutningsaftale for Nyt Lab", "CSC Sundhed er ved at tilslutte Nyt Lab")
        owner.write("Dit navn", "Lone Leder")
        owner.write("Din stilling", "Laboratoriechef")
        owner.tick("Jeg har læst aftalen")
        owner.press("Accepter aftalen")
        owner.sees("Aftalen er accepteret", "Lone Leder", "Laboratoriechef")
        owner.open(link)
        owner.sees("Aftalen er accepteret. Du skal ikke gøre mere.")
        owner.close()
    for to in ("a@example.dk", "rikke@example.dk", "drift@example.dk"):
        copy = text_of(week.place.mail(to, "Lone Leder"))
        assert "Laboratoriechef" in copy
        assert "1.0" in copy


def test_a_vendor_s_certificate(week: Week) -> None:
    """A private key is refused and not shown again; the certificate is seen decoded; the next one takes over."""
    old, new = AUTHORITY.client("Labka 2026"), AUTHORITY.client("Labka 2027")
    key = old.key_pem.decode()
    with walk(12, 120, "certificate") as count:
        vendor = week.signed_in(count, AccountRole.VENDOR)
        vendor.follow("Labka Nord Test")
        vendor.follow("Certifikater")
        vendor.write("Certifikat", old.pem.decode() + key)
        vendor.press("Tilknyt et certifikat")
        assert vendor.page.title().startswith("Fejl:")
        vendor.sees("privat nøgle")
        assert key.splitlines()[1] not in vendor.page.content()
        vendor.write("Certifikat", old.pem.decode())
        vendor.press("Tilknyt et certifikat")
        vendor.sees("CN=Labka 2026", "CN=Prøve-CA", "EC P-256")
        vendor.write("Certifikat", new.pem.decode())
        vendor.press("Tilknyt et certifikat")
        vendor.sees("CN=Labka 2026", "CN=Labka 2027")
        vendor.press("Fjern CN=Labka 2026,O=Region Prøve")
        vendor.sees("Der er ikke sket noget endnu")
        vendor.press("Fjern certifikatet")
        vendor.sees("CN=Labka 2027")
        assert "CN=Labka 2026" not in vendor.text().replace("Certifikatet er fjernet", "")
        vendor.close()
    bound = [each.fingerprint for each in week.town.service.clients.certificates() if each.system == week.town.test]
    assert bound == [new.fingerprint]


def test_the_group_s_meeting(week: Week, tmp_path: Path) -> None:
    """Forecast, requirements, proposal, vendors and planner on paper; a comment; the decision with its notice."""
    with walk(26, 180, "meeting") as count:
        group = week.signed_in(count, AccountRole.GROUP)
        group.follow("Systemer")
        group.sees("Hvornår er nummerrummene opbrugt?")
        paper = group.prints(tmp_path)
        group.follow("Aftaler")
        paper += group.prints(tmp_path)
        group.follow("Ændringsforslag")
        group.follow("Ni måneder")
        group.sees("Længere nedbrud", "For meget")
        paper += group.prints(tmp_path)
        group.choose("Punkt", "4.2")
        group.write("Kommentar", "Gruppen er enig i ni måneder.")
        group.press("Send kommentaren")
        group.sees("Gruppen er enig i ni måneder.")
        group.follow("Hvad det betyder for hver leverandør")
        group.sees("CSC Sundhed")
        group.follow("2026-1")
        group.follow("hvem kan være klar til da?")
        group.sees("Nogle leverandører har ikke svaret")
        operator = week.signed_in(count, AccountRole.OPERATOR)
        operator.follow("Aftaler")
        operator.follow("Ændringsforslag")
        operator.follow("Ni måneder")
        operator.sees("Gruppen er enig i ni måneder.")
        operator.follow("Registrér beslutningen")
        operator.choose("Beslutning", "Vedtaget")
        operator.write("Referat", "Møde 4/2026")
        operator.press("Gem beslutningen")
        operator.sees("Der er ikke sket noget endnu")
        operator.press("Registrér og offentliggør")
        group.follow("Ændringsforslag")
        group.follow("Ni måneder")
        first = day_in("da", week.town.service.agreements.versions()[-1].effective_from)
        group.sees("Vedtaget", "Møde 4/2026", first)
        group.close()
        operator.close()
    for said in ("Hvornår er nummerrummene opbrugt?", "4.2 Beholdning til seks måneder", "For meget", "Anna Group"):
        assert said in paper


def test_an_audit(week: Week, tmp_path: Path) -> None:
    """The ledger in words, by person and kind; approvals; the state; an export that is proved away from the service."""
    with walk(10, 120, "audit") as count:
        auditor = week.signed_in(count, AccountRole.AUDITOR)
        auditor.follow("Drift")
        auditor.sees("Tjenestens tilstand")
        auditor.follow("Godkendelser")
        auditor.follow("Hovedbog")
        auditor.choose("Hændelse", "Forslag til godkendelse")
        auditor.write("Person", "Anna Operator")
        auditor.enter()
        auditor.sees("Anna Operator", "Forslag til godkendelse", "a year's stock at once")
        export = tmp_path / "npn-ledger.jsonl"
        auditor.download("Eksportér", export)
        auditor.close()
    proved = npn("ledger", "verify", export)
    assert proved.status == 0, proved.err
    text, forged = export.read_text("utf-8"), tmp_path / "forged.jsonl"
    assert '"by":"admin:t"' in text
    forged.write_text(text.replace('"by":"admin:t"', '"by":"admin:x"', 1), "utf-8")
    assert npn("ledger", "verify", forged).status == 1


def test_a_night_on_call_and_a_vendor_s_developer(week: Week) -> None:
    """Neither has an account: from the front page to what to do now, and to the call that is looked for."""
    with walk(2, 60, "on call") as count:
        technician = week.somebody(count, "vagt")
        technician.open(week.place.server.url)
        technician.follow("Vagten: når numrene slipper op om natten")
        technician.follow("Når intet kan trækkes")
        technician.close()
    with walk(6, 90, "developer") as count:
        developer = week.somebody(count, "udvikler")
        developer.open(week.place.server.url)
        developer.follow("REST: alle kald")
        developer.follow("Draw a series")
        developer.sees("POST /v1/series", "Idempotency-Key")
        developer.follow("idempotency_conflict")
        developer.sees("idempotency_conflict")
        developer.follow("Vejledninger og dokumentation")
        developer.write("Søg i dokumentationen", "nothing is drawn twice")
        developer.enter()
        developer.follow("REST, for those who connect a laboratory system")
        developer.sees("Draw so that nothing is drawn twice")
        developer.close()


def test_a_region_in_an_outage(week: Week, tmp_path: Path) -> None:
    """What is wrong and what it means; who runs out first, and their telephone; the list as a file; what to do."""
    witness, stopped = Path(week.place.settings.witness), "Der kan ikke trækkes nummerserier i øjeblikket."
    with walk(7, 120, "outage") as count:
        region = week.signed_in(count, AccountRole.REGION)
        shutil.move(witness, tmp_path / "witness")
        looker = week.town.browser(AccountRole.REGION, language="da")
        until(lambda: stopped in looker.get("/overview").text)
        region.follow("Systemer")
        banner = region.page.locator(".state").inner_text()
        assert stopped in banner
        assert "Systemerne arbejder videre med de numre, de har på lager." in banner
        region.follow("Beholdning")
        region.sees("under seks måneder", "Nattevagten", NIGHT)
        assert region.text().index("Labka Nord\t") < region.text().index("Labka Nord Test\t")
        region.download("Hent som CSV", tmp_path / "beholdning.csv")
        region.follow("Det gør I nu", within=".state")
        region.sees("Når intet kan trækkes")
        region.close()
        shutil.move(tmp_path / "witness", witness)
    rows = list(csv.reader(io.StringIO((tmp_path / "beholdning.csv").read_text("utf-8-sig")), delimiter=";"))
    worst = dict(zip(rows[0], rows[1], strict=True))
    assert (worst["System"], worst["Telefon"]) == ("Labka Nord", NIGHT)
    assert 9 <= float(worst["Dækning i dage"].replace(",", ".")) <= 10
