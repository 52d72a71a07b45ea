"""What can be wrong with the EDIFACT syntax: every rule with its severity, texts and source.

The texts are for people who test laboratory messages, not for programmers: they say what was found and what
belongs there. In Danish an interchange is a "kuvert" and a message a "brev", as MedCom's documents call them.
"""

from npn.messages.model.finding import FindingRule, Severity, Text

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO


_SYNTAX = "ISO 9735 version 3"
_MEDCOM = "MedCom: syntaks og kommunikationsregler (UNOC, UNA:+.? ')"

_ALL: tuple[FindingRule, ...] = (
    # --- the file -------------------------------------------------------------------------------------
    FindingRule(
        "edifact.empty-file",
        ERROR,
        Text(
            "The file is empty: there is no interchange in it.",
            "Filen er tom: der er ingen kuvert i den.",
        ),
        _SYNTAX,
    ),
    FindingRule(
        "edifact.not-edifact",
        ERROR,
        Text(
            "This is not EDIFACT: it should start with UNA or UNB, but starts with {start}.",
            "Dette er ikke EDIFACT: det skal begynde med UNA eller UNB, men begynder med {start}.",
        ),
        _SYNTAX,
    ),
    FindingRule(
        "edifact.leading-text",
        ERROR,
        Text(
            "There is something before UNA or UNB ({start}). It was skipped.",
            "Der står noget før UNA eller UNB ({start}). Det er sprunget over.",
        ),
        _SYNTAX,
    ),
    FindingRule(
        "edifact.byte-order-mark",
        WARNING,
        Text(
            "The file starts with the {name} byte order mark. It was skipped; EDIFACT has none.",
            "Filen begynder med byte order mark for {name}. Det er sprunget over; EDIFACT har ikke et sådant.",
        ),
        _SYNTAX,
    ),
    FindingRule(
        "edifact.utf-8",
        ERROR,
        Text(
            "The text is written in UTF-8, but the interchange says {declared}: {read} was written as {meant}. Read as it says, names and other texts are altered.",
            "Teksten er skrevet i UTF-8, men kuverten angiver {declared}: {read} er skrevet som {meant}. Læst som angivet bliver navne og andre tekster forvansket.",
        ),
        _MEDCOM,
    ),
    FindingRule(
        "edifact.padding",
        WARNING,
        Text(
            "An end mark (0x1A) or zero bytes stand behind the last segment. They were skipped.",
            "Der står et slutmærke (0x1A) eller nul-bytes efter det sidste segment. De er sprunget over.",
        ),
        _SYNTAX,
    ),
    # --- UNA and the characters -----------------------------------------------------------------------
    FindingRule(
        "edifact.una-missing",
        INFO,
        Text(
            "The interchange has no UNA. The usual service characters :+.? ' were used.",
            "Kuverten har ingen UNA. De sædvanlige servicetegn :+.? ' er brugt.",
        ),
        _MEDCOM,
    ),
    FindingRule(
        "edifact.una-unusual",
        WARNING,
        Text(
            "The UNA names other service characters than :+.? ' ({una}). They were followed; MedCom allows only the usual.",
            "UNA angiver andre servicetegn end :+.? ' ({una}). De er fulgt; MedCom tillader kun de sædvanlige.",
        ),
        _MEDCOM,
    ),
    FindingRule(
        "edifact.decimal-mark",
        ERROR,
        Text(
            "The UNA names {mark} as decimal mark, but the value {value} has a point: nobody can tell which number is meant.",
            "UNA angiver {mark} som decimaltegn, men værdien {value} har et punktum: ingen kan se, hvilket tal der menes.",
        ),
        _SYNTAX,
    ),
    FindingRule(
        "edifact.una-invalid",
        ERROR,
        Text(
            "The UNA is of no use ({una}): six different characters must follow it, none of them a "
            "letter or a digit. "
            "The usual :+.? ' were used.",
            "UNA kan ikke bruges ({una}): den skal efterfølges af seks forskellige tegn, hverken bogstaver eller "
            "tal. De sædvanlige :+.? ' er brugt.",
        ),
        _SYNTAX,
    ),
    FindingRule(
        "edifact.release-needless",
        WARNING,
        Text(
            "The release character {release} stands before {character}, which needs none. The character was kept.",
            "Frigivelsestegnet {release} står foran {character}, som ikke skal frigives. Tegnet er beholdt.",
        ),
        _SYNTAX,
    ),
    FindingRule(
        "edifact.control-character",
        ERROR,
        Text(
            "A control character ({code}) stands in the text. It can't be seen and no receiver knows what to do with it.",
            "Der står et styretegn ({code}) i teksten. Det kan ikke ses, og ingen modtager ved, hvad det betyder.",
        ),
        _MEDCOM,
    ),
    FindingRule(
        "edifact.tab",
        WARNING,
        Text(
            "A tab stands in the text. Write blanks: receivers show tabs differently or drop them.",
            "Der står en tabulator i teksten. Skriv mellemrum: modtagere viser tabulatorer forskelligt eller fjerner dem.",
        ),
        _MEDCOM,
    ),
    FindingRule(
        "edifact.outside-latin-1",
        ERROR,
        Text(
            "The byte {code} is not a character of ISO-8859-1. In windows-1252 it is {meant}.",
            "Byten {code} er ikke et tegn i ISO-8859-1. I windows-1252 er det {meant}.",
        ),
        _MEDCOM,
    ),
    FindingRule(
        "edifact.undefined-character",
        ERROR,
        Text(
            "A byte stands for no character in {charset}, which {syntax} names: the text is altered.",
            "En byte svarer ikke til noget tegn i {charset}, som {syntax} angiver: teksten er forvansket.",
        ),
        _SYNTAX,
    ),
    FindingRule(
        "edifact.outside-repertoire",
        WARNING,
        Text(
            "The character {character} is not in the repertoire of {syntax}.",
            "Tegnet {character} findes ikke i tegnsættet {syntax}.",
        ),
        _SYNTAX,
    ),
    FindingRule(
        "edifact.syntax-identifier",
        WARNING,
        Text(
            "The syntax identifier is {syntax}; MedCom uses UNOC ({charset} was read).",
            "Syntaksidentifikatoren er {syntax}; MedCom bruger UNOC (læst som {charset}).",
        ),
        _MEDCOM,
    ),
    FindingRule(
        "edifact.syntax-identifier-unknown",
        ERROR,
        Text(
            "The syntax identifier {syntax} is unknown or not supported; MedCom uses UNOC. ISO-8859-1 was read.",
            "Syntaksidentifikatoren {syntax} er ukendt eller understøttes ikke; MedCom bruger UNOC. "
            "Der er læst som ISO-8859-1.",
        ),
        _MEDCOM,
    ),
    FindingRule(
        "edifact.syntax-version",
        WARNING,
        Text(
            "The syntax version is {version}; MedCom uses 3.",
            "Syntaksversionen er {version}; MedCom bruger 3.",
        ),
        _MEDCOM,
    ),
    FindingRule(
        "edifact.stray-text",
        ERROR,
        Text(
            "Text follows the end of the interchange (UNZ), and is not an interchange: {text}. It was skipped.",
            "Der står tekst efter kuvertens slutning (UNZ), som ikke er en kuvert: {text}. Den er sprunget over.",
        ),
        f"{_SYNTAX}, UNZ",
    ),
    # --- segments -------------------------------------------------------------------------------------
    FindingRule(
        "edifact.truncated",
        ERROR,
        Text(
            "The file stops in the middle of the segment {tag}: its terminator {terminator} is missing. "
            "The transfer was probably cut off.",
            "Filen stopper midt i segmentet {tag}: afslutningstegnet {terminator} mangler. "
            "Overførslen er formentlig afbrudt.",
        ),
        _SYNTAX,
    ),
    FindingRule(
        "edifact.segment-empty",
        WARNING,
        Text(
            "An empty segment: two terminators {terminator} stand side by side. It was skipped.",
            "Et tomt segment: to afslutningstegn {terminator} står ved siden af hinanden. Det er sprunget over.",
        ),
        _SYNTAX,
    ),
    FindingRule(
        "edifact.segment-tag",
        ERROR,
        Text(
            "{tag} is not a segment name: it must be three characters, capital letters or digits, the first a letter. "
            "If it goes on from the text before: ' is written ?' in a text.",
            "{tag} er ikke et segmentnavn: det skal være tre tegn, store bogstaver eller tal, og det første et bogstav. "
            "Hvis det fortsætter teksten før: ' skrives ?' i en tekst.",
        ),
        _SYNTAX,
    ),
    FindingRule(
        "edifact.segment-outside",
        ERROR,
        Text(
            "The segment {tag} stands outside any message: segments belong between UNH and UNT.",
            "Segmentet {tag} står uden for et brev: segmenter hører til mellem UNH og UNT.",
        ),
        _SYNTAX,
    ),
    FindingRule(
        "edifact.groups-not-used",
        WARNING,
        Text(
            "{tag} (functional group) is not used in MedCom's messages. It was skipped; the messages in it were read.",
            "{tag} (funktionsgruppe) bruges ikke i MedComs breve. Det er sprunget over; brevene i gruppen er læst.",
        ),
        _MEDCOM,
    ),
    # --- limits ---------------------------------------------------------------------------------------
    FindingRule(
        "edifact.file-too-large",
        ERROR,
        Text(
            "The interchange is larger than {limit} bytes and can't be cut into messages; it was not read. Split it.",
            "Kuverten er større end {limit} byte og kan ikke deles i breve; den er ikke læst. Del den.",
        ),
        "",
    ),
    FindingRule(
        "edifact.segment-too-long",
        ERROR,
        Text(
            "The segment {tag} is longer than {limit} characters and was not read. Is a terminator missing?",
            "Segmentet {tag} er længere end {limit} tegn og er ikke læst. Mangler der et afslutningstegn?",
        ),
        "",
    ),
    FindingRule(
        "edifact.segment-too-wide",
        ERROR,
        Text(
            "The segment {tag} has more than {limit} data elements or components and was not read.",
            "Segmentet {tag} har mere end {limit} dataelementer eller komponenter og er ikke læst.",
        ),
        "",
    ),
    FindingRule(
        "edifact.too-many-segments",
        ERROR,
        Text(
            "The interchange has more than {limit} segments; what follows was not read, so the interchange is not checked. Split it.",
            "Kuverten har mere end {limit} segmenter; resten er ikke læst, og kuverten er derfor ikke kontrolleret. Del den.",
        ),
        "",
    ),
    FindingRule(
        "edifact.too-many-findings",
        ERROR,
        Text(
            "There are more than {limit} errors; the rest of them is left out.",
            "Der er mere end {limit} fejl; resten af dem er udeladt.",
        ),
        "",
    ),
    FindingRule(
        "edifact.too-many-remarks",
        WARNING,
        Text(
            "There are more than {limit} warnings and remarks; the rest of them is left out. Every error is shown.",
            "Der er mere end {limit} advarsler og bemærkninger; resten af dem er udeladt. Alle fejl er vist.",
        ),
        "",
    ),
    # --- the envelope ---------------------------------------------------------------------------------
    FindingRule(
        "edifact.unb-missing",
        ERROR,
        Text(
            "The interchange has no UNB: the segment {tag} stands where UNB (sender, receiver, date) belongs.",
            "Kuverten har ingen UNB: segmentet {tag} står, hvor UNB (afsender, modtager, dato) hører til.",
        ),
        f"{_SYNTAX}, UNB",
    ),
    FindingRule(
        "edifact.unb-incomplete",
        ERROR,
        Text(
            "UNB has no {what_en}.",
            "UNB mangler {what_da}.",
        ),
        f"{_SYNTAX}, UNB",
    ),
    FindingRule(
        "edifact.unz-missing",
        ERROR,
        Text(
            "The interchange {reference} doesn't end with UNZ: something may be missing.",
            "Kuverten {reference} slutter ikke med UNZ: der kan mangle noget.",
        ),
        f"{_SYNTAX}, UNZ",
    ),
    FindingRule(
        "edifact.unz-count",
        ERROR,
        Text(
            "UNZ says {said} messages, but the interchange holds {found}.",
            "UNZ angiver {said} breve, men kuverten indeholder {found}.",
        ),
        f"{_SYNTAX}, UNZ, dataelement 0036",
    ),
    FindingRule(
        "edifact.unz-reference",
        ERROR,
        Text(
            "UNZ ends interchange {said}, but UNB opened {found}: the two must be equal.",
            "UNZ afslutter kuvert {said}, men UNB åbnede {found}: de to skal være ens.",
        ),
        f"{_SYNTAX}, UNZ, dataelement 0020",
    ),
    FindingRule(
        "edifact.interchange-empty",
        ERROR,
        Text(
            "The interchange {reference} holds no message.",
            "Kuverten {reference} indeholder intet brev.",
        ),
        f"{_SYNTAX}, UNZ",
    ),
    # --- the message ----------------------------------------------------------------------------------
    FindingRule(
        "edifact.unh-missing",
        ERROR,
        Text(
            "The message has no UNH: UNT stands where no message is open.",
            "Brevet har ingen UNH: UNT står, hvor intet brev er åbent.",
        ),
        f"{_SYNTAX}, UNH",
    ),
    FindingRule(
        "edifact.unh-incomplete",
        ERROR,
        Text(
            "UNH has no {what_en}.",
            "UNH mangler {what_da}.",
        ),
        f"{_SYNTAX}, UNH",
    ),
    FindingRule(
        "edifact.unt-missing",
        ERROR,
        Text(
            "The message {reference} doesn't end with UNT: something may be missing.",
            "Brevet {reference} slutter ikke med UNT: der kan mangle noget.",
        ),
        f"{_SYNTAX}, UNT",
    ),
    FindingRule(
        "edifact.unt-count",
        ERROR,
        Text(
            "UNT says {said} segments, but the message has {found} (UNH and UNT counted).",
            "UNT angiver {said} segmenter, men brevet har {found} (UNH og UNT talt med).",
        ),
        f"{_SYNTAX}, UNT, dataelement 0074",
    ),
    FindingRule(
        "edifact.unt-reference",
        ERROR,
        Text(
            "UNT ends message {said}, but UNH opened {found}: the two must be equal.",
            "UNT afslutter brev {said}, men UNH åbnede {found}: de to skal være ens.",
        ),
        f"{_SYNTAX}, UNT, dataelement 0062",
    ),
    FindingRule(
        "edifact.reference-repeated",
        ERROR,
        Text(
            "The message number {reference} is used twice in this interchange: a receiver may drop the second message.",
            "Brevnummeret {reference} er brugt to gange i denne kuvert: en modtager kan kassere det andet brev.",
        ),
        f"{_SYNTAX}, UNH, dataelement 0062",
    ),
    # --- groups ---------------------------------------------------------------------------------------
    FindingRule(
        "edifact.group-unknown",
        ERROR,
        Text(
            "The segment group {tag} is not used in {type}.",
            "Segmentgruppen {tag} bruges ikke i {type}.",
        ),
        "MedCom, segmentdiagram",
    ),
    FindingRule(
        "edifact.group-order",
        ERROR,
        Text(
            "The segment group {tag} stands after {after}, but belongs before it.",
            "Segmentgruppen {tag} står efter {after}, men hører til før den.",
        ),
        "MedCom, segmentdiagram",
    ),
    FindingRule(
        "edifact.group-code",
        WARNING,
        Text(
            "The group is opened by {tag}, but its code is {code}; {wanted} belongs there.",
            "Gruppen åbnes af {tag}, men koden er {code}; der skal stå {wanted}.",
        ),
        "MedCom, segmentdiagram",
    ),
    # --- writing --------------------------------------------------------------------------------------
    FindingRule(
        "edifact.not-writable",
        ERROR,
        Text(
            "The character {character} ({code}) can't be written: EDIFACT with UNOC holds ISO-8859-1 only.",
            "Tegnet {character} ({code}) kan ikke skrives: EDIFACT med UNOC rummer kun ISO-8859-1.",
        ),
        _MEDCOM,
    ),
)
SYNTAX_RULES = {rule.id: rule for rule in _ALL}
