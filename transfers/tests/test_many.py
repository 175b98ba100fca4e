"""Many payments from one file: checked before anything moves, confirmed once with a code, each row paid once."""

import uuid
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts import instructions
from accounts.ledger import ContentChanged
from accounts.models import Account, Instruction, Posting, User
from tests.factories import LimitFactory, UserFactory
from tests.support import sign_in
from tests.together import at_once
from transfers.many import checking, files, paying, reading
from transfers.many.reading import COLUMNS
from transfers.models import Payment, PaymentFile, PaymentFileRow
from transfers.tests.support import an_account, as_actor, balance, owner_of, pay
from wekeza_portal import clock
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.notifications.models import InboxItem

pytestmark = pytest.mark.django_db(transaction=True)

State, RowState = PaymentFile.State, PaymentFileRow.State
START = Decimal("90000.00")


@pytest.fixture(autouse=True)
def _no_rails(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody outside is asked for names here."""
    monkeypatch.setattr("transfers.outside.rails.can_be_asked", lambda rail: False)


@pytest.fixture
def payer() -> Account:
    account = an_account("Emmanuel Odenyire", str(START))
    UserFactory(customer=owner_of(account))
    return account


@pytest.fixture
def friends() -> list[Account]:
    return [an_account(f"Wanjiku {letter}wangi", "10.00") for letter in "MNO"]


@pytest.fixture
def client(payer: Account) -> Client:
    browser = Client()
    sign_in(browser, User.objects.get(customer=payer.customer))
    return browser


def line(number: str, amount: str = "100", kind: str = "wekeza", where: str = "", note: str = "Wages") -> str:
    return f"{kind},{number},{where},Somebody,{amount},{note}"


def upload(client: Client, payer: Account, *lines: str, name: str = "wages.csv") -> Any:
    content = "\n".join([",".join(COLUMNS), *lines]).encode()
    file = SimpleUploadedFile(name, content)
    return client.post("/move/many/", {"from_account": payer.account_number, "file": file})


def work() -> None:
    while paying.work():
        pass


def uploaded(client: Client, payer: Account, *lines: str) -> PaymentFile:
    response = upload(client, payer, *lines)
    assert response.status_code == 303, response.content.decode()[:2000]
    work()
    return PaymentFile.objects.latest("created_at")


def ready(client: Client, payer: Account, friends: list[Account], amount: str = "100") -> PaymentFile:
    return uploaded(client, payer, *(line(friend.account_number, amount) for friend in friends))


def confirm(payer: Account, file: PaymentFile) -> None:
    """As the right code does it."""
    customer = owner_of(payer)
    assert file.instruction_id is not None
    instructions.approve(customer=customer, instruction_id=file.instruction_id)
    instructions.confirm(customer=customer, instruction_id=file.instruction_id, actor=as_actor(customer))


def states(file: PaymentFile) -> list[str]:
    return list(file.rows.order_by("number").values_list("state", flat=True))


def problems(file: PaymentFile) -> list[str]:
    return list(file.rows.order_by("number").values_list("problem", flat=True))


# --- Before anything moves ----------------------------------------------------------------------------------------


def test_a_file_is_checked_reviewed_confirmed_once_and_each_row_paid(
    client: Client, payer: Account, friends: list[Account]
) -> None:
    file = uploaded(
        client, payer, *(line(friend.account_number, "250.50") for friend in friends),
        line("0722123456", "1000", kind="phone", where="mpesa"),
    )  # fmt: skip
    assert file.state == State.READY
    assert balance(payer) == START
    review = client.get(f"/move/many/{file.id}/").content.decode()
    fee = file.fees
    assert fee > 0
    for words in ("WANJIKU M.", "0722 123 456", "KES 1,751.50", "4 payments"):
        assert words in review
    response = client.post(f"/move/many/{file.id}/confirm/")
    assert response["Location"] == f"/step-up/?for={file.instruction_id}"
    assert balance(payer) == START, "no code, no money"
    confirm(payer, file)
    work()
    file.refresh_from_db()
    assert (file.state, states(file)) == (State.DONE, [RowState.SENT] * 4)
    assert balance(payer) == START - Decimal("1751.50") - fee
    assert [balance(friend) for friend in friends] == [Decimal("260.50")] * 3
    assert Payment.objects.get().amount == Decimal("1000.00")
    text = client.get(f"/move/many/{file.id}/").content.decode()
    for row in file.rows.all():
        assert f"/move/payments/{row.instruction_id}/" in text
        assert client.get(f"/move/payments/{row.instruction_id}/").status_code == 200
    assert InboxItem.objects.filter(cause=f"payment-file:{file.id}").count() == 1


def test_the_code_of_the_step_up_page_confirms_the_file(client: Client, payer: Account, friends: list[Account]) -> None:
    from accounts.identity.tests.helpers import code_for

    file = ready(client, payer, friends)
    client.get(f"/step-up/?for={file.instruction_id}")
    response = client.post(f"/step-up/?for={file.instruction_id}", {"code": code_for(owner_of(payer))})
    assert response["Location"] == f"/move/many/{file.id}/"
    file.refresh_from_db()
    assert file.state == State.CONFIRMED


def test_every_wrong_row_is_named_and_nothing_is_kept(client: Client, payer: Account) -> None:
    response = upload(
        client, payer, line("ACC1"), line("ACC1"), line("?!"), line("ACC2", "NaN"), line("ACC3", "1e9"),
        line("ACC4", "٥"), line("ACC5", "-5"), line("12", kind="bank", where="01"), line("123456", kind="bank"),
        line("071", kind="phone"), line("1", kind="bill", where="NOBODY"), line("ACC6", kind="gift"),
        line("ACC7", "=1+1"), line("ACC8", note="x" * 150),
    )  # fmt: skip
    assert response.status_code == 200
    text = response.content.decode()
    assert "13 rows are wrong" in text
    assert "The same payment stands in row 2." in text
    assert "The kind must be one of" in text
    for number in range(3, 16):
        assert f"Row {number}<" in text
    assert not PaymentFile.objects.exists()
    assert not Instruction.objects.exists()


def test_names_that_are_not_there_are_found_before_anything_moves(
    client: Client, payer: Account, friends: list[Account]
) -> None:
    file = uploaded(client, payer, line(friends[0].account_number), line("ACC9999999"))
    assert (file.state, states(file)) == (State.FAULTY, [RowState.CHECKED, RowState.FAULTY])
    text = client.get(f"/move/many/{file.id}/").content.decode()
    assert "There is no Wekeza account with this number" in text
    assert "Upload the corrected file" in text
    confirmed = client.post(f"/move/many/{file.id}/confirm/")
    assert confirmed.status_code == 303
    work()
    assert not Posting.objects.exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"amount": "40000"}, "The file needs KES 120,000.00"),
        ({"cap": "250.00"}, "the most is KES 250.00"),
        ({"daily": "250.00"}, "your limits leave KES 250.00"),
    ],
)
def test_the_rows_together_are_looked_at_too(
    client: Client, payer: Account, friends: list[Account], change: dict[str, str], words: str
) -> None:
    """Each row alone would pass."""
    if "cap" in change:
        LimitFactory(code="NEW_PAYEE_DAY", value=Decimal(change["cap"]), effective_from=clock.today())
    if "daily" in change:
        tier = owner_of(payer).kyc_tier
        LimitFactory(code="DAILY_OUT", kyc_tier=tier, value=Decimal(change["daily"]), effective_from=clock.today())
    file = ready(client, payer, friends, change.get("amount", "100"))
    assert file.state == State.FAULTY
    assert words in file.problem
    assert words in client.get(f"/move/many/{file.id}/").content.decode()


def test_people_who_were_paid_before_are_not_in_the_cap(client: Client, payer: Account, friends: list[Account]) -> None:
    with time_machine.travel(clock.now() - timedelta(days=3)):
        for friend in friends:
            pay(payer, friend, "10.00")
    LimitFactory(code="NEW_PAYEE_DAY", value=Decimal("250.00"), effective_from=clock.today())
    assert ready(client, payer, friends).state == State.READY


def test_names_have_a_budget_of_their_own(client: Client, payer: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than the five strangers a day of single payments, but not any number."""
    from dataclasses import replace

    monkeypatch.setattr(checking, "NAMES", replace(checking.NAMES, limit=7))
    strangers = [an_account("Some Body") for _number in range(8)]
    file = uploaded(client, payer, *(line(one.account_number) for one in strangers))
    assert states(file) == [RowState.CHECKED] * 7 + [RowState.FAULTY]
    assert "Too many tries" in problems(file)[-1]


def test_ten_files_a_day(client: Client, payer: Account) -> None:
    for _number in range(10):
        assert upload(client, payer, line("ACC9999999")).status_code == 303
    assert upload(client, payer, line("ACC9999999")).status_code == 429


@pytest.mark.parametrize("name", ["=cmd.csv", "<script>.csv", "../../etc/passwd", "🎉.csv", "x" * 300, "a\u202eb.csv"])
def test_odd_file_names_are_only_shown(client: Client, payer: Account, friends: list[Account], name: str) -> None:
    upload(client, payer, line(friends[0].account_number), name=name)
    work()
    file = PaymentFile.objects.get()
    assert "<script>" not in client.get(f"/move/many/{file.id}/").content.decode().replace("<script src", "")
    assert file.state == State.READY


def test_too_large_a_file_and_none_at_all_are_refused(client: Client, payer: Account) -> None:
    too_large = SimpleUploadedFile("a.csv", b"x" * (1024 * 1024 + 1))
    for typed in ({"file": too_large}, {}, {"file": SimpleUploadedFile("a.csv", b"")}):
        response = client.post("/move/many/", {"from_account": payer.account_number, **typed})
        assert response.status_code == 200
        assert response.content.decode().count("Error: ") == 1, "said once, in the title"
    assert not PaymentFile.objects.exists()


def test_every_file_that_is_looked_at_counts_whatever_is_in_it(
    client: Client, payer: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "READS", replace(reading.READS, limit=2))
    statuses = []
    for _ in range(3):
        broken = SimpleUploadedFile("a.xlsx", b"PK\x03\x04 broken")
        statuses.append(client.post("/move/many/", {"file": broken}).status_code)
    assert statuses == [200, 200, 429]
    assert client.get("/move/many/").status_code == 200


def test_somebody_elses_account_does_not_pay(client: Client, friends: list[Account]) -> None:
    response = upload(client, friends[0], line(friends[1].account_number))
    assert response.status_code == 200
    assert not PaymentFile.objects.exists()
    assert AuditEvent.objects.filter(verb="access.denied").exists()


# --- Confirming ---------------------------------------------------------------------------------------------------


def test_the_code_is_asked_for_even_where_everybody_is_known(
    client: Client, payer: Account, friends: list[Account]
) -> None:
    for friend in friends:
        pay(payer, friend, "10.00")
    file = ready(client, payer, friends)
    response = client.post(f"/move/many/{file.id}/confirm/")
    assert "/step-up/" in response["Location"]


def test_a_code_for_other_rows_is_no_code(client: Client, payer: Account, friends: list[Account]) -> None:
    file = ready(client, payer, friends)
    PaymentFileRow.objects.filter(file=file, number=3).update(content_hash="f" * 64)
    with pytest.raises(ContentChanged):
        confirm(payer, file)
    file.refresh_from_db()
    assert file.state == State.READY
    PaymentFileRow.objects.filter(file=file, number=3).delete()
    with pytest.raises(ContentChanged):
        confirm(payer, file)
    work()
    assert balance(payer) == START


def test_a_row_that_was_changed_after_the_code_is_not_paid(
    client: Client, payer: Account, friends: list[Account]
) -> None:
    file = ready(client, payer, friends)
    confirm(payer, file)
    row = file.rows.get(number=2)
    Instruction.objects.filter(pk=row.instruction_id).update(amount=Decimal("9000.00"))
    work()
    assert states(file) == [RowState.REFUSED, RowState.SENT, RowState.SENT]
    assert balance(payer) == START - 200
    assert balance(friends[0]) == Decimal("10.00")


def test_what_ran_out_or_was_given_up_is_not_paid(client: Client, payer: Account, friends: list[Account]) -> None:
    file = ready(client, payer, friends)
    with time_machine.travel(clock.now() + timedelta(hours=12, minutes=1)), pytest.raises(files.FileOver):
        confirm(payer, file)
    client.post(f"/move/many/{file.id}/cancel/")
    with pytest.raises(files.FileOver):
        confirm(payer, file)
    work()
    assert balance(payer) == START
    assert "Nothing was sent" in client.get(f"/move/many/{file.id}/").content.decode()


def test_a_confirmed_file_cannot_be_given_up(client: Client, payer: Account, friends: list[Account]) -> None:
    file = ready(client, payer, friends)
    confirm(payer, file)
    client.post(f"/move/many/{file.id}/cancel/")
    client.post(f"/move/many/{file.id}/confirm/")
    confirm(payer, file)
    work()
    work()
    confirm(payer, file)
    work()
    assert balance(payer) == START - 300
    assert AuditEvent.objects.filter(verb="payment_file.confirmed").count() == 1


def test_the_same_payments_again_are_asked_about_not_refused(
    client: Client, payer: Account, friends: list[Account]
) -> None:
    first = ready(client, payer, friends)
    confirm(payer, first)
    work()
    upload(client, payer, *(line(friend.account_number) for friend in friends))
    work()
    second = PaymentFile.objects.exclude(pk=first.pk).get()
    text = client.get(f"/move/many/{second.id}/").content.decode()
    assert "You paid a file with the same payments on" in text
    assert f"/move/many/{first.id}/" in text


# --- Paying -------------------------------------------------------------------------------------------------------


def test_a_part_that_fails_is_named_and_the_rest_goes(client: Client, payer: Account, friends: list[Account]) -> None:
    file = ready(client, payer, friends, "2000")
    confirm(payer, file)
    Account.objects.filter(pk=friends[1].pk).update(status="FROZEN")
    work()
    file.refresh_from_db()
    assert (file.state, states(file)) == (State.DONE, [RowState.SENT, RowState.REFUSED, RowState.SENT])
    assert balance(payer) == START - 4000
    assert balance(friends[1]) == Decimal("10.00")
    text = client.get(f"/move/many/{file.id}/").content.decode()
    assert "2 of 3 payments were sent, KES 4,000.00 with fees." in text
    assert "1 payment was not sent" in text
    assert "This account can&#x27;t receive money now." in text


def test_money_that_runs_out_half_way_stops_only_the_rows_it_is_missing_for(
    client: Client, payer: Account, friends: list[Account]
) -> None:
    file = ready(client, payer, friends, "2000")
    confirm(payer, file)
    Account.objects.filter(pk=payer.pk).update(balance=Decimal("5500.00"))
    work()
    assert states(file) == [RowState.SENT, RowState.SENT, RowState.REFUSED]
    assert balance(payer) == Decimal("1500.00")
    assert sum(balance(friend) for friend in friends) == Decimal("4030.00")


@pytest.mark.parametrize("seam", ["before", "after"])
def test_a_worker_that_dies_at_a_row_neither_loses_nor_repeats_it(
    client: Client, payer: Account, friends: list[Account], monkeypatch: pytest.MonkeyPatch, seam: str
) -> None:
    """Killed before the money moved, or after it moved and before the row says so."""
    file = ready(client, payer, friends)
    confirm(payer, file)
    note = paying._note

    class Killed(BaseException):
        pass

    def dies(*args: Any) -> None:
        raise Killed

    monkeypatch.setattr(paying, "_post" if seam == "before" else "_note", dies)
    with pytest.raises(Killed):
        paying.work()
    monkeypatch.undo()
    assert paying._note is note
    assert balance(payer) == START - (0 if seam == "before" else 100)
    assert paying.work() == 0, "the dead worker's claim still holds"
    with time_machine.travel(clock.now() + paying.CLAIM + timedelta(seconds=1)):
        work()
    assert states(file) == [RowState.SENT] * 3
    assert balance(payer) == START - 300
    assert [balance(friend) for friend in friends] == [Decimal("110.00")] * 3


def test_a_worker_slower_than_its_claim_pays_nothing_twice(
    client: Client, payer: Account, friends: list[Account]
) -> None:
    file = ready(client, payer, friends)
    confirm(payer, file)
    file.refresh_from_db()
    rows = list(file.rows.order_by("number"))
    work()
    for row in rows:
        paying.handle_row(file, row, owner_of(payer))
    assert balance(payer) == START - 300
    assert states(file) == [RowState.SENT] * 3


@pytest.mark.mariadb
def test_three_workers_and_two_clicks_pay_each_row_once(client: Client, payer: Account, friends: list[Account]) -> None:
    file = ready(client, payer, friends)
    customer = owner_of(payer)
    assert file.instruction_id is not None
    instructions.approve(customer=customer, instruction_id=file.instruction_id)

    def click() -> None:
        instructions.confirm(customer=customer, instruction_id=file.instruction_id, actor=as_actor(customer))

    at_once([click, click, work, work, work])
    work()
    file.refresh_from_db()
    rows = list(file.rows.all())
    at_once([lambda row=row: paying.pay_row(row, customer, as_actor(customer)) for row in rows * 3])
    assert states(file) == [RowState.SENT] * 3
    assert balance(payer) == START - 300


# --- Whose it is --------------------------------------------------------------------------------------------------


def test_others_can_neither_see_nor_confirm_nor_give_up(payer: Account, client: Client, friends: list[Account]) -> None:
    file = ready(client, payer, friends)
    UserFactory(customer=owner_of(friends[0]))
    stranger = Client()
    sign_in(stranger, User.objects.get(customer=friends[0].customer))
    for file_id in (file.id, uuid.uuid4()):
        assert stranger.get(f"/move/many/{file_id}/").status_code == 404
        for act in ("confirm", "cancel"):
            assert stranger.post(f"/move/many/{file_id}/{act}/").status_code == 404
    assert file.name not in stranger.get("/move/many/").content.decode()


def test_the_templates_and_codes_are_given_out(client: Client) -> None:
    assert client.get("/move/many/template.csv").content.startswith(b"\xef\xbb\xbfkind,number")
    assert client.get("/move/many/template.xlsx").content.startswith(b"PK")
    assert "01" in client.get("/move/many/codes/").content.decode()


def test_the_generic_pages_of_a_payment_break_on_no_file(
    client: Client, payer: Account, friends: list[Account]
) -> None:
    """The file's own instruction has an id of its own; whoever types it where a payment's belongs harms nothing."""
    file = ready(client, payer, friends)
    for name in ("review/", "", "receipt.pdf"):
        assert client.get(f"/move/payments/{file.instruction_id}/{name}").status_code in {200, 302, 404}
    response = client.get(f"/move/payments/{file.instruction_id}/", follow=True)
    assert response.redirect_chain[-1][0] == f"/move/many/{file.id}/"
    Account.objects.filter(pk=payer.pk).update(status="FROZEN")
    instructions.approve(customer=owner_of(payer), instruction_id=file.instruction_id)
    assert client.post(f"/move/payments/{file.instruction_id}/confirm/").status_code in {200, 303}
    assert balance(payer) == START
