"""What the templates of tasks are given: words, names, and which addresses a visitor may open."""

import hashlib
import re
from collections.abc import Sequence
from functools import cache
from typing import Any  # what a template is given

from npn.people.model import Person
from npn.tasks.model import Handling, Task, TaskGroup, TaskList
from npn.web.pages.tasks.words import PRESSES, WORDS, kind_title, sentence, title
from npn.web.routes import TABLE, Route
from npn.web.visit import Visit

NAMES_SHOWN = 3
WHOLE = "all"  # in forms: every task of a kind


async def shown(visit: Visit, tasks: TaskList) -> dict[str, Any]:
    """Return what shows a person's tasks."""
    person, words = visit.person, visit.texts
    colleagues = await visit.read(visit.services.tasks.colleagues, person)
    return {
        "tasks": tasks,
        "names": {account.id: account.name for account in colleagues},
        "by_names": {account.by: account.name for account in colleagues},
        "title": lambda group: title(words, group),
        "sentence": lambda task: sentence(words, task),
        "kind_called": lambda kind: words.gettext(WORDS[kind].label),
        "kind_title": lambda kind, count: kind_title(words, kind, count),
        "words": WORDS,
        "presses": PRESSES,
        "some_names": some_names,
        "address": lambda task: address(person, task),
        "form_key": form_key,
        "key_of": key_of,
    }


def some_names(group: TaskGroup) -> tuple[Sequence[str], int]:
    """Return the first names of a group, and how many there are besides."""
    names = list(dict.fromkeys(task.name for task in group.tasks if task.name))
    return names[:NAMES_SHOWN], max(0, len(names) - NAMES_SHOWN)


def form_key(subject: str) -> str:
    """Return how forms and addresses name a task: subjects may be paths, or hold anything."""
    return hashlib.sha256(subject.encode("utf-8", "surrogatepass")).hexdigest()[:20]


def key_of(handling: Handling) -> str:
    """Return how a form names what was put off."""
    return form_key(handling.subject) if handling.subject else WHOLE


def address(person: Person, task: Task) -> str:
    """Return where a task is done; nothing where the person may not open that page."""
    return task.path if _may_open(task.path, person, task.system) else ""


def _may_open(path: str, person: Person, system: str | None) -> bool:
    for pattern, route in _patterns():
        if pattern.match(path):
            acts = route.rule.acts and system is not None and not person.may_act_for(system)
            return person.role in route.rule.roles and not acts
    return False


@cache
def _patterns() -> Sequence[tuple[re.Pattern[str], Route]]:
    """Return the pages as patterns, those without a parameter first."""
    routes = sorted((r for r in TABLE.values() if r.method == "GET"), key=lambda r: (len(r.parameters), r.path))
    return [(re.compile(re.sub(r"\\\{[a-z_]+\\\}", "[^/]+", re.escape(r.path)) + r"\Z"), r) for r in routes]
