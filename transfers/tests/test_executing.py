"""What is asked again when a payment out of the bank is confirmed: a draft lives for a day, and the bank goes on."""

from decimal import Decimal

import pytest

from accounts.models import Account, FeeBand, Limit, Rate
from tests.factories import LimitFactory
from tests.support import all_the_money
from transfers import errors
from transfers.models import Biller, Payment
from transfers.outside.errors import AboveMost, BelowLeast, ReceiverGone
from transfers.outside.kinds import KINDS
from transfers.outside.terms import bounds_of
from transfers.pricing import NoFee
from transfers.tests.scripted import prepare_out, scripted
from transfers.tests.support import an_account, confirm, owner_of
from wekeza_portal import clock
from wekeza_portal.errors import PortalError

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def sender(db: None) -> Account:
    return an_account("Emmanuel Odenyire", "200000.00")


def refused(instruction: object, error: type[PortalError]) -> str:
    """Confirming is refused with it, and not a cent moves."""
    before = all_the_money()
    with scripted(), pytest.raises(error) as refusal:
        confirm(instruction)
    assert all_the_money() == before
    assert not Payment.objects.exists()
    return str(refusal.value)


@pytest.mark.parametrize(
    ("code", "value", "error", "said"),
    [
        (Limit.Code.MOBILE_PER_PAYMENT, "50000.00", AboveMost, "KES 50,000.00"),
        (Limit.Code.MOBILE_MINIMUM, "95000.00", BelowLeast, "KES 95,000.00"),
    ],
)
def test_bounds_that_changed_since_the_draft_hold(
    sender: Account, code: str, value: str, error: type[PortalError], said: str
) -> None:
    with scripted():
        instruction = prepare_out(sender, amount="90000.00")
    LimitFactory(code=code, kyc_tier="", value=D(value), effective_from=clock.today())
    assert said in refused(instruction, error)


def test_a_billers_own_bounds_hold_too(sender: Account) -> None:
    with scripted():
        instruction = prepare_out(sender, "bills", amount="1200.00")
    Biller.objects.filter(code="KPLC_PREPAID").update(maximum=D("1000.00"))
    refused(instruction, AboveMost)


def test_duty_that_changed_inside_the_same_fee_is_shown_again_before_it_is_booked(sender: Account) -> None:
    with scripted():
        instruction = prepare_out(sender, "pesalink", amount="5000.00")
    raised = Rate(code=Rate.Code.EXCISE_TRANSFERS, per_cent=D("20"), effective_from=clock.today(), created_by="test")
    Rate.objects.bulk_create([raised])  # as if added yesterday
    assert "KES 25.00" in refused(instruction, errors.DutyChanged)
    with scripted():
        confirm(prepare_out(sender, "pesalink", amount="5000.00"))
    assert Payment.objects.count() == 1


def test_a_biller_without_an_account_any_more_is_not_paid(sender: Account) -> None:
    with scripted():
        instruction = prepare_out(sender, "bills")
    Biller.objects.filter(code="KPLC_PREPAID").update(paybill="", bank_code="", bank_account="")
    refused(instruction, ReceiverGone)


# --- No price -------------------------------------------------------------------------------------------------


def test_above_the_highest_band_there_is_no_price_so_that_is_the_most_one_may_send(sender: Account) -> None:
    LimitFactory(code=Limit.Code.MOBILE_PER_PAYMENT, kyc_tier="", value=D("9000000.00"), effective_from=clock.today())
    highest = FeeBand.objects.order_by("-up_to").values_list("up_to", flat=True).first()
    kind = KINDS["MOBILE_MONEY"]
    assert bounds_of(kind, owner_of(sender)).most == highest
    rich = an_account("Nuria Hassan", "9000000.00")
    with scripted(), pytest.raises(AboveMost):
        prepare_out(rich, amount="300000.00")


def test_without_any_price_the_page_says_so_and_nothing_is_sent(sender: Account) -> None:
    FeeBand.objects.all().delete()
    with scripted(), pytest.raises(NoFee, match="no price for this amount"):
        prepare_out(sender)
