"""Versions as files: those that are only assumed, and those of an operator's folder."""

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from npn.errors import ConfigurationError
from npn.messages import Interchange, convert, read, validate, versions, view
from npn.messages.examples import example
from npn.messages.oioxml.writing import write
from npn.messages.profiles import known, named, use
from npn.messages.verdicts import Verdict, verdict_of

ASSUMED = {"XQ0132K": "XQ0131K", "XR0131F": "XR0130F", "XR0631M": "XR0630M", "XR0731G": "XR0730G"}
PEERS = {"XQ0132K": "Q0132K", "XR0131F": "R0131F"}
LATER = "http://rep.oio.dk/medcom.dk/xml/schemas/2020/03/30/"
PROFILE = """# The region's description of 0132
version XQ0132K
base XQ0131K
namespace http://rep.oio.dk/medcom.dk/xml/schemas/2019/05/06/
edifact MEDREQ Q0132K REQ01
  in S02
    ? DTM+ALD:{R/AnswerWanted|minute}:203
changes
  after RequisitionInformation/CarbonCopyReceiver
    AnswerWanted[0..1]: DateTime
  replace RequisitionInformation/Sample/RequesterSampleIdentifier
    RequesterSampleIdentifier: string 1..20
  remove Collector
"""


@pytest.fixture(autouse=True)
def only_the_toolkits_own() -> Iterator[None]:
    """Each test starts and ends with the toolkit's versions alone."""
    use(None)
    yield
    use(None)


def as_version(name: str, code: str, namespace: str | None = LATER) -> bytes:
    """A valid message of a version under another's code, in another namespace."""
    document = write(example(name))
    if namespace:
        document = document.replace(versions.version(name).namespace.encode(), namespace.encode())
    return document.replace(b"<VersionCode>" + name.encode(), b"<VersionCode>" + code.encode())


def folder_with(tmp_path: Path, text: str, name: str = "XQ0132K.txt") -> Path:
    (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def with_element(data: bytes, before: str, element: str) -> bytes:
    return data.replace(f"<{before}>".encode(), f"{element}<{before}>".encode(), 1)


# --- assumed versions -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ASSUMED)
@pytest.mark.parametrize("namespace", [None, LATER, "http://rep.oio.dk/sundcom.dk/medcom.dk/xml/schemas/2009/01/01/"])
def test_an_assumed_version_is_read_as_the_nearest_in_any_namespace_of_medcom(code: str, namespace: str | None) -> None:
    interchange = read(as_version(ASSUMED[code], code, namespace))
    version = interchange.letters[0].version
    assert version is not None
    assert (version.code, version.base) == (code, ASSUMED[code])
    assert version.assumed
    findings = validate(interchange)
    assert verdict_of(findings) is Verdict.NOT_JUDGED
    assert [finding.rule for finding in findings if finding.severity != "info"][:1] == ["version.assumed"]
    assert "Anders" in view(interchange, "clinician", "da") or "Patient" in view(interchange, "clinician", "en")


def test_a_namespace_that_is_not_medcoms_is_not_taken_for_one() -> None:
    interchange = read(as_version("XQ0131K", "XQ0132K", "http://example.org/medcom.dk/xml/schemas/2020/03/30/"))
    assert interchange.letters[0].version is None


@pytest.mark.parametrize("code", PEERS)
def test_an_assumed_version_in_edifact_has_the_parties_and_numbers_of_the_nearest(code: str) -> None:
    original = convert(example(ASSUMED[code]), "edifact").data or b""
    data = original.replace(ASSUMED[code][1:].encode(), PEERS[code].encode())
    interchange = read(data)
    assert interchange.letters[0].sample_numbers == read(original).letters[0].sample_numbers
    assert verdict_of(validate(interchange)) is Verdict.NOT_JUDGED
    assert convert(interchange, "xml").data is not None


def test_each_element_that_is_not_known_is_kept_shown_apart_and_warned_of_once() -> None:
    data = with_element(as_version("XQ0131K", "XQ0132K"), "NumberOfTestTubes", "<Haste><Grad>høj</Grad></Haste>")
    data = with_element(data.replace("ø".encode(), "ø".encode("latin-1")), "Patient", "<Ekstra>abc</Ekstra>")
    interchange = read(data)
    unknown = [finding for finding in validate(interchange) if finding.rule == "version.not-known"]
    assert [finding.place.path.rpartition("/")[2] for finding in unknown] == ["Ekstra", "Haste"]
    assert {finding.severity.value for finding in unknown} == {"warning"}
    assert write(interchange).count(b"<Haste>") == 1
    for lang, title in (("da", "Kendes ikke af dette værktøj"), ("en", "Not known to this tool")):
        page = view(interchange, "clinician", "en" if lang == "en" else "da")
        assert "abc" in page.partition(title)[2]
        assert "Haste › Grad" in page.partition(title)[2]


def test_unknown_elements_wherever_they_stand_are_each_warned_of_once_and_nothing_else_changes() -> None:
    random = Random(7)
    clean = read(as_version("XQ0131K", "XQ0132K"))
    ordinary = [finding.rule for finding in validate(clean)]
    for number in range(1, 40):
        interchange, count = clean, random.randint(1, 6)
        for mark in range(count):
            interchange = read(write(inserted(interchange, random, f"New{number}x{mark}")))
        findings = validate(interchange)
        assert sum(finding.rule == "version.not-known" for finding in findings) == count
        assert [finding.rule for finding in findings if finding.rule != "version.not-known"] == ordinary


def inserted(interchange: Interchange, random: Random, name: str) -> Interchange:
    """Put a new element somewhere into the letter, not into another new one."""
    document = write(interchange).decode("latin-1")
    ends = [at for at in range(len(document)) if document.startswith("</", at)]
    letter = document.index("<LaboratoryRequest>")
    inside = [at for at in ends if letter < at < document.rindex("</LaboratoryRequest>")]
    groups = [at for at in inside if document[at - 1] == ">" and document[at:].partition(">")[0][2:] not in MIXED]
    at = random.choice(groups)
    return read((document[:at] + f"<{name}>x</{name}>" + document[at:]).encode("latin-1"))


MIXED = ("Comments", "ClinicalInformation", "SamplingLocation")


def test_segments_that_are_not_known_are_kept_shown_and_warned_of_once_each() -> None:
    data = (convert(example("XQ0131K"), "edifact").data or b"").replace(b"Q0131K", b"Q0132K")
    count = int(data.rpartition(b"UNT+")[2].partition(b"+")[0])
    data = data.replace(b"'S05+05", b"'FTX+NEW+P00++uvant'S03+03'DTM+NEW:1:203'S05+05")
    data = data.replace(b"UNT+%d+" % count, b"UNT+%d+" % (count + 3))
    interchange = read(data)
    findings = validate(interchange)
    unknown = [finding for finding in findings if finding.rule == "version.not-known"]
    assert [finding.place.path for finding in unknown] == ["S02/FTX", "S03", "S03/DTM"]
    assert verdict_of(findings) is Verdict.NOT_JUDGED
    assert "FTX+NEW+P00++uvant" in view(interchange, "clinician", "da").partition("Kendes ikke af dette værktøj")[2]
    conversion = convert(interchange, "xml")
    assert b"Segment" not in (conversion.data or b"Segment")
    assert sum("NEW" in loss.en for loss in conversion.losses) == 2


def test_errors_of_syntax_and_of_rules_that_need_no_version_make_it_invalid() -> None:
    data = (convert(example("XQ0131K"), "edifact").data or b"").replace(b"Q0131K", b"Q0132K")
    wrong_count = data.replace(b"UNT+", b"UNT+9", 1)
    assert verdict_of(validate(read(wrong_count))) is Verdict.INVALID
    document = write(example("XQ0131K", 2)).replace(b"XQ0131K", b"XQ0132K")  # the same letter twice
    findings = validate(read(document))
    assert [finding.rule for finding in findings if finding.severity == "error"] == ["repeat.letter"]
    assert verdict_of(findings) is Verdict.INVALID


def test_what_the_nearest_version_forbids_is_only_a_remark() -> None:
    document = as_version("XQ0131K", "XQ0132K").replace(b"<ReplyTo>", b"<!-- -->", 1).replace(b"</ReplyTo>", b"", 1)
    document = document.replace(b"<!-- -->true", b"").replace(b"<!-- -->false", b"")
    findings = validate(read(document))
    remarks = [finding for finding in findings if finding.rule == "version.differs"]
    assert remarks
    assert all("XQ0131K" in finding.en and "XQ0131K" in finding.da for finding in remarks)
    assert verdict_of(findings) is Verdict.NOT_JUDGED


# --- an operator's folder -------------------------------------------------------------------------------------


def test_an_operators_profile_replaces_the_assumed_one_and_is_judged(tmp_path: Path) -> None:
    use(folder_with(tmp_path, PROFILE))
    version = named("Q0132K")
    assert (version.name, version.base, version.assumed) == ("XQ0132K", "XQ0131K", "")
    letter = example("XQ0132K").letters[0]
    assert letter.root.find("RequisitionInformation/AnswerWanted") is not None
    assert letter.root.find("Collector") is None
    assert verdict_of(validate(read(write(example("XQ0132K"))))) is Verdict.VALID
    other = write(example("XQ0132K")).replace(b"2019/05/06", b"2020/03/30")
    assert read(other).letters[0].version is None
    assert [entry.source for entry in known() if entry.name == "XQ0132K"] == [str(tmp_path)]


def test_the_elements_that_a_profile_adds_travel_through_edifact(tmp_path: Path) -> None:
    use(folder_with(tmp_path, PROFILE))
    document = example("XQ0132K")
    conversion = convert(document, "edifact")
    assert b"DTM+ALD:" in (conversion.data or b"")
    again = read(conversion.data or b"").letters[0].root
    path = "RequisitionInformation/AnswerWanted/Date"
    assert again.value(path) == document.letters[0].root.value(path)
    assert not any("AnswerWanted" in loss.en for loss in conversion.losses)


def test_a_version_may_be_described_whole_and_under_its_own_name(tmp_path: Path) -> None:
    whole = (Path(versions.__file__).parent / "XQ0131K.txt").read_text("utf-8").replace("XQ0131K", "XQ0199K")
    use(folder_with(tmp_path, whole.replace("Q0131K REQ01", "Q0199K REQ01"), "XQ0199K-region.txt"))
    assert named("XQ0199K").name == "XQ0199K-region"
    assert convert(example("XQ0199K-region"), "edifact").data is not None


def test_a_profile_may_build_on_the_toolkits_of_the_same_name(tmp_path: Path) -> None:
    text = PROFILE.replace("base XQ0131K", "base XQ0132K")
    use(folder_with(tmp_path, text))
    assert named("XQ0132K").root.fields["Patient"]


FAULTS = {
    "tab": (PROFILE.replace("  after", "\tafter"), 9, "two blanks"),
    "odd": (PROFILE.replace("    Answer", "   Answer"), 10, "two blanks"),
    "base": (PROFILE.replace("base XQ0131K", "base XQ0999K"), 3, "known: "),
    "own base": (PROFILE.replace("base XQ0131K", "base XQ0132L").replace("XQ0132K", "XQ0132L"), 3, "described whole"),
    "margin": (PROFILE + "chances\n  remove Collector\n", 14, "known are"),
    "path": (PROFILE.replace("/CarbonCopyReceiver", "/Carbon"), 9, "CarbonCopyReceiver"),
    "word": (PROFILE.replace("  remove", "  delete"), 13, "after, before"),
    "below": (PROFILE.replace("  remove Collector", "  after Collector"), 13, ""),
    "type": (PROFILE.replace("AnswerWanted[0..1]: DateTime", "AnswerWanted[0..1]: Tomorrow"), 10, "string 1..35"),
    "element": (PROFILE.replace("AnswerWanted[0..1]: DateTime", "AnswerWanted 0..1"), 10, "Name[0..1]"),
    "group": (PROFILE.replace("in S02", "in S03"), 6, "S02"),
    "segment": (PROFILE.replace("? DTM+ALD", "? dtm+ALD"), 7, "FTX+SRC"),
    "field": (PROFILE.replace("R/AnswerWanted|", "R/AnswerWished|"), 7, "FTX+SRC"),
    "codec": (PROFILE.replace("|minute", "|moment"), 7, "FTX+SRC"),
    "association": (PROFILE.replace("MEDREQ Q0132K REQ01", "MEDREQ"), 5, "edifact MEDREQ"),
    "structure": (PROFILE + "structure\n  LaboratoryRequest\n", 14, "changes"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_file_is_named_with_line_and_way_out_and_changes_nothing(tmp_path: Path, fault: str) -> None:
    text, line, hint = FAULTS[fault]
    name = "XQ0132L.txt" if fault == "own base" else "XQ0132K.txt"
    with pytest.raises(ConfigurationError) as refusal:
        use(folder_with(tmp_path, text, name))
    assert f"{name}, line {line}: " in refusal.value.message
    assert hint in (refusal.value.hint or "")
    assert versions.folder() is None
    assert named("XQ0132K").assumed


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("XQ0132K.txt", b"version XQ0132K\nbase XQ0131K\n# \xe6\n", "line 3: not UTF-8"),
        ("other.txt", b"version XQ0132K\nbase XQ0131K\n", "call it XQ0132K.txt"),
        ("XQ0132K.xml", b"<version/>", "holds no version"),
        ("XQ0132K.txt", b"version XQ0132K\n", "has no `type`"),
    ],
)
def test_a_folder_that_can_not_be_used_says_why(tmp_path: Path, name: str, content: bytes, word: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ConfigurationError) as refusal:
        use(tmp_path)
    assert word in f"{refusal.value.message} {refusal.value.hint}"


def test_a_folder_that_is_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="is not a folder"):
        use(tmp_path / "nowhere")


def test_every_known_version_can_be_listed() -> None:
    rows = {row.name: row for row in known()}
    assert set(ASSUMED) < set(rows)
    assert rows["XQ0132K"].namespace is None
    assert rows["XQ0132K"].peer == "Q0132K"
    assert rows["XR0532M"].peer is None
    assert all(row.source == "built in" for row in rows.values())
    assert named("r0131f").code == "XR0131F"
