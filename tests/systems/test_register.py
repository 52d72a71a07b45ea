"""MedCom's list: taken over, run again after it changed, and never guessed at."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from npn.errors import InvalidInputError
from npn.ledger.export import export
from npn.proof.verify import verify
from npn.systems import store
from npn.systems.matching import ImportPlan, ResolvedMatches
from npn.systems.model import Environment
from npn.systems.register import COLUMNS, OWNER_UNKNOWN, import_register, read_register, types_of
from npn.wiring.service import Service

LAB = "Laboratoriesystemer"
STANDARDS = ("Laboratoriesvar", "Rekvisition", "Negativ kvittering", "Positiv kvittering")
HEADER = ",".join(COLUMNS) + "\n"
BASE = (("LABKAII", "CSC"), ("MADS", "Region Midt"), ("Prosang", "Omda"))


def listing(systems: Iterable[tuple[str, str]], *, standards: Iterable[str] = STANDARDS, kind: str = LAB) -> str:
    rows = [
        f"{name},{vendor},{kind},{standard},X01,Sende,Godkendt" for name, vendor in systems for standard in standards
    ]
    return "\n".join([",".join(COLUMNS), *rows]) + "\n"


def take(service: Service, text: str, **options: object) -> ImportPlan:
    return import_register(
        service.systems,
        read_register(text),
        types=[LAB],
        environment=Environment.PRODUCTION,
        by="test",
        **options,  # type: ignore[arg-type]  # passed on as they are
    )


def names(plan: ImportPlan) -> dict[str, list[str]]:
    return {
        "new": [i.name for i in plan.new],
        "renamed": [f"{r.known.id}={r.listed.name}" for r in plan.renamed],
        "gone": [k.id for k in plan.gone],
        "back": [k.id for k in plan.back],
        "unclear": [u.known.id for u in plan.unclear],
    }


NOTHING: dict[str, list[str]] = {"new": [], "renamed": [], "gone": [], "back": [], "unclear": []}


def test_systems_are_taken_without_keys_and_with_an_owner_to_be_named(service: Service) -> None:
    plan = take(service, listing(BASE))

    assert names(plan) == NOTHING | {"new": ["LABKAII", "MADS", "Prosang"]}
    found = service.systems.get("labkaii")
    assert (found.name, found.vendor, found.owner, found.system_type) == ("LABKAII", "CSC", OWNER_UNKNOWN, LAB)
    assert found.environment is Environment.PRODUCTION
    details = service.systems.details("labkaii")
    assert (details["keys"], details["aliases"]) == ([], ["LABKAII"])
    assert service.systems.set_owner("labkaii", "Region Nord", by="t").owner == "Region Nord"
    lines: list[bytes] = []
    export(service.database, lines.append)
    assert verify(lines).systems == 3


def test_the_same_list_again_changes_nothing(service: Service) -> None:
    take(service, listing(BASE))
    entries = service.ledger.state().length
    plan = take(service, listing(BASE))

    assert names(plan) == NOTHING
    assert plan.unchanged == 3
    assert service.ledger.state().length == entries


def test_a_clear_new_name_keeps_the_id_and_every_name(service: Service) -> None:
    take(service, listing(BASE))
    plan = take(service, listing([("LABKA II", "CSC"), *BASE[1:]]))

    assert names(plan) == NOTHING | {"renamed": ["labkaii=LABKA II"]}
    assert service.systems.get("labkaii").name == "LABKA II"
    assert service.systems.details("labkaii")["aliases"] == ["LABKAII", "LABKA II"]
    assert names(take(service, listing(BASE))) == NOTHING | {"renamed": ["labkaii=LABKAII"]}


def test_what_is_gone_is_kept_and_may_come_back(service: Service) -> None:
    take(service, listing(BASE))
    assert names(take(service, listing(BASE[:2]))) == NOTHING | {"gone": ["prosang"]}
    assert service.systems.get("prosang").state == "active"
    assert names(take(service, listing(BASE[:2]))) == NOTHING
    assert names(take(service, listing(BASE))) == NOTHING | {"back": ["prosang"]}


@pytest.mark.parametrize(
    "after",
    [
        [("LABKA II", "CSC"), ("LABKA 2", "CSC")],
        [("LABKA II", "Dedalus")],
        [("Zeus", "CSC")],
    ],
    ids=["two like it", "another vendor", "another name with the same standards"],
)
def test_what_is_not_clear_is_held_back_and_said(service: Service, after: list[tuple[str, str]]) -> None:
    take(service, listing(BASE))
    plan = take(service, listing([*after, *BASE[1:]]))

    assert names(plan) == NOTHING | {"unclear": ["labkaii"]}
    assert plan.unclear[0].candidates == sorted(name for name, _ in after)
    assert len(service.systems.list()) == 3


def test_a_like_name_with_other_standards_is_not_clear(service: Service) -> None:
    take(service, listing(BASE))
    text = listing(BASE[1:]) + listing([("LABKA II", "CSC")], standards=["Epikrise"]).partition("\n")[2]

    assert names(take(service, text)) == NOTHING | {"unclear": ["labkaii"]}


def test_two_systems_that_swap_like_names_are_not_clear(service: Service) -> None:
    take(service, listing([("Lab One", "V"), ("Lab Two", "V")]))
    plan = take(service, listing([("Lab Onex", "V"), ("Lab Twox", "V")]))

    assert names(plan) == NOTHING | {"unclear": ["lab-one", "lab-two"]}


def test_the_operators_word_settles_it(service: Service) -> None:
    take(service, listing(BASE))
    text = listing([("Zeus", "CSC"), ("Apollo", "Region Midt"), BASE[2]])
    assert len(take(service, text).unclear) == 2

    plan = take(service, text, resolved=ResolvedMatches({"labkaii": "Zeus"}, ["Apollo"]))

    assert names(plan) == NOTHING | {"new": ["Apollo"], "renamed": ["labkaii=Zeus"], "gone": ["mads"]}


@pytest.mark.parametrize(
    ("resolved", "field"),
    [
        (ResolvedMatches(same={"ghost": "MADS"}), "same"),
        (ResolvedMatches(same={"mads": "Ghost"}), "same"),
        (ResolvedMatches(new=["Ghost"]), "new"),
    ],
)
def test_a_word_about_nothing_is_refused(service: Service, resolved: ResolvedMatches, field: str) -> None:
    take(service, listing(BASE))
    with pytest.raises(InvalidInputError) as caught:
        take(service, listing(BASE), resolved=resolved)
    assert caught.value.field == field


def test_a_dry_run_changes_nothing(service: Service) -> None:
    entries = service.ledger.state().length
    assert len(take(service, listing(BASE), dry_run=True).new) == 3
    assert service.ledger.state().length == entries
    assert service.systems.list() == []


def test_a_system_of_several_types_is_one_system(service: Service) -> None:
    text = listing([("Cura", "Systematic")]) + listing([("Cura", "Systematic")], kind="EOJ-systemer").partition("\n")[2]
    take(service, text)

    assert [s.system_type for s in service.systems.list()] == [f"EOJ-systemer, {LAB}"]
    assert names(take(service, text.replace(LAB, "PPR-systemer") + listing(BASE).partition("\n")[2])) == NOTHING | {
        "new": ["LABKAII", "MADS", "Prosang"]
    }


def test_an_operators_own_name_for_a_system_stays(service: Service) -> None:
    take(service, listing(BASE))
    with service.ledger.transaction() as tx:
        store.update_system(tx.connection, "labkaii", {"name": "Laboratoriet i Aalborg"})
    take(service, listing([("LABKA II", "CSC"), *BASE[1:]]))

    assert service.systems.get("labkaii").name == "Laboratoriet i Aalborg"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a,b\n",
        ",".join(COLUMNS) + "\n",
        f"{','.join(COLUMNS)}\nA,,{LAB},S,X,Sende,ok\n",
        f"{','.join(COLUMNS)}\nA,B\n",
    ],
)
def test_what_is_not_the_list_is_refused_by_name(text: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        read_register(text)
    assert caught.value.field in ("file", "header")


def test_the_public_list_is_read_whole(shared: Path, service: Service) -> None:
    text = (shared / "data" / "register" / "approved_systems.csv").read_text("utf-8")
    counts = types_of(read_register(text))

    assert counts[LAB] == 21
    assert len(take(service, text).new) == 21
    assert names(take(service, text)) == NOTHING
