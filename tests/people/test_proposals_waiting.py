"""The other operators are written to when a proposal waits for one of them, and nobody where no mail is set up."""

from dataclasses import replace

from npn.people.emails import Mailing
from npn.people.model import Account, AccountRole
from npn.wiring.service import Service

WISH = {"days": 4000}


def operators(service: Service) -> list[Account]:
    for name in ("anna", "bo", "carl"):
        service.accounts.add(by="admin:t", email=f"{name}@npn.dk", name=name, role=AccountRole.OPERATOR)
    service.accounts.add(by="admin:t", email="rev@npn.dk", name="Rev", role=AccountRole.AUDITOR)
    return [account for account in service.accounts.list() if account.role is AccountRole.OPERATOR]


def test_every_other_operator_is_written_to_with_a_link_and_without_the_wish(service: Service) -> None:
    first, *others = operators(service)
    approvals = replace(service.approvals, mailing=Mailing("https://npn.dk", works=True))
    proposal = approvals.propose("quarantine", WISH, by=first.by, reason="a longer wait")
    mails = [mail for mail in service.outbox.emails() if "et forslag venter" in mail.subject]
    assert {mail.to for mail in mails} == {other.email for other in others}
    for mail in mails:
        assert f"https://npn.dk/approvals/{proposal.id}" in mail.text
        assert "longer wait" not in mail.text
        assert "4000" not in mail.text


def test_without_a_mail_server_nobody_is_written_to(service: Service) -> None:
    first, *_others = operators(service)
    service.approvals.propose("quarantine", WISH, by=first.by, reason="a longer wait")
    assert not [mail for mail in service.outbox.emails() if "forslag" in mail.subject]
