"""Codes: what is wrong with a request before anybody looks at what it asks for, and the codes of the kinds themselves."""

from npn.errors.catalogue import BUSY, REPEAT, CatalogueSection, PageText, declare

MALFORMED_JSON = declare(
    "malformed_json",
    400,
    CatalogueSection.REST,
    title="The body is not JSON",
    meaning="The body can't be read as JSON (RFC 8259), or in two ways: a member occurs twice, NaN, a lone surrogate.",
    way_out="Send one JSON object in UTF-8.",
    page=PageText("What was sent can't be read as JSON.", "Indholdet kan ikke læses som JSON."),
)
MALFORMED_HTTP = declare(
    "malformed_http",
    400,
    CatalogueSection.REST,
    title="Not an HTTP request",
    meaning="The bytes received are not HTTP/1.1, or not as RFC 9112 has it: the header Host is missing or occurs twice, lengths contradict each other, a line ends without a carriage return.",
    way_out="Check the client or the proxy in between.",
    page=PageText(
        "What was received is not a valid HTTP request.", "Det modtagne er ikke en gyldig HTTP-forespørgsel."
    ),
)
MALFORMED_PROXY_HEADER = declare(
    "malformed_proxy_header",
    400,
    CatalogueSection.REST,
    title="The proxy in front can't be understood",
    meaning="A header that the proxy in front of the service passes on can't be read, or came twice.",
    way_out="The operator must check how the proxy is set up.",
    page=PageText(
        "A header of the proxy in front of the service can't be read.",
        "Et felt fra den proxy, der står foran tjenesten, kan ikke læses.",
    ),
)
IDEMPOTENCY_KEY_REQUIRED = declare(
    "idempotency_key_required",
    400,
    CatalogueSection.REST,
    title="Idempotency-Key is missing",
    meaning="A draw needs a request id, so that it can be repeated without drawing twice.",
    way_out="Send the header Idempotency-Key with a value of your own, the same one in every repeat.",
    page=PageText(
        "A draw needs a request id, so that it can be repeated without drawing twice.",
        "Trækket mangler et id, så det kan gentages uden at trække to gange.",
    ),
)
REPEATED_HEADER = declare(
    "repeated_header",
    400,
    CatalogueSection.REST,
    title="A header occurs twice",
    meaning="A header that must have one value was sent more than once.",
    way_out="Send it once.",
    page=PageText("A header was sent more than once.", "Et felt i forespørgslens hoved er sendt mere end én gang."),
)
NOT_FOUND = declare(
    "not_found",
    404,
    CatalogueSection.REST,
    title="Not found",
    meaning="There is nothing here, or not for this caller.",
    way_out="Check the address.",
    page=PageText("Page not found, or you don't have access.", "Siden findes ikke, eller du har ikke adgang."),
)
METHOD_NOT_ALLOWED = declare(
    "method_not_allowed",
    405,
    CatalogueSection.REST,
    title="Method not allowed",
    meaning="The address exists, but not with this method.",
    way_out="The header Allow lists the methods.",
    page=PageText(
        "The address exists, but can't be used in that way.", "Adressen findes, men kan ikke bruges på den måde."
    ),
)
NOT_ACCEPTABLE = declare(
    "not_acceptable",
    406,
    CatalogueSection.REST,
    title="Not in that form",
    meaning="The answer can't be had in any form that the header Accept allows.",
    way_out="Leave Accept out, or choose one of the forms that the detail names.",
    page=PageText(
        "The answer can't be had in the form that is asked for.", "Svaret findes ikke i den form, der bedes om."
    ),
)
REQUEST_TIMEOUT = declare(
    "request_timeout",
    408,
    CatalogueSection.REST,
    title="The request came too slowly",
    meaning="Headers or body were not whole within the time the service waits.",
    way_out="Send it again, at once; nothing was done.",
    page=PageText(
        "The request came too slowly. Nothing was changed: send it again.",
        "Forespørgslen kom for langsomt. Intet er ændret: send den igen.",
    ),
)
BODY_TOO_LARGE = declare(
    "body_too_large",
    413,
    CatalogueSection.REST,
    title="The body is too large",
    meaning="A body has at most 64 KiB.",
    way_out="Send what the request needs and nothing else.",
    page=PageText("What was sent is too large.", "Det sendte er for stort."),
)
UNSUPPORTED_MEDIA_TYPE = declare(
    "unsupported_media_type",
    415,
    CatalogueSection.REST,
    title="The body is not declared as JSON",
    meaning="A body is JSON in UTF-8, not compressed, and Content-Type must say so (its parameters do not matter).",
    way_out="Send `Content-Type: application/json` and no Content-Encoding.",
    page=PageText("What was sent is not declared as JSON.", "Det sendte er ikke angivet som JSON."),
)
UNKNOWN_FIELD = declare(
    "unknown_field",
    422,
    CatalogueSection.REST,
    title="Unknown member",
    meaning="The body has a member that is not part of the request; it may be a misspelt one.",
    way_out="Leave it out, or correct its name; /docs lists the members of each request.",
    page=PageText("The request has a field that is not known.", "Forespørgslen indeholder et felt, der ikke kendes."),
)
MISSING_FIELD = declare(
    "missing_field",
    422,
    CatalogueSection.REST,
    title="A member is missing",
    meaning="The body lacks a member that is required.",
    way_out="Add it.",
    page=PageText("Something that is needed was not filled in.", "Noget, der skal udfyldes, mangler."),
)
INVALID_FIELD = declare(
    "invalid_field",
    422,
    CatalogueSection.REST,
    title="A member is wrong",
    meaning="A member is not of the right kind or out of bounds.",
    way_out="Correct the member that `field` names; /docs has the kind and the bounds of each.",
    page=PageText("A field is filled in wrongly.", "Et felt er forkert udfyldt."),
    is_general=True,
)
INVALID_PARAMETER = declare(
    "invalid_parameter",
    422,
    CatalogueSection.REST,
    title="The query is wrong",
    meaning="The query has a parameter that is not known, occurs twice, or is out of bounds.",
    way_out="Correct or leave out the parameter that `field` names; /docs lists them.",
    page=PageText(
        "The part of the address after the question mark is wrong.",
        "En del af adressen efter spørgsmålstegnet er forkert.",
    ),
    is_general=True,
)
INVALID_CURSOR = declare(
    "invalid_cursor",
    422,
    CatalogueSection.REST,
    title="Not a cursor",
    meaning="The cursor is not one that this service gave out.",
    way_out="Use the member `next` of the page before, unchanged; start without a cursor.",
    page=PageText(
        "That page of the list can't be found. Start from the beginning.",
        "Siden i listen kan ikke findes. Begynd forfra.",
    ),
)
INVALID_POOL = declare(
    "invalid_pool",
    422,
    CatalogueSection.REST,
    title="Npn-Pool can't be read",
    meaning="The header Npn-Pool has the pool's id, its previous token and its new one, separated by semicolons.",
    way_out="Agents send it; leave it out where no agent draws.",
    page=PageText("What is said of the agent's pool can't be read.", "Oplysningen om agentens pulje kan ikke læses."),
)
INVALID_IDEMPOTENCY_KEY = declare(
    "invalid_idempotency_key",
    422,
    CatalogueSection.REST,
    title="Not a request id",
    meaning="An Idempotency-Key has 1 to 128 visible ASCII characters.",
    way_out="A UUID is a good one.",
    page=PageText(
        "The draw's id is not valid: it has 1 to 128 visible ASCII characters.",
        "Trækkets id er ikke gyldigt: det har 1 til 128 synlige ASCII-tegn.",
    ),
)
INVALID_INPUT = declare(
    "invalid_input",
    422,
    CatalogueSection.REST,
    title="Wrong input",
    meaning="The input is out of bounds.",
    way_out="Correct what `field` names; /docs has the bounds.",
    page=PageText("What was typed is wrong.", "Det indtastede er forkert."),
    is_general=True,
)
RATE_LIMITED = declare(
    "rate_limited",
    429,
    CatalogueSection.REST,
    title="Too many requests",
    meaning="This caller asks too often.",
    way_out="Wait for the seconds in Retry-After.",
    page=PageText("Too many attempts.", "Der har været for mange forsøg."),
)
HEADERS_TOO_LARGE = declare(
    "headers_too_large",
    431,
    CatalogueSection.REST,
    title="The headers are too large",
    meaning="The request line and headers are larger than allowed, or there are more than 100 headers.",
    way_out="Send fewer headers.",
    page=PageText("The request's headers are too large.", "Forespørgslens hoved er for stort."),
)
INTERNAL_ERROR = declare(
    "internal_error",
    500,
    CatalogueSection.REST,
    title="The service failed",
    meaning="The service has a fault. The details are in its log under the request id.",
    way_out="Tell the operator the request id. A draw may be repeated with the same Idempotency-Key.",
    page=PageText(
        "The service has a fault. Try again; tell the operator if it goes on.",
        "Der er en fejl i tjenesten. Prøv igen; sig det til driften, hvis det bliver ved.",
    ),
)
TRANSFER_CODING_UNKNOWN = declare(
    "transfer_coding_unknown",
    501,
    CatalogueSection.REST,
    title="The transfer coding is not understood",
    meaning="The body comes in a transfer coding other than chunked.",
    way_out="Send Content-Length, or chunked alone.",
    page=PageText(
        "The request is encoded in a way that the service does not understand.",
        "Forespørgslen er kodet på en måde, tjenesten ikke forstår.",
    ),
)
DRAW_TIMEOUT = declare(
    "draw_timeout",
    503,
    CatalogueSection.REST,
    title="The draw takes too long",
    meaning="The draw was not answered in time; it may still be granted.",
    way_out=REPEAT,
    page=PageText(
        "The draw took too long. Send the form again: it is the same draw, and gives no second series.",
        "Trækket tog for lang tid. Send formularen igen: det er det samme træk og giver ikke en serie til.",
    ),
)
STOPPING = declare(
    "stopping",
    503,
    CatalogueSection.REST,
    title="The service is stopping",
    meaning="The service was told to stop before it could take the draw up.",
    way_out=REPEAT,
    page=PageText(
        "The service is being restarted. Try again in a moment.",
        "Tjenesten er ved at blive genstartet. Prøv igen om et øjeblik.",
    ),
)
TOO_MANY_CONNECTIONS = declare(
    "too_many_connections",
    503,
    CatalogueSection.REST,
    title="Too many connections",
    meaning="The service answers requests on as many connections as it may hold; nothing was done.",
    way_out="Repeat it in a few seconds; the operator may raise max_connections.",
    page=PageText(
        "The service has too many connections just now. Try again in a moment.",
        "Tjenesten har for mange forbindelser lige nu. Prøv igen om lidt.",
    ),
)
UNAVAILABLE = declare(
    "unavailable",
    503,
    CatalogueSection.REST,
    title="Not now",
    meaning="It can't be done now.",
    way_out=REPEAT,
    page=BUSY,
)
CONFLICT = declare(
    "conflict",
    409,
    CatalogueSection.COMMAND,
    meaning="an error of this kind that has no more precise code",
    way_out="the message says what happened",
    page=PageText("That contradicts what is there already.", "Det er i modstrid med det, der allerede er registreret."),
    is_general=True,
)
REFUSED = declare(
    "refused",
    403,
    CatalogueSection.COMMAND,
    meaning="an error of this kind that has no more precise code",
    way_out="the message says what happened",
    page=PageText("That is refused.", "Det er afvist."),
    is_general=True,
)
BAD_REQUEST = declare(
    "bad_request",
    400,
    CatalogueSection.COMMAND,
    meaning="an error of this kind that has no more precise code",
    way_out="the message says what happened",
    page=PageText("The request is wrong.", "Forespørgslen er forkert."),
    is_general=True,
)
ERROR = declare(
    "error",
    500,
    CatalogueSection.COMMAND,
    meaning="an error of this kind that has no more precise code",
    way_out="the message says what happened",
    page=PageText("Something went wrong.", "Det gik galt."),
    is_general=True,
)
