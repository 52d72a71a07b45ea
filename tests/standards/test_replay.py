"""A list that changes as MedCom's did: renamed, misread, misspelt, gone and back, without a false "new"."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.standards.lists import (
    GP,
    LAB,
    SENDS_NEW,
    SENDS_OLD,
    SPECIALIST,
    TAKES_NEW,
    TAKES_OLD,
    Listed,
    csv_of,
    misread,
    take,
)

from npn.config import Settings
from npn.systems.register import COLUMNS
from npn.wiring.assembly import build
from npn.wiring.service import Service
from prepared import initialised

BOTH = (TAKES_OLD, TAKES_NEW)
TOWN = (
    Listed("Labka II", "Dedalus", LAB, (SENDS_OLD, TAKES_OLD)),
    Listed("MADS", "Region Midtjylland"),
    Listed("KBMarkør", "Rigshospitalet", LAB, (SENDS_OLD,)),
    Listed("wwlab", "Autonik", LAB, (SENDS_OLD, SENDS_NEW)),
    Listed("Clinea [LPS]", "EG", GP, BOTH),
    Listed("Clinea [SPL]", "EG", SPECIALIST, BOTH),
    Listed("Novax [LPS]", "Novax Ærø", GP, BOTH),
    Listed("MinLæge", "Trifork", "Specialsystemer", (TAKES_NEW,)),
)


@dataclass
class Play:
    """The list as it is, by the place in the town, and what is gone of it."""

    chance: random.Random
    systems: dict[int, Listed] = field(default_factory=lambda: dict(enumerate(TOWN)))
    gone: dict[int, Listed] = field(default_factory=dict)

    def pick(self) -> int:
        return self.chance.choice(sorted(self.systems))

    def signs(self) -> None:
        place = self.pick()
        name = self.systems[place].name.replace("[", "(").replace("]", ")")
        self.systems[place] = self.systems[place].but(name=name if name != self.systems[place].name else f"{name}.")

    def case(self) -> None:
        place = self.pick()
        self.systems[place] = self.systems[place].but(name=self.systems[place].name.swapcase())

    def blanks(self) -> None:
        place = self.pick()
        name = self.systems[place].name
        self.systems[place] = self.systems[place].but(
            name=name.replace(" ", "") if " " in name else f"{name[:3]} {name[3:]}"
        )

    def encoding(self) -> None:
        """Misread the whole list, or read it right again."""
        for place, one in self.systems.items():
            right = TOWN[place]
            names = {field: getattr(one, field) for field in ("name", "vendor", "kind")}
            if any("Ã" in text for text in names.values()):
                self.systems[place] = one.but(name=right.name, vendor=right.vendor, kind=right.kind)
            else:
                self.systems[place] = one.but(**{field: misread(text) for field, text in names.items()})

    def type(self) -> None:
        place = self.pick()
        right = TOWN[place].kind
        wrong = right.replace("systemer", "sytemer")
        self.systems[place] = self.systems[place].but(kind=wrong if self.systems[place].kind == right else right)

    def vendor(self) -> None:
        place = self.pick()
        right = TOWN[place].vendor
        wrong = f"{right} A/S"
        self.systems[place] = self.systems[place].but(vendor=wrong if self.systems[place].vendor == right else right)

    def status(self) -> None:
        place = self.pick()
        first, *others = self.systems[place].cells
        status = "Ikke Godkendt" if first[2] == "Godkendt" else "Godkendt"
        self.systems[place] = self.systems[place].but(cells=((first[0], first[1], status), *others))

    def leave(self) -> None:
        if len(self.systems) > 4:
            place = self.pick()
            self.gone[place] = self.systems.pop(place)

    def return_(self) -> None:
        if self.gone:
            place = self.chance.choice(sorted(self.gone))
            self.systems[place] = self.gone.pop(place)


STEPS: tuple[Callable[[Play], None], ...] = (
    *(Play.signs, Play.case, Play.blanks, Play.encoding, Play.type, Play.vendor, Play.status, Play.leave, Play.return_),
)


def replay(service: Service, steps: list[Callable[[Play], None]], seed: int) -> None:
    """Import the list after each step; nothing is new but the first time, nothing is lost, ids stay."""
    play = Play(random.Random(seed))
    take(service, play.systems.values())
    ids = {one.name: one.id for one in service.products.products()}
    own = {place: ids[one.name] for place, one in enumerate(TOWN)}
    for days, step in enumerate(steps, 1):
        step(play)
        done = take(service, play.systems.values(), days=days)
        named = (days, step.__name__)
        assert not done.plan.new, (named, done.plan.new)
        assert not done.plan.unclear, (named, done.plan.unclear)
        rows = [",".join(row[name] for name in COLUMNS) for row in service.standards.listed()]
        assert rows == csv_of(play.systems.values()).splitlines()[1:], named
        products = {one.id: one for one in service.products.products()}
        assert set(products) == set(own.values()), named
        for place, one in play.systems.items():
            assert (products[own[place]].name, products[own[place]].listed) == (one.name, True), named
        assert {product.id for product in products.values() if not product.listed} == {
            own[place] for place in play.gone
        }


def test_thirty_made_up_steps_replay_without_a_false_new(service: Service) -> None:
    replay(service, [STEPS[place % len(STEPS)] for place in range(30)], seed=16)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(STEPS), min_size=5, max_size=12), seed=st.integers(0, 10**6))
def test_any_steps_replay_without_a_false_new(
    tmp_path_factory: pytest.TempPathFactory, steps: list[Callable[[Play], None]], seed: int
) -> None:
    folder = tmp_path_factory.mktemp("standards")
    made = Settings(database=f"sqlite:///{folder / 'npn.db'}", witness=str(folder / "npn.witness"))
    initialised(made)
    service = build(made)
    try:
        replay(service, steps, seed)
    finally:
        service.close()
