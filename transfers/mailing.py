"""A receipt by e-mail: to the address the branch has, and to no other."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import BranchCustomer
from accounts.wording import masked_email
from transfers.papers import STATES, state_of
from transfers.selectors import TransferPaper
from wekeza_portal import ratelimit
from wekeza_portal.actors import Actor
from wekeza_portal.audit.services import record
from wekeza_portal.clock import NAIROBI
from wekeza_portal.errors import PortalError
from wekeza_portal.money import format_kes
from wekeza_portal.notifications.events import Event
from wekeza_portal.notifications.models import Channel
from wekeza_portal.notifications.services import enqueue

MAILS = ratelimit.Policy("receipt-mails", 10, timedelta(hours=24))
"""Receipts a customer may have sent in a day: enough for a day's payments, too few to fill a mailbox."""


class NoEmailAddress(PortalError):
    code = "no_email_address"
    message = gettext_lazy("We have no e-mail address of yours. You can give us one under Settings.")


def mail_receipt(paper: TransferPaper, *, customer: BranchCustomer, actor: Actor) -> str:
    """Put the receipt, in the active language, into the outbox; returns the address, masked.

    Without a balance, like the paper. Raises NoEmailAddress, or ratelimit.TooMany above the day's number.
    """
    address = (customer.email or "").strip()
    if "@" not in address:
        raise NoEmailAddress()
    ratelimit.consume(MAILS, str(customer.user_id))
    with transaction.atomic():
        enqueue(
            event=Event.ASKED,
            cause=f"receipt-mail:{paper.reference}:{uuid.uuid4().hex[:12]}",
            channel=Channel.EMAIL,
            to=address,
            customer_id=customer.user_id,
            subject=_subject(paper),
            body=_body(paper),
        )
        record(
            "receipt.mailed", actor=actor, customer_id=customer.user_id, subject=f"payment:{paper.reference}", data={}
        )
    return masked_email(address)


def _subject(paper: TransferPaper) -> str:
    words = _("Payment %(reference)s, returned") if paper.is_returned else _("Receipt %(reference)s")
    return words % {"reference": paper.reference}


def _body(paper: TransferPaper) -> str:
    when = date_format(paper.posted_at.astimezone(NAIROBI), "j F Y, H:i")
    named = paper.payee if paper.company else " ".join(part for part in (paper.to_name, paper.to_at) if part)
    where = f"{named} {paper.to_number}"
    unchecked = _("as you typed it, not checked") if paper.is_as_typed and not paper.said_name else ""
    lines = [
        (_("Returned payment") if paper.is_returned else _("Payment receipt"), settings.BANK_NAME),
        (_("Reference"), paper.reference),
        (_("State"), str(STATES[state_of(paper)])),
        (_("Date"), when),
        (_("From"), paper.from_number),
        (_("To"), f"{where} ({unchecked})" if unchecked else where),
        (_("Reference at the receiver"), paper.receipt),
        (_("Note"), paper.note),
        (_("Amount"), format_kes(paper.amount)),
        (_("Fee"), format_kes(paper.fee)),
        (_("Total"), format_kes(paper.total)),
    ]
    said = [f"{label}: {value}" for label, value in lines if value]
    help_line = _("Was this not you? Call %(phone)s now, day or night.") % {"phone": settings.FRAUD_PHONE}
    return "\n".join([*said, "", help_line])
