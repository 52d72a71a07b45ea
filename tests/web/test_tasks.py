"""The pages of tasks: what each role reads, what colleagues do with the list, the daily mail, the first day."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from letters import the_last
from npn.mail.model import Email
from npn.people.model import AccountRole
from npn.server.fronts import page_chores
from npn.support.model import Requester
from npn.tasks.mailing import TaskMailing
from npn.tasks.model import TaskKind
from npn.tasks.setup import SetupItem, SetupState
from npn.transport.calls import Tally
from npn.web.pages.tasks.daily_mail import send_daily
from npn.web.pages.tasks.words import WORDS, kind_title, sentence
from npn.web.texts import texts
from web.conftest import town_in
from web.formfields import forms_of
from web.town import Browser, Town

OPERATOR = AccountRole.OPERATOR


def over_http(town: Town, system: str, calls: int) -> None:
    at = town.service.ledger.clock()
    town.service.transport.add_calls([Tally(system, at.date(), "rest", plain=calls, plain_at=at)])


def handled(browser: Browser, path: str, act: str, **values: str) -> int:
    """Fill in the form on a task's page whose action ends so, as it is shown."""
    page = browser.get(path).text
    (form,) = (form for form in forms_of(page) if form.action.endswith(act))
    return browser.post(form.action, {**form.values, **values}).status_code


def until(town: Town, days: int) -> str:
    return (town.service.tasks.today + timedelta(days=days)).isoformat()


def test_a_witness_that_is_away_is_told_to_every_role_and_no_list_says_that_all_is_well(tmp_path: Path) -> None:
    with town_in(tmp_path) as town:
        for role in AccountRole:
            page = town.browser(role, language="da").get("/overview").text
            assert "alt er, som det skal være" not in page
            assert "Der kan ikke trækkes numre" not in page
        assert "Du har ingen opgaver." in town.browser(AccountRole.AUDITOR, language="da").get("/overview").text
        (tmp_path / "npn.witness").unlink()
        for role in AccountRole:
            page = town.browser(role, language="da").get("/overview").text
            assert "Der kan ikke trækkes numre" in page, role
            assert ("Til orientering" in page) == (role is not OPERATOR)
        assert town.browser(AccountRole.GROUP).get("/tasks/draws-stopped").status_code == 200


def test_a_group_is_one_line_and_lists_all_of_them_on_its_page(own_town: Town) -> None:
    town = own_town
    over_http(town, town.ours, 1)
    over_http(town, town.foreign, 1234)
    operator = town.browser(OPERATOR, language="da")
    page = operator.get("/overview").text
    assert "2 systemer kalder stadig over ukrypteret HTTP" in page
    assert "Fremmed Lab, Labka Nord" in page
    listed = operator.get("/tasks/plain-http").text
    assert "Labka Nord kaldte over ukrypteret HTTP én gang på 30 dage" in listed
    assert "Fremmed Lab kaldte over ukrypteret HTTP 1.234 gange på 30 dage" in listed
    owner = town.browser(AccountRole.OWNER).get("/overview").text
    assert "Labka Nord called over plain HTTP once in 30 days." in owner
    assert "remmed" not in owner
    assert town.browser(AccountRole.GROUP).get("/tasks/plain-http").status_code == 404
    assert operator.get("/tasks/no-such-kind").status_code == 404


def test_a_long_list_is_shown_a_page_at_a_time_and_each_is_reached(own_town: Town) -> None:
    town = own_town
    numbers = [
        town.service.cases.open(by="admin:t", subject=f"Nr {n}", text="?", requester=Requester("A", "a@x.dk")).number
        for n in range(60)
    ]
    operator = town.browser(OPERATOR)
    pages = operator.get("/tasks/cases").text + operator.get("/tasks/cases?page=2").text
    assert [number for number in numbers if f'href="/cases/{number}"' not in pages] == []
    assert pages.index(f"/cases/{numbers[0]}") < pages.index(f"/cases/{numbers[-1]}"), "the oldest is first"
    for number in numbers:
        town.service.cases.assign(number, "", by="admin:t")


def test_a_task_is_assigned_put_off_and_taken_up_again_and_that_is_history(own_town: Town) -> None:
    town = own_town
    over_http(town, town.ours, 7)
    over_http(town, town.foreign, 8)
    operator, mine = town.browser(OPERATOR, language="da"), town.accounts[OPERATOR]
    whole = "/tasks/plain-http/handle?task=all"
    assert handled(operator, whole, "/assign", to="a-stranger") == 422
    assert handled(operator, whole, "/assign", to=mine.id) == 303
    assert "Anna Operator" in operator.get("/tasks/plain-http").text
    assert "Labka Nord" in operator.get("/tasks?show=mine").text
    for wrong in ({"until": "", "reason": "x"}, {"until": until(own_town, 7), "reason": ""}, {"until": "2020-01-01"}):
        assert handled(operator, whole, "/snooze", **{"reason": "x", **wrong}) == 422
    assert handled(operator, whole, "/snooze", until=until(own_town, 7), reason="Aftalt med leverandøren") == 303
    assert "ukrypteret HTTP" not in operator.get("/overview").text
    page = operator.get("/tasks").text
    assert "Aftalt med leverandøren" in page
    assert handled(operator, "/tasks", "/plain-http/unsnooze") == 303
    assert "2 systemer kalder stadig over ukrypteret HTTP" in operator.get("/overview").text

    one = re.search(r"/tasks/plain-http/handle\?task=[0-9a-f]{20}", operator.get("/tasks/plain-http").text)
    assert one is not None
    assert handled(operator, one[0], "/snooze", until=until(own_town, 3), reason="Ny version på vej") == 303
    assert "udsat til" in operator.get("/tasks/plain-http").text
    history = operator.get("/tasks/plain-http").text.partition("Historik")[2]
    for word in ("Tildelt", "Udsat", "Genoptaget", "Ny version på vej", "Anna Operator"):
        assert word in history, (word, history)
    assert handled(operator, "/tasks", "/plain-http/unsnooze") == 303
    assert handled(operator, whole, "/assign", to="nobody") == 303


def test_the_menu_counts_the_groups_that_wait_for_somebody(own_town: Town) -> None:
    town, mine = own_town, own_town.accounts[OPERATOR]
    over_http(town, town.ours, 7)
    operator = town.browser(OPERATOR)

    def counted(browser: Browser) -> int:
        found = re.search(r'<a href="/overview"[^>]*>[^<]*<span class="count">([0-9]+)', browser.get("/systems").text)
        return int(found[1]) if found else 0

    assert handled(operator, "/tasks/plain-http/handle?task=all", "/assign", to=mine.id) == 303
    before = counted(operator)
    assert before >= 1
    assert handled(operator, "/tasks/plain-http/handle?task=all", "/snooze", until=until(town, 7), reason="x") == 303
    assert counted(operator) == before - 1
    assert counted(town.browser(AccountRole.AUDITOR)) == 0
    assert handled(operator, "/tasks", "/plain-http/unsnooze") == 303
    assert handled(operator, "/tasks/plain-http/handle?task=all", "/assign", to="nobody") == 303


def test_others_see_and_may_not_decide(own_town: Town) -> None:
    town = own_town
    over_http(town, town.ours, 7)
    auditor = town.browser(AccountRole.AUDITOR)
    assert "plain HTTP" in auditor.get("/overview").text
    assert "/handle" not in auditor.get("/tasks/plain-http").text
    assert auditor.get("/tasks/plain-http/handle").status_code == 404
    assert auditor.post("/tasks/plain-http/assign", {"task": "all", "to": "nobody"}).status_code in (403, 404)
    values = {"task": "all", "until": until(own_town, 7), "reason": "x"}
    assert auditor.post("/tasks/plain-http/snooze", values).status_code in (403, 404)
    owner = town.browser(AccountRole.OWNER)
    assert owner.post("/tasks/plain-http/snooze", {**values, "task": "0" * 20}).status_code == 404
    assert "plain HTTP" in town.browser(OPERATOR).get("/overview").text


def test_what_may_not_wait_has_no_form_for_it(own_town: Town) -> None:
    path = own_town.service.database.path
    assert path is not None
    path.chmod(0o644)
    try:
        page = own_town.browser(OPERATOR).get("/tasks/readable-files/handle").text
        assert "/tasks/readable-files/snooze" not in page
        values = {"task": "all", "until": until(own_town, 7), "reason": "senere"}
        answer = own_town.browser(OPERATOR, language="da").post("/tasks/readable-files/snooze", values)
        assert answer.status_code == 422
        assert "kan ikke udsættes" in answer.text
    finally:
        path.chmod(0o600)


@pytest.mark.parametrize("language", ["da", "en"])
def test_every_kind_is_said_in_both_languages(own_town: Town, language: str) -> None:
    words = texts(language)
    assert set(WORDS) == set(TaskKind)
    for kind in TaskKind:
        assert kind_title(words, kind, 12345)
    own_town.service.cases.open(by="admin:t", subject="?", text="?", requester=Requester("A", "a@x.dk"))
    for task in own_town.service.tasks.find():
        assert "%(" not in sentence(words, task)


def mailing_at(town: Town, at: datetime) -> TaskMailing:
    return TaskMailing(town.service.database, lambda: at, "https://npn.example", works=True)


def test_the_daily_mail_comes_once_at_seven_and_ends_by_one_press(mail_town: Town) -> None:
    town, anna = mail_town, mail_town.accounts[OPERATOR]
    browser = town.browser(OPERATOR, language="da")
    assert browser.post("/account/daily-mail", {"language": "xx"}).status_code == 422
    assert browser.post("/account/daily-mail", {"language": "da"}).status_code == 303
    town.service.cases.open(by="admin:t", subject="Hemmeligt", text="?", requester=Requester("A", "a@x.dk"), tell=False)
    tasks = town.service.tasks

    def sent(at: datetime) -> int:
        return send_daily(tasks, mailing_at(town, at))

    winter = datetime(2099, 1, 10, tzinfo=UTC)  # 7.00 in Denmark is 6.00 UTC
    assert sent(winter.replace(hour=5, minute=59)) == 0
    assert sent(winter.replace(hour=6)) == 1
    assert [sent(winter.replace(hour=hour)) for hour in (6, 7, 22)] == [0, 0, 0]
    summer = datetime(2099, 7, 10, tzinfo=UTC)  # and 5.00 UTC
    assert (sent(summer.replace(hour=4, minute=59)), sent(summer.replace(hour=5))) == (0, 1)
    mail = the_last(town.service, "/daily-mail/")
    assert mail.to == anna.email
    assert "Sager, der skal besvares (" in mail.text
    assert "https://npn.example/tasks/cases" in mail.text
    assert "åbne opgaver" in mail.subject
    assert not re.search("Hemmeligt|Labka|Fremmed", mail.text)

    link = re.search(r"/daily-mail/\S+", mail.text)
    assert link is not None
    stranger = town.browser(None)
    assert stranger.get(link[0]).status_code == 200
    assert town.service.task_mailing.subscription(anna.id) is not None, "looking at the link ends nothing"
    assert stranger.post(link[0]).status_code == 303
    assert town.service.task_mailing.subscription(anna.id) is None
    assert stranger.get("/daily-mail/none").status_code == 404
    assert sent(summer + timedelta(days=1, hours=8)) == 0


def test_nobody_is_written_to_about_nothing_nor_when_suspended(mail_town: Town) -> None:
    town, group = mail_town, mail_town.accounts[AccountRole.AUDITOR]
    town.service.task_mailing.subscribe(group.id, "en")
    at = datetime(2099, 3, 3, 9, tzinfo=UTC)
    assert send_daily(town.service.tasks, mailing_at(town, at)) == 0
    assert mailing_at(town, at).due() == [], "the day is settled: what comes later that day waits for the next"


def test_two_servers_send_one_mail(mail_town: Town) -> None:
    town = mail_town
    town.service.task_mailing.subscribe(town.accounts[OPERATOR].id, "en")
    first, second = (mailing_at(town, datetime(2099, 3, 3, 9, tzinfo=UTC)) for _ in range(2))
    (due,), (same,) = first.due(), second.due()
    groups = []
    for mailing, each in ((first, due), (second, same)):
        written = mailing.settle(each, lambda link: Email("x", "x", link))  # type: ignore[arg-type,return-value]  # read alike
        groups.append(written)
    assert groups == [True, False]
    assert [chore.name for chore in page_chores(town.service)] == []  # this one has no mail server


def test_who_asks_after_seven_gets_the_first_mail_the_next_morning(mail_town: Town) -> None:
    account = mail_town.accounts[OPERATOR].id
    for hour, due in ((4, [account]), (12, [])):
        at = datetime(2099, 1, 10, hour, tzinfo=UTC)
        mailing_at(mail_town, at).subscribe(account, "da")
        assert [each.account.id for each in mailing_at(mail_town, at.replace(hour=20)).due()] == due
        mailing_at(mail_town, at).unsubscribe(account)


def state(town: Town, item: SetupItem) -> tuple[SetupState, str]:
    checks = town.service.setup.checks(by_https=False)
    (check,) = (check for check in checks if check.item is item)
    return check.state, check.how


def test_the_checklist_shows_the_unknown_as_unknown_until_it_is_put_away(own_town: Town) -> None:
    operator = own_town.browser(OPERATOR, language="da")
    page = operator.get("/overview").text
    assert "Tjekliste for opsætning" in page
    assert "Tjekliste for opsætning" not in own_town.browser(AccountRole.AUDITOR, language="da").get("/overview").text
    listed = operator.get("/setup").text
    for words in ("Ingen har meldt en sikkerhedskopi til tjenesten.", "npn admin backup seen", "Ukendt", "Mangler"):
        assert words in listed
    assert state(own_town, SetupItem.BACKUP)[0] is SetupState.UNKNOWN
    assert state(own_town, SetupItem.AGREEMENT)[0] is SetupState.DONE
    assert state(own_town, SetupItem.OPERATOR)[0] is SetupState.MISSING
    assert operator.post("/setup/dismiss").status_code == 303
    shown = operator.get("/overview").text
    assert "Tjekliste for opsætning" not in shown.partition("<main")[2]
    assert "Tjekliste for opsætning" in shown.partition("<main")[0]  # the menu has it still
    assert operator.post("/setup/take-up").status_code == 303
    assert "Tjekliste for opsætning" in operator.get("/overview").text


def test_a_test_mail_says_how_it_was_confirmed(mail_town: Town) -> None:
    town, operator = mail_town, mail_town.browser(OPERATOR, language="da")
    assert "Ingen har meldt" in operator.get("/setup").text
    assert "ingen har prøvet den endnu" in operator.get("/setup").text
    assert operator.post("/setup/test-mail").status_code == 303
    assert "Testmailen er på vej." in operator.get("/setup").text
    mail = the_last(town.service, "/setup/mail/")
    link = re.search(r"/setup/mail/\S+", mail.text)
    assert link is not None
    stranger = town.browser(None, language="da")
    assert stranger.get(link[0]).status_code == 200
    assert "Testmailen er på vej." in operator.get("/setup").text, "a program that follows links confirms nothing"
    assert stranger.get("/setup/mail/none").status_code == 404
    assert stranger.post(link[0]).status_code == 303
    assert "Det er bekræftet med linket" in operator.get("/setup").text


def test_a_test_mail_that_the_server_took_or_refused_is_told_apart(mail_town: Town) -> None:
    town, operator = mail_town, mail_town.browser(OPERATOR, language="en")
    for settled, said in (("sent", "nobody has confirmed that it came"), ("failed", "refused the test mail")):
        assert operator.post("/setup/test-mail").status_code == 303
        (email,) = (e for e in town.service.outbox.emails() if e.state == "waiting" and "/setup/mail/" in e.text)
        town.service.outbox._settle(email, type(email.state)(settled), "")
        assert said in operator.get("/setup").text


def test_without_a_mail_server_nothing_is_tried(own_town: Town) -> None:
    assert own_town.browser(OPERATOR).post("/setup/test-mail").status_code in (403, 409)
    assert state(own_town, SetupItem.MAIL) == (SetupState.MISSING, "mail_not_set_up")
