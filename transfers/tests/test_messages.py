"""What both sides are told: in the transaction of the money, in their own language, in one SMS."""

from decimal import Decimal

import pytest
from django.conf import settings

from accounts.models import Account, Posting
from tests.factories import AccountFactory, CustomerFactory, UserFactory
from tests.support import all_the_money
from transfers.tests.support import (
    an_account,
    confirm,
    known_for_long,
    owner_of,
    prepare,
)
from wekeza_portal import clock
from wekeza_portal.notifications.models import Channel, OutboxMessage

pytestmark = pytest.mark.django_db


def test_both_are_told_by_sms_in_the_same_breath(sender: Account, receiver: Account) -> None:
    receipt = confirm(prepare(sender, receiver, "500.00", "secret words"))
    mine = OutboxMessage.objects.get(customer_id=owner_of(sender).user_id)
    theirs = OutboxMessage.objects.get(customer_id=owner_of(receiver).user_id)
    assert mine.body == (
        f"Wekeza: you sent KES 500.00 to WANJIKU M. Ref {receipt.reference}. Not you? Call {settings.FRAUD_PHONE}."
    )
    assert theirs.body == f"Wekeza: you received KES 500.00 from EMMANUEL O. Ref {receipt.reference}."
    assert (mine.channel, mine.to) == (Channel.SMS, owner_of(sender).phone_number)
    assert (theirs.channel, theirs.to) == (Channel.SMS, owner_of(receiver).phone_number)
    for message in (mine, theirs):
        assert len(message.body) <= 160
        assert message.body.isascii()
        assert "secret" not in message.body
        assert "ACC" not in message.body


def test_the_longest_sms_still_fits_in_one() -> None:
    sender = an_account("E" * 60 + " Odenyire", "900000000000.00")
    receiver = an_account("W" * 60 + " 🎉", "0.00")
    from tests.factories import LimitFactory

    for code in ("DAILY_OUT", "MONTHLY_OUT"):
        LimitFactory(code=code, kyc_tier="TIER_2", value=Decimal("9999999999999.00"), effective_from=clock.today())
    known_for_long(sender, receiver)
    confirm(prepare(sender, receiver, "800000000000.00"))
    assert max(len(message.body) for message in OutboxMessage.objects.all()) <= 160


def test_without_a_phone_number_an_email_goes_out() -> None:
    sender = AccountFactory(customer=CustomerFactory(full_name="Emmanuel Odenyire", phone_number=None))
    receiver = AccountFactory(customer=CustomerFactory(full_name="Wanjiku Mwangi", phone_number=None))
    confirm(prepare(sender, receiver, "500.00"))
    mine = OutboxMessage.objects.get(customer_id=owner_of(sender).user_id)
    theirs = OutboxMessage.objects.get(customer_id=owner_of(receiver).user_id)
    assert (mine.channel, mine.to, mine.subject) == (Channel.EMAIL, owner_of(sender).email, "You sent KES 500.00")
    assert (theirs.channel, theirs.subject) == (Channel.EMAIL, "You received KES 500.00")


def test_each_is_told_in_their_own_language(
    sender: Account, receiver: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.utils import translation

    UserFactory(customer=owner_of(receiver), language="sw")
    monkeypatch.setattr("transfers.messages._", lambda text: f"{translation.get_language()}|{text}")
    with translation.override("sw"):
        confirm(prepare(sender, receiver))
    assert OutboxMessage.objects.get(customer_id=owner_of(sender).user_id).body.startswith("en|")
    assert OutboxMessage.objects.get(customer_id=owner_of(receiver).user_id).body.startswith("sw|")


def test_between_own_accounts_one_message_is_enough(sender: Account) -> None:
    receipt = confirm(prepare(sender, AccountFactory(customer=owner_of(sender))), with_code=False)
    message = OutboxMessage.objects.get()
    assert message.body.startswith("Wekeza: you moved KES 500.00 between your accounts. Ref " + receipt.reference)


def test_when_the_message_cannot_be_written_no_money_moves(
    sender: Account, receiver: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    instruction = prepare(sender, receiver)
    before = all_the_money()

    def break_down(messages: object) -> None:
        raise ConnectionError("outbox")

    monkeypatch.setattr("accounts.telling.enqueue_all", break_down)
    with pytest.raises(ConnectionError):
        confirm(instruction)
    assert all_the_money() == before
    assert not Posting.objects.exists()
