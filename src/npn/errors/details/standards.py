"""Details: standards, products and what they can take."""

from npn.bilingual import BilingualText

VERSION_REFERENCE = BilingualText(
    "a version is written CODE or CODE/VERSION",
    "en version skrives KODE eller KODE/VERSION",
)
STANDARD_MISSING = BilingualText(
    "the standard is missing",
    "standarden mangler",
)
NOT_A_DAY = BilingualText(
    "{text!r} is not a day such as 2026-07-09",
    "{text!r} er ikke en dag som 2026-07-09",
)
NOT_A_DIRECTION = BilingualText(
    "{text!r} must be one of {directions}",
    "{text!r} skal være en af {directions}",
)
LIST_LINE = BilingualText(
    "line {line} has the version {version!r} and the channel {channel!r}, which can't be read",
    "linje {line} har versionen {version!r} og kanalen {channel!r}, som ikke kan læses",
)
LIST_OF_A_DAY_TO_COME = BilingualText(
    "the list is of {day}, which is still to come",
    "listen er fra {day}, som endnu ikke er kommet",
)
FEATURE_CONDITION = BilingualText(
    "a condition has a name, one of < <= = >= > and a value",
    "en betingelse har et navn, et af tegnene < <= = >= > og en værdi",
)
FEATURE_VALUE = BilingualText(
    "a feature has a name, the sign = and a value",
    "en egenskab har et navn, tegnet = og en værdi",
)
PRODUCT_EXISTS = BilingualText(
    "{vendor} has a product {product!r} already",
    "{vendor} har allerede et produkt {product!r}",
)
NOBODY_CONTRADICTS_ITSELF = BilingualText(
    "a statement is yes, no, testing or unknown",
    "en oplysning er yes, no, testing eller unknown",
)
UNKNOWN_PRODUCT = BilingualText(
    "there is no product {product!r}",
    "der er intet produkt {product!r}",
)
UNKNOWN_INSTALLATION = BilingualText(
    "there is no installation {installation!r}",
    "der er ingen installation {installation!r}",
)
UNKNOWN_RELEASE = BilingualText(
    "{product} has no release {version}",
    "{product} har ingen udgave {version}",
)
DIFFERENT_PRODUCT = BilingualText(
    "the installation is one of {product}, and stays so",
    "installationen er af {product}, og det bliver den ved med at være",
)
ENDS_BEFORE_IT_BEGINS = BilingualText(
    "it ends on {ends}, before it begins on {begins}",
    "den slutter {ends}, før den begynder {begins}",
)
DATES_OUT_OF_ORDER = BilingualText(
    "a version is valid first, then phased out, and then ends",
    "en version gælder først, udfases derefter og ophører til sidst",
)
SAID_BY_A_PERSON = BilingualText(
    "name an organisation or a role, not a person",
    "angiv en organisation eller en rolle, ikke en person",
)
SAID_OF_A_DAY_TO_COME = BilingualText(
    "it is to hold from {day}, which is still to come",
    "det skal gælde fra {day}, som endnu ikke er kommet",
)
