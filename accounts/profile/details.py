"""Where the customer lives and works, and whom to ask in need: the customer's own word, and what the branch's file has.

Written at once: nothing here moves money or opens anything. Lending asks `of()` for employment and income.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction

from accounts.models import BranchCustomer, CifRecord, CustomerDetails
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.audit.services import record

HOME, KIN, WORK = "home", "kin", "work"
COLUMNS: dict[str, tuple[str, ...]] = {
    HOME: ("home_address", "town", "postal_address"),
    KIN: ("kin_name", "kin_relation", "kin_phone"),
    WORK: ("work", "employer", "occupation", "monthly_income"),
}
"""What each part consists of; when it was last said stands in "<part>_since"."""


@dataclass(frozen=True, slots=True)
class BranchFile:
    """What the branch's own file (CIF) says, as of the day somebody wrote it there."""

    born_on: date | None
    home_address: str
    postal_address: str
    employer: str
    occupation: str
    monthly_income: Decimal | None


def of(customer: BranchCustomer) -> CustomerDetails | None:
    """What this customer told the portal; None for nothing yet, also where a former holder of the id did."""
    row = CustomerDetails.objects.filter(customer_id=customer.user_id).first()
    return row if row is not None and _is_theirs(row, customer) else None


def _is_theirs(row: CustomerDetails, customer: BranchCustomer) -> bool:
    return customer.created_at is None or row.created_at >= customer.created_at


def branch_file(customer: BranchCustomer) -> BranchFile | None:
    """The CIF row of exactly this national ID: the branch links them by nothing else."""
    wanted = (customer.national_id or "").strip().upper()
    if not wanted:
        return None
    for row in CifRecord.objects.filter(national_id=customer.national_id):
        if row.national_id.strip().upper() == wanted:
            return BranchFile(
                born_on=row.date_of_birth,
                home_address=row.physical_address or "",
                postal_address=row.postal_address or "",
                employer=row.employer or "",
                occupation=row.occupation or "",
                monthly_income=row.monthly_income,
            )
    return None


def initial(customer: BranchCustomer, part: str) -> dict[str, Any]:
    """What a form begins with: what was said last, else what the branch's file has."""
    said = of(customer)
    if said is not None and getattr(said, f"{part}_since") is not None:
        return {name: getattr(said, name) for name in COLUMNS[part]}
    held = branch_file(customer)
    return {} if held is None else {name: getattr(held, name) for name in COLUMNS[part] if hasattr(held, name)}


@transaction.atomic
def keep(customer: BranchCustomer, part: str, typed: Mapping[str, Any], actor: Actor) -> CustomerDetails:
    """Keep one part as typed, all its columns. KeyError for a part there is not."""
    names = COLUMNS[part]
    BranchCustomer.objects.select_for_update().get(pk=customer.pk)  # one at a time, the first also
    row = CustomerDetails.objects.filter(customer_id=customer.user_id).first()
    if row is not None and not _is_theirs(row, customer):
        row.delete()
        row = None
    if row is None:
        row = CustomerDetails(customer_id=customer.user_id, created_at=clock.now())
        row.save(force_insert=True)
    changed = [name for name in names if getattr(row, name) != typed[name]]
    for name in names:
        setattr(row, name, typed[name])
    setattr(row, f"{part}_since", clock.now())
    row.save(update_fields=[*names, f"{part}_since"])
    data = {"part": part, "changed": changed}
    record("details.said", actor=actor, customer_id=customer.user_id, subject=f"details:{row.pk}", data=data)
    return row
