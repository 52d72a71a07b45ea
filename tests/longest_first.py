"""In which order the workers of `make test` take the files: what takes long first, so that none of them ends alone."""

import pytest

# By the processor time that they take; what is not here takes less. A line may name a folder.
LONGEST = (
    "scenarios/test_whole_registry.py",
    "scenarios/test_upgrade.py",
    "cli/test_admin.py",
    "db/test_roles.py",
    "soap/test_clients.py",
    "web/test_browser.py",
    "scenarios/",
    "deploy/",
    "db/test_failover.py",
    "db/test_standby.py",
    "db/test_pooler.py",
    "db/test_migrations.py",
    "ledger/test_forgeries.py",
    "ledger/test_events.py",
    "ledger/test_pairing.py",
    "ledger/test_witness_etcd.py",
    "ledger/test_lost_commits.py",
    "test_server.py",
    "test_packaging.py",
    "numbers/test_text.py",
    "agent/test_socket.py",
    "agent/test_kills.py",
    "agent/test_pool_crashes.py",
    "agent/test_months.py",
    "agent/test_limits.py",
    "api/test_fuzz.py",
    "api/test_typed_clients.py",
    "soap/test_fuzz.py",
    "connections/",
    "messages/bulk/",
    "registry/test_recovery.py",
    "registry/test_regrants.py",
    "web/test_walk.py",
    "web/test_walk_agreements.py",
    "web/test_hostile_texts.py",
    "web/test_attacker.py",
    "web/test_tasks.py",
    "web/test_agreement_work.py",
    "web/test_connecting.py",
    "web/test_danish_pages.py",
    "web/test_session_end.py",
    "cli/test_accounts.py",
    "cli/test_approvals.py",
    "soap/test_operations.py",
    "task_lists/",
    "onboarding/test_progress.py",
    "transport/test_nginx.py",
)


def sort(items: list[pytest.Item]) -> None:
    """Put the tests of the files that take long first, each file as it was."""
    places: dict[str, int] = {}

    def place(item: pytest.Item) -> int:
        file = item.nodeid.partition("::")[0].removeprefix("tests/")
        if file not in places:
            named = (index for index, name in enumerate(LONGEST) if file == name or file.startswith(name))
            places[file] = next(named, len(LONGEST))
        return places[file]

    items.sort(key=place)
