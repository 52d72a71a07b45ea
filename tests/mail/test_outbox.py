"""Letters leave the outbox once, whatever is away or killed meanwhile; and a server's no is heard."""

import os
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from mail_catcher import PASSWORD, USER, certificate, mailbox, text_of
from npn.config import Settings
from npn.errors import ConfigurationError, ConflictError, InvalidInputError, NotFoundError
from npn.mail.model import Email, MailState, Thread, address, one_line
from npn.mail.service import GIVE_UP, Outbox, put
from npn.mail.smtp import Smtp
from npn.mail.tables import outgoing_mail
from npn.wiring.mail import mail_server
from npn.wiring.service import Service
from running import running

TO = "vagt@region.example.dk"
FROM = "npn@example.dk"


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **much: float) -> None:
        self.now += timedelta(**much)


def write(service: Service, letter: Email | None = None) -> str:
    with service.ledger.transaction() as tx:
        return put(tx.connection, letter or Email(TO, "Emne med æøå", "Kære læser\n\nHilsen NPN\n"), at=tx.at)


def outbox_for(service: Service, port: int, **more: object) -> tuple[Outbox, Clock]:
    clock = Clock()
    smtp = replace(Smtp("127.0.0.1", port, FROM, tls="none", timeout=5.0), **more)  # type: ignore[arg-type]  # passed on
    return Outbox(service.database, clock, smtp), clock


def wait_for(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + 90
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def closed_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def test_a_letter_is_sent_once_and_its_text_is_then_forgotten(service: Service) -> None:
    with mailbox() as box:
        mail_id = write(service, Email(TO, "Emne med æøå", "Kære læser", Thread(7, "abcdefghjk")))
        outbox, _ = outbox_for(service, box.port)
        assert (outbox.send_due().sent, outbox.send_due().sent) == (1, 0)

        (mail,) = box.mails
        assert (mail["To"], mail["Subject"], text_of(mail)) == (
            TO,
            "[NPN-7-abcdefghjk] Emne med æøå",
            "Kære læser\n",
        )
        assert mail["Auto-Submitted"] == "auto-generated"
        assert mail["Message-ID"] == f"<NPN-7-abcdefghjk.{mail_id}@example.dk>"
        (kept,) = outbox.emails()
        assert (kept.state, kept.text, kept.settled_at is not None) == (MailState.SENT, "", True)


def test_a_change_that_fails_sends_nothing(service: Service) -> None:
    def change() -> None:
        with service.ledger.transaction() as tx:
            put(tx.connection, Email(TO, "Nøgle", "…"), at=tx.at)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        change()
    assert service.outbox.emails() == []


def test_a_dead_server_costs_nothing_but_time(service: Service) -> None:
    port = closed_port()
    ids = {write(service), write(service)}
    outbox, clock = outbox_for(service, port)
    assert outbox.send_due().postponed == 2
    assert outbox.send_due().postponed == 0  # not at once again
    waits = []
    for _ in range(12):
        due = max(letter.due_at for letter in outbox.emails())
        waits.append((due - clock.now).total_seconds())
        clock.now = due
        assert outbox.send_due().postponed == 2
    assert waits[0] < 75
    assert waits[3] > 4 * waits[0]
    assert max(waits) <= 4 * 3600 * 1.2
    with mailbox() as box:
        clock.forward(hours=5)
        later, _ = outbox_for(service, box.port)
        later = replace(later, clock=clock)
        assert later.send_due().sent == 2
        assert {str(mail["Message-ID"]).split(".")[1].partition("@")[0] for mail in box.mails} == ids


def test_a_letter_nobody_takes_is_given_up_after_days_and_can_be_sent_again_by_hand(service: Service) -> None:
    mail_id = write(service)
    outbox, clock = outbox_for(service, closed_port())
    clock.now += GIVE_UP + timedelta(hours=1)
    assert outbox.send_due().failed == 1
    (letter,) = outbox.emails(state=MailState.FAILED)
    assert "given up after five days" in letter.error
    assert outbox.retry(mail_id).state is MailState.WAITING
    assert outbox.send_due().postponed == 1
    with pytest.raises(NotFoundError):
        outbox.retry("nothing")


def test_a_refused_receiver_is_told_and_holds_nobody_else_up(service: Service) -> None:
    with mailbox() as box:
        box.answers = {"gone@example.dk": "550 no such user", "full@example.dk": "452 mailbox full"}
        for to in ("gone@example.dk", "full@example.dk", TO):
            write(service, Email(to, "s", "t"))
        outbox, _ = outbox_for(service, box.port)
        done = outbox.send_due()
        assert (done.sent, done.postponed, done.failed) == (1, 1, 1)
        found = {letter.to: (letter.state, letter.error) for letter in outbox.emails()}
    assert found["gone@example.dk"] == (MailState.FAILED, "550 no such user")
    assert found["full@example.dk"] == (MailState.WAITING, "452 mailbox full")
    assert outbox.retry(next(x.id for x in outbox.emails() if x.to == "gone@example.dk")).state is MailState.WAITING
    with pytest.raises(ConflictError):
        outbox.retry(next(x.id for x in outbox.emails() if x.to == TO))


def test_starttls_checks_the_certificate_and_logs_in(service: Service, tmp_path: Path) -> None:
    ca = str(certificate(tmp_path))
    with mailbox(tls=tmp_path, login=True) as box:
        write(service)
        unknown, clock = outbox_for(service, box.port, tls="starttls", user=USER, password=lambda: PASSWORD)
        assert unknown.send_due().postponed == 1
        assert "CERTIFICATE_VERIFY_FAILED" in unknown.emails()[0].error
        wrong, _ = outbox_for(service, box.port, tls="starttls", user=USER, password=lambda: PASSWORD[1:], ca=ca)
        clock.forward(hours=9)
        assert replace(wrong, clock=clock).send_due().postponed == 1
        assert "login" in wrong.emails()[0].error
        assert USER not in wrong.emails()[0].error
        right, _ = outbox_for(service, box.port, tls="starttls", user=USER, password=lambda: PASSWORD, ca=ca)
        clock.forward(hours=9)
        assert replace(right, clock=clock).send_due().sent == 1
        assert box.sessions[0].ssl is not None


def test_a_server_without_starttls_is_sent_nothing(service: Service) -> None:
    with mailbox() as box:
        write(service)
        outbox, _ = outbox_for(service, box.port, tls="starttls")
        assert outbox.send_due().postponed == 1
        assert box.mails == []


def test_two_senders_never_have_one_letter_and_a_killed_ones_lease_runs_out(service: Service) -> None:
    write(service)
    outbox, clock = outbox_for(service, closed_port())
    (mail_id,) = [letter.id for letter in outbox.emails()]
    assert outbox.smtp is not None
    assert outbox._claim(mail_id, outbox.smtp) is not None
    assert outbox._claim(mail_id, outbox.smtp) is None
    clock.now += outbox.smtp.lease
    assert outbox._claim(mail_id, outbox.smtp) is not None


def test_the_outbox_survives_kill_9_and_a_server_that_was_away(
    settings: Settings, service: Service, tmp_path: Path
) -> None:
    port = closed_port()
    toml: dict[str, object] = {
        "smtp_host": "127.0.0.1",
        "smtp_port": port,
        "smtp_tls": "none",
        "mail_from": FROM,
        "mail_retry_seconds": 0.2,
        "smtp_timeout_seconds": 2.0,
    }
    write(service)
    with running(settings, tmp_path, toml=toml) as server:
        wait_for(lambda: service.outbox.emails()[0].attempts > 0, "the service never tried")
        os.kill(server.process.pid, signal.SIGKILL)
        server.process.wait(timeout=30)
    assert service.outbox.emails()[0].state is MailState.WAITING
    with mailbox(port=port) as box, running(settings, tmp_path, toml=toml):
        wait_for(lambda: service.outbox.emails()[0].state is MailState.SENT, "the letter was never sent")
        assert len(box.mails) == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nobody",
        "a@b",
        "a@b.dk, c@d.dk",
        "a@b.dk\nBcc: c@d.dk",
        "a@b.dk\r\nBcc: c@d.dk",
        "Anna <a@b.dk>",
        "a b@c.dk",
        '"a"@b.dk',
        "a@1.2.3.4",
        "a@-b.dk",
        "a..b@c.dk",
        "a@b..dk",
        "å@b.dk",
        "a@" + "b" * 64 + ".dk",
        "a" * 65 + "@b.dk",
    ],
)
def test_what_is_no_single_address_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        address(text)
    assert (caught.value.code, caught.value.field) == ("not_an_address", "email")


def test_a_good_address_is_kept_with_its_domain_in_small_ascii() -> None:
    assert address(" Anna.Vagt+npn@Region.DK ") == "Anna.Vagt+npn@region.dk"
    assert address("a@sygehus-ærø.dk") == "a@xn--sygehus-r-q1ac.dk" or address("a@sygehus-ærø.dk").startswith("a@xn--")


def test_nothing_in_a_subject_ends_its_header(service: Service) -> None:
    with mailbox() as box:
        write(service, Email(TO, "Hej\r\nBcc: tyv@example.dk\r\n\r\nBody", "t"))
        outbox, _ = outbox_for(service, box.port)
        assert outbox.send_due().sent == 1
        (mail,) = box.mails
        assert mail["Bcc"] is None
        assert mail["Subject"] == "Hej Bcc: tyv@example.dk Body"
        assert box.envelopes[0].rcpt_tos == [TO]
    assert one_line("a\x00b\u202ec\n d") == "a b c d"
    assert len(one_line("x" * 500)) == 200


def test_an_answer_may_be_asked_for_under_the_cases_own_address(service: Service) -> None:
    with mailbox() as box:
        write(service, Email(TO, "s", "t", Thread(7, "abcdefghjk"), automatic=False))
        outbox, _ = outbox_for(service, box.port, subaddress=True)
        outbox.send_due()
        assert box.mails[0]["Reply-To"] == "npn+NPN-7-abcdefghjk@example.dk"
        assert box.mails[0]["Auto-Submitted"] is None


def test_settled_letters_are_forgotten_after_months_and_waiting_ones_never(service: Service) -> None:
    with mailbox() as box:
        write(service)
        outbox, clock = outbox_for(service, box.port)
        outbox.send_due()
        write(service)
        clock.forward(days=200)
        assert outbox.forget() == 1
        assert [letter.state for letter in outbox.emails()] == [MailState.WAITING]


def test_a_password_that_can_not_be_read_now_postpones_the_letter_and_is_read_again(
    service: Service, tmp_path: Path
) -> None:
    secret = tmp_path / "password"
    secret.write_text("stale")
    ca = certificate(tmp_path)
    with mailbox(tls=tmp_path, login=True) as box:
        settings = Settings(
            smtp_host="127.0.0.1", smtp_port=box.port, mail_from=FROM, smtp_user=USER, smtp_ca=str(ca),
            smtp_password_file=str(secret),
        )  # fmt: skip
        outbox, clock = outbox_for(service, box.port)
        outbox = replace(outbox, smtp=mail_server(settings))
        write(service)
        for content in (None, "wrong", PASSWORD):
            secret.unlink(missing_ok=True)
            if content is not None:
                secret.write_text(content)
            assert box.mails == []
            clock.forward(days=1)
            outbox.send_due()
        assert len(box.mails) == 1


def test_the_settings_name_the_server_or_what_is_missing(tmp_path: Path) -> None:
    assert mail_server(Settings()) is None
    (tmp_path / "password").write_text(f"{PASSWORD}\nsecond line\n")
    made = mail_server(
        Settings(smtp_host="mail", mail_from=FROM, smtp_user=USER, smtp_password_file=str(tmp_path / "password"))
    )
    assert made is not None
    assert (made.password(), made.tls, made.port) == (PASSWORD, "starttls", 587)
    assert PASSWORD not in repr(made)
    (tmp_path / "password").write_text("rotated\n")
    assert made.password() == "rotated"
    for wrong in ({"mail_from": ""}, {"mail_from": FROM, "smtp_password_file": str(tmp_path / "absent")}):
        with pytest.raises(ConfigurationError):
            mail_server(Settings(smtp_host="mail", **wrong))


@pytest.mark.parametrize("field", ["to_address", "subject", "text"])
def test_a_letter_that_holds_what_no_form_would_take_ends_no_header_and_holds_up_no_other(
    service: Service, field: str
) -> None:
    hostile = "x\r\nBcc: everybody@example.dk\r\n\r\n<b>%(x)s\x1b\u202e @,;<>\"'=?utf-8?q?=00?="
    with mailbox() as box:
        first = write(service)
        with service.database.write() as connection:
            mine = outgoing_mail.c.id == first
            connection.execute(sa.update(outgoing_mail).where(mine).values({field: hostile}))
        write(service, Email(TO, "The next", "Good\n"))
        outbox, _ = outbox_for(service, box.port)
        outbox.send_due()
        assert "The next" in [str(mail["Subject"]) for mail in box.mails]
        assert not any("Bcc" in mail for mail in box.mails)
        states = {letter.id: letter.state for letter in outbox.emails(limit=10)}
        assert states[first] is (MailState.SENT if field == "text" else MailState.FAILED)
