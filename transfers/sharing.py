"""A payment in a few words, to be passed on by WhatsApp or whatever the phone has.

Plain text: what, to whom in short, when, the reference, and where its paper is verified. No balance, no account number,
no phone number, no note: who knows whom it is passed on to.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import BranchCustomer
from transfers.papers import STATES, facts_of, state_of
from transfers.selectors import TransferPaper
from wekeza_portal.clock import NAIROBI
from wekeza_portal.documents.codes import check_of
from wekeza_portal.documents.models import IssuedPaper
from wekeza_portal.money import format_kes


@dataclass(frozen=True, slots=True)
class Share:
    """What is passed on."""

    text: str

    @property
    def whatsapp(self) -> str:
        """WhatsApp's own address for a text that its owner sends to whom they choose (faq.whatsapp.com)."""
        return f"https://wa.me/?text={quote(self.text, safe='')}"


def share_of(
    paper: TransferPaper, customer: BranchCustomer, given_out: Iterable[IssuedPaper], language: str
) -> Share | None:
    """The words, in the active language; None until there is a paper that says today's state and can be verified."""
    facts = facts_of(paper, customer)
    fitting = sorted((one for one in given_out if one.facts == facts), key=lambda one: one.language != language)
    if not fitting:
        return None
    values = {
        "by": settings.BANK_NAME,
        "amount": format_kes(paper.amount),
        "payee": paper.shared_payee if paper.company else facts["payee"],
        "state": STATES[state_of(paper)],
        "time": date_format(paper.posted_at.astimezone(NAIROBI), "j F Y, H:i"),
        "reference": paper.reference,
        "address": check_of(fitting[0].code).address,
    }
    text = _(
        "%(amount)s to %(payee)s, %(time)s. %(state)s. Reference %(reference)s. Sent with %(by)s. "
        "See that it is true: %(address)s"
    )
    return Share(text % values)
