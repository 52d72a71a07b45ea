"""MedCom's list: taken word for word, again and again; products keep their ids and states their days."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from tests.standards.lists import (
    FIRST,
    GP,
    LAB,
    SENDS_NEW,
    SENDS_OLD,
    SPECIALIST,
    TAKES_NEW,
    TAKES_OLD,
    Listed,
    csv_of,
    misread,
    take,
)

from npn.errors import ConflictError, InvalidInputError, codes
from npn.ledger.export import export
from npn.proof.verify import verify
from npn.standards.importing import ListImport
from npn.standards.listing import read_list
from npn.systems.matching import ResolvedMatches
from npn.systems.register import COLUMNS
from npn.wiring.service import Service
from second_verifier import verify_many

MADS = Listed("MADS", "Region Midtjylland")
CLINISYS = Listed("Clinisys", "SSI", cells=(SENDS_OLD,))
MARK = Listed("KBMarkør", "Regionernes Klinik", cells=(SENDS_OLD, TAKES_OLD))


def said(done: ListImport) -> dict[str, list[str]]:
    plan = done.plan
    lists = {
        "new": [one.name for one in plan.new],
        "renamed": [f"{one.known.id}={one.listed.name}" for one in plan.renamed],
        "gone": [one.id for one in plan.gone],
        "back": [one.id for one in plan.back],
        "unclear": [one.known.id for one in plan.unclear],
    }
    return {name: found for name, found in lists.items() if found}


def test_real_list_comes_out_with_its_figures(service: Service, shared: Path) -> None:
    text = (shared / "data" / "register" / "approved_systems.csv").read_text("utf-8")
    done = service.standards.import_list(read_list(text), by="admin:t", as_of=FIRST)

    figures = done.figures
    assert (figures.rows, figures.systems, figures.vendors) == (3037, 176, 92)
    assert (figures.duplicates, figures.duplicates_without_type) == (38, 196)
    assert len(figures.contradictory) == 7
    assert ("MinLæge", "XR0532M", ("no", "testing")) in [(c.system, c.version, c.states) for c in figures.contradictory]
    assert figures.unread == []
    assert len(service.products.products()) == 176
    assert service.systems.list() == []  # nobody is connected by it
    rows = [tuple(row[name] for name in COLUMNS) for row in service.standards.listed()]
    assert rows == [row.columns for row in read_list(text)]
    assert said(service.standards.import_list(read_list(text), by="admin:t", as_of=FIRST + timedelta(1))) == {}


def test_list_is_taken_word_for_word_and_in_its_order(service: Service) -> None:
    for days, systems in enumerate(([MADS, CLINISYS], [CLINISYS, MADS], [CLINISYS, MARK, CLINISYS])):
        take(service, systems, days=days)
        rows = [",".join(row[name] for name in COLUMNS) for row in service.standards.listed()]
        assert rows == csv_of(systems).splitlines()[1:]


def test_state_keeps_the_day_it_was_first_seen_whatever_the_system_is_called(service: Service) -> None:
    for days, one in enumerate((MARK, MARK.but(name=misread("KBMarkør")), MARK.but(name="KBMarkør 2", kind=LAB))):
        done = take(service, [one, MADS], days=days)
        assert (days == 0) == ("new" in said(done))
    (line,) = [
        row for row in service.standards.matrix("RPT02") if row.product == "kbmarkoer" and row.direction == "send"
    ]
    assert (line.system, line.since, line.since_derived) == ("KBMarkør 2", FIRST, True)
    assert line.evidence is not None
    assert (line.evidence.kind, line.evidence.by, line.evidence.at) == (
        "listed_approval",
        "MedCom",
        FIRST + timedelta(2),
    )


def test_change_of_a_state_is_reported_and_begins_that_day(service: Service) -> None:
    take(service, [CLINISYS.but(cells=(SENDS_OLD, (*SENDS_NEW[:2], "Tester")))])
    done = take(service, [CLINISYS.but(cells=(SENDS_NEW,))], days=5)

    changes = [(c.standard, c.direction, c.before, c.after) for c in done.changed]
    assert changes == [("RPT02", "send", "yes", None), ("XRPT05", "send", "testing", "yes")]
    (line,) = service.standards.matrix("XRPT05")
    assert (line.state, line.since) == ("yes", FIRST + timedelta(5))
    (before,) = service.standards.matrix("XRPT05", at=FIRST + timedelta(4))
    assert (before.state, before.since) == ("testing", FIRST)


def test_system_leaves_and_comes_back_and_an_approval_begins_anew(service: Service) -> None:
    take(service, [MADS, CLINISYS])
    assert said(take(service, [MADS], days=1)) == {"gone": ["clinisys"]}
    assert [row.system for row in service.standards.matrix("RPT02")] == ["MADS"]
    assert said(take(service, [MADS], days=2)) == {}
    assert said(take(service, [MADS, CLINISYS], days=3)) == {"back": ["clinisys"]}
    assert [row.since for row in service.standards.matrix("RPT02")] == [FIRST + timedelta(3), FIRST]


def test_vendor_that_is_respelt_or_sold_keeps_its_systems(service: Service) -> None:
    take(service, [MADS, MARK])
    respelt = MADS.but(vendor="Region Midtjyland")
    assert "new" not in said(take(service, [respelt, MARK], days=1))
    sold = MARK.but(vendor="Dedalus Healthcare Denmark")
    assert said(take(service, [respelt, sold], days=2)) == {"renamed": ["kbmarkoer=KBMarkør"]}
    assert {one.vendor for one in service.products.products()} >= {"Dedalus Healthcare Denmark"}


def test_type_that_is_misspelt_together_with_a_name_is_no_new_system(service: Service) -> None:
    take(service, [MADS, CLINISYS])
    done = take(service, [MADS.but(name="M.A.D.S.", kind="Laboratoriesytemer"), CLINISYS], days=1)
    assert said(done) == {"renamed": ["mads=M.A.D.S."]}


def test_like_names_that_are_respelt_together_are_told_apart_by_their_letters(service: Service) -> None:
    both = [Listed("Novax [LPS]", "Novax", GP), Listed("Novax [SPL]", "Novax", SPECIALIST)]
    take(service, both)
    done = take(service, [one.but(name=one.name.upper().replace("[", "(").replace("]", ")")) for one in both], days=1)
    assert said(done) == {"renamed": ["novax-lps=NOVAX (LPS)", "novax-spl=NOVAX (SPL)"]}


def test_unclear_name_keeps_its_rows_until_somebody_says_whose_they_are(service: Service) -> None:
    take(service, [MADS, CLINISYS])
    other = Listed("Labdata", "SSI", cells=(SENDS_OLD,))
    assert said(take(service, [MADS, other], days=1)) == {"unclear": ["clinisys"]}
    assert [(row.system, row.product) for row in service.standards.matrix("RPT02")] == [
        ("Labdata", None),
        ("MADS", "mads"),
    ]

    word = ResolvedMatches(same={"clinisys": "Labdata"})
    assert said(take(service, [MADS, other], days=2, resolved=word)) == {"renamed": ["clinisys=Labdata"]}
    (line, _) = service.standards.matrix("RPT02")
    assert (line.product, line.since) == ("clinisys", FIRST)


def test_contradiction_is_kept_and_shown_as_one(service: Service) -> None:
    done = take(service, [MADS.but(cells=(TAKES_NEW, (*TAKES_NEW[:2], "Ikke Godkendt"), TAKES_OLD, TAKES_OLD))])
    assert [(c.system, c.version, c.states) for c in done.figures.contradictory] == [("MADS", "XR0532M", ("no", "yes"))]
    assert done.figures.duplicates == 2
    (line,) = service.standards.matrix("XRPT05")
    assert (line.state, line.states) == ("contradictory", ["no", "yes"])
    (whole,) = [one for one in service.standards.overview().items if one.code == "XRPT05"]
    assert whole.versions[0].receivers == 0


def test_status_that_nobody_knows_is_unknown_and_named(service: Service) -> None:
    done = take(service, [MADS.but(cells=((*SENDS_OLD[:2], "Afventer"), (*SENDS_NEW[:2], "Test mangler")))])
    assert done.figures.unread == ["Afventer"]
    assert {row.state for row in service.standards.matrix("RPT02")} == {"unknown"}


@pytest.mark.parametrize("cell", [("RPT02", "Sende", "Godkendt"), ("RPT02 (R0231M)", "Begge", "Godkendt")])
def test_row_that_can_not_be_read_refuses_the_list(cell: tuple[str, str, str]) -> None:
    with pytest.raises(InvalidInputError, match="line 3"):
        read_list(csv_of([CLINISYS, MADS.but(cells=(cell,))]))


def test_lists_come_in_the_order_of_their_days(service: Service) -> None:
    take(service, [MADS], days=5)
    with pytest.raises(ConflictError) as older:
        take(service, [MADS], days=4)
    assert older.value.code == codes.LIST_IS_OLDER
    with pytest.raises(InvalidInputError, match="still to come"):
        service.standards.import_list(read_list(csv_of([MADS])), by="admin:t", as_of=date(2099, 1, 1))


def test_same_day_may_be_imported_again_and_the_last_counts(service: Service) -> None:
    take(service, [MADS, CLINISYS])
    take(service, [MADS.but(cells=(SENDS_NEW,))])
    assert service.standards.matrix("RPT02", at=FIRST) == []
    assert len(service.standards.listed()) == 1


def test_dry_run_says_the_same_and_changes_nothing(service: Service) -> None:
    take(service, [MADS])
    tried = take(service, [CLINISYS], days=1, dry_run=True)
    assert [row["system"] for row in service.standards.listed()] == ["MADS", "MADS"]
    assert take(service, [CLINISYS], days=1) == tried


def test_ledger_of_imports_verifies_with_both_verifiers(service: Service) -> None:
    take(service, [MADS, CLINISYS])
    take(service, [MADS.but(name="MADS 2")], days=1)
    lines: list[bytes] = []
    export(service.database, lines.append)
    assert verify(lines).entries
    assert next(verified(lines))


def verified(lines: list[bytes]) -> Iterator[bool]:
    for answer in verify_many([lines]):
        yield bool(answer["verified"])
