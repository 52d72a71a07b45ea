"""Honest ledgers with every kind of event, made by the service itself while the clock of everything is moved.

`python tests/ledger/lives.py NAME FILE`, under libfaketime, lives the life of that name and writes its export. Run by
the program of commit 2fbdefb it made the files in `fixtures` (`whole`, `careless`): it asks which program runs it.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from agreements_texts import TEXTS, months_of_stock
from dated_certificate import certificate_pem
from letters import the_last
from moved_clock import Clock, environment
from npn.agreements.model import Evidence, Numbering, VersionNumber
from npn.agreements.proposals.model import Forum, ProposalState, ProposalSubject
from npn.agreements.service import Dates
from npn.config import Settings
from npn.db.backup import back_up
from npn.ledger.export import export
from npn.ledger.keys import make_key
from npn.numbers.scheme import NumberScheme
from npn.onboarding.model import ConnectionWishes, StepName
from npn.people import totp
from npn.people.approvals import Approval, Decision
from npn.people.model import Account, AccountDetails, AccountRole, AccountState
from npn.pools.model import ClonedError, PoolContact
from npn.registry.importing import ImportLine, import_ranges
from npn.registry.model import Draw, Series
from npn.registry.receipts import receipt
from npn.registry.recovery import re_register, rebuild_witness, recover
from npn.support.contacts import Contact
from npn.support.model import CaseState, Requester, StandardText
from npn.systems.model import ApiKey, Caller, ConnectedSystem, Environment, OrganisationKind, Role, SystemState
from npn.systems.register import COLUMNS, import_register, read_register
from npn.transport.planner import Rhythm
from npn.wiring.assembly import build
from prepared import initialised

try:
    from npn.ledger.backups import note_backup
    from npn.ledger.clock import accept as accept_clock
    from npn.ledger.secrets import note_new_key, rotate
    from npn.people.operator_acts import OperatorAct
    from npn.standards.listing import read_list
    from npn.standards.model import CapabilityState, Direction, ProductFault, StandardVersion
    from npn.standards.products import CapabilityWish, InstallationWish
except ImportError:
    OF_TODAY = False
else:
    OF_TODAY = True
SHELL = "admin:root"
Connected = tuple[ConnectedSystem, ApiKey]


@dataclass
class Life:
    """A service under way on an embedded database in its own folder, and what its systems remember."""

    folder: Path
    clock: Clock
    quarantine_days: int = 3650
    drawn: int = 0

    def __post_init__(self) -> None:
        database = f"sqlite:///{self.folder / 'npn.db'}"
        mail = {"smtp_host": "mail.example", "mail_from": "npn@npn.example"}
        self.settings = Settings(database=database, quarantine_days=self.quarantine_days, **mail)
        initialised(self.settings)
        self.service = build(self.settings)

    def export(self) -> list[bytes]:
        lines: list[bytes] = []
        export(self.service.database, lines.append)
        self.service.close()
        return lines

    def system(self, name: str, environment: Environment = Environment.PRODUCTION, *, by: str = SHELL) -> Connected:
        return self.service.systems.add(by=by, name=name, vendor="CSC", owner="Region Nord", environment=environment)

    def draw(
        self, of: Connected, count: int | None = None, *, usable: int | None = None, person: str = "", **more: Any
    ) -> Series:
        self.drawn += 1
        wish = Draw(
            of[0].id, of[1].digest, f"d{self.drawn}", count, usable, more.get("space"), more.get("purpose"), by=person
        )
        (answer,) = self.service.registry.draw([wish])
        if isinstance(answer, Exception):
            raise answer
        return answer.series

    def release(self, of: Connected, series: Series, start: int | None = None, *, person: str = "") -> Series:
        by = Caller(Role.SYSTEM, of[0].id, of[0].id, of[1].digest)
        text = None if start is None else series.text(start)
        return self.service.registry.release(series.id, by=by, from_text=text, person=person)

    def operator(self, name: str, *, by: str = SHELL) -> Account:
        """Make an operator, who sets a password and a second factor."""
        account, link = self.service.accounts.add(
            by=by, email=f"{name}@npn.example", name=name, role=AccountRole.OPERATOR
        )
        self.service.accounts.use_link(link.token, password="none")  # noqa: S106  # nobody signs in
        self.service.accounts.set_second_factor(account.id, secret="A" * 32, step=1, by=account.by)
        return account

    def agreed(self, kind: str, wish: dict[str, Any], *people: Account) -> Approval:
        asked = self.service.approvals.propose(kind, wish, by=people[0].by, reason="the laboratory closed")
        return self.service.approvals.decide(asked.id, Decision.APPROVED, by=people[1].by)

    def given_free(self, series: Series, first: int, last: int, *people: Account) -> None:
        wish = {"series": series.id, "first": series.text(first), "last": series.text(last)}
        done = self.agreed("regrant", wish, *people)
        assert done.outcome.startswith("done: "), done.outcome

    def restored(self, backup: Path) -> None:
        """Put a backup in the database's place, and start again."""
        self.service.close()
        shutil.copy(backup, self.folder / "npn.db")
        self.service = build(self.settings)


def registered(life: Life) -> dict[str, Connected]:
    """Connect systems, and do everything to them that can be done."""
    systems = life.service.systems
    lab, other, third = (life.system(name) for name in ("Labka II", "Other", "Third"))
    test = life.system("Prøve", Environment.TEST)
    systems.set_state(other[0].id, SystemState.SUSPENDED, by=SHELL, reason="moved")
    systems.set_state(other[0].id, SystemState.ACTIVE, by=SHELL)
    systems.set_limits(lab[0].id, by=SHELL, smallest_draw=1, largest_draw=5000, quota=10**6, quota_days=30)
    systems.set_owner(third[0].id, "Region Syd", by=SHELL)
    systems.set_contact(lab[0].id, by=SHELL, kind="administrative", name="Anne", email="anne@nord.dk", telephone="112")
    systems.rotate_key(third[0].id, by=SHELL)
    region = systems.organisation(OrganisationKind.REGION, "Nord")
    systems.set_region(systems.organisation(OrganisationKind.OWNER, "Region Nord"), region, by=SHELL)
    unit = life.service.regions.set_unit(by=SHELL, region=region, name="Vagten", email="vagt@nord.dk")
    life.service.regions.set_care(lab[0].id, by=SHELL, unit_id=unit.id)
    life.service.regions.set_care(lab[0].id, by=SHELL, unit_id=None)
    certificates, clients = life.service.certificates, life.service.clients
    at = life.clock.at
    pem = certificate_pem(begins=at - timedelta(days=1), ends=at + timedelta(days=20))
    bound = certificates.bind(lab[0].id, pem, by=SHELL)
    life.service.expiries.warn()
    certificates.unbind(lab[0].id, bound.fingerprint, by=SHELL)
    subject = clients.bind_subject(lab[0].id, pem, by=SHELL)
    clients.unbind_subject(lab[0].id, subject.digest, by=SHELL)
    certificates.set_levels(lab[0].id, (2, 3), by=SHELL)
    for rows in (("LABKAX", "LABKAY"), ("LABKAX",), ("LABKAX", "LABKAY")):
        text = "\n".join([",".join(COLUMNS), *(f"{n},CSC,Lab,Svar,X01,Sende,Godkendt" for n in rows)]) + "\n"
        import_register(systems, read_register(text), types=["Lab"], environment=Environment.PRODUCTION, by=SHELL)
    return {"lab": lab, "other": other, "third": third, "test": test}


def spoken_of(life: Life, lab: Connected) -> None:
    """Cases, contacts, a request from the form to production, pools."""
    service, who = life.service, Requester("Rikke", "rikke@vendor.dk")
    case = service.cases.open(by=SHELL, subject="Slow", text="It is slow", requester=who, system=lab[0].id)
    service.cases.answer(case.number, "It is not", by=SHELL, author="NPN")
    service.cases.set_state(case.number, CaseState.CLOSED, by=SHELL)
    service.contacts.ask(lab[0].id, by=SHELL)
    service.contacts.confirm(the_last(service, "/contacts/").token)
    technical = Contact("technical", "Tore", "tore@vendor.dk", "112")
    contacts = (technical, Contact("administrative", "Anne", "anne@nord.dk"))
    for number in (1, 2):
        asked = ConnectionWishes(
            system=f"Labka {number + 2}",
            vendor="CSC",
            owner="Region Nord",
            expected_per_day=2000,
            transport="https_certificate",
            addresses=("192.0.2.10",),
            contacts=contacts,
            comment="",
        )
        service.onboarding.asking.ask(asked, requester=who, remote="192.0.2.1")
        request, _ = service.onboarding.asking.confirm(the_last(service, "apply/confirm").token)
        if number == 1:
            service.onboarding.give_test(request.id, by=SHELL)
            service.onboarding.handovers.collect(the_last(service, "/key/").token)
            service.onboarding.waive(request.id, StepName.CERTIFICATE, reason="by VPN", by=SHELL)
            service.onboarding.give_production(request.id, by=SHELL, despite="the laboratory opens")
        else:
            service.onboarding.refuse(request.id, reason="no laboratory", by=SHELL)
    for previous, new in (("a", "b"), ("a", "x"), ("b", "x")):  # a copy, or a service that was set back: it was that
        with suppress(ClonedError):
            service.pools.contact(PoolContact.parse(f"p1; {previous}; {new}"), by=lab[0].id, key=lab[1].digest)


def sunset(life: Life, lab: Connected) -> None:
    """Plain HTTP is to end, and does not."""
    transport, at = life.service.transport, life.clock.at
    transport.announce(at + timedelta(days=300), by=SHELL, reason="decided")
    window = (at + timedelta(days=100), at + timedelta(days=100, hours=2))
    made = transport.announce_brown_out(*window, by=SHELL, reason="a trial")
    transport.cancel_brown_out(made.id, by=SHELL, reason="not now")
    transport.exempt(lab[0].id, at + timedelta(days=400), by=SHELL, reason="old hardware")
    transport.end_exemption(lab[0].id, by=SHELL, reason="new hardware")
    transport.withdraw(by=SHELL, reason="not yet")
    rhythm = Rhythm(date(2027, 9, 1), every_months=6, freeze_months=3)
    life.service.release_notices.state("CSC", rhythm, by=SHELL)


def agreed_upon(life: Life, lab: Connected) -> None:
    """An agreement, what systems say to it, and a change of it."""
    agreements, status, proposals = life.service.agreements, life.service.requirements, life.service.proposals
    today, one = agreements.today, VersionNumber(1, 0)
    agreements.publish(one, TEXTS, by=SHELL, effective_from=today)
    accepted = [
        agreements.accept(lab[0].id, by=SHELL, accepted_by="Bo", capacity="owner", evidence=Evidence("letter"))
        for _ in range(1)
    ]
    agreements.end_acceptance(accepted[0].id, by=SHELL, reason="a new owner")
    agreements.accept(lab[0].id, by=SHELL, accepted_by="Bo", capacity="owner", evidence=Evidence("letter"))
    agreements.set_dates(Dates("connection", one, today, today + timedelta(days=30), None), by=SHELL)
    agreements.grant_respite(lab[0].id, until=today + timedelta(days=60), reason="moves", by=SHELL)
    status.show(lab[0].id, "modulus", met=True, how="shown at a visit", by=SHELL)
    status.exempt(lab[0].id, "modulus", until=today + timedelta(days=60), reason="old", by=SHELL)
    noted = status.note_others(
        lab[0].id, next(iter(Numbering)), place="the clinic", reason="rolls", sends_onward=None, by=SHELL
    )
    status.end_others(noted.id, by=SHELL)
    texts = months_of_stock(274)
    made = proposals.propose(
        VersionNumber(2, 0), texts, subject=ProposalSubject(forum=Forum.USER_GROUP, title="T", reason="R"), by=SHELL
    )
    proposals.revise(made.id, months_of_stock(200), by=SHELL)
    proposals.comment(made.id, section="4.2", text="Too long", said_by="Bo", by=SHELL)
    proposals.say_need(made.id, lab[0].id, needs="A year", said_by="Bo", by=SHELL)
    later = today + timedelta(days=200)
    proposals.decide(made.id, ProposalState.ADOPTED, decided_on=today, minutes="2016/4", by=SHELL, effective_from=later)


def numbered(life: Life, of: dict[str, Connected]) -> dict[str, Series]:
    """Draws, jumps over what is in use, releases, by systems and by hand."""
    lab, other, third, test = of["lab"], of["other"], of["third"], of["test"]
    operator = life.operator("dora")
    scheme = NumberScheme("short", 6, (3, 2, 7, 6, 5, 1), 7, 2)
    life.service.registry.add_space(
        by=SHELL, name="short", environment=Environment.TEST, scheme=scheme, first=0, last=99999
    )
    values = {"space": "production", "system": lab[0].id, "first": "1000001500", "last": "1000001999"}
    import_ranges(life.service.ledger, [ImportLine(2, {**values, "drawn_at": "2010-01-01T00:00:00+02:00"})], by=SHELL)
    first = life.draw(lab, 1000, purpose='fødsel 🧪 \\ "')
    second = life.draw(lab, 1000, person=operator.by)  # does not fit before the import
    life.draw(test, usable=90)
    life.draw(test, usable=3, space="short")
    life.draw(test, 100, space="short")
    life.release(lab, first, first.first + 900)
    life.release(lab, first, first.first + 500, person=operator.by)
    life.release(lab, second)
    late = life.draw(third, 200)
    life.release(third, late)
    life.draw(other, 50)
    with life.service.ledger.transaction() as tx:
        make_key(tx, by=SHELL)
    return {"first": first, "second": second, "late": late}


def granted_again(life: Life, of: dict[str, Connected], series: dict[str, Series], people: tuple[Account, ...]) -> None:
    """Numbers come back to others, twice, and never to somebody who had them."""
    first, second, late = series["first"], series["second"], series["late"]
    life.given_free(first, first.first + 500, first.last, *people)
    again = life.draw(of["other"], 300)
    life.draw(of["other"], 200)
    life.release(of["other"], again)
    life.given_free(second, second.first, second.last, *people)
    life.draw(of["third"], 1000)
    life.clock.wait(timedelta(days=3700))
    life.given_free(again, again.first, again.last, *people)
    life.draw(of["third"], 300)
    life.given_free(late, late.first, late.last, *people)


def lost_and_found(life: Life, of: dict[str, Connected]) -> None:
    """A restore, a receipt taken back, an import forgotten; a witness lost."""
    backup = life.folder / "backup.db"
    back_up(life.service.database, backup)
    lost = [life.draw(of["third"], 70) for _ in range(3)]
    again = life.draw(of["other"], 50)  # of what was given free
    kept = [receipt(life.service.database, series) for series in (lost[1], again)]
    values = {"space": "production", "system": of["lab"][0].id, "first": "1000009000", "last": "1000009099"}
    import_ranges(life.service.ledger, [ImportLine(2, {**values, "drawn_at": "2010-01-01"})], by=SHELL)
    life.restored(backup)
    recover(life.service.ledger, by=SHELL)
    for each in kept:
        re_register(life.service.ledger, each, by=SHELL)
    life.draw(of["other"], 40)
    (life.folder / "npn.witness").unlink()
    rebuild_witness(life.service.ledger, by=SHELL)
    life.draw(of["other"], 40)
    life.draw(of["lab"], usable=1)


def managed(life: Life, people: tuple[Account, ...]) -> None:
    """Accounts that are not operators', and an operator who leaves."""
    accounts = life.service.accounts
    auditor, _ = accounts.add(by=people[0].by, email="rev@npn.example", name="Rev", role=AccountRole.AUDITOR)
    accounts.change(
        auditor.id,
        details=AccountDetails(name="Rev", role=AccountRole.GROUP, organisation=None, state=AccountState.ACTIVE),
        by=people[0].by,
    )
    accounts.new_link(auditor.id, by=people[1].by)
    accounts.change(
        auditor.id,
        details=AccountDetails(name="Rev", role=AccountRole.GROUP, organisation=None, state=AccountState.SUSPENDED),
        by=SHELL,
    )
    wish = {"system": "labka-ii", "smallest_draw": 1, "largest_draw": 10**8, "quota": None, "quota_days": None}
    assert life.agreed("limits", wish, *people).outcome.startswith("done")
    for decision, by in ((Decision.REJECTED, people[1]), (Decision.WITHDRAWN, people[0])):
        asked = life.service.approvals.propose(
            "limits", {**wish, "quota": 10**12, "quota_days": 30}, by=people[0].by, reason="more"
        )
        life.service.approvals.decide(asked.id, decision, by=by.by)


def standard_answers(life: Life) -> None:
    """Standard answers that are shipped, and one of an operator's own."""
    answers = life.service.standard_answers
    own = answers.put(by=SHELL, danish=StandardText("Øvelse", "Hej {name}"), english=StandardText("Drill", "Hello"))
    for answer in (own.id, "key"):
        answers.retire(answer, by=SHELL)
        answers.restore(answer, by=SHELL)
    answers.retire("key", by=SHELL)


def of_today(life: Life, people: tuple[Account, ...], lab: Connected) -> None:
    """What only a program does that adopts the rules: two people for operators and the quarantine, vouches, a clock."""
    service, (anna, bo) = life.service, people
    operators, accounts = service.operators, service.accounts

    def agreed(asked: Approval) -> None:
        outcome = service.approvals.decide(asked.id, Decision.APPROVED, by=bo.by).outcome
        assert outcome.startswith("done: "), outcome

    made = operators.propose_new(by=anna.by, email="carl@npn.example", name="Carl", reason="a third")
    agreed(made)
    carl = accounts.get(str(made.wish["account"]))
    auditor, _ = accounts.add(by=anna.by, email="eva@npn.example", name="Eva", role=AccountRole.AUDITOR)
    agreed(operators.propose(auditor.id, OperatorAct.PROMOTE, by=anna.by, reason="a fourth"))
    suspended = AccountDetails("Carl", AccountRole.OPERATOR, None, AccountState.SUSPENDED)
    accounts.change(carl.id, suspended, by=anna.by)
    agreed(operators.propose(carl.id, OperatorAct.REACTIVATE, by=anna.by, reason="back"))
    agreed(operators.propose(carl.id, OperatorAct.RESET, by=anna.by, reason="lost the factor"))
    accounts.change(
        bo.id,
        details=AccountDetails(name="Bo", role=AccountRole.OPERATOR, organisation=None, state=bo.state),
        by=bo.by,
        email="b@npn.example",
    )
    fie = life.operator("fie")
    accounts.vouch(carl.id, by=SHELL, reason="known to the house")
    accounts.vouch(auditor.id, by=fie.by, reason="known to Fie")
    life.agreed("quarantine", {"days": 4000}, anna, bo)
    reset_by_email(life, anna)
    life.agreed("quarantine", {"days": 4100}, anna, bo)
    life.clock.wait(timedelta(days=1, minutes=1))
    life.agreed("quarantine", {"days": 4200}, bo, anna)
    series = life.draw(lab, 100)
    life.release(lab, series)
    os.environ["LOGNAME"] = "anna"
    service.systems.set_state(lab[0].id, SystemState.SUSPENDED, by=SHELL, reason="as Anna says")
    service.systems.set_state(lab[0].id, SystemState.ACTIVE, by=SHELL)
    del os.environ["LOGNAME"]
    for lived in (renamed_and_merged, standard_answers, standardised):
        lived(life)
    fourteen_digits(life, people, lab)
    note_new_key(service.ledger, "0123456789ab", by=SHELL)
    note_backup(service.ledger, by=SHELL)
    note_backup(service.ledger, by=fie.by, taken=life.clock.at - timedelta(hours=9))
    rotate(service.ledger, by=SHELL)
    life.clock.wait(timedelta(days=9))
    life.draw(lab, 100)
    life.clock.wait(timedelta(days=-9))
    accept_clock(service.ledger, by=SHELL, reason="the server's clock was wrong")
    life.draw(lab, 100)


def renamed_and_merged(life: Life) -> None:
    """Organisations that are renamed, merged, closed and reopened; systems that are renamed, given away and closed."""
    systems, organisations = life.service.systems, life.service.organisations
    again, key = life.system("Labka Again")
    series = life.draw((again, key), 100)
    systems.rename(again.id, "Labka Syd", by=SHELL)
    systems.set_vendor(again.id, "csc", by=SHELL, new_organisation=True)
    systems.set_owner(again.id, "Sygehus Syd", by=SHELL)
    regions = [systems.organisation(OrganisationKind.REGION, name) for name in ("Syd", "Sydlige Danmark")]
    unit = life.service.regions.set_unit(by=SHELL, region=regions[0], name="Vagten", email="vagt@syd.dk")
    systems.set_region(organisations.find("Sygehus Syd").id, regions[0], by=SHELL)
    organisations.merge(*regions, by=SHELL)
    life.service.regions.set_unit(by=SHELL, region=regions[1], name="Nat", email="vagt@syd.dk", unit_id=unit.id)
    organisations.rename(organisations.find("csc").id, "CSC A/S", by=SHELL)
    organisations.merge(organisations.find("CSC A/S").id, organisations.find("CSC").id, by=SHELL)
    life.service.certificates.bind(
        again.id, certificate_pem(begins=life.clock.at, ends=life.clock.at + timedelta(days=400)), by=SHELL
    )
    systems.close(again.id, by=SHELL, reason="replaced")
    life.release((again, key), series)
    organisations.close(organisations.find("Sygehus Syd").id, by=SHELL)
    organisations.close(regions[1], by=SHELL)
    organisations.reopen(regions[1], by=SHELL)


def standardised(life: Life) -> None:
    """Lists of standards, a product with a release and a fault, its installation, and what that takes."""
    standards, products, today = life.service.standards, life.service.products, life.service.standards.today
    rows = [f"MADS,CSC,Lab,Svar,RPT02 ({version}),Sende,Godkendt" for version in ("R0230M", "R0231M")]
    for count in (1, 2):
        standards.import_list(read_list("\n".join([",".join(COLUMNS), *rows[:count]]) + "\n"), by=SHELL)
    days = (today - timedelta(days=9), None, today + timedelta(days=9))
    version = standards.set_version(StandardVersion("RPT02", "R0231M", *days), by=SHELL)
    products.add_release("mads", "5.1", by=SHELL, released_on=today)
    products.add_fault(ProductFault("mads", "5.1", "serious", "5.2", "loses a result"), by=SHELL)
    wish = InstallationWish(release="5.1", owner="Region Nord")
    made = products.set_installation("mads", by=SHELL, wish=wish)
    said = CapabilityWish(version, Direction.SEND, CapabilityState.YES, "attested", "Region Nord")
    products.set_capability(made.id, said, by=SHELL)


def reset_by_email(life: Life, account: Account) -> None:
    """Set an operator's password by the link in an e-mail, and a code of the second factor."""
    life.service.password_resets.ask(account.email)
    token = re.search(r"/reset/(\S+)", the_last(life.service, "/reset/").text)
    assert token is not None
    code = totp.code_at("A" * 32, int(time.time()) // totp.PERIOD)
    life.service.password_resets.use(token[1], password="other", code=code)  # noqa: S106  # nobody signs in


def fourteen_digits(life: Life, people: tuple[Account, ...], lab: Connected) -> None:
    """A space of longer numbers, opened, closed and made the default; a system moves there and back."""
    service, (anna, bo), spaces = life.service, people, life.service.spaces
    scheme = NumberScheme("npn14", 14, (2, 7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1))
    service.registry.add_space(
        by=SHELL, name="wide", environment=Environment.PRODUCTION, scheme=scheme, first=10**13, last=9 * 10**13 - 1
    )
    spaces.set_open("wide", is_open=False, by=SHELL)
    spaces.set_open("wide", is_open=True, by=SHELL)
    spaces.set_default("wide", by=SHELL)
    life.agreed("space", {"system": lab[0].id, "space": "wide"}, anna, bo)
    life.draw(lab, 1000)
    life.agreed("space", {"system": lab[0].id, "space": "production"}, anna, bo)


def whole(life: Life) -> None:
    """Live a life in which everything happens."""
    people = (life.operator("anna"), life.operator("bo"))
    of = registered(life)
    spoken_of(life, of["lab"])
    sunset(life, of["lab"])
    agreed_upon(life, of["lab"])
    series = numbered(life, of)
    managed(life, people)
    life.clock.wait(timedelta(days=3700))
    granted_again(life, of, series, people)
    lost_and_found(life, of)
    if OF_TODAY:
        of_today(life, people, of["other"])


def odd(life: Life) -> None:
    """Live with spaces of six and of eighteen digits, filled to the last number, granted again, lost and taken back."""
    people = (life.operator("anna"), life.operator("bo"))
    one, other = (life.system(name, Environment.TEST) for name in ("One", "Other"))
    short = NumberScheme("short", 6, (3, -2, 7, 0, 5, 1), 7, 2)
    long = NumberScheme("long", 18, tuple(range(1, 19)), 97, 13)
    for scheme, first, last in ((short, 0, 999), (long, 10**18 - 10**6, 10**18 - 1)):
        life.service.registry.add_space(
            by=SHELL, name=scheme.name, environment=Environment.TEST, scheme=scheme, first=first, last=last
        )
    series = [life.draw(one, count, space="short") for count in (300, 699, 1)]
    far = life.draw(one, 10**6, space="long")
    for each in (*series, far):
        life.release(one, each)
    life.clock.wait(timedelta(days=3700))
    for each in (*series[:2], far):
        life.given_free(each, each.first, each.last, *people)
    life.draw(other, 200, space="short")
    backup = life.folder / "backup.db"
    back_up(life.service.database, backup)
    lost = life.draw(other, 600, space="short")
    kept = receipt(life.service.database, lost)
    life.restored(backup)
    recover(life.service.ledger, by=SHELL)
    re_register(life.service.ledger, kept, by=SHELL)


def careless(life: Life) -> None:
    """Live as an older program let one: one person does what takes two by now."""
    people = (life.operator("anna"), life.operator("bo"))
    lab, other = life.system("Labka II"), life.system("Other")
    made = life.operator("carl", by=people[0].by)
    life.service.accounts.new_link(life.operator("dora").id, by=made.by)
    wish = {"system": "labka-ii", "smallest_draw": 1, "largest_draw": 10**8, "quota": None, "quota_days": None}
    assert life.agreed("limits", wish, people[0], made).outcome.startswith("done")
    series = life.draw(lab, 1000)
    life.service.systems.set_state(lab[0].id, SystemState.SUSPENDED, by=SHELL, reason="closed")
    life.release(lab, series, series.first + 500)
    life.clock.wait(timedelta(days=1))
    life.given_free(series, series.first + 500, series.last, *people)
    life.draw(other, 500)


def parted(life: Life) -> None:
    """Live on two databases in turn, and on one backup three times; take back what each of them lost."""
    lab, other = life.system("Labka II"), life.system("Other")
    backup, later = life.folder / "backup.db", life.folder / "later.db"
    life.draw(lab, 100)
    back_up(life.service.database, backup)
    kept = [lost_receipt(life, lab) for _ in range(6)]
    back_up(life.service.database, later)
    for _ in range(2):
        life.restored(backup)
        recover(life.service.ledger, by=SHELL)
        kept += [lost_receipt(life, other) for _ in range(2)]
    for copy, held in ((backup, kept[:2] + kept[6:]), (later, kept[6:])):
        life.restored(copy)
        recover(life.service.ledger, by=SHELL)
        for each in held:
            re_register(life.service.ledger, each, by=SHELL)
        life.draw(other, 10)


def lost_receipt(life: Life, of: Connected) -> str:
    """Draw, and return the receipt of what will be lost."""
    return receipt(life.service.database, life.draw(of, 10))


LIVES = {"whole": whole, "odd": odd, "careless": careless, "parted": parted}


def lived(name: str, folder: Path) -> list[bytes]:
    """Return the export of a life, lived in its own process whose clock it moves."""
    moved, file = folder / "clock", folder / "ledger.jsonl"
    Clock(moved)
    command = [sys.executable, __file__, name, str(file)]
    subprocess.run(command, env={**os.environ, **environment(moved)}, check=True, timeout=300)
    return file.read_bytes().splitlines(keepends=True)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        life = Life(Path(made), Clock(), 0 if sys.argv[1] == "careless" else 3650)
        LIVES[sys.argv[1]](life)
        Path(sys.argv[2]).write_bytes(b"".join(life.export()))
