"""Only a POST changes anything: every GET of the description leaves the ledger as it is."""

from pathlib import Path

from clients import set_up
from servers import serving

from npn.config import Settings
from npn.wiring.assembly import build


def test_no_get_consumes_a_number(tmp_path: Path) -> None:
    settings = Settings(database=f"sqlite:///{tmp_path / 'npn.db'}", witness=str(tmp_path / "npn.witness"))
    (key,) = set_up(settings)
    service = build(settings)
    try:
        with serving(settings, tmp_path) as (server,):
            series = server.draw(key, "a").json()
            before = service.ledger.state()
            paths = [path for path, verbs in server.get("/openapi.json").json()["paths"].items() if "get" in verbs]
            assert len(paths) > 8
            for path in paths:
                for name, value in (("{number}", series["first"]), ("{series}", series["id"]), ("{id}", series["id"])):
                    path = path.replace(name, value)  # noqa: PLW2901  # the path, filled in
                assert server.get(path, key).status_code < 500, path
            assert service.ledger.state() == before
    finally:
        service.close()
