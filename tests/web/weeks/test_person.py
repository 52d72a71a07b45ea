"""What the walks hold every page to finds what it is to find."""

import pytest
from playwright.sync_api import Browser

from web.weeks.person import english_on


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        ("<p>Kontrollér svarene.</p><pre>the key of this</pre><p lang='en'>Which of the numbers?</p>", []),
        ("<p>Nothing has happened yet. Check your answers.</p>", ["Nothing has happened yet. Check your answers."]),
        ("<p>Skriv <b>which of the</b> numre</p>", ["Skriv which of the numre"]),
    ],
)
def test_english_is_found_on_a_danish_page(browser: Browser, body: str, lines: list[str]) -> None:
    page = browser.new_page()
    page.set_content(f"<main>{body}</main>")
    assert english_on(page) == lines
    page.close()
