"""The customer's insurance, for the export: policies by account number, claims by customer."""

from typing import Any

from accounts.models import BranchCustomer
from accounts.selectors import accounts_of
from insurance.models import InsuranceClaim, InsurancePolicy, PremiumPayment, UserPolicy
from wekeza_portal.export import columns_of, labels, rows
from wekeza_portal.registry import Exporter, exporters


def register_all() -> None:
    models = labels([InsuranceClaim, InsurancePolicy, PremiumPayment, UserPolicy])
    exporters.register("insurance", Exporter(models, _insurance))


def _insurance(customer: BranchCustomer) -> dict[str, Any]:
    numbers = [account.number for account in accounts_of(customer)]
    policies = InsurancePolicy.objects.filter(account_number__in=numbers)
    held = list(policies.values_list("policy_number", flat=True))
    staff = ("created_by", "processed_by")
    return {
        "policies": rows(policies, *columns_of(InsurancePolicy, *staff)),
        "premiums": rows(PremiumPayment.objects.filter(policy_number__in=held), *columns_of(PremiumPayment, *staff)),
        "claims": rows(InsuranceClaim.objects.filter(customer=customer), *columns_of(InsuranceClaim)),
        "older_policies": rows(
            UserPolicy.objects.filter(customer=customer, business__isnull=True), *columns_of(UserPolicy)
        ),
    }
