"""From which department a member of staff may speak to a customer: only from one that their role stands for.

Customers hand over more to "Fraud and security" than to anybody else, so nobody else calls or asks under that name.
"""

from typing import Any

from accounts.models import BankCall
from wekeza_portal.staff import roles

Department = BankCall.Department
OF_ROLE: dict[str, tuple[Department, ...]] = {
    roles.SUPPORT: (Department.SUPPORT,),
    roles.RISK: (Department.FRAUD, Department.LENDING),
    roles.OPERATIONS: (Department.OPERATIONS, Department.LENDING),
}


def choices_for(user: Any) -> list[tuple[str, Any]]:
    """Value and words of each department that one of the person's roles stands for; one query."""
    held = set(user.groups.values_list("name", flat=True))
    fitting = {department for role in held for department in OF_ROLE.get(role, ())}
    return [(department.value, department.label) for department in Department if department in fitting]
