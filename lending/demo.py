"""Demo data of lending: the branch's own product list, and the loans of the demo customers as it would hold them."""

from datetime import datetime, time
from decimal import Decimal
from typing import Any

from wekeza_portal import clock
from wekeza_portal.branch.demobank import holdings
from wekeza_portal.branch.demobank.bank import DemoBank, DemoCustomer
from wekeza_portal.branch.demobank.store import insert

_DOCUMENTS = "National ID, latest three payslips, six months of bank statements"
# The branch's seed: name, for whom, from, to (KES), rate, months, fee %, income, youngest, oldest, score.
_PRODUCTS = (
    ("Personal Loan", "individual", 5_000, 500_000, "15.00", 60, "2.50", 20_000, 21, 65, 600),
    ("Salary Advance", "individual", 1_000, 100_000, "12.00", 12, "1.50", 15_000, 21, 65, 550),
    ("Emergency Loan", "individual", 2_000, 50_000, "18.00", 24, "3.00", 10_000, 18, 70, 500),
    ("Asset Finance", "individual", 50_000, 2_000_000, "14.00", 84, "2.00", 30_000, 25, 65, 650),
    ("Mortgage Loan", "individual", 500_000, 10_000_000, "13.50", 300, "1.00", 100_000, 25, 65, 700),
    ("Working Capital", "business", 50_000, 5_000_000, "16.00", 36, "2.00", None, None, None, None),
    ("Trade Finance", "business", 100_000, 10_000_000, "14.50", 12, "1.50", None, None, None, None),
    ("Equipment Finance", "business", 200_000, 20_000_000, "15.00", 60, "2.50", None, None, None, None),
    ("Invoice Discounting", "business", 50_000, 3_000_000, "17.00", 6, "1.00", None, None, None, None),
    ("SME Growth", "business", 100_000, 8_000_000, "15.50", 48, "2.00", None, None, None, None),
)


def seed(bank: DemoBank) -> None:
    """Runs once, in the transaction that fills the demo bank."""
    insert("loan_products", _products(bank.now))
    for customer in bank.customers.values():
        for loan in holdings.loans_of(customer.person, bank.today):
            insert("loan_applications", [_application(customer, loan)])
            insert("loan_accounts", [_account(customer, loan)])
            insert("loan_payments", _payments(loan))


def _products(now: datetime) -> list[dict[str, Any]]:
    names = ("product_name", "target_customer", "min_amount", "max_amount", "base_interest_rate", "max_tenure_months",
             "processing_fee_rate", "min_income", "min_age", "max_age", "min_credit_score")  # fmt: skip
    return [
        {"product_id": f"PROD{number:03d}"}
        | dict(zip(names, values, strict=True))
        | {"required_documents": _DOCUMENTS, "is_active": 1, "created_by": "SYSTEM", "created_at": now}
        for number, values in enumerate(_PRODUCTS, start=1)
    ]


def _application(customer: DemoCustomer, loan: holdings.Loan) -> dict[str, Any]:
    asked = _at(loan.starts, 9)
    return {
        "application_id": loan.application_id,
        "account_number": customer.accounts[0].number,
        "customer_type": "individual",
        "loan_type": loan.held.product,
        "loan_amount": loan.held.principal,
        "interest_rate": loan.held.rate,
        "tenure_months": loan.held.months,
        "purpose": "Home Improvement",
        "monthly_payment": loan.monthly,
        "processing_fee": Decimal(loan.held.principal) * Decimal("0.025"),
        "status": "DISBURSED",
        "created_by": f"CUSTOMER_{customer.user_id}",
        "approved_by": "SUPERVISOR_APPROVED",
        "approved_at": asked,
        "created_at": asked,
        "updated_at": asked,
    }


def _account(customer: DemoCustomer, loan: holdings.Loan) -> dict[str, Any]:
    made = _at(loan.starts, 11)
    status = "CLOSED" if loan.next_payment is None else "DEFAULTED" if loan.days_overdue > 90 else "ACTIVE"
    return {
        "loan_id": loan.loan_id,
        "application_id": loan.application_id,
        "account_number": customer.accounts[0].number,
        "customer_name": customer.person.name,
        "loan_type": loan.held.product,
        "principal_amount": loan.held.principal,
        "outstanding_balance": loan.outstanding,
        "interest_rate": loan.held.rate,
        "tenure_months": loan.held.months,
        "monthly_payment": loan.monthly,
        "next_payment_date": loan.next_payment,
        "disbursement_date": loan.starts,
        "maturity_date": loan.ends,
        "status": status,
        "days_overdue": loan.days_overdue,
        "created_by": "CREDIT001",
        "created_at": made,
        "updated_at": made,
    }


def _payments(loan: holdings.Loan) -> list[dict[str, Any]]:
    return [
        {
            "payment_id": f"PAY{paid.on:%Y%m%d}{loan.loan_id[-6:]}",
            "loan_id": loan.loan_id,
            "payment_amount": paid.amount,
            "principal_amount": paid.principal,
            "interest_amount": paid.interest,
            "penalty_amount": 0,
            "payment_method": "Account Balance",
            "payment_date": paid.on,
            "processed_by": "CREDIT001",
            "created_at": _at(paid.on, 9),
        }
        for paid in loan.paid
    ]


def _at(day: Any, hour: int) -> datetime:
    return datetime.combine(day, time(hour, 0, 20), tzinfo=clock.NAIROBI)
