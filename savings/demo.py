"""Demo data of savings: the fixed deposits of the demo customers as the branch would hold them."""

from datetime import datetime, time
from itertools import count

from wekeza_portal import clock
from wekeza_portal.branch.demobank import holdings
from wekeza_portal.branch.demobank.bank import DemoBank
from wekeza_portal.branch.demobank.store import insert


def seed(bank: DemoBank) -> None:
    """Runs once, in the transaction that fills the demo bank."""
    numbers = count(1)
    for customer in bank.customers.values():
        for deposit in holdings.deposits_of(customer.person, bank.today):
            made = datetime.combine(deposit.starts, time(10, 12, 0), tzinfo=clock.NAIROBI)
            row = {
                "fd_id": next(numbers),
                "fd_number": deposit.number,
                "account_id": customer.accounts[0].account_id,
                "principal_amount": deposit.held.principal,
                "interest_rate": deposit.held.rate,
                "term_months": deposit.held.months,
                "start_date": deposit.starts,
                "maturity_date": deposit.matures,
                "maturity_amount": deposit.maturity_amount,
                "auto_renew": 0,
                "status": "ACTIVE",
                "created_at": made,
                "updated_at": made,
            }
            insert("fixed_deposits", [row])
