"""The matrix agrees with the list cell for cell, shows the strongest evidence, and answers questions in names."""

import csv
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path

import pytest
from tests.standards.lists import FIRST, SENDS_NEW, SENDS_OLD, TAKES_NEW, TAKES_OLD, Listed, take

from npn import wire
from npn.errors import InvalidInputError, NotFoundError, codes
from npn.standards.listing import read_list
from npn.standards.matrix import FeatureCondition, MatrixWish
from npn.standards.model import CapabilityState, Direction, StandardVersion, VersionReference
from npn.standards.products import CapabilityWish, InstallationWish
from npn.standards.questions import blockers, differences, not_approved, senders, takers_of_more
from npn.wiring.service import Service

MADS = Listed("MADS", "Region Midtjylland")
CLINISYS = Listed("Clinisys", "SSI", cells=(SENDS_OLD,))
CLINIC = Listed("Novax", "Novax", "Lægesystemer", (TAKES_OLD, TAKES_NEW))
STATES = {"Godkendt": "yes", "Ikke Godkendt": "no", "Tester": "testing", "Test mangler": "unknown"}
DIRECTIONS = {"Sende": "send", "Modtage": "receive", "Webservice": "webservice"}
OLD, NEW = VersionReference("RPT02", "R0231M"), VersionReference("XRPT05", "XR0532M")


def wish(version: str, state: str = "yes", **more: object) -> CapabilityWish:
    standard = "XRPT05" if version.startswith("X") else "RPT02"
    values: dict[str, object] = {
        "direction": Direction.RECEIVE,
        "evidence": "attested",
        "said_by": "Region Nord",
        **more,
    }
    return CapabilityWish(StandardVersion(standard, version), state=CapabilityState(state), **values)  # type: ignore[arg-type]


def installed(service: Service, product: str = "novax", **more: object) -> str:
    return service.products.set_installation(product, by="admin:t", wish=InstallationWish(**more)).id  # type: ignore[arg-type]


@pytest.fixture
def listed(service: Service) -> Service:
    take(service, [MADS, CLINISYS, CLINIC])
    return service


@pytest.mark.parametrize("code", ["REQ01", "XRPT05"])
def test_every_cell_agrees_with_a_plain_computation_over_the_file(service: Service, shared: Path, code: str) -> None:
    file = shared / "data" / "register" / "approved_systems.csv"
    service.standards.import_list(read_list(file.read_text("utf-8")), by="admin:t", as_of=FIRST)
    cells = defaultdict(set)
    with file.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["standard_id_version"].split(" (")[0] == code:
                version = row["standard_id_version"].split(" (")[1].rstrip(")")
                cells[row["system"], row["vendor"], version, DIRECTIONS[row["channel"]]].add(STATES[row["status"]])
    expected = {key: next(iter(found)) if len(found) == 1 else "contradictory" for key, found in cells.items()}

    matrix = service.standards.matrix(code)
    assert len(matrix) == len(expected) > 20
    assert {(row.system, row.vendor, row.version, row.direction): row.state for row in matrix} == expected


def test_real_list_names_who_stands_in_the_way_of_ending_rpt02(service: Service, shared: Path) -> None:
    text = (shared / "data" / "register" / "approved_systems.csv").read_text("utf-8")
    service.standards.import_list(read_list(text), by="admin:t", as_of=FIRST)
    lines = [*service.standards.matrix("RPT02"), *service.standards.matrix("XRPT05")]

    def blocked(retire: VersionReference, direction: Direction) -> list[tuple[str, str]]:
        found = blockers(lines, retire=retire, successor=NEW, direction=direction)
        return [(one.system, one.state) for one in found]

    two = [("Clinisys", "unknown"), ("wwlab", "no")]
    assert blocked(OLD, Direction.SEND) == blocked(VersionReference("RPT02"), Direction.SEND) == two
    assert blocked(OLD, Direction.RECEIVE) == []
    assert blocked(VersionReference("RPT02"), Direction.RECEIVE) == [("Journal [Privath.]", "no")]


def test_installation_stands_beside_its_product_and_falls_back_on_its_approval(listed: Service) -> None:
    clinic = installed(listed, owner="Region Nord", region="Nord")
    shown = [
        (row.installation, row.state, kind(row)) for row in listed.standards.matrix("XRPT05") if row.system == "Novax"
    ]
    assert shown == [(None, "yes", "listed_approval"), (clinic, "yes", "listed_approval")]

    listed.products.set_capability(clinic, wish("XR0532M", features={"max_results": "20"}), by="admin:t")
    (line,) = listed.standards.matrix("XRPT05", wish=MatrixWish(region="Nord"))
    assert (line.installation, line.state, line.features, line.owner) == (
        clinic,
        "yes",
        {"max_results": "20"},
        "Region Nord",
    )
    assert line.evidence is not None
    assert (line.evidence.kind, line.evidence.by, line.evidence.recorded_by_operator) == (
        "attested",
        "Region Nord",
        True,
    )
    assert listed.standards.matrix("XRPT05", wish=MatrixWish(region="Syd")) == []


def kind(row: wire.CapabilityRow) -> str:
    return "" if row.evidence is None else row.evidence.kind


def test_what_was_attested_is_shown_before_what_was_observed_and_the_newest_of_a_kind(listed: Service) -> None:
    clinic = installed(listed)
    for state, how in (("yes", "observed"), ("no", "attested"), ("yes", "attested"), ("no", "observed")):
        listed.products.set_capability(clinic, wish("XR0532M", state, evidence=how), by="admin:t")
    (line,) = [row for row in listed.standards.matrix("XRPT05") if row.installation]
    assert (line.state, kind(line)) == ("yes", "attested")


@pytest.mark.parametrize(
    ("version", "state", "said"),
    [
        ("XR0532M", "yes", None),
        ("XR0532M", "no", "approved_not_in_use"),
        ("XR0531M", "yes", "in_use_not_approved"),
        ("XR0531M", "testing", None),
    ],
)
def test_disagreement_of_operation_and_approval_is_said(
    listed: Service, version: str, state: str, said: str | None
) -> None:
    clinic = installed(listed)
    listed.products.set_capability(clinic, wish(version, state), by="admin:t")
    (line,) = [row for row in listed.standards.matrix("XRPT05") if row.installation and row.version == version]
    assert line.disagreement == said


def test_matrix_of_a_day_shows_what_held_that_day(listed: Service) -> None:
    clinic = installed(listed, begins=FIRST + timedelta(3), ends=FIRST + timedelta(30))
    for state, days in (("yes", 10), ("testing", 5), ("no", 20)):
        listed.products.set_capability(clinic, wish("XR0532M", state, since=FIRST + timedelta(days)), by="admin:t")

    def at(days: int) -> list[str]:
        lines = listed.standards.matrix("XRPT05", at=FIRST + timedelta(days))
        return [row.state for row in lines if row.installation]

    assert [at(days) for days in (2, 4, 6, 12, 25, 40)] == [[], ["yes"], ["testing"], ["yes"], ["no"], []]
    assert listed.standards.matrix("XRPT05", at=FIRST - timedelta(1)) == []


@pytest.mark.parametrize(
    ("text", "features", "state"),
    [
        ("max_results>20", {"max_results": "21"}, "yes"),
        ("max_results>20", {"max_results": "20"}, "no"),
        ("max_results >= 20", {"max_results": "20"}, "yes"),
        ("max_results<20", {"max_results": "unlimited"}, "no"),
        ("max_results>20", {"max_results": "unlimited"}, "yes"),
        ("max_results>20", {"max_results": "many"}, "unknown"),
        ("max_results>20", {}, "unknown"),
        ("hotel=yes", {"hotel": "yes"}, "yes"),
        ("hotel=yes", {"hotel": "no"}, "no"),
    ],
)
def test_condition_on_a_feature_is_met_not_met_or_unknown(text: str, features: dict[str, str], state: str) -> None:
    assert FeatureCondition.parse(text).state(features).value == state


@pytest.mark.parametrize("text", ["", "max_results", "max_results>", ">20", "max_results>many", "Max results=2 0"])
def test_condition_that_says_nothing_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        FeatureCondition.parse(text)


def test_matrix_of_a_feature_leaves_who_can_not_at_all(listed: Service) -> None:
    many, few, silent = (installed(listed) for _ in range(3))
    listed.products.set_capability(many, wish("XR0532M", features={"max_results": "50"}), by="admin:t")
    listed.products.set_capability(few, wish("XR0532M", features={"max_results": "20"}), by="admin:t")
    listed.products.set_capability(silent, wish("XR0532M", "no"), by="admin:t")
    condition = MatrixWish(feature=FeatureCondition.parse("max_results>20"), direction=Direction.RECEIVE)
    states = {row.installation: row.state for row in listed.standards.matrix("XRPT05", wish=condition)}
    assert states == {None: "unknown", many: "yes", few: "no", silent: "no"}
    assert [row.installation for row in takers_of_more(listed.standards.matrix("XRPT05"), 20)] == [many]


def test_who_sends_and_is_not_approved_for_its_successor(listed: Service) -> None:
    sending = senders(listed.standards.matrix("RPT02"), VersionReference("RPT02"))
    assert [row.system for row in sending] == ["Clinisys", "MADS"]
    found = not_approved(sending, listed.standards.matrix("XRPT05"), NEW)
    assert [(row.system, state) for row, state in found] == [("Clinisys", "unknown")]


def test_system_with_installations_blocks_by_them_and_not_by_its_approval(listed: Service) -> None:
    ended, going = installed(listed, "clinisys"), installed(listed, "clinisys")
    listed.products.set_capability(ended, wish("R0231M", "no", direction=Direction.SEND), by="admin:t")
    lines = [*listed.standards.matrix("RPT02"), *listed.standards.matrix("XRPT05")]
    found = blockers(lines, retire=OLD, successor=NEW, direction=Direction.SEND)
    assert [one.document for one in found] == [
        {"system": "Clinisys", "vendor": "SSI", "state": "unknown", "installation": going}
    ]


def test_differences_since_a_day_follow_the_product_through_its_names(listed: Service) -> None:
    take(listed, [MADS.but(name="MADS 2", cells=(SENDS_OLD, (*SENDS_NEW[:2], "Tester"))), CLINIC], days=9)
    before = listed.standards.matrix("XRPT05", at=FIRST)
    found = differences(before, listed.standards.matrix("XRPT05"))
    assert [(one.system, one.change, one.before, one.after) for one in found] == [
        ("MADS 2", "changed", "yes", "testing")
    ]
    gone = differences(listed.standards.matrix("RPT02", at=FIRST), listed.standards.matrix("RPT02"))
    assert [(one.system, one.change) for one in gone] == [("Clinisys", "gone")]


def test_standard_or_version_that_is_not_there_is_refused_by_name(listed: Service) -> None:
    for wrong in ({"code": "RPT99"}, {"code": "RPT02", "wish": MatrixWish(version="R9999M")}):
        with pytest.raises(NotFoundError) as error:
            listed.standards.matrix(**wrong)  # type: ignore[arg-type]
        assert error.value.code == codes.UNKNOWN_STANDARD


def test_version_is_named_whole_or_by_its_code_where_one_standard_has_it(listed: Service) -> None:
    listed.standards.set_version(StandardVersion("RPT01P", "R0130K"), by="admin:t", name="Fodstatusrapport")
    listed.standards.set_version(StandardVersion("RPT01", "R0130K"), by="admin:t", name="Laboratoriesvar")
    found = [listed.standards.version(text).standard for text in ("XR0532M", "RPT01/R0130K", "XRPT05")]
    assert found == ["XRPT05", "RPT01", "XRPT05"]
    with pytest.raises(NotFoundError, match="R0130K"):
        listed.standards.version("R0130K")


def test_catalogue_has_days_features_and_counts(listed: Service) -> None:
    days = (date(2013, 1, 1), date(2026, 1, 1), date(2026, 12, 31))
    version = StandardVersion("RPT02", "R0231M", *days, replaces="R0230M", required_of=("Lægesystemer",))
    listed.standards.set_version(version, by="admin:t")
    (one,) = listed.standards.details("RPT02").versions
    assert (one.valid_from, one.phase_out_from, one.valid_to, one.replaces) == (*days, "R0230M")
    assert (one.senders, one.receivers, one.required_of) == (2, 1, ["Lægesystemer"])
    assert [(s.code, s.family, s.format) for s in listed.standards.catalogue()] == [
        ("RPT02", "RPT02", "edifact"),
        ("XRPT05", "RPT05", "xml"),
    ]
    with pytest.raises(InvalidInputError):
        listed.standards.set_version(StandardVersion("RPT02", "R0231M", days[2], days[1]), by="admin:t")
