"""The Danish of the pages, the errors and the e-mails uses one word for one thing: the glossary's."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from npn.errors import CATALOGUE
from web.test_texts import catalogues

ROOT = Path(__file__).resolve().parent.parent.parent
# What is not said, and what is said for it. Each is a pattern of whole words, case aside.
SYNONYMS = {
    r"operatøren(s)?": "driften (an operator is one of its people)",
    r"genopret\w*": "gendannelse, gendanne",
    r"(?<!til)(knyt|knyttes|knyttet|bundet|bundne|binde)": "tilknytte",
    r"(?<!e-)mail(s|en|ene|adresse\w*|boks\w*)?": "e-mail (mailserver is one word)",
    r"brev(e|et|ene)?": "e-mail",
    r"hospital(et|er|erne|ers)?": "sygehus",
    r"nummerlager(et)?": "beholdning (of a system), pulje (of an agent)",
    r"skridt(et|ene)?": "trin",
    r"g[ia]v(er|es|et)? (numrene |serien |den |dem )?tilbage": "frigive",
    r"(melding|meldinger|meldingen) om beholdning\w*": "indberetning",
    r"vagtbord(et)?": "døgnvagt",
    r"udløbne? certifikater? er afsluttet": "ophævet",
    r"i hånden": "manuelt",
    r"efterprøv\w*": "kontrollere",
    r"klarer (ikke )?kontrollen": "består kontrollen",
    r"trækning(en|er)?": "træk",
    r"dispensere\w*|undtagelse\w* ((for|til) \S+ )?(fra|for|til) (ukrypteret|http)\w*": "dispensation",
}


def danish() -> Iterator[tuple[str, str]]:
    """Return every Danish text that a person may see, with where it is."""
    for file, _text, translation in catalogues():
        for said in (translation,) if isinstance(translation, str) else translation:
            yield file, said
    for code, meaning in CATALOGUE.items():
        yield f"errors/{code}", meaning.page.da
    for path in sorted((ROOT / "src" / "npn").glob("*/emails.py")):
        for literal in re.findall(r'"((?:[^"\\\n]|\\.)*[æøåÆØÅ](?:[^"\\\n]|\\.)*)"', path.read_text("utf-8")):
            yield str(path.relative_to(ROOT)), literal


@pytest.mark.parametrize("pattern", SYNONYMS)
def test_one_word_for_one_thing(pattern: str) -> None:
    word = re.compile(rf"(?<![\w-]){pattern}(?!\w)", re.IGNORECASE)
    strangers = [(where, said) for where, said in danish() if word.search(said)]
    assert not strangers, f"say {SYNONYMS[pattern]}"


def test_danish_is_written_as_danes_write_it() -> None:
    wrong = re.compile(
        r"[a-zæøå]\.[A-ZÆØÅ]"  # no blank after a sentence
        r"|\bgange\b.{0,3}\b1\b|\b1 gange\b"
        r"|(?<!\w)tid at trække"
        r"|\b(ifht|mhp|bla|pga)\b"  # abbreviations have their stops, and are spelt out
        r"|  +"
        r"|[“”]"  # Danish has » «
    )
    strange = [(where, said) for where, said in danish() if wrong.search(said) and said.strip() and "BEGIN" not in said]
    assert not strange
