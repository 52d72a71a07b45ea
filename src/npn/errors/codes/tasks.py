"""Codes: tasks: who looks after them, and until when they are put off."""

from npn.errors.catalogue import CatalogueSection, PageText, declare

TASK_MAY_NOT_WAIT = declare(
    "task_may_not_wait",
    403,
    CatalogueSection.PAGES,
    meaning="a task that stops draws, or concerns the witness, a copied pool or a leaked secret, is never put off",
    way_out="do what the task says, or have a colleague look after it",
    page=PageText(
        "A task that stops draws, or concerns the witness, a copied pool or a leaked secret, can't be put off.",
        "Opgaver, der standser træk eller handler om vidnet, en kopieret pulje eller en lækket hemmelighed, kan ikke udsættes.",
    ),
)
TASK_SNOOZE_DAY = declare(
    "task_snooze_day",
    422,
    CatalogueSection.PAGES,
    meaning="a task is put off until a day to come, three months ahead at most",
    way_out="choose another day",
    page=PageText(
        "Choose a day to come, three months ahead at most.",
        "Vælg en dag i fremtiden, højst tre måneder frem.",
    ),
)
