"""A copy of all data: behind a code, for a quarter of an hour, its owner's alone, told and written down."""

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.identity.tests.helpers import another, code_for
from accounts.models import Instruction, User
from accounts.privacy import datapaper, mydata
from tests.factories import AccountFactory, TransactionFactory, UserFactory
from tests.support import sign_in
from wekeza_portal import clock
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.documents.models import IssuedPaper
from wekeza_portal.notifications.models import InboxItem, OutboxMessage
from wekeza_portal.registry import exporters

pytestmark = pytest.mark.django_db
PAGE = "/settings/privacy/data/"
FILES = ("data_json", "data_pdf")


def ask(client: Client) -> str:
    """Press the button; the address of the page that asks for the code."""
    answer = client.post(PAGE)
    assert answer.status_code == 303
    return str(answer["Location"])


def opened(client: Client, user: User) -> Instruction:
    """The copy after the right code."""
    address = ask(client)
    client.get(address)
    assert user.customer is not None
    answer = client.post(address, {"code": code_for(user.customer)})
    act = Instruction.objects.latest("created_at")
    assert answer["Location"] == reverse("data_copy", args=[act.pk])
    return act


def files(client: Client, act: Instruction) -> list[Any]:
    return [client.get(reverse(name, args=[act.pk])) for name in FILES]


def test_the_right_code_opens_both_files(client: Client, wanjiku: User) -> None:
    account = AccountFactory(customer=wanjiku.customer)
    TransactionFactory(account=account, description="School fees")
    act = opened(client, wanjiku)
    assert "Save as PDF" in client.get(reverse("data_copy", args=[act.pk])).content.decode()
    data, paper = files(client, act)
    assert wanjiku.customer is not None
    whole = json.loads(data.content)
    assert whole["customer"] == wanjiku.customer_id
    assert set(whole["data"]) == {name for name, _exporter in exporters.items()}
    assert "School fees" in data.content.decode()
    assert paper.content.startswith(b"%PDF")
    for answer in (data, paper):
        assert "attachment" in answer["Content-Disposition"]
        assert "no-store" in answer["Cache-Control"]


def test_without_the_code_there_is_nothing(client: Client, wanjiku: User) -> None:
    address = ask(client)
    act = Instruction.objects.get(kind=mydata.KIND)
    client.get(address)
    assert wanjiku.customer is not None
    client.post(address, {"code": another(code_for(wanjiku.customer))})
    for answer in files(client, act):
        assert answer["Location"] == reverse("data_copy", args=[act.pk])
    assert "opens once you confirm" in client.get(reverse("data_copy", args=[act.pk])).content.decode()
    assert not AuditEvent.objects.filter(verb__in=["data.opened", "data.taken"]).exists()


def test_it_closes_after_a_quarter_of_an_hour(client: Client, wanjiku: User) -> None:
    act = opened(client, wanjiku)
    act.refresh_from_db()
    assert act.posted_at is not None
    for seconds, is_open in ((-1, True), (0, False)):
        with time_machine.travel(act.posted_at + mydata.OPEN_FOR + timedelta(seconds=seconds), tick=False):
            browser = Client()
            sign_in(browser, wanjiku)
            assert mydata.is_open(act) is is_open
            expected = 200 if is_open else 302
            assert [answer.status_code for answer in files(browser, act)] == [expected] * 2
            page = browser.get(reverse("data_copy", args=[act.pk])).content.decode()
            assert ("This copy is closed" in page) is not is_open


def test_nobody_elses_copy_is_found(client: Client, wanjiku: User) -> None:
    act = opened(client, wanjiku)
    stranger = Client()
    sign_in(stranger, UserFactory())
    assert [answer.status_code for answer in files(stranger, act)] == [404, 404]
    assert stranger.get(reverse("data_copy", args=[act.pk])).status_code == 404


def test_another_act_of_ones_own_opens_no_copy(client: Client, wanjiku: User) -> None:
    from tests.pages import parts

    act = parts.changed_password(wanjiku.customer)  # type: ignore[arg-type] # a customer's
    assert [answer.status_code for answer in files(client, act)] == [404, 404]


def test_opening_is_told_everywhere_and_each_file_is_written_down(client: Client, wanjiku: User) -> None:
    act = opened(client, wanjiku)
    files(client, act)
    assert AuditEvent.objects.filter(verb="data.opened", customer_id=wanjiku.customer_id).count() == 1
    forms = AuditEvent.objects.filter(verb="data.taken").order_by("pk").values_list("data__form", flat=True)
    assert list(forms) == ["json", "pdf"]
    assert InboxItem.objects.get(cause=f"data-copy:{act.pk}").category == "SECURITY"
    assert "a copy of all your data was opened" in OutboxMessage.objects.get(cause=f"data-copy:{act.pk}").body


def test_it_is_never_mailed(client: Client, wanjiku: User) -> None:
    files(client, opened(client, wanjiku))
    assert wanjiku.customer is not None
    assert wanjiku.customer.national_id
    for message in OutboxMessage.objects.filter(is_secret=False):
        assert wanjiku.customer.national_id not in message.body
        assert "data.json" not in message.body


def test_the_paper_can_be_verified_and_says_nothing_of_the_customer(client: Client, wanjiku: User) -> None:
    files(client, opened(client, wanjiku))
    paper = IssuedPaper.objects.get(kind=datapaper.PAPER)
    assert wanjiku.customer is not None
    page = Client().get(f"/verify/{paper.code}/").content.decode()
    assert "Copy of a customer" in page
    assert wanjiku.customer.full_name not in page


def test_the_same_paper_again_is_the_same_bytes(client: Client, wanjiku: User) -> None:
    act = opened(client, wanjiku)
    first, again = files(client, act)[1], files(client, act)[1]
    assert first.content == again.content
    assert IssuedPaper.objects.filter(kind=datapaper.PAPER).count() == 1


def test_asking_without_end_is_stopped(client: Client) -> None:
    for _time in range(mydata.ASKING.limit):
        assert client.post(PAGE).status_code == 303
    client.post(PAGE)
    assert Instruction.objects.filter(kind=mydata.KIND).count() == mydata.ASKING.limit


def test_every_part_of_the_file_is_counted_in_the_paper() -> None:
    assert datapaper.counts({"cards": {"a": [1, 2], "b": []}, "odd": [1], "odder": {"x": {"y": [1, 2]}}}) == [
        (datapaper.PARTS["cards"], 2),
        (datapaper.OTHER, 3),
    ]


def test_a_page_that_was_prepared_a_day_ago_is_over(client: Client, wanjiku: User) -> None:
    ask(client)
    act = Instruction.objects.get(kind=mydata.KIND)
    Instruction.objects.filter(pk=act.pk).update(expires_at=clock.now())
    assert "This copy is closed" in client.get(reverse("data_copy", args=[act.pk])).content.decode()
