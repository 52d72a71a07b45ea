"""The witness in a real etcd: compare-and-set, a quorum, members and answers that get lost, TLS and passwords."""

import base64
import json
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from command import npn
from drawing import add, caller, draw
from etcd import Etcd, etcd, installed
from npn.config import Settings
from npn.errors import ConfigurationError, UnavailableError
from npn.ledger.witness import WitnessState, open_witness
from npn.ledger.witness.etcd import Address, EtcdWitness, parse_address
from npn.wiring.assembly import build
from npn.wiring.setup import initialise
from postgres import free_port

_WITHOUT = "no etcd is installed (Debian: apt-get install etcd-server)"
pytestmark = pytest.mark.skipif(installed() is None, reason=_WITHOUT)
_opened: list[EtcdWitness] = []


def at(length: int) -> WitnessState:
    return WitnessState(database="d", length=length, hash=f"{length:064x}", cursors={"production": str(length)})


def opened(address: str, patience: float = 5.0) -> EtcdWitness:
    """Open a witness; the fixture below closes it."""
    made = EtcdWitness(parse_address(address), patience=patience)
    _opened.append(made)
    return made


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    while _opened:
        _opened.pop().close()


@pytest.fixture(scope="module")
def three() -> Iterator[Etcd]:
    with etcd(3) as made:
        yield made


def moved(witness: EtcdWitness, before: WitnessState, after: WitnessState, seconds: float = 30) -> bool:
    """Advance it as the ledger does: what was not answered is asked again."""
    until = time.monotonic() + seconds
    while True:
        try:
            return witness.advance(before, after) or witness.read() == after
        except UnavailableError:
            assert time.monotonic() < until


def test_it_goes_on_without_any_one_member_and_stops_without_a_quorum(three: Etcd) -> None:
    witness = opened(three.witness("members"))
    witness.replace(at(1))
    for number, member in enumerate(three.members):
        member.kill()
        assert moved(witness, at(number + 1), at(number + 2))
        three.start()

    three.members[0].kill()
    three.members[1].kill()
    witness = opened(three.witness("members"), patience=1)
    started = time.monotonic()
    with pytest.raises(UnavailableError) as caught:
        witness.read()
    assert caught.value.code == "witness_missing"
    assert caught.value.retry_after <= 5
    with pytest.raises(UnavailableError):
        witness.advance(at(4), at(5))
    with pytest.raises(UnavailableError):
        witness.exists()
    assert time.monotonic() - started < 60, "it waits, but not without an end"

    three.start()
    assert moved(witness, at(4), at(5))


def test_a_frozen_member_is_passed_over(three: Etcd) -> None:
    witness = opened(three.witness("frozen"), patience=20)
    witness.replace(at(1))
    for number, member in enumerate(three.members):
        member.send(signal.SIGSTOP)
        try:
            assert moved(witness, at(number + 1), at(number + 2))
        finally:
            member.send(signal.SIGCONT)
    three.wait_until_sound()


@contextmanager
def swallowing(port: int, swallow: threading.Event) -> Iterator[int]:
    """A go-between that passes requests on and, while told so, keeps the answers to itself and hangs up."""
    listening = socket.create_server(("127.0.0.1", free_port()))

    def hand_on(source: socket.socket, target: socket.socket, *, answers: bool) -> None:
        with suppress(OSError):
            while (data := source.recv(65536)) and not (answers and swallow.is_set()):
                target.sendall(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def one(caller: socket.socket) -> None:
        with caller, socket.create_connection(("127.0.0.1", port)) as member:
            back = threading.Thread(target=hand_on, args=(member, caller), kwargs={"answers": True})
            back.start()
            hand_on(caller, member, answers=False)
            back.join()

    def accept() -> None:
        while True:
            try:
                caller, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=one, args=(caller,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listening.getsockname()[1]
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()


def test_a_change_whose_answer_was_lost_is_looked_at_again_and_found_made(three: Etcd) -> None:
    swallow = threading.Event()
    port = three.members[0].client
    with swallowing(port, swallow) as between:
        other = f"127.0.0.1:{three.members[1].client}"
        witness = opened(f"etcd://127.0.0.1:{between},{other}/lost")
        witness.replace(at(1))
        swallow.set()

        assert witness.advance(at(1), at(2)), "made through the first member, its answer lost, found by the second"
        assert witness.read() == at(2)


def test_a_change_whose_answer_stays_away_is_neither_assumed_made_nor_assumed_lost(three: Etcd) -> None:
    swallow = threading.Event()
    direct = opened(three.witness("away"))
    direct.replace(at(1))
    with swallowing(three.members[0].client, swallow) as between:
        witness = opened(f"etcd://127.0.0.1:{between}/away", patience=0.5)
        swallow.set()
        with pytest.raises(UnavailableError, match="did not say"):
            witness.advance(at(1), at(2))
        swallow.clear()

        assert direct.read() == at(2), "it had been made"
        assert not witness.advance(at(1), at(3)), "and is not overwritten by who did not know"


def test_many_who_move_it_at_once_never_pass_each_other(three: Etcd) -> None:
    address = three.witness("race")
    opened(address).replace(at(0))
    won: list[int] = []

    def run() -> None:
        witness = opened(address)
        while (known := witness.read()).length < 60:
            if witness.advance(known, at(known.length + 1)):
                won.append(known.length + 1)

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == list(range(1, 61))


def test_draws_stop_while_etcd_is_away_and_reads_go_on(tmp_path: Path) -> None:
    with etcd(1) as one:
        settings = Settings(database=f"sqlite:///{tmp_path / 'npn.db'}", witness=one.witness("npn"))
        initialise(settings)
        service = build(settings)
        try:
            lab = add(service)
            series = draw(service, lab, 10, request_id="before")
            one.kill()
            with pytest.raises(UnavailableError) as caught:
                draw(service, lab, 10, request_id="meanwhile")
            assert caught.value.code == "witness_missing"
            assert service.registry.series(series.id, by=caller(lab)).id == series.id
            assert [s.id for s in service.registry.page(by=caller(lab), before=None, limit=9).items] == [series.id]
            one.start()
            assert draw(service, lab, 10, request_id="meanwhile").first == series.last + 1
        finally:
            service.close()


def test_an_etcd_lost_whole_is_made_up_for_as_the_runbook_says(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'npn.db'}"
    with etcd(1) as lost:
        settings = Settings(database=database, witness=lost.witness("npn"))
        initialise(settings)
        service = build(settings)
        lab = add(service)
        series = draw(service, lab, 10)
        service.close()
    with etcd(1) as new:
        settings = Settings(database=database, witness=new.witness("npn"))
        refused = npn("recover", "--yes", on=settings)
        assert refused.status == 4, refused
        assert "--rebuild-witness" in refused.err
        done = npn("recover", "--rebuild-witness", "--yes", on=settings)
        assert done.status == 0, done
        service = build(settings)
        try:
            assert draw(service, lab, 10).first == series.last + 1
        finally:
            service.close()
        again = npn("recover", "--rebuild-witness", "--yes", on=settings)
        assert again.status == 3, "it can be read: rebuilding would throw away what it knows"


def test_an_account_is_needed_where_etcd_wants_one_and_a_lost_token_is_got_anew(tmp_path: Path) -> None:
    with etcd(1) as one:
        for path, body in (
            ("/v3/auth/user/add", {"name": "root", "password": "r00t"}),
            ("/v3/auth/role/add", {"name": "root"}),
            ("/v3/auth/user/grant", {"user": "root", "role": "root"}),
            ("/v3/auth/enable", {}),
        ):
            assert one.ask(path, body).status_code == 200
        secret = tmp_path / "secret"
        secret.write_text("r00t\n")
        witness = opened(f"{one.witness('npn', 'root')}?password_file={secret}")
        witness.replace(at(1))
        one.members[0].kill()
        one.start()  # tokens are kept in memory only
        assert witness.advance(at(1), at(2))

        token = one.ask("/v3/auth/authenticate", {"name": "root", "password": "r00t"}).json()["token"]
        changed = one.ask("/v3/auth/user/changepw", {"name": "root", "password": "n3w"}, token=token)
        assert changed.status_code == 200
        secret.write_text("n3w\n")  # as an operator rotates it, under the running service
        assert moved(witness, at(2), at(3))

        for account in ("", "root:wrong"):
            stranger = opened(one.witness("npn", account))
            with pytest.raises(UnavailableError, match="etcd refuses") as caught:
                stranger.read()
            assert "n3w" not in str(caught.value) + repr(stranger)


def certificate(folder: Path) -> tuple[Path, Path, Path]:
    """Make an authority's own certificate for 127.0.0.1."""
    cert, key = folder / "etcd.pem", folder / "etcd.key"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
    ]
    more = ["-subj", "/CN=etcd", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(cert)]
    subprocess.run([*command, *more], check=True, capture_output=True)
    return cert, key, cert


def test_it_speaks_tls_and_trusts_only_the_authority_named(tmp_path: Path) -> None:
    with etcd(1, certificate=certificate(tmp_path)) as one:
        witness = opened(one.witness("npn"))
        witness.replace(at(1))
        assert witness.advance(at(1), at(2))

        stranger = opened(one.witness("npn").partition("?")[0], patience=0.3)
        with pytest.raises(UnavailableError):
            stranger.read()


def test_renewed_tls_files_are_taken_up_by_a_running_service(tmp_path: Path) -> None:
    made = certificate(tmp_path)
    with etcd(1, certificate=made) as one:
        witness = opened(one.witness("npn"))
        witness.replace(at(1))
        whole = made[0].read_bytes()
        made[0].write_bytes(whole[:200])  # half written
        assert witness.advance(at(1), at(2))
        one.members[0].kill()
        certificate(tmp_path)
        one.start()
        assert moved(witness, at(2), at(3))


def test_a_corrupt_or_absent_key_stops_instead_of_guessing(three: Etcd) -> None:
    witness = opened(three.witness("corrupt"))
    with pytest.raises(UnavailableError, match="no key"):
        witness.read()
    with pytest.raises(UnavailableError, match="no key"):
        witness.advance(at(1), at(2))
    value = base64.b64encode(json.dumps({"database": "d"}).encode()).decode()
    three.ask("/v3/kv/put", {"key": base64.b64encode(b"corrupt").decode(), "value": value})
    assert witness.exists()
    with pytest.raises(UnavailableError, match="corrupt"):
        witness.read()


def test_what_answers_but_is_no_etcd_is_said(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as web:
        port = web.getsockname()[1]

        def answer() -> None:
            caller, _ = web.accept()
            with caller:
                caller.recv(65536)
                caller.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

        threading.Thread(target=answer, daemon=True).start()
        witness = opened(f"etcd://127.0.0.1:{port}/npn")
        with pytest.raises(UnavailableError, match="not an etcd"):
            witness.read()


def test_an_address_is_read_strictly_and_never_repeated() -> None:
    assert parse_address("etcd://u:p%40ss@a,b:1,[::1]:2/npn/witness") == Address(
        ("http://a:2379", "http://b:1", "http://[::1]:2"), "npn/witness", "u", "p@ss"
    )
    for wrong in ("etcd://", "etcd:///npn", "etcd://a:x/npn", "etcd://u:s3cret@a", "etcd://u:s3cret@a/npn?what=1"):
        with pytest.raises(ConfigurationError) as caught:
            open_witness(wrong, database_path=None)
        assert "s3cret" not in f"{caught.value} {caught.value.hint}"
    with pytest.raises(ConfigurationError, match="TLS files"):
        open_witness("etcds://a/npn?ca=/nowhere", database_path=None)
