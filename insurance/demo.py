"""Demo data of insurance: the branch's own product list, and the demo customers' policies as it would hold them."""

from datetime import datetime, time
from itertools import count
from typing import Any

from wekeza_portal import clock
from wekeza_portal.branch.demobank import holdings
from wekeza_portal.branch.demobank.bank import DemoBank, DemoCustomer
from wekeza_portal.branch.demobank.store import insert

# The branch's seed: name, code, description, KES a month, cover in KES.
_PRODUCTS = (
    ("Personal Accident Cover", "PAC-001", "Cover for accidental injury and death", 150, 500_000),
    ("Credit Life Protection", "CLP-001", "Pays off your loan if you die or are disabled", 50, 1_000_000),
    ("Health & Medical Cover", "HMC-001", "Hospital and medical expenses", 300, 2_000_000),
    ("Device & Asset Protection", "DAP-001", "Cover for phones, laptops and household goods", 100, 200_000),
)
_TERM_YEARS = 10


def seed(bank: DemoBank) -> None:
    """Runs once, in the transaction that fills the demo bank."""
    insert("insurance_products", _products())
    numbers = count(1)
    for customer in bank.customers.values():
        for policy in holdings.policies_of(customer.person, bank.today):
            insert("insurance_policies", [{"policy_id": next(numbers)} | _policy(customer, policy)])
            insert("premium_payments", _premiums(policy))


def _products() -> list[dict[str, Any]]:
    return [
        {
            "product_id": number,
            "product_name": name,
            "product_code": code,
            "description": description,
            "premium_amount": premium,
            "cover_amount": cover,
            "frequency": "MONTHLY",
            "is_active": 1,
        }
        for number, (name, code, description, premium, cover) in enumerate(_PRODUCTS, start=1)
    ]


def _policy(customer: DemoCustomer, policy: holdings.Policy) -> dict[str, Any]:
    held = policy.held
    return {
        "policy_number": policy.number,
        "account_number": customer.accounts[0].number,
        "product_id": None,
        "policy_type": held.product,
        "coverage_amount": held.cover,
        "annual_premium": held.annual_premium,
        "payment_frequency": "Monthly",
        "payment_method": "Direct Debit",
        "policy_term_years": _TERM_YEARS,
        "start_date": policy.starts,
        "maturity_date": holdings.months_after(policy.starts, 12 * _TERM_YEARS),
        "beneficiary_name": held.beneficiary,
        "beneficiary_relationship": held.relationship,
        "status": held.status,
        "created_by": "REL001",
        "created_at": datetime.combine(policy.starts, time(9, 5, 40), tzinfo=clock.NAIROBI),
    }


def _premiums(policy: holdings.Policy) -> list[dict[str, Any]]:
    """The branch leaves no row for the premium taken with the sale."""
    return [
        {
            "payment_id": f"PRM{day:%Y%m%d}{policy.number[-6:]}",
            "policy_number": policy.number,
            "payment_amount": policy.premium,
            "payment_date": day,
            "payment_method": "Account Balance",
            "due_date": day,
            "payment_period": f"{day:%B %Y}",
            "processed_by": "SYSTEM",
            "created_at": datetime.combine(day, time(9, 5, 40), tzinfo=clock.NAIROBI),
        }
        for day in policy.paid_on[1:]
    ]
