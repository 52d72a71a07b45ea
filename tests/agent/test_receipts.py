"""Receipts: what they say is compared, their signature is verified where that is possible; a wrong one is told."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent_process import agent, settings
from laboratory import Laboratory
from npn.agent import Pool
from npn.agent.mock import MockService
from npn.agent.upstream import receipts
from npn.agent.upstream.client import ServiceClient
from npn.agent.upstream.receipts import SigningKeys, check, read_keys
from npn.agent.upstream.refill import Refill
from npn.errors import InvalidInputError
from npn.replenishment.policy import StockPolicy
from running_service import RealService


def _encoded(document: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).rstrip(b"=").decode()


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Pool, str, SigningKeys]]:
    """A pool whose one series has a receipt of the real service, with that service's keys."""
    folder = tmp_path_factory.mktemp("receipts")
    service = RealService(folder)
    with service.running() as url:
        client = ServiceClient(url, service.key)
        pool = Pool.open(folder / "agent.db")
        Refill(pool, client, StockPolicy(min_draw=100)).round()
        keys = client.keys()
        client.close()
    with pool.reading() as log:
        receipt = str(log.receipt(pool.series()[0].id))
    yield pool, receipt, keys
    pool.close()


def test_the_real_services_receipt_is_verified(real: tuple[Pool, str, SigningKeys]) -> None:
    pool, receipt, keys = real
    (series,) = pool.series()
    assert check(receipt, series, keys) == "verified"
    assert pool.status().verified == {series.id}


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_receipt_with_anything_changed_is_refused(real: tuple[Pool, str, SigningKeys], part: int) -> None:
    pool, receipt, keys = real
    parts = receipt.split(".")
    if part == 2:
        parts[2] = base64.urlsafe_b64encode(bytes(64)).rstrip(b"=").decode()
    else:
        document = json.loads(base64.urlsafe_b64decode(parts[part] + "=="))
        parts[part] = _encoded({**document, "purpose": "another"})  # nothing that is compared
    with pytest.raises(InvalidInputError, match="signature does not hold"):
        check(".".join(parts), pool.series()[0], keys)


def test_a_key_set_with_odd_keys_in_it_works_with_the_others(real: tuple[Pool, str, SigningKeys]) -> None:
    pool, receipt, keys = real
    odd = [{"kty": "EC", "crv": "brainpoolP256r1"}, {"kty": 7}, {"kid": "z"}, "text", None, {"kty": "OKP", "x": []}]
    good = [{"kty": key.kty, "crv": key.crv, "x": key.x, "use": "sig"} for key in keys.keys]
    read = read_keys(json.dumps({"keys": [*odd, *good]}).encode())
    assert check(receipt, pool.series()[0], read) == "verified"


def test_a_key_can_not_be_given_another_keys_id(real: tuple[Pool, str, SigningKeys]) -> None:
    pool, receipt, keys = real
    other = SigningKeys([type(keys.keys[0])(kty="OKP", crv="Ed25519", x=base64.urlsafe_b64encode(bytes(32)).decode())])
    assert check(receipt, pool.series()[0], other) == "unverified"


def test_without_the_library_what_it_says_is_compared_all_the_same(
    real: tuple[Pool, str, SigningKeys], monkeypatch: pytest.MonkeyPatch
) -> None:
    pool, receipt, keys = real
    monkeypatch.setattr(receipts, "_ED25519", "no_such_library")
    assert check(receipt, pool.series()[0], keys) == "unverified"
    head, payload, signature = receipt.split(".")
    said = json.loads(base64.urlsafe_b64decode(payload + "=="))
    for name, wrong in (("first", "1000000001"), ("usable", 7), ("series", "s"), ("request_id", "x")):
        with pytest.raises(InvalidInputError, match=f"its {name} is"):
            check(f"{head}.{_encoded({**said, name: wrong})}.{signature}", pool.series()[0], keys)


@pytest.mark.parametrize("receipt", ["", "a.b", "<html>", "e30.e30.e30", f"{_encoded({'alg': 'none'})}.e30."])
def test_what_is_no_receipt_is_refused(real: tuple[Pool, str, SigningKeys], receipt: str) -> None:
    pool, _, keys = real
    with pytest.raises(InvalidInputError) as caught:
        check(receipt, pool.series()[0], keys)
    assert caught.value.code == "bad_receipt"


def test_a_wrong_receipt_is_told_not_kept_and_asked_for_again(laboratory: Laboratory, service: MockService) -> None:
    with laboratory.open() as pool:
        refill = laboratory.refill(pool)
        original = refill._client.receipt
        refill._client.receipt = lambda _: "e30.e30.e30"  # type: ignore[method-assign]  # a service that errs
        refill.round()
        assert [flag.kind for flag in pool.status().flags] == ["bad_receipt"]
        assert not pool.series()[0].has_receipt
        assert pool.free() == 100
        refill._client.receipt = original  # type: ignore[method-assign]  # and does so no more
        refill.round()
        assert pool.status().flags == []
        assert pool.series()[0].has_receipt
        assert pool.status().verified == {pool.series()[0].id}
    assert len(service.registry.series) == 1


def test_receipts_are_printed_for_the_operator(tmp_path: Path) -> None:
    with MockService() as service:
        config = settings(tmp_path, service.url, service.key)
        agent("refill", config=config)
        printed = agent("receipts", config=config)
        assert (printed.returncode, printed.stdout.count("\n"), printed.stdout.count(".")) == (0, 1, 2)
        told = json.loads(agent("receipts", "--json", config=config).stdout)
        assert (told["receipt"], told["verified"]) == (printed.stdout.strip(), True)
    assert not [path.name for path in tmp_path.iterdir() if path.name.endswith(("-wal", "-shm"))]
