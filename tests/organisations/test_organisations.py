"""Organisations are found however they are written, renamed, merged whole or not at all, and closed when empty."""

from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from agreements_texts import TEXTS
from dated_certificate import certificate_pem
from drawing import caller, draw
from npn.agreements.model import VersionNumber
from npn.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError, UnavailableError
from npn.ledger.export import export
from npn.organisations import service as organisations_service
from npn.people.model import AccountRole
from npn.proof.verify import verify
from npn.systems.matching import UNRESOLVED, ResolvedMatches
from npn.systems.model import ApiKey, ConnectedSystem, Environment, OrganisationKind, SystemState
from npn.systems.names import ComparedName, NameMatch
from npn.systems.organisations import NearOrganisationError
from npn.systems.register import COLUMNS, import_register, read_register
from npn.transport.planner import Rhythm
from npn.wiring.service import Service
from second_verifier import verify_many

OWNER, REGION, VENDOR = OrganisationKind.OWNER, OrganisationKind.REGION, OrganisationKind.VENDOR


def add(
    service: Service, name: str, vendor: str = "CGI", owner: str = "Rigshospitalet", *, new: bool = False
) -> tuple[ConnectedSystem, ApiKey]:
    return service.systems.add(
        by="admin:t",
        name=name,
        vendor=vendor,
        owner=owner,
        environment=Environment.PRODUCTION,
        new_organisations=new,
    )


def proved(service: Service) -> None:
    """Hold the ledger to both verifiers."""
    lines: list[bytes] = []
    export(service.database, lines.append)
    verify(lines)
    assert verify_many([lines])[0]["verified"] is True


def named(service: Service, kind: OrganisationKind) -> list[str]:
    return [each.name for each in service.organisations.list() if each.kind is kind]


SAME = [
    ("CGI", "cgi"),
    ("BCC lab", "BCC-Lab"),
    ("BCC lab", "BCCLab A/S"),
    ("Åse & Søn ApS", "Aase & Soen A/S"),
    ("Rigshospitalet", "Rigs Hospitalet"),
    ("IBM A.S.", "ibm as"),
    ("Crème", "CREME"),
    ("Lab 1", "lab-1"),
]
NEAR = [
    ("Rigshospitalet", "Rigshospitlaet"),
    ("Rigshospitalet", "Rigshospitalet, Glostrup"),
    ("Region Nord", "Region Nordjylland"),
    ("CSC", "CSC Scandihealth A/S"),
    ("EG", "EG Healthcare"),
    ("Sag og Co", "Sag & Co."),
    ("Laboratoriet Bispebjerg", "Bispebjerg laboratoriet"),
]
OTHERS = [
    ("Vendor A", "Vendor B"),
    ("Lab 1", "Lab 2"),
    ("Vendor", "Vendor 2"),
    ("Region Nord", "Region Syd"),
    ("Hospital Øst", "Hospital Vest"),
    ("Regionshospitalet Horsens", "Regionshospitalet Randers"),
    ("V", "W"),
    ("A/S", "ApS"),
    ("検査室", "病院"),
]


@pytest.mark.parametrize(
    ("one", "other", "likeness"),
    [(*pair, how) for pairs, how in ((SAME, NameMatch.SAME), (NEAR, NameMatch.NEAR), (OTHERS, 0)) for pair in pairs],
)
def test_names_are_compared_however_they_are_written(one: str, other: str, likeness: int) -> None:
    assert ComparedName.of(one).likeness(ComparedName.of(other)) == likeness
    assert ComparedName.of(other).likeness(ComparedName.of(one)) == likeness


def test_a_slip_makes_no_second_organisation_unless_it_is_meant(service: Service) -> None:
    add(service, "Labka")
    for vendor, owner, field in (("cgi", "Rigshospitalet", "vendor"), ("CGI", "rigshospitalet", "owner")):
        with pytest.raises(NearOrganisationError) as refused:
            add(service, "Other", vendor, owner)
        assert (refused.value.code, refused.value.field) == ("organisation_near", field)
        assert refused.value.names == (("CGI",) if field == "vendor" else ("Rigshospitalet",))
    assert [system.name for system in service.systems.list()] == ["Labka"]
    assert (named(service, VENDOR), named(service, OWNER)) == (["CGI"], ["Rigshospitalet"])

    add(service, "Other", "cgi", new=True)
    assert named(service, VENDOR) == ["CGI", "cgi"]
    add(service, "Third", "cgi")  # which is known by now
    assert service.systems.near(VENDOR, "C.G.I.") == ["CGI", "cgi"]
    proved(service)


def test_a_renamed_organisation_keeps_its_id_and_is_found_under_every_name_it_had(service: Service) -> None:
    system, _ = add(service, "Labka")
    vendor = service.organisations.find("CGI")
    for name in ("CGI Danmark A/S", "Logica", "CGI"):
        assert service.organisations.rename(vendor.id, name, by="admin:t").id == vendor.id
    assert service.systems.get(system.id).vendor == "CGI"
    assert service.organisations.details(vendor.id).former_names == ["CGI Danmark A/S", "Logica"]
    other, _ = add(service, "Other", "Logica")
    assert other.vendor == "CGI"
    add(service, "Third", "Agfa")
    for taken in ("Logica", "CGI Danmark A/S"):
        with pytest.raises(ConflictError) as refused:
            service.organisations.rename(service.organisations.find("Agfa").id, taken, by="admin:t")
        assert refused.value.code == "organisation_exists"
    proved(service)


def crowded(service: Service) -> dict[str, str]:
    """Make two of each kind of organisation with something of everything; return their ids by name."""
    for number, (vendor, owner) in enumerate((("CGI", "Rigshospitalet"), ("cgi", "rigshospitalet")), 1):
        system = add(service, f"Labka {number}", vendor, owner, new=True)
        draw(service, system, 100)
    ids = {each.name: each.id for each in service.organisations.list()}
    for number, name in enumerate(("Region Hovedstaden", "region hovedstaden"), 1):
        ids[name] = service.systems.organisation(REGION, name, new_organisation=True)
        for unit in ("It", f"Vagt {number}"):
            service.regions.set_unit(by="admin:t", region=ids[name], name=unit, email="it@rh.dk")
    service.systems.set_region(ids["rigshospitalet"], ids["region hovedstaden"], by="admin:t")
    for role, name in (
        (AccountRole.VENDOR, "cgi"),
        (AccountRole.OWNER, "rigshospitalet"),
        (AccountRole.REGION, "region hovedstaden"),
    ):
        service.accounts.add(by="admin:t", email=f"{role}@x.dk", name=name, role=role, organisation=ids[name])
    service.release_notices.state("cgi", Rhythm(date(2027, 3, 1), 4, 1, 9), by="admin:t")
    return ids


def sees(service: Service, role: str) -> set[str]:
    account = service.accounts.with_email(f"{role}@x.dk")
    visitor = service.sessions.visitor(service.sessions.begin(account, proved=True).token)
    assert visitor is not None
    return set(visitor.person.sees or ())


def test_all_that_was_one_organisations_is_the_others_after_a_merge(service: Service) -> None:
    ids = crowded(service)
    for kept, gone in (
        ("CGI", "cgi"),
        ("Rigshospitalet", "rigshospitalet"),
        ("Region Hovedstaden", "region hovedstaden"),
    ):
        before = service.organisations.plan_merge(ids[gone], ids[kept])
        service.organisations.merge(ids[gone], ids[kept], by="admin:t")
        assert service.organisations.find(gone).id == ids[kept]
        assert service.organisations.details(ids[gone]).organisation.id == ids[kept]
        assert [account.name for account in before.of.accounts] == [gone]

    assert {(s.vendor, s.owner) for s in service.systems.list()} == {("CGI", "Rigshospitalet")}
    assert sees(service, "vendor") == sees(service, "owner") == sees(service, "region") == {"labka-1", "labka-2"}
    assert named(service, VENDOR) == ["CGI"]
    assert [each.region for each in service.organisations.list() if each.kind is OWNER] == [ids["Region Hovedstaden"]]
    assert [(each.vendor, each.rhythm.work_weeks) for each in service.release_notices.stated()] == [("CGI", 9)]
    units = {unit.name: unit.region_name for unit in service.regions.units()}
    assert units == dict.fromkeys(("It", "It (region hovedstaden)", "Vagt 1", "Vagt 2"), "Region Hovedstaden")
    with pytest.raises(ConflictError):
        service.organisations.merge(ids["cgi"], ids["CGI"], by="admin:t")  # they are one already
    service.organisations.rename(ids["CGI"], "cgi", by="admin:t")
    assert service.organisations.find("CGI").name == "cgi"
    proved(service)


def test_a_merge_is_whole_or_not_at_all(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = crowded(service)
    before = [service.organisations.details(each) for each in ids.values()]

    def fail(*_args: object, **_more: object) -> None:
        raise RuntimeError("the power went")

    monkeypatch.setattr(organisations_service.regions_store, "move_unit", fail)
    with pytest.raises(RuntimeError):
        service.organisations.merge(ids["region hovedstaden"], ids["Region Hovedstaden"], by="admin:t")
    monkeypatch.undo()
    assert [service.organisations.details(each) for each in ids.values()] == before
    proved(service)


def test_what_can_not_be_merged_is_refused(service: Service) -> None:
    ids = crowded(service)
    service.systems.set_owner("labka-1", "Herlev", by="admin:t")
    service.organisations.close(ids["Rigshospitalet"], by="admin:t")
    for of, into in (("CGI", "Rigshospitalet"), ("CGI", "CGI"), ("rigshospitalet", "Rigshospitalet")):
        with pytest.raises(ConflictError) as refused:
            service.organisations.merge(ids[of], ids[into], by="admin:t")
        assert refused.value.code == "not_merged"
    with pytest.raises(NotFoundError):
        service.organisations.merge(ids["CGI"], "vendor-nobody", by="admin:t")
    service.organisations.merge(ids["Rigshospitalet"], ids["rigshospitalet"], by="admin:t")  # a closed one into an open
    proved(service)


def test_an_organisation_is_closed_only_without_open_systems(service: Service) -> None:
    ids = crowded(service)
    for name in ("CGI", "rigshospitalet", "region hovedstaden"):
        with pytest.raises(ConflictError) as refused:
            service.organisations.close(ids[name], by="admin:t")
        assert refused.value.code == "organisation_in_use"
    service.systems.close("labka-2", by="admin:t", reason="replaced by Labka 1")
    for name in ("cgi", "rigshospitalet", "region hovedstaden"):
        service.organisations.close(ids[name], by="admin:t")
    with pytest.raises(ConflictError) as closed:
        add(service, "Labka 3", "cgi")
    assert closed.value.code == "organisation_closed"
    service.organisations.reopen(ids["cgi"], by="admin:t")
    assert add(service, "Labka 3", "cgi")[0].vendor == "cgi"
    proved(service)


def test_a_closed_system_draws_never_again_and_its_numbers_can_be_released(service: Service) -> None:
    system = add(service, "Labka")
    series = draw(service, system, 1000)
    service.systems.rotate_key(system[0].id, by="admin:t")
    now = datetime.now(UTC)
    service.certificates.bind("labka", certificate_pem(begins=now, ends=now.replace(year=now.year + 1)), by="admin:t")
    for reason in ("", "  "):
        with pytest.raises(InvalidInputError):
            service.systems.close("labka", by="admin:t", reason=reason)

    assert service.systems.close("labka", by="admin:t", reason="replaced").state is SystemState.CLOSED

    assert service.systems.list() == []
    assert [each.id for each in service.systems.list(closed=True)] == ["labka"]
    assert service.systems.caller(system[1].digest) is None
    assert service.systems.keys("labka") == []
    assert service.certificates.of("labka") == []
    for refused in (
        lambda: service.systems.set_state("labka", SystemState.ACTIVE, by="admin:t"),
        lambda: service.systems.rotate_key("labka", by="admin:t"),
        lambda: service.systems.rename("labka", "Labka again", by="admin:t"),
        lambda: service.systems.set_owner("labka", "Herlev", by="admin:t"),
        lambda: service.systems.set_vendor("labka", "Agfa", by="admin:t"),
    ):
        with pytest.raises(RefusedError) as error:
            refused()
        assert error.value.code == "system_closed"
    entries = service.ledger.state().length
    service.systems.close("labka", by="admin:t", reason="again")
    assert service.ledger.state().length == entries
    service.registry.release(series.id, by=caller(system), from_text=series.text(series.first + 500))
    proved(service)


def test_a_new_owner_accepts_for_itself_and_its_people_see_the_system_at_once(service: Service) -> None:
    add(service, "Labka")
    add(service, "Other", "Agfa", "Herlev")
    service.agreements.publish(VersionNumber(1, 0), TEXTS, by="admin:t", effective_from=date(2026, 1, 1))
    for system in ("labka", "other"):
        service.agreements.accept(system, by="admin:t", accepted_by="Anne", capacity="CIO")
    herlev = service.organisations.find("Herlev").id
    service.accounts.add(by="admin:t", email="owner@x.dk", name="Hans", role=AccountRole.OWNER, organisation=herlev)
    assert sees(service, "owner") == {"other"}

    service.systems.set_owner("labka", "Herlev", by="admin:t")

    assert sees(service, "owner") == {"labka", "other"}
    assert [each.system for each in service.agreements.acceptances()] == ["other"]
    service.systems.set_owner("other", "Herlev", by="admin:t")  # its owner already: nothing ends
    assert [each.system for each in service.agreements.acceptances()] == ["other"]
    service.systems.set_vendor("labka", "Agfa", by="admin:t")
    service.systems.rename("labka", "Labka III", by="admin:t")
    system = service.systems.get("labka")
    assert (system.vendor, system.owner, system.name) == ("Agfa", "Herlev", "Labka III")
    assert service.systems.details("labka")["aliases"] == ["Labka"]
    proved(service)


def listed(*rows: tuple[str, str]) -> str:
    lines = (
        f"{name},{vendor},Lab,{standard},X01,Sende,Godkendt" for name, vendor in rows for standard in ("Svar", "Rek")
    )
    return "\n".join([",".join(COLUMNS), *lines]) + "\n"


def test_the_list_names_vendors_as_it_likes_and_its_systems_are_known_anyway(service: Service) -> None:
    def take(text: str, resolved: ResolvedMatches = UNRESOLVED) -> dict[str, object]:
        plan = import_register(
            service.systems,
            read_register(text),
            types=["Lab"],
            environment=Environment.PRODUCTION,
            by="admin:t",
            resolved=resolved,
        )
        return {name: found for name, found in plan.document.items() if found}

    take(listed(("Labka", "CGI"), ("Mads", "Agfa")))
    service.organisations.rename(service.organisations.find("CGI").id, "Logica", by="admin:t")
    service.systems.set_vendor("mads", "Systematic", by="admin:t")
    service.systems.rename("mads", "Mads of ours", by="admin:t")
    assert take(listed(("Labka", "CGI"), ("Mads", "Agfa"))) == {"unchanged": 2}
    assert take(listed(("Labka", "LOGICA A/S"), ("Mads", "agfa"))) == {"unchanged": 2}

    more = listed(("Labka", "Logica"), ("Mads", "Systematic"), ("Prosang", "Logica Danmark"))
    waits = {"near_vendors": [{"vendor": "Logica Danmark", "maybe": ["Logica"]}], "unchanged": 2}
    assert take(more) == waits
    assert "new" in take(more, ResolvedMatches(vendors={"Logica Danmark": "Logica"}))
    assert service.systems.get("prosang").vendor == "Logica"
    with pytest.raises(InvalidInputError):
        take(more, ResolvedMatches(vendors={"Logica Danmark": "Nobody"}))
    service.systems.close("mads", by="admin:t", reason="replaced")
    assert take(listed(("Labka", "Logica"), ("Mads", "Systematic"), ("Prosang", "Logica"))) == {"unchanged": 3}
    proved(service)


def test_an_import_does_what_was_shown_or_nothing(service: Service) -> None:
    def take(shown: str, *, dry_run: bool = False) -> str:
        text = listed(("Labka", "CGI"), ("Mads", "Agfa"))
        return import_register(
            service.systems,
            read_register(text),
            types=["Lab"],
            environment=Environment.PRODUCTION,
            by="admin:t",
            resolved=ResolvedMatches(shown=shown),
            dry_run=dry_run,
        ).digest

    shown = take("", dry_run=True)
    import_register(
        service.systems,
        read_register(listed(("Labka", "CGI"))),
        types=["Lab"],
        environment=Environment.PRODUCTION,
        by="admin:t",
    )
    with pytest.raises(ConflictError) as refused:
        take(shown)
    assert refused.value.code == "list_changed"
    assert [system.id for system in service.systems.list()] == ["labka"]
    again = take("", dry_run=True)
    assert again != shown
    assert take(again) == again
    assert [system.id for system in service.systems.list()] == ["labka", "mads"]


def test_the_guards_keep_a_former_name_and_a_closed_system(service: Service) -> None:
    add(service, "Labka")
    service.organisations.rename(service.organisations.find("CGI").id, "Logica", by="admin:t")
    service.systems.close("labka", by="admin:t", reason="replaced")
    for statement in (
        "DELETE FROM organisation_alias",
        "UPDATE organisation_alias SET name = 'x'",
        "UPDATE connected_system SET closed_at = NULL",
    ):
        with pytest.raises((sa.exc.IntegrityError, UnavailableError)), service.database.write() as connection:
            connection.execute(sa.text(statement))
