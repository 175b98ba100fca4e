"""Rows for tests: the branch's, written as the branch would, and the portal's own.

Branch rows carry Nairobi time from our clock. Columns that only one lineage of the branch database has are filled where
the live table has them (`Branch.extra`), so that every factory works on both lineages and on SQLite.
"""

import uuid
from datetime import timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

import factory
from django.contrib.auth.hashers import make_password
from django.db import connection, models

from accounts.identity.links import fingerprint, secret_digest
from accounts.models import (
    Account,
    AccountTerms,
    AccountTransaction,
    ApprovalRequest,
    AuthorizationItem,
    Branch,
    BranchCustomer,
    Business,
    CifRecord,
    CodeDevice,
    Fee,
    Instruction,
    KeptForm,
    KnownDevice,
    Limit,
    LimitUsage,
    OneTimeCode,
    Posting,
    PostingLeg,
    RiskScore,
    SignedInSession,
    SignInAttempt,
    StaffMember,
    TailPosition,
    TailSeen,
    User,
)
from insurance.models import InsuranceClaim, InsurancePolicy, InsuranceProduct, PremiumPayment, UserPolicy
from lending.models import Loan, LoanAccount, LoanApplication, LoanPayment, LoanProduct, LoanRestructuring
from savings.models import FixedDeposit
from transfers.models import PayeeLookup
from wekeza_portal import clock, crypto, identifiers
from wekeza_portal.audit.models import AuditEvent, AuditHead, AuditSeal
from wekeza_portal.branch.introspection import columns
from wekeza_portal.branch.models import DemoMarker
from wekeza_portal.documents import papers
from wekeza_portal.documents.models import IssuedPaper, StoredFile
from wekeza_portal.models import Errand, RateCounter
from wekeza_portal.notifications.models import Channel, DemoMessage, OutboxMessage
from wekeza_portal.staff.models import PortalSwitch, Proposal, StaffTotp

PASSWORD = "correct horse battery 9"


@lru_cache
def _password_hash(hasher: str) -> str:
    """Argon2 is slow on purpose: one hash serves all test users."""
    return make_password(PASSWORD)


class BranchRow(factory.django.DjangoModelFactory):
    """A row of a branch table. `extra` holds columns that our model leaves out and the live table may have."""

    class Meta:
        abstract = True

    extra = factory.LazyFunction(dict)

    @classmethod
    def _create(cls, model_class: type[models.Model], *args: Any, **kwargs: Any) -> models.Model:
        table = model_class._meta.db_table
        extra = {name: value for name, value in kwargs.pop("extra").items() if name in columns(table)}
        if not extra:
            return super()._create(model_class, *args, **kwargs)
        row = model_class(**kwargs)
        row.pk = _insert(row, extra)
        row._state.adding = False
        row._state.db = connection.alias
        return row


def _insert(row: models.Model, extra: dict[str, Any]) -> Any:
    values = dict(extra)
    for field in row._meta.local_concrete_fields:
        value = field.get_db_prep_save(field.pre_save(row, add=True), connection)
        if not (field.primary_key and value is None):
            values[field.column] = value
    quote = connection.ops.quote_name
    names = ", ".join(quote(name) for name in values)
    places = ", ".join(["%s"] * len(values))
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {quote(row._meta.db_table)} ({names}) VALUES ({places})", list(values.values()))  # noqa: S608
        return row.pk if row.pk is not None else cursor.lastrowid


def _now() -> Any:
    return factory.LazyFunction(clock.now)


def _code(prefix: str) -> Any:
    """An id in the branch's way, prefix and hex, at most 20 characters and never the same twice."""
    return factory.LazyFunction(lambda: f"{prefix}{uuid.uuid4().hex[:14].upper()}")


# --- The branch's people and places -------------------------------------------------------------------------------


class BusinessFactory(BranchRow):
    class Meta:
        model = Business

    business_name = factory.Sequence(lambda n: f"Duka Moja {n} Ltd")
    registration_no = factory.Sequence(lambda n: f"PVT-{n:06}")
    kra_pin = factory.Sequence(lambda n: f"P05{n:07}A")
    sector = "Retail"
    created_at = _now()


class BranchFactory(BranchRow):
    class Meta:
        model = Branch

    branch_code = factory.Sequence(lambda n: f"BR{n:03}")
    branch_name = factory.Sequence(lambda n: f"Branch {n}")
    location = "Nairobi"
    phone_number = "+254700123456"
    email = "branch@wekeza.com"


class StaffFactory(BranchRow):
    class Meta:
        model = StaffMember

    staff_code = factory.Sequence(lambda n: f"TELLER{n:03}")
    full_name = factory.Sequence(lambda n: f"Staff Member {n}")
    email = factory.Sequence(lambda n: f"staff{n}@wekeza.com")
    role = "TELLER"
    branch = factory.SubFactory(BranchFactory)
    extra = factory.LazyFunction(lambda: {"password_hash": "password123"})


class CustomerFactory(BranchRow):
    """A personal customer. `password_hash` is the branch's readable enrolment secret "mwanzo-secret"."""

    class Meta:
        model = BranchCustomer

    full_name = factory.Sequence(lambda n: f"Wanjiku Mwangi {n}")
    email = factory.Sequence(lambda n: f"customer{n}@example.com")
    phone_number = factory.Sequence(lambda n: f"+2547{n:08}")
    national_id = factory.Sequence(lambda n: f"{20000000 + n}")
    password_hash = "mwanzo-secret"
    kyc_tier = BranchCustomer.Tier.TIER_2
    is_active = True
    created_at = factory.LazyFunction(lambda: clock.now() - timedelta(days=400))
    business = None


class CifFactory(BranchRow):
    class Meta:
        model = CifRecord

    cif_number = factory.Sequence(lambda n: f"CIF{n:06}")
    full_name = factory.Sequence(lambda n: f"Wanjiku Mwangi {n}")
    national_id = factory.Sequence(lambda n: f"{20000000 + n}")
    occupation = "Teacher"
    monthly_income = Decimal("60000.00")
    extra = factory.LazyFunction(lambda: {"phone_number": "+254700000001"})


class RiskScoreFactory(BranchRow):
    class Meta:
        model = RiskScore

    customer = factory.SubFactory(CustomerFactory)
    credit_score = 650
    decision = "APPROVED"
    extra = factory.LazyFunction(lambda: {"risk_tier": "LOW", "model_version": "v1", "input_payload": "{}"})


# --- The branch's accounts and ledger -----------------------------------------------------------------------------


class AccountFactory(BranchRow):
    """An active KES account of a customer with KES 10,000.00, unless told otherwise."""

    class Meta:
        model = Account

    account_number = factory.Sequence(lambda n: f"ACC{1000000 + n}")
    balance = Decimal("10000.00")
    currency = "KES"
    status = Account.Status.ACTIVE
    customer = factory.SubFactory(CustomerFactory)
    business = None
    created_at = factory.LazyFunction(lambda: clock.now() - timedelta(days=400))


class TransactionFactory(BranchRow):
    """A deposit of KES 500.00 at the counter. Does not touch the account's balance."""

    class Meta:
        model = AccountTransaction

    account = factory.SubFactory(AccountFactory)
    txn_type = "DEPOSIT"
    amount = Decimal("500.00")
    reference_code = _code("DEP")
    description = "Cash deposit - Approved"
    created_at = _now()


class AuthorizationItemFactory(BranchRow):
    class Meta:
        model = AuthorizationItem

    queue_id = _code("AQ")
    transaction_type = "LOAN_APPLICATION"
    reference_id = factory.SelfAttribute("queue_id")
    maker_id = "CUSTOMER_1"
    maker_name = "Customer Self-Service - Wanjiku Mwangi"
    amount = Decimal("1000.00")
    description = "Loan application"
    branch_code = "ONLINE"
    status = AuthorizationItem.Status.PENDING
    priority = "MEDIUM"
    operation_data = "{}"
    created_at = _now()


# --- The branch's lending, insurance and savings ------------------------------------------------------------------


class LoanProductFactory(BranchRow):
    class Meta:
        model = LoanProduct

    product_id = factory.Sequence(lambda n: f"PROD{n:03}")
    product_name = factory.Sequence(lambda n: f"Personal Loan {n}")
    target_customer = LoanProduct.Target.INDIVIDUAL
    min_amount = Decimal("5000.00")
    max_amount = Decimal("500000.00")
    base_interest_rate = Decimal("15.00")
    max_tenure_months = 60
    processing_fee_rate = Decimal("2.50")


class LoanApplicationFactory(BranchRow):
    class Meta:
        model = LoanApplication

    application_id = _code("LA")
    account_number = factory.LazyFunction(lambda: AccountFactory().account_number)
    loan_type = "Personal Loan"
    loan_amount = Decimal("50000.00")
    interest_rate = Decimal("15.00")
    tenure_months = 12
    purpose = "School fees"
    monthly_payment = Decimal("4512.92")
    processing_fee = Decimal("1250.00")
    created_at = _now()


class LoanAccountFactory(BranchRow):
    class Meta:
        model = LoanAccount

    loan_id = _code("LN")
    application = None
    account_number = factory.LazyFunction(lambda: AccountFactory().account_number)
    customer_name = "Wanjiku Mwangi"
    loan_type = "Personal Loan"
    principal_amount = Decimal("50000.00")
    outstanding_balance = Decimal("50000.00")
    interest_rate = Decimal("15.00")
    tenure_months = 12
    monthly_payment = Decimal("4512.92")
    disbursement_date = factory.LazyFunction(clock.today)
    next_payment_date = factory.LazyFunction(lambda: clock.today() + timedelta(days=30))
    maturity_date = factory.LazyFunction(lambda: clock.today() + timedelta(days=365))
    created_at = _now()


class LoanPaymentFactory(BranchRow):
    class Meta:
        model = LoanPayment

    payment_id = _code("PAY")
    loan = factory.SubFactory(LoanAccountFactory)
    payment_amount = Decimal("4512.92")
    principal_amount = Decimal("3887.92")
    interest_amount = Decimal("625.00")
    payment_method = "Cash"
    payment_date = factory.LazyFunction(clock.today)
    created_at = _now()


class LoanRestructuringFactory(BranchRow):
    class Meta:
        model = LoanRestructuring

    restructure_id = _code("RST")
    loan = factory.SubFactory(LoanAccountFactory)
    old_balance = new_balance = Decimal("50000.00")
    old_interest_rate = new_interest_rate = Decimal("15.00")
    old_tenure_months = 12
    new_tenure_months = 24
    old_monthly_payment = Decimal("4512.92")
    new_monthly_payment = Decimal("2424.33")
    restructure_reason = "Change in Income"
    processed_at = _now()


class LoanFactory(BranchRow):
    """A row of the older loan book."""

    class Meta:
        model = Loan

    customer = factory.SubFactory(CustomerFactory)
    principal_amount = Decimal("10000.00")
    total_due_amount = Decimal("11500.00")
    balance_remaining = Decimal("11500.00")
    status = "ACTIVE"
    created_at = _now()
    extra = factory.LazyFunction(
        lambda: {
            "interest_rate": Decimal("15.00"),
            "interest_amount": Decimal("1500.00"),
            "disbursement_date": clock.now().replace(tzinfo=None),
            "due_date": (clock.now() + timedelta(days=30)).replace(tzinfo=None),
        }
    )


class InsuranceProductFactory(BranchRow):
    class Meta:
        model = InsuranceProduct

    product_name = "Personal Accident"
    product_code = factory.Sequence(lambda n: f"PAC-{n:03}")
    premium_amount = Decimal("150.00")
    cover_amount = Decimal("500000.00")


class InsurancePolicyFactory(BranchRow):
    class Meta:
        model = InsurancePolicy

    policy_number = _code("POL")
    account_number = factory.LazyFunction(lambda: AccountFactory().account_number)
    product_id = "1"
    policy_type = "Personal Accident"
    coverage_amount = Decimal("500000.00")
    annual_premium = Decimal("1800.00")
    payment_frequency = "Monthly"
    payment_method = "Direct Debit"
    policy_term_years = 1
    start_date = factory.LazyFunction(clock.today)
    maturity_date = factory.LazyFunction(lambda: clock.today() + timedelta(days=365))
    created_at = _now()


class PremiumPaymentFactory(BranchRow):
    class Meta:
        model = PremiumPayment

    payment_id = _code("PRM")
    policy_number = factory.LazyFunction(lambda: InsurancePolicyFactory().policy_number)
    payment_amount = Decimal("150.00")
    payment_date = factory.LazyFunction(clock.today)
    payment_method = "Account Balance"
    payment_period = "November 2026"
    created_at = _now()


class InsuranceClaimFactory(BranchRow):
    class Meta:
        model = InsuranceClaim

    policy_id = factory.LazyFunction(lambda: InsurancePolicyFactory().policy_id)
    claim_reference = _code("CLM")
    claim_type = "Accident"
    claim_amount = Decimal("20000.00")
    customer = factory.SubFactory(CustomerFactory)
    created_at = _now()


class UserPolicyFactory(BranchRow):
    """A row of the older policy table."""

    class Meta:
        model = UserPolicy

    customer = factory.SubFactory(CustomerFactory)
    policy_number = _code("UPOL")
    premium_paid = Decimal("150.00")
    cover_amount = Decimal("500000.00")
    created_at = _now()
    extra = factory.LazyFunction(lambda: {"product_code": "PAC-001"})


class FixedDepositFactory(BranchRow):
    class Meta:
        model = FixedDeposit

    fd_number = _code("FD")
    account = factory.SubFactory(AccountFactory)
    principal_amount = Decimal("50000.00")
    interest_rate = Decimal("9.00")
    term_months = 6
    start_date = factory.LazyFunction(clock.today)
    maturity_date = factory.LazyFunction(lambda: clock.today() + timedelta(days=182))
    maturity_amount = Decimal("52250.00")
    created_at = _now()


# --- The portal's identity ----------------------------------------------------------------------------------------


class UserFactory(factory.django.DjangoModelFactory):
    """An enrolled customer: password `PASSWORD`, a code device, and a link that holds. `customer=None` makes staff."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    customer = factory.SubFactory(CustomerFactory)
    username = factory.LazyAttribute(
        lambda o: f"customer:{o.customer.user_id}" if o.customer else f"STAFF-{uuid.uuid4().hex[:8]}"
    )
    password = factory.LazyFunction(lambda: _password_hash(_preferred_hasher()))
    fingerprint = factory.LazyAttribute(lambda o: fingerprint(o.customer) if o.customer else "")
    branch_secret_digest = factory.LazyAttribute(lambda o: secret_digest(o.customer) if o.customer else "")
    known_phone = factory.LazyAttribute(lambda o: (o.customer.phone_number or "") if o.customer else "")
    known_phone_since = factory.LazyFunction(lambda: clock.now() - timedelta(days=100))
    is_staff = factory.LazyAttribute(lambda o: o.customer is None)

    @factory.post_generation
    def code_device(obj: User, create: bool, extracted: bool | None, **kwargs: Any) -> None:
        """Pass code_device=False for a user without one."""
        if create and extracted is not False:
            CodeDeviceFactory(user=obj)


def _preferred_hasher() -> str:
    from django.conf import settings

    return str(settings.PASSWORD_HASHERS[0])


class CodeDeviceFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = CodeDevice

    user = factory.SubFactory(UserFactory, code_device=False)
    name = "code"
    confirmed = True


class OneTimeCodeFactory(factory.django.DjangoModelFactory):
    """A live code. `code_hash` here fits no code: make real ones through accounts.identity."""

    class Meta:
        model = OneTimeCode

    purpose = OneTimeCode.Purpose.SIGN_IN
    customer_id = factory.LazyFunction(lambda: CustomerFactory().user_id)
    binding = factory.LazyFunction(lambda: uuid.uuid4().hex)
    code_hash = "0" * 64
    channel = Channel.SMS
    sent_to = "+2547*****001"
    created_at = _now()
    expires_at = factory.LazyFunction(lambda: clock.now() + timedelta(minutes=5))


class SignedInSessionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = SignedInSession

    session_key_digest = factory.LazyFunction(lambda: crypto.keyed_digest("test-session", uuid.uuid4().hex))
    user = factory.SubFactory(UserFactory)
    started_at = _now()
    last_seen_at = _now()
    ip = "192.0.2.10"
    user_agent = "Mozilla/5.0 (Linux; Android 14)"


class SignInAttemptFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = SignInAttempt

    user = factory.SubFactory(UserFactory)
    at = _now()
    outcome = SignInAttempt.Outcome.SIGNED_IN
    ip = "192.0.2.10"
    user_agent = "Mozilla/5.0 (Linux; Android 14)"


class KnownDeviceFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = KnownDevice

    user = factory.SubFactory(UserFactory)
    token_digest = factory.LazyFunction(lambda: crypto.keyed_digest("test-device", uuid.uuid4().hex))
    first_seen_at = _now()
    last_seen_at = _now()


class KeptFormFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = KeptForm

    user = factory.SubFactory(UserFactory)
    path = "/move/wekeza/"
    data = factory.LazyFunction(lambda: crypto.encrypt("{}"))
    created_at = _now()


class ErrandFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Errand

    kind = "lock-notice"
    data = factory.LazyFunction(lambda: crypto.encrypt("{}"))
    created_at = _now()


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
    created_at = _now()
    expires_at = factory.LazyFunction(lambda: clock.now() + timedelta(hours=1))


class PostingFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Posting

    instruction_id = factory.LazyFunction(uuid.uuid4)
    reference = factory.LazyFunction(identifiers.new_reference)
    kind = "TRANSFER_INTERNAL"
    content_hash = "0" * 64
    posted_at = _now()
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
    created_at = _now()
    expires_at = factory.LazyFunction(lambda: clock.now() + timedelta(hours=24))


class TailPositionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = TailPosition

    name = factory.Sequence(lambda n: f"tail-{n}")
    floor_id = 0
    started_at = _now()


class TailSeenFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = TailSeen

    transaction_id = factory.Sequence(lambda n: 1_000_000 + n)
    seen_at = _now()


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


# --- The platform -------------------------------------------------------------------------------------------------


class RateCounterFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = RateCounter

    policy = "test"
    key = factory.LazyFunction(lambda: crypto.keyed_digest("test-rate", uuid.uuid4().hex))
    window_start = _now()
    count = 1


class AuditEventFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = AuditEvent

    at = _now()
    verb = "test.happened"
    actor_kind = "system"
    actor_id = "test"


class AuditSealFactory(factory.django.DjangoModelFactory):
    """A seal as a row, which proves nothing: the sealer makes real ones."""

    class Meta:
        model = AuditSeal

    number = factory.Sequence(lambda n: 1_000_000 + n)
    event_id = factory.LazyFunction(lambda: AuditEventFactory().pk)
    digest = "0" * 64
    key_id = "0" * 12


class AuditHeadFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = AuditHead


class OutboxMessageFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = OutboxMessage

    cause = factory.LazyFunction(lambda: f"test:{uuid.uuid4()}")
    channel = Channel.SMS
    to = "+254700000001"
    body = "Your account was credited."
    created_at = _now()
    due_at = _now()


class DemoMessageFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = DemoMessage

    to = "+254700000001"
    channel = Channel.SMS
    body = "Your account was credited."
    sent_at = _now()


class DemoMarkerFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = DemoMarker

    created_at = _now()
    made_by = "demobank"


class StoredFileFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = StoredFile

    name = factory.Sequence(lambda n: f"papers/{n}.pdf")
    content = b"encrypted"
    size = 5
    created_at = _now()


class IssuedPaperFactory(factory.django.DjangoModelFactory):
    """A receipt in the register, sealed, without its file."""

    class Meta:
        model = IssuedPaper

    code = factory.LazyFunction(identifiers.new_reference)
    kind = "TRANSFER_RECEIPT"
    subject = factory.LazyFunction(identifiers.new_reference)
    language = "en"
    customer_id = 1
    issued_at = _now()
    facts = factory.LazyAttribute(
        lambda paper: {
            "paid_at": paper.issued_at.isoformat(),
            "reference": paper.subject,
            "amount": "2500.00",
            "payer": "EMMANUEL O.",
            "payee": "WANJIKU M.",
            "state": "done",
        }
    )
    sha256 = "0" * 64
    file_name = factory.LazyAttribute(lambda paper: f"papers/{paper.code}.pdf")
    seal = factory.LazyAttribute(
        lambda paper: papers.seal(IssuedPaper(**{name: getattr(paper, name) for name in _SEALED}))
    )


_SEALED = ("code", "kind", "subject", "language", "customer_id", "issued_at", "facts", "sha256")


# --- The staff ----------------------------------------------------------------------------------------------------


class StaffTotpFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = StaffTotp

    user = factory.SubFactory(UserFactory, customer=None, code_device=False)
    name = "authenticator app"
    confirmed = True
    encrypted_key = factory.LazyFunction(lambda: crypto.encrypt("00" * 20))
    created_at = _now()


class ProposalFactory(factory.django.DjangoModelFactory):
    """A fee of KES 30.00 from tomorrow, waiting for a second person."""

    class Meta:
        model = Proposal

    kind = "figure"
    payload = factory.LazyFunction(
        lambda: {
            "figure": "fees",
            "keys": {"code": "INTERNAL_TRANSFER"},
            "value": "30.00",
            "effective_from": (clock.today() + timedelta(days=1)).isoformat(),
        }
    )
    reason = "Board decision 7"
    made_by = 1
    made_by_code = "RISK001"
    made_at = _now()


class PortalSwitchFactory(factory.django.DjangoModelFactory):
    """A service switched off, with its notice."""

    class Meta:
        model = PortalSwitch

    code = factory.Sequence(lambda n: f"SWITCH_{n}")
    is_on = False
    notice_en = "Transfers are being repaired and will be back by 6 pm."
    notice_sw = "Uhamishaji unarekebishwa na utarejea saa kumi na mbili jioni."
    since = factory.LazyFunction(clock.today)
    changed_at = _now()
