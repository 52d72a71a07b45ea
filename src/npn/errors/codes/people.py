"""Codes: people: their accounts, how they sign in, what two of them must agree on, and their forms."""

from npn.errors.catalogue import CatalogueSection, PageText, declare

NOT_CARRIED_OUT = declare(
    "not_carried_out",
    403,
    CatalogueSection.COMMAND,
    meaning="a proposal was approved, and what it says was refused",
    way_out="mend what the message names, then `npn admin approval carry-out`",
    page=PageText(
        "A proposal was approved, and what it says was refused.",
        "Forslaget er godkendt, men det, det gik ud på, blev afvist.",
    ),
)
SECOND_FACTOR_MISSING = declare(
    "second_factor_missing",
    403,
    CatalogueSection.COMMAND,
    meaning="an account that needs a second factor has none yet, and decides from the shell",
    way_out="sign in to the pages once and set it up",
    page=PageText(
        "An account that needs a second factor has none yet, and decides from the shell.",
        "Kontoen mangler en ekstra faktor. Log ind på siderne, og sæt den op.",
    ),
)
NOT_OPERATOR = declare(
    "not_operator",
    403,
    CatalogueSection.COMMAND,
    meaning="only an operator who may sign in proposes, approves or vouches",
    way_out="use an active operator's account",
    page=PageText(
        "Only an operator who may sign in approves or vouches.",
        "Kun en operatør, der må logge ind, kan godkende eller bekræfte.",
    ),
)
ACCOUNT_EXISTS = declare(
    "account_exists",
    409,
    CatalogueSection.PAGES,
    meaning="there is an account with that address",
    way_out="`npn admin account list` shows it",
    page=PageText("There is an account with that address already.", "Der findes allerede en konto med den adresse."),
)
CODE_WRONG = declare(
    "code_wrong",
    401,
    CatalogueSection.PAGES,
    meaning="the second factor's code is not right, or was used already",
    way_out="wait for the next one; check the telephone's clock",
    page=PageText(
        "That code is not right. Wait for the next one, and check the telephone's clock.",
        "Koden passer ikke. Vent på den næste, og se efter, om telefonens ur går rigtigt.",
    ),
)
FORM_EXPIRED = declare(
    "form_expired",
    403,
    CatalogueSection.PAGES,
    meaning="the form was too old, came from elsewhere, or the browser keeps no cookies; nothing was done",
    way_out="fill it in again",
    page=PageText(
        "The form was too old, or came from elsewhere. Nothing was sent: open the page again and fill it in.",
        "Formularen var for gammel eller kom et andet sted fra. Intet er sendt: åbn siden igen, og udfyld den.",
    ),
)
FORM_OF_ANOTHER = declare(
    "form_of_another",
    403,
    CatalogueSection.PAGES,
    meaning="the form was opened by a person who is no longer signed in in this browser; nothing was done",
    way_out="that person signs in and finds it under *Your account* for an hour",
    page=PageText(
        "The form was opened by another person, who is no longer signed in here. Nothing was sent. That person finds it under Your account for an hour.",
        "Formularen er åbnet af en anden, som ikke længere er logget ind her. Intet er sendt. Den anden finder den under Din konto i en time.",
    ),
)
NOT_A_DAY = declare(
    "not_a_day",
    422,
    CatalogueSection.PAGES,
    meaning="what was typed is not a day or a time",
    way_out="write it as the field says, as 2027-01-31 and 14:00",
    page=PageText("That is not a day or a time.", "Det er ikke en dag eller et tidspunkt."),
)
FORM_TOO_LARGE = declare(
    "form_too_large",
    413,
    CatalogueSection.PAGES,
    meaning="more than the form can take",
    way_out="send less",
    page=PageText("That is more than the form can take.", "Det er mere, end formularen kan rumme."),
)
LAST_OPERATOR = declare(
    "last_operator",
    403,
    CatalogueSection.PAGES,
    meaning="nobody would be left to run the service",
    way_out="make another operator first",
    page=PageText(
        "Nobody would be left to run the service: make another operator first.",
        "Så var der ingen tilbage til at drive tjenesten: opret en anden operatør først.",
    ),
)
LINK_USED = declare(
    "link_used",
    404,
    CatalogueSection.PAGES,
    meaning="the one-time link was used, replaced or is older than a week",
    way_out="ask for another: `npn admin account link`",
    page=PageText(
        "The link has expired or was already used. It works once, and for a week: ask the operator for another.",
        "Linket er allerede brugt, er udløbet eller er ufuldstændigt. Det virker én gang og i en uge: bed driften om et nyt.",
    ),
)
NOT_YOURS = declare(
    "not_yours",
    403,
    CatalogueSection.PAGES,
    meaning="the account's role may not do this",
    way_out="ask the operator",
    page=PageText("Your account may not do this.", "Din konto har ikke adgang til dette."),
)
RESET_LINK_USED = declare(
    "reset_link_used",
    404,
    CatalogueSection.PAGES,
    meaning="the link to set a forgotten password was used, replaced or is older than half an hour",
    way_out="ask for another from the sign-in page",
    page=PageText(
        "The link has expired or was already used. Ask for a new one from the sign-in page.",
        "Linket er allerede brugt, er udløbet eller er ufuldstændigt. Bed om et nyt fra login-siden.",
    ),
)
RESET_LATELY = declare(
    "reset_lately",
    403,
    CatalogueSection.PAGES,
    meaning="the operator's password was set by a link in an e-mail less than a day ago, so the account neither approves nor vouches yet",
    way_out="another operator decides, or wait until the day is over",
    page=PageText(
        "Your password was set by a link in an e-mail less than a day ago. Until a day has passed, another operator must decide this.",
        "Din adgangskode er ændret via et link i en e-mail for mindre end et døgn siden. Indtil der er gået et døgn, må en anden operatør afgøre dette.",
    ),
)
PEOPLE_TIED = declare(
    "people_tied",
    403,
    CatalogueSection.PAGES,
    meaning="the proposer's and the approver's account may be one person's: one made, reset, promoted or within 30 days changed the other, a third did so to both, or both were bound to one subject of the identity provider",
    way_out="another operator decides; or a third operator, or `npn admin account vouch`, vouches for the account",
    page=PageText(
        "The two accounts may be one person's: one made, reset, promoted or lately changed the other, or a third did so to both, or both signed in as one subject of the provider. Another operator decides, or a third one vouches for the account first.",
        "De to konti kan tilhøre samme person: den ene har oprettet, nulstillet, forfremmet eller for nylig ændret den anden, en tredje har gjort det med begge, eller begge har logget ind som samme person hos fælles login. En anden operatør må afgøre det, eller en tredje må først bekræfte kontoen.",
    ),
)
TWO_PEOPLE_NEEDED = declare(
    "two_people_needed",
    403,
    CatalogueSection.PAGES,
    meaning="making, promoting, resetting or re-activating an operator takes two operators once two have ever been active; so do limits that let more be drawn than before, and moving a production system to another space",
    way_out="propose it in the pages, or with `npn admin approval limits` and `npn admin system set-space … --as`, and have another approve it; an operator's account needs nobody from the server's shell",
    page=PageText(
        "That takes two operators: propose it, and have another one approve it.",
        "Det kræver to operatører: foreslå det, og få en anden til at godkende det.",
    ),
)
MAIL_NOT_SET_UP = declare(
    "mail_not_set_up",
    403,
    CatalogueSection.PAGES,
    meaning="no mail server is set up, so a one-time link would reach nobody",
    way_out="`npn admin account link EMAIL` at the server prints one",
    page=PageText(
        "No mail is set up, so the link would reach nobody. Whoever runs the server prints one.",
        "Der er ikke sat en mailserver op, så linket ville ikke nå nogen. Den, der driver serveren, kan få et link vist.",
    ),
)
NOTHING_TO_CHANGE = declare(
    "nothing_to_change",
    409,
    CatalogueSection.PAGES,
    meaning="the account is not one that this can be done to (it is an operator already, or suspended)",
    way_out="look at the account",
    page=PageText("The account is not one that this can be done to.", "Det kan ikke gøres med den konto."),
)
DECIDED_ALREADY = declare(
    "decided_already",
    409,
    CatalogueSection.PAGES,
    meaning="a proposal is decided once",
    way_out="look at the proposals",
    page=PageText("The proposal was decided already.", "Forslaget er allerede afgjort."),
)
PROPOSED_ALREADY = declare(
    "proposed_already",
    409,
    CatalogueSection.PAGES,
    meaning="the same is proposed already",
    way_out="look at the proposals: another operator decides it",
    page=PageText(
        "The same is proposed already, and waits for a second person.",
        "Det samme er allerede foreslået og venter på en anden person.",
    ),
)
SAME_PERSON = declare(
    "same_person",
    403,
    CatalogueSection.PAGES,
    meaning="a proposal is decided by another operator than who made it",
    way_out="have another operator decide it",
    page=PageText(
        "A proposal is decided by another operator than who made it.",
        "Et forslag afgøres af en anden operatør end den, der stillede det.",
    ),
)
OPENID_BOUND = declare(
    "openid_bound",
    409,
    CatalogueSection.PAGES,
    meaning="the provider's account is bound to another account here",
    way_out="ask the operator for a new link",
    page=PageText(
        "The provider's account belongs to another account here.", "Det fælles login hører til en anden konto her."
    ),
)
OPENID_FAILED = declare(
    "openid_failed",
    401,
    CatalogueSection.PAGES,
    meaning="the provider signed nobody in",
    way_out="try again; look at the provider's settings",
    page=PageText(
        "The provider signed nobody in. Try again; if it goes on, tell the operator.",
        "Det fælles login lykkedes ikke. Prøv igen; sig det til driften, hvis det bliver ved.",
    ),
)
OPENID_UNAVAILABLE = declare(
    "openid_unavailable",
    503,
    CatalogueSection.PAGES,
    meaning="the provider does not answer as an OpenID provider does",
    way_out="try again; look at the provider's settings",
    page=PageText(
        "The sign-in provider does not answer. Try again in a moment.",
        "Det fælles login svarer ikke. Prøv igen om et øjeblik.",
    ),
)
OPENID_UNKNOWN = declare(
    "openid_unknown",
    401,
    CatalogueSection.PAGES,
    meaning="the provider knows the person, but there is no account",
    way_out="the operator makes one",
    page=PageText(
        "The provider knows you, but there is no account of yours here. Ask the operator for one.",
        "Det fælles login kender dig, men du har ingen konto her. Bed driften om en.",
    ),
)
PASSWORD_SHORT = declare(
    "password_short",
    422,
    CatalogueSection.PAGES,
    meaning="a password has at least 12 characters",
    way_out="choose another",
    page=PageText("A password has at least 12 characters.", "En adgangskode har mindst 12 tegn."),
)
PASSWORD_LONG = declare(
    "password_long",
    422,
    CatalogueSection.PAGES,
    meaning="a password has at most 200 characters",
    way_out="choose another",
    page=PageText("A password has 200 characters at most.", "En adgangskode har højst 200 tegn."),
)
PASSWORD_GUESSED = declare(
    "password_guessed",
    422,
    CatalogueSection.PAGES,
    meaning="the password is made of what everybody knows",
    way_out="choose another",
    page=PageText(
        "That password is easily guessed. Choose another, of several words perhaps.",
        "Den adgangskode er let at gætte. Vælg en anden, måske af flere ord.",
    ),
)
PASSWORD_WRONG = declare(
    "password_wrong",
    401,
    CatalogueSection.PAGES,
    meaning="somebody signed in gave another password than the account's current one",
    way_out="type the current password; a forgotten one is reset from the sign-in page",
    page=PageText("That is not your current password.", "Det er ikke din nuværende adgangskode."),
)
SIGN_IN_FAILED = declare(
    "sign_in_failed",
    401,
    CatalogueSection.PAGES,
    meaning="the address, the password or the code is not right; which of them is not told",
    way_out="ask the operator for a new link",
    page=PageText(
        "The address, the password or the code is not right.", "Adressen, adgangskoden eller koden passer ikke."
    ),
)
ASK_TOGETHER = declare(
    "ask_together",
    403,
    CatalogueSection.PAGES,
    meaning="too many failures at this address or account: password and code are asked for together",
    way_out="type both in one form",
    page=PageText(
        "Too many failures at this address or account: password and code are asked for together.",
        "Der har været for mange forkerte forsøg: skriv adgangskode og kode sammen.",
    ),
)
SIGN_IN_AGAIN = declare(
    "sign_in_again",
    403,
    CatalogueSection.PAGES,
    meaning="a change of who may sign in, or how, asks for the present second factor or password; the account has neither, and the session is more than ten minutes old",
    way_out="sign out, sign in again at the provider, and repeat the change",
    page=PageText(
        "You signed in more than ten minutes ago. Sign out, sign in again, and then try once more.",
        "Du loggede ind for mere end ti minutter siden. Log ud, log ind igen, og prøv så en gang til.",
    ),
)
SIGN_IN_LOCKED = declare(
    "sign_in_locked",
    429,
    CatalogueSection.PAGES,
    meaning="too many wrong passwords or codes at the shell, or where somebody signed in is asked for the present ones",
    way_out="wait as long as Retry-After says, an hour at most",
    page=PageText("Too many wrong attempts.", "Der har været for mange forkerte forsøg."),
)
