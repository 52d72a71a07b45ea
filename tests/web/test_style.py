"""Nothing is sent to browsers that no page uses: every class of the style sheet is used, and there is one script."""

import re
from pathlib import Path

import npn.web
from npn.web.assets import assets

WEB = Path(npn.web.__file__).parent
CSS = re.sub(r"/\*.*?\*/", "", (WEB / "static" / "npn.css").read_text("utf-8"), flags=re.DOTALL)
TEMPLATES = {path: path.read_text("utf-8") for path in sorted((WEB / "templates").rglob("*.html"))}
CODE = "\n".join([*TEMPLATES.values(), *(path.read_text("utf-8") for path in sorted(WEB.rglob("*.py")))])
DESK = WEB / "templates" / "messages" / "desk.html"
SELECTORS = [part.strip() for rule in re.findall(r"([^{}]+)\{", CSS) for part in rule.split(",")]


def is_used(name: str) -> bool:
    """Whether a class stands in a template or in code, whole or put together: `sort-{{ state }}`."""
    whole, prefix = rf"(?<![a-z0-9-]){name}(?![a-z0-9-])", name.rpartition("-")[0]
    begun = rf"(?<![a-z0-9-]){prefix}(?:-(?:\{{|%)|[\"'])"
    return bool(re.search(whole, CODE) or (prefix and re.search(begun, CODE)))


def test_every_class_of_the_style_is_on_a_page() -> None:
    classes = {name for selector in SELECTORS for name in re.findall(r"\.([a-z][a-z0-9-]*)", selector)}
    assert len(classes) > 100
    assert {name for name in classes if not is_used(name)} == set()


def test_every_id_of_the_style_is_on_a_page() -> None:
    ids = {name for selector in SELECTORS for name in re.findall(r"#([a-z][a-z-]*)", selector)}
    assert {name for name in ids if name.removeprefix("field-") not in CODE} == set()


def test_no_rule_says_a_property_twice_for_the_same_selector() -> None:
    outside = re.sub(r"@[a-z-]+[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}", "", CSS)
    seen: dict[tuple[str, str], int] = {}
    for selectors, body in re.findall(r"([^{}]+)\{([^{}]*)\}", outside):
        for selector in selectors.split(","):
            for name in re.findall(r"(?:^|;)\s*([a-z-]+)\s*:", body):
                seen[selector.strip(), name] = seen.get((selector.strip(), name), 0) + 1
    assert {key: times for key, times in seen.items() if times > 1} == {}


def test_there_is_one_script_and_every_file_is_linked() -> None:
    """The one script is the desk's (ADR 0092); the styles of the pages of messages are on those only."""
    script, everywhere = """<script src="{{ asset('messages.js') }}" defer></script>""", {"icon.svg", "npn.css"}
    assert script in TEMPLATES[DESK]
    outside = {**TEMPLATES, DESK: TEMPLATES[DESK].replace(script, "", 1)}
    assert [
        path.name for path, text in outside.items() if re.search(r"<script|<[^>%]*\son[a-z]+=|javascript:", text)
    ] == []
    assert assets().keys() == everywhere | {"messages.css", "messages.js"}
    assert all(f"asset('{name}')" in TEMPLATES[WEB / "templates" / "base.html"] for name in everywhere)
    assert all(f"asset('{name}')" in TEMPLATES[DESK] for name in assets().keys() - everywhere)
