"""The customer's fixed deposits, for the export."""

from typing import Any

from accounts.models import BranchCustomer
from accounts.selectors import accounts_of
from savings.models import FixedDeposit
from wekeza_portal.export import columns_of, labels, rows
from wekeza_portal.registry import Exporter, exporters


def register_all() -> None:
    exporters.register("deposits", Exporter(labels([FixedDeposit]), _deposits))


def _deposits(customer: BranchCustomer) -> list[dict[str, Any]]:
    ids = [account.account_id for account in accounts_of(customer)]
    return rows(FixedDeposit.objects.filter(account_id__in=ids), *columns_of(FixedDeposit))
