"""What tells evidence, and what is wrong with a text, in both languages: `{name}` stands for what was seen."""

from collections.abc import Mapping

from npn.agreements.model import Language

DA, EN = Language.DANISH, Language.ENGLISH

SENTENCES: Mapping[str, Mapping[Language, str]] = {
    "not_visible": {
        DA: "Kan ikke ses af tjenesten, og det er ikke oplyst, hvordan det er vist.",
        EN: "The service can't see it, and nobody has said how it was shown.",
    },
    "shown": {
        DA: "Vist den {on}: {how} (noteret af {by}).",
        EN: "Shown on {on}: {how} (recorded by {by}).",
    },
    "shown_not": {
        DA: "Den {on} viste det sig, at kravet ikke er opfyldt: {how} (noteret af {by}).",
        EN: "Shown not to be met on {on}: {how} (recorded by {by}).",
    },
    "shown_expired": {
        DA: "Blev vist den {on}, men skulle vises igen den {until}: {how}",
        EN: "Was shown on {on}, but was to be shown again on {until}: {how}",
    },
    "use_npn_onward": {
        DA: "Sender svar videre på prøver med andre numre: {places}.",
        EN: "Sends answers onward about samples with other numbers: {places}.",
    },
    "use_npn_no_draw": {
        DA: "Har ikke trukket numre det seneste år.",
        EN: "Has drawn no numbers in the last year.",
    },
    "use_npn_draws": {
        DA: "Trak senest numre den {on}. Steder med andre numre i registeret: {places}.",
        EN: "Last drew numbers on {on}. Places with other numbers in the register: {places}.",
    },
    "stock_unreported": {
        DA: "Systemet melder ikke sin beholdning, og dets træk siger for lidt om den.",
        EN: "The system does not report its stock, and its draws tell too little of it.",
    },
    "stock_estimated": {
        DA: "Melder ikke sin beholdning. Skønnet ud fra systemets træk rækker den {cover} dage; kravet er {days}.",
        EN: "Does not report its stock. Estimated from its draws it lasts {cover} days; required are {days}.",
    },
    "stock_unused": {
        DA: "{free} frie numre meldt den {on} og intet forbrug.",
        EN: "{free} free numbers reported on {on}, and no consumption.",
    },
    "stock_cover": {
        DA: "{free} frie numre i dag efter meldingen den {on} rækker {cover} dage; kravet er {days}.",
        EN: "{free} free numbers today, by the report of {on}, last {cover} days; required are {days}.",
    },
    "modulus_agent": {
        DA: "Trækker med NPN-agenten, som kontrollerer hvert nummer; seneste kontakt den {on}.",
        EN: "Draws with the NPN agent, which checks every number; last contact on {on}.",
    },
    "modulus_unseen": {
        DA: "Hverken agent eller nylig beholdningsmelding; det er ikke oplyst, hvordan kontrollen er vist.",
        EN: "Neither agent nor recent stock report; nobody has said how the check was shown.",
    },
    "modulus_too_many": {
        DA: "Meldte {free} frie numre den {on}, men har kun fået {usable} brugbare: der tælles ukontrollerede numre.",
        EN: "Reported {free} free numbers on {on}, but was given only {usable} usable: it counts unchecked ones.",
    },
    "modulus_reported": {
        DA: "Melder sin beholdning i brugbare numre: {free} den {on} af {usable} udleverede.",
        EN: "Reports its stock in usable numbers: {free} on {on} of {usable} handed out.",
    },
    "contacts_missing": {
        DA: "Mangler: {kinds}.",
        EN: "Missing: {kinds}.",
    },
    "contacts_stale": {
        DA: "Ikke bekræftet længe: {kinds}; den ældste er fra den {on}.",
        EN: "Not confirmed for long: {kinds}; the oldest is of {on}.",
    },
    "contacts_fresh": {
        DA: "Alle tre kontakter er oplyst; den ældste er bekræftet den {on}.",
        EN: "All three contacts are there; the oldest was confirmed on {on}.",
    },
    "https_no_calls": {
        DA: "Ingen kald er talt de seneste {days} dage.",
        EN: "No calls were counted in the last {days} days.",
    },
    "https_plain": {
        DA: "Kald uden kryptering de seneste {days} dage: {plain}, senest den {on}.",
        EN: "Calls without encryption in the last {days} days: {plain}, the latest on {on}.",
    },
    "https_only": {
        DA: "Kald de seneste {days} dage: {encrypted}, alle over HTTPS.",
        EN: "Calls in the last {days} days: {encrypted}, all over HTTPS.",
    },
    "certificate_none": {
        DA: "Intet certifikat er knyttet til systemet.",
        EN: "No certificate is bound to the system.",
    },
    "certificate_invalid": {
        DA: "Intet tilknyttet certifikat gælder nu; det seneste gælder til den {on}.",
        EN: "No bound certificate is valid now; the latest is valid until {on}.",
    },
    "certificate_short": {
        DA: "Certifikatet udløber den {on}, om mindre end {days} dage.",
        EN: "The certificate expires on {on}, in less than {days} days.",
    },
    "certificate_valid": {
        DA: "Et tilknyttet certifikat gælder til den {on}.",
        EN: "A bound certificate is valid until {on}.",
    },
    "notice_unstated": {
        DA: "{vendor} har ikke oplyst, hvor tit der udgives nye versioner.",
        EN: "{vendor} has not stated how often it releases.",
    },
    "notice_stated": {
        DA: "{vendor} har oplyst sin udgivelsesplan: {every} fra den {on}, {freeze}.",
        EN: "{vendor} has stated its release plan: {every} from {on}, {freeze}.",
    },
}


def every_months(months: int, language: Language) -> str:
    """Return how often: every month, every other month, and so on."""
    if language is DA:
        return {1: "hver måned", 2: "hver anden måned", 12: "hvert år"}.get(months, f"hver {months}. måned")
    return {1: "every month", 2: "every other month", 12: "every year"}.get(months, f"every {months} months")


def frozen_months(months: int, language: Language) -> str:
    """Return how long the code freeze before a release is."""
    if not months:
        return "uden kodestop" if language is DA else "without a code freeze"
    if language is DA:
        return f"kodestop {months} {'måned' if months == 1 else 'måneder'} før"
    return f"code freeze {months} {'month' if months == 1 else 'months'} before"


_SENTENCE_SAYS: Mapping[Language, Mapping[Language, str]] = {
    DA: {DA: "den danske tekst siger »{words}«", EN: "den engelske tekst siger »{words}«"},
    EN: {DA: "the Danish text says “{words}”", EN: "the English text says “{words}”"},
}


def sentences_in(sentences: Mapping[Language, str], language: Language) -> str:
    """Return what the text of each language says, in a reader's language."""
    says = _SENTENCE_SAYS[language]
    return (" og " if language is DA else " and ").join(
        says[other].format(words=words) for other, words in sentences.items()
    )


PROBLEMS: Mapping[str, Mapping[Language, str]] = {
    "line": {DA: "linje {line}", EN: "line {line}"},
    "too_large": {DA: "teksten fylder mere end {largest} byte", EN: "the text is larger than {largest} bytes"},
    "control": {DA: "teksten indeholder et styretegn", EN: "the text holds a control character"},
    "picture": {DA: "en aftale har ingen billeder", EN: "an agreement has no pictures"},
    "no_title": {DA: "teksten begynder med sin titel: # …", EN: "the text begins with its title: # …"},
    "heading": {
        DA: "en overskrift har et nummer, og mærket er et af vores: {heading}",
        EN: "a heading is numbered, and its mark is one of ours: {heading}",
    },
    "mark_name": {
        DA: "et mærke nævner sit krav, {{tender}} nævner intet: {heading}",
        EN: "a mark names its requirement, {{tender}} names none: {heading}",
    },
    "twice": {DA: "der er to punkter {number}", EN: "there are two sections {number}"},
    "astray": {
        DA: "punkt {number} står ikke under sin egen overskrift",
        EN: "section {number} does not stand under its own heading",
    },
    "mark_twice": {DA: "mærket {mark} står to gange", EN: "the mark {mark} stands twice"},
    "no_section": {DA: "teksten har intet nummereret punkt", EN: "the text has no numbered section"},
    "differ": {
        DA: "den danske tekst har {danish}, hvor den engelske har {english}",
        EN: "the Danish text has {danish} where the English one has {english}",
    },
    "more": {DA: "den ene tekst har flere punkter end den anden", EN: "one text has sections more than the other"},
    "mark_differs": {
        DA: "punkt {number}: mærket har {mark}, men {sentences}; ret det ene, så de siger det samme",
        EN: "section {number}: the mark has {mark}, but {sentences}; change one, so that they say the same",
    },
    "no_notice": {
        DA: "teksten nævner intet varsel: mærk punktet om varsel med {{requirement: notice days=183}}",
        EN: "the text says no notice period: mark the section about notice with {{requirement: notice days=183}}",
    },
}
