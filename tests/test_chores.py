"""Background work that fails, with whatever error, goes on, and is seen: in the figures, the log, and the overview."""

import asyncio
import itertools
import threading
import time
from collections.abc import Callable

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from npn.chores import Chore, Chores, Rounds
from npn.connections.protocol import Config
from npn.errors import UnavailableError, codes
from npn.http import app
from npn.http.rounds import RoundFigures
from npn.ledger import confirming
from npn.people.model import AccountRole
from npn.server import process
from npn.server.process import Server
from npn.tasks.model import Press, Task, TaskKind
from npn.web.pages.tasks.words import sentence
from npn.web.texts import texts
from npn.wiring.service import Service

ERRORS = [RuntimeError("odd"), KeyError("k"), UnavailableError("the disk is full", code=codes.STORAGE_FULL)]


def figures(rounds: Rounds) -> str:
    """Return the metrics."""
    registry = CollectorRegistry()
    registry.register(RoundFigures(rounds))
    return generate_latest(registry).decode()


def until(condition: Callable[[], bool]) -> bool:
    """Wait for a condition, twenty seconds at most."""
    end = time.monotonic() + 20
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    return condition()


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_a_chore_that_fails_stops_neither_itself_nor_others(error: Exception) -> None:
    others, rounds = threading.Event(), Rounds()

    def fails() -> None:
        raise error

    work = Chores([Chore("fails", 0.01, fails), Chore("goes_well", 0.01, others.set)], rounds)
    work.start()
    try:
        assert others.wait(3)
        assert until(lambda: len(rounds.all()) == 2 and rounds.all()[0].failures > 2)
    finally:
        work.stop()
    bad, good = rounds.all()
    assert (bad.name, bad.succeeded_at, bad.failing_since is None) == ("fails", None, False)
    assert (good.name, good.failures, good.error, good.failing_since) == ("goes_well", 0, "", None)
    text = figures(rounds)
    assert f'npn_chore_failed_total{{chore="fails"}} {bad.failures}.0' in text
    assert 'npn_chore_failed_total{chore="goes_well"} 0.0' in text
    assert 'npn_chore_last_success_timestamp_seconds{chore="goes_well"}' in text
    assert 'npn_chore_last_success_timestamp_seconds{chore="fails"}' not in text


def test_since_when_it_fails_is_kept_until_it_goes_well() -> None:
    now = 100.0
    rounds = Rounds(clock=lambda: now)
    rounds.failed("mail", RuntimeError("a number of somebody"))
    now = 160.0
    rounds.failed("mail", UnavailableError("the disk is full", code=codes.STORAGE_FULL))
    (mail,) = rounds.all()
    assert (mail.failing_since, mail.failures, mail.error) == (100.0, 2, "the disk is full [storage_full]")
    rounds.succeeded("mail")
    (mail,) = rounds.all()
    assert (mail.failing_since, mail.failures, mail.error, mail.succeeded_at) == (None, 2, "", 160.0)


def test_the_words_of_an_unknown_error_stay_in_the_log() -> None:
    rounds = Rounds()
    rounds.failed("mail", ValueError("a number of somebody"))
    assert [work.error for work in rounds.all()] == ["ValueError"]


@pytest.mark.parametrize("error", [RuntimeError("odd"), KeyError("k")], ids=["RuntimeError", "KeyError"])
def test_whatever_files_of_authorities_hold_they_are_looked_at_again(error: Exception) -> None:
    async def looks() -> None:
        rounds, looked = Rounds(), asyncio.Event()
        loop = asyncio.get_running_loop()
        count = itertools.count()

        class Odd:
            lists = ()

            def refresh(self) -> bool:
                if next(count) < 2:
                    raise error
                loop.call_soon_threadsafe(looked.set)
                return False

        config = Config(lambda: None, log_config=None)  # type: ignore[arg-type]  # nothing is served
        server = Server(config, lambda: None, tls=None, authorities=Odd(), rounds=rounds)  # type: ignore[arg-type]  # stands for files
        watching = asyncio.create_task(server._watch())
        await asyncio.wait_for(looked.wait(), 5)
        watching.cancel()
        (read,) = rounds.all()
        assert (read.name, read.failures) == ("read_authorities", 2)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(process, "LOOK_EVERY", 0.01)
        asyncio.run(looks())


@pytest.mark.parametrize("error", [RuntimeError("odd"), KeyError("k")], ids=["RuntimeError", "KeyError"])
def test_what_is_handed_on_at_an_interval_goes_on_after_a_failure(error: Exception) -> None:
    async def hands_on() -> Rounds:
        rounds, count, again = Rounds(), itertools.count(), asyncio.Event()

        def hand_on() -> None:
            if next(count) < 2:
                raise error
            again.set()

        task = asyncio.create_task(app._now_and_then(0.01, rounds, "count_calls", hand_on=hand_on))
        await asyncio.wait_for(again.wait(), 5)
        task.cancel()
        return rounds

    (work,) = asyncio.run(hands_on()).all()
    assert (work.name, work.failures, work.error) == ("count_calls", 2, type(error).__name__)


@pytest.mark.parametrize("error", [RuntimeError("odd"), KeyError("k")], ids=["RuntimeError", "KeyError"])
def test_the_confirming_of_the_witness_goes_on_after_a_failure(
    service: Service, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    fails = [error, error]

    def confirm(*_: object, **__: object) -> None:
        if fails:
            raise fails.pop()

    monkeypatch.setattr(confirming, "AGAIN_SECONDS", 0.01)
    monkeypatch.setattr("npn.ledger.store.confirm", confirm)
    service.ledger._confirmer.expect(service.ledger.state())
    assert until(lambda: any(work.succeeded_at for work in service.rounds.all()))
    (work,) = [work for work in service.rounds.all() if work.name == "confirm_witness"]
    assert (work.failures, work.error) == (2, "")


@pytest.mark.parametrize("error", [RuntimeError("a secret"), KeyError("a secret")], ids=["RuntimeError", "KeyError"])
def test_background_work_that_fails_is_a_task_of_operators_until_it_goes_well(
    service: Service, error: Exception
) -> None:
    def found() -> list[Task]:
        return [task for task in service.tasks.find() if task.kind is TaskKind.BACKGROUND]

    def fails() -> None:
        raise error

    assert not service.rounds.attempt("send_mail", fails)
    (task,) = found()
    assert task.press is Press.NOW
    assert task.rule.acts == {AccountRole.OPERATOR}
    shown = {language: sentence(texts(language), task) for language in ("en", "da")}
    assert shown["en"].startswith("The background work send_mail has failed since ")
    assert shown["da"].startswith("Baggrundsopgaven send_mail er mislykket siden ")
    assert all(type(error).__name__ in text and "a secret" not in text for text in shown.values())
    assert service.rounds.attempt("send_mail", lambda: None)
    assert found() == []
