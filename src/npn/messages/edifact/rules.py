"""What can be wrong with the EDIFACT syntax: every rule with its severity, texts and source.

The texts are for people who test laboratory messages, not for programmers: they say what was found and what
belongs there. In Danish an interchange is a "kuvert" and a message a "brev", as MedCom's documents call them.
"""

from dataclasses import dataclass

from npn.messages.model.finding import Finding, Place, Severity

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO


@dataclass(frozen=True, slots=True)
class SyntaxRule:
    """One rule of the syntax. The texts are templates, filled by `at`."""

    id: str
    severity: Severity
    en: str
    da: str
    citation: str

    def at(self, place: Place, **facts: object) -> Finding:
        """Make the finding of this rule at a place."""
        en, da = self.en.format_map(facts), self.da.format_map(facts)
        return Finding(self.id, self.severity, place, en, da, self.citation)


_SYNTAX = "ISO 9735 version 3"
_MEDCOM = "MedCom: syntaks og kommunikationsregler (UNOC, UNA:+.? ')"

_ALL = (
    # --- the file -------------------------------------------------------------------------------------
    SyntaxRule(
        "edifact.empty-file",
        ERROR,
        "The file is empty: there is no interchange in it.",
        "Filen er tom: der er ingen kuvert i den.",
        _SYNTAX,
    ),
    SyntaxRule(
        "edifact.not-edifact",
        ERROR,
        "This is not EDIFACT: it should start with UNA or UNB, but starts with {start}.",
        "Dette er ikke EDIFACT: det skal begynde med UNA eller UNB, men begynder med {start}.",
        _SYNTAX,
    ),
    SyntaxRule(
        "edifact.leading-text",
        ERROR,
        "There is something before UNA or UNB ({start}). It was skipped.",
        "Der står noget før UNA eller UNB ({start}). Det er sprunget over.",
        _SYNTAX,
    ),
    SyntaxRule(
        "edifact.byte-order-mark",
        WARNING,
        "The file starts with the {name} byte order mark. It was skipped; EDIFACT has none.",
        "Filen begynder med byte order mark for {name}. Det er sprunget over; EDIFACT har ikke et sådant.",
        _SYNTAX,
    ),
    SyntaxRule(
        "edifact.utf-8",
        WARNING,
        "The file is written in UTF-8, not in ISO-8859-1 as EDIFACT is: {example}.",
        "Filen er skrevet i UTF-8 og ikke i ISO-8859-1, som EDIFACT skal være: {example}.",
        _MEDCOM,
    ),
    SyntaxRule(
        "edifact.padding",
        WARNING,
        "An end mark (0x1A) or zero bytes stand behind the last segment. They were skipped.",
        "Der står et slutmærke (0x1A) eller nul-bytes efter det sidste segment. De er sprunget over.",
        _SYNTAX,
    ),
    # --- UNA and the characters -----------------------------------------------------------------------
    SyntaxRule(
        "edifact.una-missing",
        INFO,
        "The interchange has no UNA. The usual service characters :+.? ' were used.",
        "Kuverten har ingen UNA. De sædvanlige servicetegn :+.? ' er brugt.",
        _MEDCOM,
    ),
    SyntaxRule(
        "edifact.una-unusual",
        WARNING,
        "The UNA names other service characters than :+.? ' ({una}). They were followed; MedCom allows only the usual.",
        "UNA angiver andre servicetegn end :+.? ' ({una}). De er fulgt; MedCom tillader kun de sædvanlige.",
        _MEDCOM,
    ),
    SyntaxRule(
        "edifact.una-invalid",
        ERROR,
        "The UNA is of no use ({una}): six different characters must follow it, none of them a "
        "letter or a digit. "
        "The usual :+.? ' were used.",
        "UNA kan ikke bruges ({una}): den skal efterfølges af seks forskellige tegn, hverken bogstaver eller "
        "tal. De sædvanlige :+.? ' er brugt.",
        _SYNTAX,
    ),
    SyntaxRule(
        "edifact.release-needless",
        WARNING,
        "The release character {release} stands before {character}, which needs none. The character was kept.",
        "Frigivelsestegnet {release} står foran {character}, som ikke skal frigives. Tegnet er beholdt.",
        _SYNTAX,
    ),
    SyntaxRule(
        "edifact.control-character",
        ERROR,
        "A control character ({code}) stands in the text. It can't be seen and no receiver knows what to do with it.",
        "Der står et styretegn ({code}) i teksten. Det kan ikke ses, og ingen modtager ved, hvad det betyder.",
        _MEDCOM,
    ),
    SyntaxRule(
        "edifact.tab",
        WARNING,
        "A tab stands in the text. Write blanks: receivers show tabs differently or drop them.",
        "Der står en tabulator i teksten. Skriv mellemrum: modtagere viser tabulatorer forskelligt eller fjerner dem.",
        _MEDCOM,
    ),
    SyntaxRule(
        "edifact.outside-latin-1",
        ERROR,
        "The byte {code} is no character of ISO-8859-1. In windows-1252 it is {meant}.",
        "Byten {code} er ikke et tegn i ISO-8859-1. I windows-1252 er det {meant}.",
        _MEDCOM,
    ),
    SyntaxRule(
        "edifact.outside-repertoire",
        WARNING,
        "The character {character} is not in the repertoire of {syntax}.",
        "Tegnet {character} findes ikke i tegnsættet {syntax}.",
        _SYNTAX,
    ),
    SyntaxRule(
        "edifact.syntax-identifier",
        WARNING,
        "The syntax identifier is {syntax}; MedCom uses UNOC ({charset} was read).",
        "Syntaksidentifikatoren er {syntax}; MedCom bruger UNOC (læst som {charset}).",
        _MEDCOM,
    ),
    SyntaxRule(
        "edifact.syntax-identifier-unknown",
        ERROR,
        "The syntax identifier {syntax} is unknown or not supported; MedCom uses UNOC. ISO-8859-1 was read.",
        "Syntaksidentifikatoren {syntax} er ukendt eller understøttes ikke; MedCom bruger UNOC. "
        "Der er læst som ISO-8859-1.",
        _MEDCOM,
    ),
    SyntaxRule(
        "edifact.syntax-version",
        WARNING,
        "The syntax version is {version}; MedCom uses 3.",
        "Syntaksversionen er {version}; MedCom bruger 3.",
        _MEDCOM,
    ),
    SyntaxRule(
        "edifact.stray-text",
        ERROR,
        "Text follows the end of the interchange (UNZ), and is no interchange: {text}. It was skipped.",
        "Der står tekst efter kuvertens slutning (UNZ), som ikke er en kuvert: {text}. Den er sprunget over.",
        f"{_SYNTAX}, UNZ",
    ),
    # --- segments -------------------------------------------------------------------------------------
    SyntaxRule(
        "edifact.truncated",
        ERROR,
        "The file stops in the middle of the segment {tag}: its terminator {terminator} is missing. "
        "The transfer was probably cut off.",
        "Filen stopper midt i segmentet {tag}: afslutningstegnet {terminator} mangler. "
        "Overførslen er formentlig afbrudt.",
        _SYNTAX,
    ),
    SyntaxRule(
        "edifact.segment-empty",
        WARNING,
        "An empty segment: two terminators {terminator} stand side by side. It was skipped.",
        "Et tomt segment: to afslutningstegn {terminator} står ved siden af hinanden. Det er sprunget over.",
        _SYNTAX,
    ),
    SyntaxRule(
        "edifact.segment-tag",
        ERROR,
        "{tag} is no segment name: it must be three characters, capital letters or digits, the first a letter. "
        "If it goes on from the text before: ' is written ?' in a text.",
        "{tag} er ikke et segmentnavn: det skal være tre tegn, store bogstaver eller tal, og det første et bogstav. "
        "Hvis det fortsætter teksten før: ' skrives ?' i en tekst.",
        _SYNTAX,
    ),
    SyntaxRule(
        "edifact.segment-outside",
        ERROR,
        "The segment {tag} stands outside any message: segments belong between UNH and UNT.",
        "Segmentet {tag} står uden for et brev: segmenter hører til mellem UNH og UNT.",
        _SYNTAX,
    ),
    SyntaxRule(
        "edifact.groups-not-used",
        WARNING,
        "{tag} (functional group) is not used in MedCom's messages. It was skipped; the messages in it were read.",
        "{tag} (funktionsgruppe) bruges ikke i MedComs breve. Det er sprunget over; brevene i gruppen er læst.",
        _MEDCOM,
    ),
    # --- limits ---------------------------------------------------------------------------------------
    SyntaxRule(
        "edifact.file-too-large",
        ERROR,
        "The file is larger than {limit} bytes and was not read. Split it, or read it as a stream.",
        "Filen er større end {limit} byte og er ikke læst. Del den, eller læs den som en strøm.",
        "",
    ),
    SyntaxRule(
        "edifact.segment-too-long",
        ERROR,
        "The segment {tag} is longer than {limit} characters and was not read. Is a terminator missing?",
        "Segmentet {tag} er længere end {limit} tegn og er ikke læst. Mangler der et afslutningstegn?",
        "",
    ),
    SyntaxRule(
        "edifact.segment-too-wide",
        ERROR,
        "The segment {tag} has more than {limit} data elements or components and was not read.",
        "Segmentet {tag} har mere end {limit} dataelementer eller komponenter og er ikke læst.",
        "",
    ),
    SyntaxRule(
        "edifact.too-many-segments",
        ERROR,
        "The file has more than {limit} segments; what follows was not read. Split it into several files.",
        "Filen har mere end {limit} segmenter; resten er ikke læst. Del den i flere filer.",
        "",
    ),
    SyntaxRule(
        "edifact.too-many-findings",
        ERROR,
        "There are more than {limit} findings; the rest of them is left out.",
        "Der er mere end {limit} fund; resten af dem er udeladt.",
        "",
    ),
    # --- the envelope ---------------------------------------------------------------------------------
    SyntaxRule(
        "edifact.unb-missing",
        ERROR,
        "The interchange has no UNB: the segment {tag} stands where UNB (sender, receiver, date) belongs.",
        "Kuverten har ingen UNB: segmentet {tag} står, hvor UNB (afsender, modtager, dato) hører til.",
        f"{_SYNTAX}, UNB",
    ),
    SyntaxRule(
        "edifact.unb-incomplete",
        ERROR,
        "UNB has no {what_en}.",
        "UNB mangler {what_da}.",
        f"{_SYNTAX}, UNB",
    ),
    SyntaxRule(
        "edifact.unz-missing",
        ERROR,
        "The interchange {reference} doesn't end with UNZ: something may be missing.",
        "Kuverten {reference} slutter ikke med UNZ: der kan mangle noget.",
        f"{_SYNTAX}, UNZ",
    ),
    SyntaxRule(
        "edifact.unz-count",
        ERROR,
        "UNZ says {said} messages, but the interchange holds {found}.",
        "UNZ angiver {said} breve, men kuverten indeholder {found}.",
        f"{_SYNTAX}, UNZ, dataelement 0036",
    ),
    SyntaxRule(
        "edifact.unz-reference",
        ERROR,
        "UNZ ends interchange {said}, but UNB opened {found}: the two must be equal.",
        "UNZ afslutter kuvert {said}, men UNB åbnede {found}: de to skal være ens.",
        f"{_SYNTAX}, UNZ, dataelement 0020",
    ),
    SyntaxRule(
        "edifact.interchange-empty",
        ERROR,
        "The interchange {reference} holds no message.",
        "Kuverten {reference} indeholder intet brev.",
        f"{_SYNTAX}, UNZ",
    ),
    # --- the message ----------------------------------------------------------------------------------
    SyntaxRule(
        "edifact.unh-missing",
        ERROR,
        "The message has no UNH: UNT stands where no message is open.",
        "Brevet har ingen UNH: UNT står, hvor intet brev er åbent.",
        f"{_SYNTAX}, UNH",
    ),
    SyntaxRule(
        "edifact.unh-incomplete",
        ERROR,
        "UNH has no {what_en}.",
        "UNH mangler {what_da}.",
        f"{_SYNTAX}, UNH",
    ),
    SyntaxRule(
        "edifact.unt-missing",
        ERROR,
        "The message {reference} doesn't end with UNT: something may be missing.",
        "Brevet {reference} slutter ikke med UNT: der kan mangle noget.",
        f"{_SYNTAX}, UNT",
    ),
    SyntaxRule(
        "edifact.unt-count",
        ERROR,
        "UNT says {said} segments, but the message has {found} (UNH and UNT counted).",
        "UNT angiver {said} segmenter, men brevet har {found} (UNH og UNT talt med).",
        f"{_SYNTAX}, UNT, dataelement 0074",
    ),
    SyntaxRule(
        "edifact.unt-reference",
        ERROR,
        "UNT ends message {said}, but UNH opened {found}: the two must be equal.",
        "UNT afslutter brev {said}, men UNH åbnede {found}: de to skal være ens.",
        f"{_SYNTAX}, UNT, dataelement 0062",
    ),
    SyntaxRule(
        "edifact.reference-repeated",
        ERROR,
        "The message number {reference} is used twice in this interchange: a receiver may drop the second message.",
        "Brevnummeret {reference} er brugt to gange i denne kuvert: en modtager kan kassere det andet brev.",
        f"{_SYNTAX}, UNH, dataelement 0062",
    ),
    # --- groups ---------------------------------------------------------------------------------------
    SyntaxRule(
        "edifact.group-unknown",
        ERROR,
        "The segment group {tag} is not used in {type}.",
        "Segmentgruppen {tag} bruges ikke i {type}.",
        "MedCom, segmentdiagram",
    ),
    SyntaxRule(
        "edifact.group-order",
        ERROR,
        "The segment group {tag} stands after {after}, but belongs before it.",
        "Segmentgruppen {tag} står efter {after}, men hører til før den.",
        "MedCom, segmentdiagram",
    ),
    SyntaxRule(
        "edifact.group-code",
        WARNING,
        "The group is opened by {tag}, but its code is {code}; {wanted} belongs there.",
        "Gruppen åbnes af {tag}, men koden er {code}; der skal stå {wanted}.",
        "MedCom, segmentdiagram",
    ),
    # --- writing --------------------------------------------------------------------------------------
    SyntaxRule(
        "edifact.not-writable",
        ERROR,
        "The character {character} ({code}) can't be written: EDIFACT with UNOC holds ISO-8859-1 only.",
        "Tegnet {character} ({code}) kan ikke skrives: EDIFACT med UNOC rummer kun ISO-8859-1.",
        _MEDCOM,
    ),
)
RULES = {rule.id: rule for rule in _ALL}
