"""The branch's tables."""

from datetime import timedelta
from decimal import Decimal

import factory

from accounts.models import (
    Account,
    AccountTransaction,
    AuthorizationItem,
    Branch,
    BranchCustomer,
    Business,
    CifRecord,
    RiskScore,
    StaffMember,
)
from insurance.models import InsuranceClaim, InsurancePolicy, InsuranceProduct, PremiumPayment, UserPolicy
from lending.models import Loan, LoanAccount, LoanApplication, LoanPayment, LoanProduct, LoanRestructuring
from savings.models import FixedDeposit
from tests.factories.base import BranchRow, code, now
from wekeza_portal import clock

# --- The branch's people and places -------------------------------------------------------------------------------


class BusinessFactory(BranchRow):
    class Meta:
        model = Business

    business_name = factory.Sequence(lambda n: f"Duka Moja {n} Ltd")
    registration_no = factory.Sequence(lambda n: f"PVT-{n:06}")
    kra_pin = factory.Sequence(lambda n: f"P05{n:07}A")
    sector = "Retail"
    created_at = now()


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
    reference_code = code("DEP")
    description = "Cash deposit - Approved"
    created_at = now()


class AuthorizationItemFactory(BranchRow):
    class Meta:
        model = AuthorizationItem

    queue_id = code("AQ")
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
    created_at = now()


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

    application_id = code("LA")
    account_number = factory.LazyFunction(lambda: AccountFactory().account_number)
    loan_type = "Personal Loan"
    loan_amount = Decimal("50000.00")
    interest_rate = Decimal("15.00")
    tenure_months = 12
    purpose = "School fees"
    monthly_payment = Decimal("4512.92")
    processing_fee = Decimal("1250.00")
    created_at = now()


class LoanAccountFactory(BranchRow):
    class Meta:
        model = LoanAccount

    loan_id = code("LN")
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
    created_at = now()


class LoanPaymentFactory(BranchRow):
    class Meta:
        model = LoanPayment

    payment_id = code("PAY")
    loan = factory.SubFactory(LoanAccountFactory)
    payment_amount = Decimal("4512.92")
    principal_amount = Decimal("3887.92")
    interest_amount = Decimal("625.00")
    payment_method = "Cash"
    payment_date = factory.LazyFunction(clock.today)
    created_at = now()


class LoanRestructuringFactory(BranchRow):
    class Meta:
        model = LoanRestructuring

    restructure_id = code("RST")
    loan = factory.SubFactory(LoanAccountFactory)
    old_balance = new_balance = Decimal("50000.00")
    old_interest_rate = new_interest_rate = Decimal("15.00")
    old_tenure_months = 12
    new_tenure_months = 24
    old_monthly_payment = Decimal("4512.92")
    new_monthly_payment = Decimal("2424.33")
    restructure_reason = "Change in Income"
    processed_at = now()


class LoanFactory(BranchRow):
    """A row of the older loan book."""

    class Meta:
        model = Loan

    customer = factory.SubFactory(CustomerFactory)
    principal_amount = Decimal("10000.00")
    total_due_amount = Decimal("11500.00")
    balance_remaining = Decimal("11500.00")
    status = "ACTIVE"
    created_at = now()
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

    policy_number = code("POL")
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
    created_at = now()


class PremiumPaymentFactory(BranchRow):
    class Meta:
        model = PremiumPayment

    payment_id = code("PRM")
    policy_number = factory.LazyFunction(lambda: InsurancePolicyFactory().policy_number)
    payment_amount = Decimal("150.00")
    payment_date = factory.LazyFunction(clock.today)
    payment_method = "Account Balance"
    payment_period = "November 2026"
    created_at = now()


class InsuranceClaimFactory(BranchRow):
    class Meta:
        model = InsuranceClaim

    policy_id = factory.LazyFunction(lambda: InsurancePolicyFactory().policy_id)
    claim_reference = code("CLM")
    claim_type = "Accident"
    claim_amount = Decimal("20000.00")
    customer = factory.SubFactory(CustomerFactory)
    created_at = now()


class UserPolicyFactory(BranchRow):
    """A row of the older policy table."""

    class Meta:
        model = UserPolicy

    customer = factory.SubFactory(CustomerFactory)
    policy_number = code("UPOL")
    premium_paid = Decimal("150.00")
    cover_amount = Decimal("500000.00")
    created_at = now()
    extra = factory.LazyFunction(lambda: {"product_code": "PAC-001"})


class FixedDepositFactory(BranchRow):
    class Meta:
        model = FixedDeposit

    fd_number = code("FD")
    account = factory.SubFactory(AccountFactory)
    principal_amount = Decimal("50000.00")
    interest_rate = Decimal("9.00")
    term_months = 6
    start_date = factory.LazyFunction(clock.today)
    maturity_date = factory.LazyFunction(lambda: clock.today() + timedelta(days=182))
    maturity_amount = Decimal("52250.00")
    created_at = now()
