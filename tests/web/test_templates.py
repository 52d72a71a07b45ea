"""Values are data: no template and no module translates, formats or calls safe what is not its own literal."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import jinja2
import pytest
from jinja2 import nodes

import npn
from npn.web.rendering import EXTENSIONS, environment
from npn.web.texts import Msgid, texts

SOURCE = Path(npn.__file__).parent
TEMPLATES = sorted(path for path in SOURCE.rglob("*") if path.suffix in (".html", ".jinja", ".j2"))
MODULES = sorted(path for path in SOURCE.rglob("*.py") if "versions" not in path.parts)
TRANSLATORS = {"_", "gettext", "ngettext", "pgettext", "npgettext"}
FORBIDDEN_FILTERS = {"safe", "format", "xmlattr", "tojson", "mark_safe", "markdown", "attr"}
_UNQUOTED = re.compile(r"<[^<>{}]*\s[a-z-]+=(?=\{\{)")
_PARSER = jinja2.Environment(extensions=[*EXTENSIONS], autoescape=True)  # as the pages' own, but for languages


def name_of(path: Path) -> str:
    return str(path.relative_to(SOURCE))


def wrong_in(source: str) -> Iterator[str]:
    """Yield what a template does that could make a value more than a value."""
    tree = _PARSER.parse(source)
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in TRANSLATORS:
            msgids = call.args[:2] if call.node.name == "ngettext" else call.args
            if not msgids or call.dyn_args or not all(isinstance(each, nodes.Const) for each in msgids):
                yield f"line {call.lineno}: {call.node.name}() of what is no literal"
            if call.kwargs or call.dyn_kwargs:
                yield f"line {call.lineno}: {call.node.name}() with values: use {{% trans %}}"
    yield from unsafe_in(tree)
    for place in _UNQUOTED.finditer(source):
        yield f"an attribute without quotes: {place[0]}"


def unsafe_in(tree: nodes.Template) -> Iterator[str]:
    """Yield what could make markup, or a format, of a value."""
    for filtered in tree.find_all(nodes.Filter):
        if filtered.name in FORBIDDEN_FILTERS:
            yield f"line {filtered.lineno}: the filter {filtered.name}"
    if tree.find(nodes.ScopedEvalContextModifier) or tree.find(nodes.EvalContextModifier):
        yield "it changes how values are escaped"
    for modulo in tree.find_all(nodes.Mod):
        if not isinstance(modulo.left, nodes.MarkSafeIfAutoescape):
            yield f"line {modulo.lineno}: % may apply a value as a format"


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_a_template_translates_its_literals_alone_and_marks_nothing_safe(path: Path) -> None:
    assert list(wrong_in(path.read_text("utf-8"))) == []


@pytest.mark.parametrize(
    "template",
    [
        "{{ _(choice.label) }}",
        "{{ gettext(name) }}",
        "{{ _('a' ~ name) }}",
        "{{ _(*names) }}",
        "{{ _('%(x)s is here', x=name) }}",
        "{{ ngettext(one, 'many', 2) }}",
        "{{ name | safe }}",
        "{{ name | format(1) }}",
        "{{ name % 1 }}",
        "{% autoescape false %}{{ name }}{% endautoescape %}",
        "<option value={{ name }}>",
        "{{ {'a': 1} | xmlattr }}",
    ],
)
def test_what_makes_a_value_more_than_a_value_is_seen(template: str) -> None:
    assert list(wrong_in(template))


def calls(tree: ast.AST, name: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            if (isinstance(called, ast.Name) and called.id == name) or (
                isinstance(called, ast.Attribute) and called.attr == name
            ):
                yield node


def is_literal(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def wrong_in_module(path: Path) -> Iterator[str]:
    """Yield what a module marks for translation, or as markup, and should not."""
    text = path.read_text("utf-8")
    tree, lines = ast.parse(text), text.splitlines()
    if path.is_relative_to(SOURCE / "web"):
        for call in calls(tree, "_"):
            if len(call.args) != 1 or not is_literal(call.args[0]):
                yield f"{name_of(path)}:{call.lineno}: _() of what is no literal"
    for call in calls(tree, "Msgid"):
        if path != SOURCE / "web" / "texts.py":  # `_` makes them, nobody else; mypy sees to the rest
            yield f"{name_of(path)}:{call.lineno}: a text that is not marked by _()"
    for call in calls(tree, "Markup"):
        if call.args and not is_literal(call.args[0]) and "noqa: S704  #" not in lines[call.lineno - 1]:
            yield f"{name_of(path)}:{call.lineno}: markup of what is no literal, without a reason"


def test_a_module_marks_literals_alone_for_translation_and_as_markup() -> None:
    assert [wrong for path in MODULES for wrong in wrong_in_module(path)] == []


HOSTILE = """</select><i hx-get=/x onclick=y()>%d %(name)s 50% off {{ 7*7 }} {% raw %} "'&"""


@pytest.mark.parametrize("language", ["da", "en"])
def test_a_value_is_shown_as_it_is_wherever_a_translation_may_stand(language: str) -> None:
    source = (
        '{{ name | translated }}|{{ _("Name") }}|{% trans name=name %}Hand it to {{ name }}{% endtrans %}'
        "|{% trans count=2, name=name %}{{ name }} call{% pluralize %}{{ name }} calls{% endtrans %}"
    )
    shown = environment(language).from_string(source).render(name=HOSTILE)
    assert "<" not in shown
    assert shown.count("50% off {{ 7*7 }} {% raw %}") == 3
    assert shown.count("%d %(name)s") == 3


def test_a_name_that_happens_to_be_a_text_of_ours_is_not_translated() -> None:
    assert texts("da").translated("Owner") == "Owner"
    assert texts("da").translated(Msgid("Owner")) != "Owner"
