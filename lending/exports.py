"""The customer's loans, for the export: on their accounts by number, or in the older book by customer."""

from typing import Any

from accounts.models import BranchCustomer
from accounts.selectors import accounts_of
from lending.models import Loan, LoanAccount, LoanApplication, LoanPayment, LoanRestructuring
from wekeza_portal.export import columns_of, labels, rows
from wekeza_portal.registry import Exporter, exporters


def register_all() -> None:
    models = labels([Loan, LoanAccount, LoanApplication, LoanPayment, LoanRestructuring])
    exporters.register("loans", Exporter(models, _loans))


def _loans(customer: BranchCustomer) -> dict[str, Any]:
    numbers = [account.number for account in accounts_of(customer)]
    loans = LoanAccount.objects.filter(account_number__in=numbers)
    ids = list(loans.values_list("loan_id", flat=True))
    staff = ("created_by", "approved_by", "processed_by")
    return {
        "applications": rows(
            LoanApplication.objects.filter(account_number__in=numbers), *columns_of(LoanApplication, *staff)
        ),
        "loans": rows(loans, *columns_of(LoanAccount, *staff)),
        "payments": rows(LoanPayment.objects.filter(loan_id__in=ids), *columns_of(LoanPayment, *staff)),
        "new_terms": rows(LoanRestructuring.objects.filter(loan_id__in=ids), *columns_of(LoanRestructuring, *staff)),
        "older_book": rows(Loan.objects.filter(customer=customer), *columns_of(Loan)),
    }
