"""Codes: the agent at the laboratory, its pool, and its socket."""

from npn.errors.catalogue import CatalogueSection, PageText, declare

LISTEN_IN_USE = declare(
    "listen_in_use",
    500,
    CatalogueSection.AGENT,
    meaning="another program listens on the agent's socket",
    way_out="set a different `listen` for each agent",
    page=PageText("Another program listens on the agent's socket.", "Et andet program lytter på agentens adresse."),
)
OTHER_POOL = declare(
    "other_pool",
    409,
    CatalogueSection.AGENT,
    meaning="the agent that listens there has another pool than the settings name",
    way_out="set a different `listen` for each agent; `--listen` asks whichever agent is there",
    page=PageText(
        "The agent that listens there has another pool than the settings name.",
        "Agenten på adressen har en anden pulje.",
    ),
)
SOCKET_FORBIDDEN = declare(
    "socket_forbidden",
    503,
    CatalogueSection.AGENT,
    meaning="this user may not use the agent's socket",
    way_out="add the user to the agent's group",
    page=PageText("This user may not use the agent's socket.", "Brugeren har ikke adgang til agenten."),
)
AGENT_NOT_RUNNING = declare(
    "agent_not_running",
    503,
    CatalogueSection.AGENT,
    meaning="no agent listens at the address",
    way_out="start it with `npn agent run`",
    page=PageText("No agent listens at the address.", "Der kører ingen agent på adressen."),
)
AGENT_STOPPED = declare(
    "agent_stopped",
    403,
    CatalogueSection.AGENT,
    meaning="the agent draws nothing more: the service knows its pool as a copy",
    way_out="`npn agent reset` takes a new identity",
    page=PageText(
        "The agent draws nothing more: the service knows its pool as a copy.",
        "Agenten trækker ikke flere numre: tjenesten kender dens pulje som en kopi.",
    ),
)
TOO_FEW_NUMBERS = declare(
    "too_few_numbers",
    503,
    CatalogueSection.AGENT,
    meaning="the pool has fewer usable numbers than were asked for; none of them was handed out",
    way_out="ask again after the seconds in Retry-After, or for fewer",
    page=PageText(
        "The pool has fewer usable numbers than were asked for; none of them was handed out.",
        "Puljen har for få numre. Ingen af dem er udleveret.",
    ),
)
POOL_IN_USE = declare(
    "pool_in_use",
    409,
    CatalogueSection.AGENT,
    meaning="another process has the pool",
    way_out="use that one, or stop it",
    page=PageText("Another process has the pool.", "Et andet program har puljen."),
)
POOL_WRITE = declare(
    "pool_write",
    503,
    CatalogueSection.AGENT,
    meaning="the pool's file can't be written; nothing was handed out",
    way_out="make room, or mount it writable",
    page=PageText(
        "The pool's file can't be written; nothing was handed out.", "Puljens fil kan ikke skrives. Intet er udleveret."
    ),
)
POOL_CLOSED = declare(
    "pool_closed",
    403,
    CatalogueSection.AGENT,
    meaning="the pool was opened in another process, or is closed",
    way_out="open it where it is used",
    page=PageText("The pool was opened in another process, or is closed.", "Puljen er lukket."),
)
POOL_DAMAGED = declare(
    "pool_damaged",
    403,
    CatalogueSection.AGENT,
    meaning="the pool's file is damaged, or no pool",
    way_out='see docs/guide/agent-oncall.md, "It does not start"',
    page=PageText("The pool's file is damaged, or is not a pool.", "Puljens fil er beskadiget eller ikke en pulje."),
)
POOL_LINKED = declare(
    "pool_linked",
    403,
    CatalogueSection.AGENT,
    meaning="the pool's file has a second name, through which it could be used at once",
    way_out="copy the file over itself; have the backup leave it out",
    page=PageText(
        "The pool's file has a second name, through which it could be used at once.",
        "Puljens fil har endnu et navn (et hårdt link).",
    ),
)
POOL_RESTORED = declare(
    "pool_restored",
    403,
    CatalogueSection.AGENT,
    meaning="the pool's file is older than what was used from it: it was restored or replaced",
    way_out='see docs/guide/agent-oncall.md, "It does not start"',
    page=PageText(
        "The pool's file is older than what was used from it: it was restored or replaced.",
        "Puljens fil er ældre end det, der er brugt af den: den er gendannet eller udskiftet.",
    ),
)
POOL_TAKEN_OVER = declare(
    "pool_taken_over",
    403,
    CatalogueSection.AGENT,
    meaning="the pool was taken over by another process",
    way_out="use that one",
    page=PageText("The pool was taken over by another process.", "Puljen er overtaget af et andet program."),
)
POOL_TOO_NEW = declare(
    "pool_too_new",
    403,
    CatalogueSection.AGENT,
    meaning="a newer agent has written the pool's file",
    way_out="use that version",
    page=PageText("A newer agent has written the pool's file.", "Puljens fil er skrevet af en nyere agent."),
)
MARK_MISSING = declare(
    "mark_missing",
    403,
    CatalogueSection.AGENT,
    meaning="the pool was in use, but its mark is missing: the file was copied, or the mark was lost",
    way_out="put the mark back, or run `npn agent reset`",
    page=PageText(
        "The pool was in use, but its mark is missing: the file was copied, or the mark was lost.",
        "Puljen har været i brug, men dens mærke mangler.",
    ),
)
NOT_FROM_THIS_POOL = declare(
    "not_from_this_pool",
    422,
    CatalogueSection.AGENT,
    meaning="the number or the series is not one of this pool's",
    way_out="give it back where it came from",
    page=PageText(
        "The number or the series is not one of this pool's.", "Nummeret eller serien hører ikke til denne pulje."
    ),
)
SCHEME_CHANGE = declare(
    "scheme_change",
    409,
    CatalogueSection.AGENT,
    meaning="the service's number scheme is not the one of the pool",
    way_out="make another pool for the other scheme",
    page=PageText(
        "The service's number scheme is not the one of the pool.", "Tjenestens nummerskema er et andet end puljens."
    ),
)
BAD_SERIES = declare(
    "bad_series",
    403,
    CatalogueSection.AGENT,
    meaning="the service granted a series that can't be used; it is kept out of the pool",
    way_out="tell the operator; the agent draws no more by itself",
    page=PageText(
        "The service granted a series that can't be used; it is kept out of the pool.",
        "Tjenesten har tildelt en serie, der ikke kan bruges.",
    ),
)
BAD_RECEIPT = declare(
    "bad_receipt",
    422,
    CatalogueSection.AGENT,
    meaning="a series' receipt does not fit the series, or its signature is wrong",
    way_out="the agent asks for it again; tell the operator where it goes on",
    page=PageText(
        "A series' receipt does not fit the series, or its signature is wrong.",
        "Kvitteringen passer ikke til serien, eller dens signatur er forkert.",
    ),
)
ANSWER_NOT_UNDERSTOOD = declare(
    "answer_not_understood",
    503,
    CatalogueSection.AGENT,
    meaning="the service's answer can't be understood by this agent",
    way_out="update the agent",
    page=PageText("The service's answer can't be understood by this agent.", "Agenten forstår ikke tjenestens svar."),
)
SERVICE_TOO_OLD = declare(
    "service_too_old",
    503,
    CatalogueSection.AGENT,
    meaning="the service does not know the call: it is older than the agent, or the address is not a service's",
    way_out="check the address",
    page=PageText(
        "The service does not know the call: it is older than the agent, or the address is not a service's.",
        "Tjenesten kender ikke kaldet: den er ældre end agenten, eller adressen er ikke en tjenestes.",
    ),
)
INTERNAL = declare(
    "internal",
    500,
    CatalogueSection.AGENT,
    meaning="the agent has a fault; its log has the details",
    way_out="tell the operator",
    page=PageText("The agent has a fault; its log has the details.", "Der er en fejl i agenten. Dens log har mere."),
)
INVALID_BODY = declare(
    "invalid_body",
    422,
    CatalogueSection.AGENT,
    meaning="the agent can't read the body",
    way_out="send JSON with the members that docs/agent-pool.md names",
    page=PageText("What was sent can't be read.", "Det sendte kan ikke læses."),
)
HEAD_TOO_LARGE = declare(
    "head_too_large",
    431,
    CatalogueSection.AGENT,
    meaning="the head of a request to the agent is too large",
    way_out="send fewer headers",
    page=PageText("The request's headers are too large.", "Forespørgslens hoved er for stort."),
)
WRONG_HOST = declare(
    "wrong_host",
    421,
    CatalogueSection.AGENT,
    meaning="the agent was asked under a name that is not its own, as a page in a browser might do",
    way_out="ask for 127.0.0.1 or localhost",
    page=PageText("The agent does not answer under that name.", "Agenten svarer ikke under det navn."),
)
FROM_A_BROWSER = declare(
    "from_a_browser",
    403,
    CatalogueSection.AGENT,
    meaning="a page in a browser asked the agent, which answers programs alone",
    way_out="ask from a program on this machine",
    page=PageText("The agent does not answer web pages.", "Agenten svarer ikke websider."),
)
JOURNAL_WRITE = declare(
    "journal_write",
    503,
    CatalogueSection.AGENT,
    meaning="the printing journal can't be read or written; nothing was printed",
    way_out="make room, mount it writable, or run the command as the journal's owner",
    page=PageText("The printing journal can't be written.", "Udskrivningsloggen kan ikke skrives."),
)
NUMBER_ON_PAPER = declare(
    "number_on_paper",
    409,
    CatalogueSection.AGENT,
    meaning="a number of the job is on paper already, in another job; nothing was printed",
    way_out="find out whether the pool or the journal was restored from a backup",
    page=PageText("A number of the job is on paper already.", "Et af numrene er allerede udskrevet."),
)
NOT_ON_PAPER = declare(
    "not_on_paper",
    404,
    CatalogueSection.AGENT,
    meaning="the number or job is not in the printing journal",
    way_out="`npn agent print list` shows its jobs",
    page=PageText("It is not in the printing journal.", "Det står ikke i udskrivningsloggen."),
)
PAPER_IS_FINAL = declare(
    "paper_is_final",
    409,
    CatalogueSection.AGENT,
    meaning="the printed number was used or spoiled before; that can't be changed",
    way_out="`npn agent print list --job ID` shows by whom and when",
    page=PageText("The printed number was used or spoiled before.", "Nummeret er allerede brugt eller kasseret."),
)
