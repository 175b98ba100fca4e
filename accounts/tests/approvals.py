"""What tests of requests to the branch need: the branch deciding and writing, and what came of it."""

from django.db import connection

from accounts.approvals import details
from accounts.models import ApprovalRequest, BranchCustomer
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.notifications.models import OutboxMessage

ANYONE = Actor(kind="customer", id="1")
State = ApprovalRequest.State


def ask_to_correct(customer: BranchCustomer, detail: str = "email", value: str = "new@example.com") -> ApprovalRequest:
    return details.send(customer, details.draft(customer, detail=detail, value=value), ANYONE)


def branch_decides(request: ApprovalRequest, status: str, reason: str | None = None) -> None:
    """The supervision page's own statement: no look at what was decided before."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE authorization_queue SET status = %s, approved_by = %s, approved_at = %s, rejection_reason = %s"
            " WHERE queue_id = %s",
            [
                status,
                "SUP001",
                connection.ops.adapt_datetimefield_value(clock.now()),
                reason,
                request.queue_id,
            ],
        )


def branch_writes(customer: BranchCustomer, column: str, value: str) -> None:
    with connection.cursor() as cursor:
        sql = f"UPDATE users SET {column} = %s WHERE user_id = %s"  # noqa: S608 - the test names the column
        cursor.execute(sql, [value, customer.user_id])


def fresh(request: ApprovalRequest) -> ApprovalRequest:
    return ApprovalRequest.objects.get(pk=request.pk)


def verbs(request: ApprovalRequest) -> list[str]:
    events = AuditEvent.objects.filter(subject=f"request:{request.id}").order_by("id")
    return [event.verb for event in events]


def told(customer: BranchCustomer) -> list[str]:
    return sorted(OutboxMessage.objects.filter(customer_id=customer.user_id).values_list("cause", flat=True))
