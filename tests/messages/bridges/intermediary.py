"""An intermediary that makes XQ0131K of XQ0132K by itself, without the toolkit; with faults planted where asked.

python intermediary.py IN OUT [FAULT]
"""

import sys
from collections.abc import Callable
from pathlib import Path

from lxml import etree

OLD = "http://rep.oio.dk/medcom.dk/xml/schemas/2019/05/06/"
NEW = "http://rep.oio.dk/sundcom.dk/medcom.dk/xml/schemas/2006/07/01/"
ADDED = ("AnswerWanted", "MadeUpElement")
Letter = etree._Element


def every(letter: Letter, name: str) -> list[Letter]:
    return list(letter.iter(f"{{{NEW}}}{name}"))


def take_out(element: Letter) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def drops_the_physician(letter: Letter) -> None:
    for element in every(letter, "Physician"):
        take_out(element)


def cuts_long_names(letter: Letter) -> None:
    for element in every(letter, "PersonSurnameName"):
        element.text = (element.text or "")[:35]


def exchanges_streets(letter: Letter) -> None:
    for street, suburb in zip(every(letter, "StreetName"), every(letter, "SuburbName"), strict=False):
        street.text, suburb.text = suburb.text, street.text


def forgets_the_flag(letter: Letter) -> None:
    for element in every(letter, "SampleIdentifierType"):
        take_out(element)


def keeps_the_first_analysis_only(letter: Letter) -> None:
    for element in every(letter, "RequestedAnalysis")[1:]:
        take_out(element)


def breaks_danish_letters(letter: Letter) -> None:
    for element in every(letter, "OrganisationName"):
        element.text = (element.text or "").encode("utf-8").decode("latin-1")


def invents_a_specialty(letter: Letter) -> None:
    for sender in every(letter, "Receiver"):
        if not sender.findall(f"{{{NEW}}}UnitName"):
            etree.SubElement(sender, f"{{{NEW}}}UnitName").text = "Invented"


def makes_everything_routine(letter: Letter) -> None:
    for element in every(letter, "ResultPriority"):
        element.text = "rutine"


def moves_the_sampling_by_an_hour(letter: Letter) -> None:
    for moment in every(letter, "SamplingDateTime"):
        for time in moment.findall(f"{{{NEW}}}Time"):
            hour, _, minute = (time.text or "").partition(":")
            time.text = f"{(int(hour) + 1) % 24:02}:{minute}"


def turns_the_analyses_round(letter: Letter) -> None:
    for requests in every(letter, "Requests"):
        analyses = requests.findall(f"{{{NEW}}}RequestedAnalysis")
        for number, element in enumerate(reversed(analyses)):
            requests.insert(number, element)


def rounds_numbers(letter: Letter) -> None:
    for element in every(letter, "Numerical"):
        element.text = f"{float(element.text or 0):g}"


def forgets_the_wish(letter: Letter) -> None:
    del letter


FAULTS: dict[str, Callable[[Letter], None]] = {
    "drops_the_physician": drops_the_physician,
    "cuts_long_names": cuts_long_names,
    "exchanges_streets": exchanges_streets,
    "forgets_the_flag": forgets_the_flag,
    "keeps_the_first_analysis_only": keeps_the_first_analysis_only,
    "breaks_danish_letters": breaks_danish_letters,
    "invents_a_specialty": invents_a_specialty,
    "makes_everything_routine": makes_everything_routine,
    "moves_the_sampling_by_an_hour": moves_the_sampling_by_an_hour,
    "turns_the_analyses_round": turns_the_analyses_round,
    "rounds_numbers": rounds_numbers,
    "forgets_the_wish": forgets_the_wish,
}


def fold_the_wish(letter: Letter) -> None:
    """Put the day of the wished answer into the comments, as the profile's bridge says."""
    for wish in every(letter, "AnswerWanted"):
        day, time = (wish.findtext(f"{{{NEW}}}{part}") for part in ("Date", "Time"))
        around = wish.getparent()
        if around is None:
            continue
        text = f"Answer wanted {day} {time}"
        comments = around.find(f"{{{NEW}}}Comments")
        if comments is None:
            comments = etree.Element(f"{{{NEW}}}Comments")
            after = [child for child in around if etree.QName(child).localname in BEFORE_COMMENTS]
            after[-1].addnext(comments)
            comments.text = text
            continue
        last = comments[-1]
        last.tail = text


BEFORE_COMMENTS = ("NumberOfTestTubes", "ClinicalInformation")


def converted(data: bytes, fault: str) -> bytes:
    text = data.decode("latin-1").replace(OLD, NEW).replace("XQ0132K", "XQ0131K")
    root = etree.fromstring(text.encode("latin-1"))
    if fault != "forgets_the_wish":
        fold_the_wish(root)
    for name in ADDED:
        for element in every(root, name):
            take_out(element)
    if fault:
        FAULTS[fault](root)
    return etree.tostring(root, xml_declaration=True, encoding="ISO-8859-1")


def main(source: Path, target: Path, fault: str = "") -> None:
    target.mkdir(parents=True, exist_ok=True)
    for path in sorted(source.glob("*.xml")):
        (target / path.name).write_bytes(converted(path.read_bytes(), fault))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:])
