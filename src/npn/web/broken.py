"""The page of a fault of ours: made without a template, in both languages, so that nothing more can go wrong."""

from html import escape

from npn.web.assets import address

_PAGE = """<!doctype html>
<html lang="da">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Fejl / Error &ndash; NPN</title>
<link rel="stylesheet" href="{style}">
</head>
<body>
<header class="bar"><div class="bar-in"><a class="brand" href="/">NPN</a></div></header>
<main id="content" class="narrow">
<h1>Der opstod en fejl</h1>
<p>Fejlen er i tjenesten, ikke i det, du gjorde. Den er registreret.
Se efter, om det, du ville, er udført, før du prøver igen.</p>
<p>Fortsætter det, så kontakt operatøren, og oplys dette nummer: <code>{request}</code></p>
<p><a href="/">Til forsiden</a></p>
<hr>
<div lang="en">
<h2>Something went wrong</h2>
<p>The fault is in the service, not in what you did. It has been recorded.
Check whether what you wanted was done before you try again.</p>
<p>If it happens again, contact the operator and give this number: <code>{request}</code></p>
<p><a href="/">Home</a></p>
</div>
</main>
</body>
</html>
"""


def broken(request_id: str) -> bytes:
    """Return the page; `request_id` is under which the log has the fault."""
    return _PAGE.format(style=address("npn.css"), request=escape(request_id)).encode()
