"""Asking a branch to look into a movement. The portal moves no money for it, whatever the branch decides.

The type is ACCOUNT_MAINTENANCE: of those the portal may queue, the one for which the branch software does nothing by
itself once it is approved. Approved means that the branch found the customer right; what has to be paid back, people
do with the tools they have for it, and it then stands in the history like everything else.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.approvals import services
from accounts.models import ApprovalRequest, BranchCustomer
from accounts.movements import Movement
from statements.disputes.forms import Why
from wekeza_portal import dates
from wekeza_portal.actors import Actor
from wekeza_portal.money import format_kes
from wekeza_portal.registry import ApprovalExecutor, RequestPages

KIND = "DISPUTE"
QUEUE_TYPE = "ACCOUNT_MAINTENANCE"


def draft(customer: BranchCustomer, movement: Movement, *, why: str, text: str) -> ApprovalRequest:
    """Store what the review page shows; nothing has reached the branch."""
    return services.draft(
        customer=customer,
        kind=KIND,
        transaction_type=QUEUE_TYPE,
        amount=movement.amount,
        payload={
            "about": movement.reference,
            "account": movement.account_number,
            "amount": str(movement.amount),
            "txn_type": movement.txn_type,
            "day": movement.at.date().isoformat() if movement.at else "",
            "why": why,
            "text": text,
        },
    )


def about(customer: BranchCustomer, movement: Movement) -> list[ApprovalRequest]:
    """What the customer asked about this movement and sent, newest first."""
    sent = ApprovalRequest.objects.filter(customer=customer, kind=KIND, sent_at__isnull=False)
    return list(sent.filter(payload__about=movement.reference).order_by("-sent_at")[:5])


def send(customer: BranchCustomer, request: ApprovalRequest, actor: Actor) -> ApprovalRequest:
    """Send the reviewed dispute to the branch. Raises DraftIsGone, AlreadyAsked, TooMany."""
    data, words = for_staff(customer, request), in_words(customer, request)
    return services.send(customer=customer, request_id=request.id, data=data, description=words, actor=actor)


def for_staff(customer: BranchCustomer, request: ApprovalRequest) -> dict[str, Any]:
    """What stands in the branch's row for whoever looks into it."""
    payload = request.payload
    return {
        "reference": str(request.id),
        "user_id": customer.user_id,
        "account_number": payload["account"],
        "transaction_reference": payload["about"],
        "transaction_type": payload["txn_type"],
        "transaction_amount": Decimal(payload["amount"]),
        "transaction_date": payload["day"],
        "reason": payload["why"],
        "customer_says": payload["text"],
    }


def in_words(customer: BranchCustomer, request: ApprovalRequest) -> str:
    """The line staff read in the branch's list."""
    payload = request.payload
    return (
        f"Customer {customer.user_id} disputes {payload['about'][:50]} on {payload['account']},"
        f" KES {payload['amount']}: {payload['why']}. Look into it; approving moves no money."
    )


def describe(request: ApprovalRequest) -> str:
    """In one phrase: "look into KES 2,500.00 of 25 November 2026"."""
    amount, day = format_kes(Decimal(request.payload["amount"])), request.payload["day"]
    if not day:
        return _("look into %(amount)s on your account") % {"amount": amount}
    return _("look into %(amount)s of %(day)s") % {"amount": amount, "day": dates.shown(date.fromisoformat(day))}


def facts(request: ApprovalRequest) -> list[tuple[Any, str]]:
    payload = request.payload
    told = [
        (_("Movement"), payload["about"]),
        (_("Account"), payload["account"]),
        (_("Amount"), format_kes(Decimal(payload["amount"]))),
        (_("What is wrong"), str(Why(payload["why"]).label)),
    ]
    return [*told, (_("What happened"), payload["text"])] if payload["text"] else told


def _effect_of(request: ApprovalRequest) -> str:
    return ""


def _decided(request: ApprovalRequest) -> str:
    return "the branch looked into it and agreed; what is to be paid back is paid by people"


EXECUTOR = ApprovalExecutor(effect_of=_effect_of, apply=_decided, describe=describe)
PAGES = RequestPages(
    facts=facts,
    send=send,
    form_url=lambda request: reverse("dispute", args=[request.payload["about"]]),
    agreed=gettext_lazy("The branch has agreed with you and is working on it."),
    done=gettext_lazy(
        "The branch looked into it and agreed with you. "
        "If money is to come back, you see it in your history when it does."
    ),
    withdrawn=gettext_lazy("You took this back. The branch can still see it, but you need not do anything."),
    can_be_withdrawn=True,
)
