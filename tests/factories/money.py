"""The portal's instructions, postings, figures and what hangs on them."""

import uuid
from datetime import timedelta
from decimal import Decimal

import factory

from accounts.models import (
    AccountTerms,
    ApprovalRequest,
    Fee,
    Instruction,
    Limit,
    LimitUsage,
    OwnLimit,
    Posting,
    PostingLeg,
    ProofBalance,
    ProofExplanation,
    ProofSheet,
    ProofSignature,
    TailPosition,
    TailSeen,
)
from accounts.proofs import reading
from tests.factories.base import now
from tests.factories.branch import AccountFactory, CustomerFactory
from transfers.models import PayeeLookup
from wekeza_portal import clock, crypto, identifiers

# --- The portal's money -------------------------------------------------------------------------------------------


class InstructionFactory(factory.django.DjangoModelFactory):
    """A draft as a row. `content_hash` fits nothing: draft through accounts.instructions when it will be confirmed."""

    class Meta:
        model = Instruction

    customer = factory.SubFactory(CustomerFactory)
    kind = "TRANSFER_INTERNAL"
    payload = factory.LazyFunction(dict)
    amount = Decimal("500.00")
    fee = Decimal("0.00")
    content_hash = "0" * 64
    created_at = now()
    expires_at = factory.LazyFunction(lambda: clock.now() + timedelta(hours=1))


class PostingFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Posting

    instruction_id = factory.LazyFunction(uuid.uuid4)
    reference = factory.LazyFunction(identifiers.new_reference)
    kind = "TRANSFER_INTERNAL"
    content_hash = "0" * 64
    posted_at = now()
    business_date = factory.LazyFunction(clock.today)
    actor_kind = "system"
    actor_id = "test"


class PostingLegFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = PostingLeg

    posting = factory.SubFactory(PostingFactory)
    position = factory.Sequence(lambda n: n % 30000)
    account = None
    internal_account = "fees.income"
    amount = Decimal("10.00")


class LimitUsageFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = LimitUsage

    customer = factory.SubFactory(CustomerFactory)
    code = Limit.Code.DAILY_OUT
    period = factory.LazyFunction(lambda: clock.today().isoformat())
    used = Decimal("0.00")


class LimitFactory(factory.django.DjangoModelFactory):
    """A limit in force from tomorrow: the seeded rows hold for today."""

    class Meta:
        model = Limit

    code = Limit.Code.DAILY_OUT
    kyc_tier = ""
    value = Decimal("500000.00")
    effective_from = factory.LazyFunction(lambda: clock.today() + timedelta(days=1))


class OwnLimitFactory(factory.django.DjangoModelFactory):
    """A customer's own daily limit, lower than the bank's, with nothing on its way."""

    class Meta:
        model = OwnLimit

    customer_id = factory.LazyFunction(lambda: CustomerFactory().user_id)
    code = Limit.Code.DAILY_OUT
    value = Decimal("400000.00")
    changed_at = factory.LazyFunction(clock.now)


class FeeFactory(factory.django.DjangoModelFactory):
    """A fee in force from tomorrow: the seeded rows hold for today."""

    class Meta:
        model = Fee

    code = Fee.Code.INTERNAL_TRANSFER
    amount = Decimal("0.00")
    effective_from = factory.LazyFunction(lambda: clock.today() + timedelta(days=1))


class ApprovalRequestFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ApprovalRequest

    customer = factory.SubFactory(CustomerFactory)
    kind = "CORRECT_DETAILS"
    transaction_type = "ACCOUNT_MAINTENANCE"
    payload = factory.LazyFunction(lambda: {"about": "email", "new": "new@example.com", "old": "old@example.com"})
    created_at = now()
    expires_at = factory.LazyFunction(lambda: clock.now() + timedelta(hours=24))


class TailPositionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = TailPosition

    name = factory.Sequence(lambda n: f"tail-{n}")
    floor_id = 0
    started_at = now()


class TailSeenFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = TailSeen

    transaction_id = factory.Sequence(lambda n: 1_000_000 + n)
    seen_at = now()


class PayeeLookupFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = PayeeLookup

    customer_id = factory.LazyFunction(lambda: CustomerFactory().user_id)
    day = factory.LazyFunction(clock.today)
    account_number_digest = factory.LazyFunction(lambda: crypto.keyed_digest("test-payee", uuid.uuid4().hex))


class AccountTermsFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = AccountTerms

    account = factory.SubFactory(AccountFactory)
    kind = AccountTerms.Kind.CURRENT


# --- Proofs of a day ----------------------------------------------------------------------------------------------


class ProofSheetFactory(factory.django.DjangoModelFactory):
    """A sheet with its right digest; the days go back from yesterday."""

    class Meta:
        model = ProofSheet

    day = factory.Sequence(lambda n: clock.today() - timedelta(days=n + 1))
    made_at = now()
    made_by = "OPS001"
    content = factory.LazyFunction(
        lambda: {
            "kinds": [{"kind": "TRANSFER_INTERNAL", "postings": 1, "moved": "100.00"}],
            "reversals": [{"reference": "AAAA-BBBB-CCCC", "of": "DDDD-EEEE-FFFF"}],
            "internal": [{"name": "fees.income", "gained": "0.00", "held": "0.00", "is_unsettled": False}],
            "differences": [{"kind": "row_missing", "subject": "AAAA-BBBB-CCCC-1", "words": "the row is gone"}],
        }
    )
    differences = 1

    @factory.lazy_attribute
    def digest(self) -> str:
        values = {name: getattr(self, name) for name in ("day", "made_at", "made_by", "content", "differences")}
        return reading.digest_of(ProofSheet(**values))


class ProofBalanceFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ProofBalance

    sheet = factory.SubFactory(ProofSheetFactory)
    account_id = factory.Sequence(lambda n: n + 1)
    closing = Decimal("100.00")


class ProofExplanationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ProofExplanation

    sheet = factory.SubFactory(ProofSheetFactory)
    number = 1
    text = "The teller's cash of that morning, without a row."
    explained_by = 1
    explained_by_code = "OPS001"
    explained_at = now()


class ProofSignatureFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ProofSignature

    sheet = factory.SubFactory(ProofSheetFactory)
    position = 1
    signed_by = factory.Sequence(lambda n: n + 1)
    signed_by_code = "AUDIT001"
    digest = factory.SelfAttribute("sheet.digest")
    signed_at = now()
