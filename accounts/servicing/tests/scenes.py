"""A customer with a savings and a current account, and what they may ask for."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from accounts.identity.links import fingerprint
from accounts.models import Account, AccountTerms, ApprovalRequest, BranchCustomer
from accounts.servicing import asking, catalogue
from accounts.tests.approvals import ANYONE
from tests.factories import (
    AccountFactory,
    AccountTermsFactory,
    BranchFactory,
    CustomerFactory,
    CustomerIdentityFactory,
    FreezeFactory,
    UserFactory,
)
from wekeza_portal import clock

D = Decimal


def a_customer(**changes: Any) -> BranchCustomer:
    """Of age, able to sign in, with KES 50,000 on a savings and 20,000 on a current account."""
    customer: BranchCustomer = CustomerFactory(full_name="Emmanuel Otieno", national_id="23456789", **changes)
    UserFactory(customer=customer)
    CustomerIdentityFactory(customer_id=customer.user_id, born_on=date(1990, 5, 1), fingerprint=fingerprint(customer))
    AccountFactory(customer=customer, balance=D("50000.00"))
    current = AccountFactory(customer=customer, balance=D("20000.00"))
    AccountTermsFactory(account=current, kind=AccountTerms.Kind.CURRENT)
    BranchFactory(branch_code="BR007", branch_name="Moi Avenue")
    return customer


def accounts(customer: BranchCustomer) -> list[Account]:
    """Savings first, then current."""
    return list(Account.objects.filter(customer_id=customer.user_id).order_by("account_id"))


def wish(kind: str, account: Account, **changes: str) -> dict[str, str]:
    """What the form of that kind would give, about this account."""
    number = account.account_number
    wishes: dict[str, dict[str, str]] = {
        catalogue.NEW_ACCOUNT: {"account_kind": "SAVINGS", "purpose": "School fees"},
        catalogue.CLOSE_ACCOUNT: {"account": number, "rest": "CASH", "purpose": ""},
        catalogue.WAKE_ACCOUNT: {"account": number},
        catalogue.MANDATE: {
            "account": number,
            "name": "Faith Wambui",
            "national_id": "31556677",
            "phone": "+254711445566",
            "power": "LOOK",
            "until": "",
        },
        catalogue.CHEQUE_BOOK: {"account": number, "leaves": "50", "branch": "BR007"},
        catalogue.REFERENCE: {"account": number, "addressee": "Embassy of Norway", "branch": "BR007"},
    }
    return wishes[kind] | changes


def fitting(customer: BranchCustomer, kind: str) -> dict[str, str]:
    """A wish of that kind that can be sent as things stand, the account made fit for it."""
    savings, current = accounts(customer)
    if kind == catalogue.WAKE_ACCOUNT:
        branch_sets(savings, "DORMANT")
    return wish(kind, current if kind == catalogue.CHEQUE_BOOK else savings)


def ask(customer: BranchCustomer, kind: str) -> ApprovalRequest:
    """Drafted and sent."""
    return asking.send(customer, asking.draft(customer, kind, fitting(customer, kind)), ANYONE)


def branch_sets(account: Account, status: str) -> None:
    """The branch's own statement."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts SET status = %s WHERE account_id = %s", [status, account.account_id])


def stop_everything(customer: BranchCustomer) -> None:
    FreezeFactory(
        customer_id=customer.user_id, open_for=customer.user_id, since=clock.now(), ended_at=None, ended_by=""
    )


def never_identified(customer: BranchCustomer) -> None:
    """Two of the staff found that the ID was never seen: this customer may only look."""
    CustomerIdentityFactory._meta.model.objects.filter(customer_id=customer.user_id).update(standing="NONE")
