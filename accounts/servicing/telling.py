"""What a customer is told of a letter, in their own language, in the transaction that makes it."""

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from accounts import wording
from accounts.models import BankLetter, BranchCustomer
from accounts.telling import language_of, tell
from wekeza_portal.money import format_kes
from wekeza_portal.notifications.events import Event
from wekeza_portal.notifications.inbox import Category, Link


def made(letter: BankLetter, customer: BranchCustomer) -> None:
    """Money that left, or a paper about the customer that whoever sits at their screen has now."""
    with translation.override(language_of(customer)):
        values = {
            "bank": settings.BANK_NAME,
            "account": wording.masked_end(letter.account_number, 4),
            "amount": format_kes(letter.fee),
            "phone": settings.FRAUD_PHONE,
        }
        if letter.reference:
            words = _("%(bank)s: you paid %(amount)s for a letter about account %(account)s. Not you? Call %(phone)s.")
        else:
            words = _("%(bank)s: you made a letter about account %(account)s. Not you? Call %(phone)s.")
        subject = str(_("Your letter is ready"))
    has_cost = bool(letter.reference)
    category = Category.MONEY if has_cost else Category.REQUESTS
    event = Event.MONEY_OUT if has_cost else Event.REQUESTS
    link = Link("letter", {"letter_id": letter.pk})
    tell(
        customer,
        cause=f"letter-made:{letter.pk}",
        subject=subject,
        body=words % values,
        event=event,
        amount=letter.fee if has_cost else None,
        category=category,
        link=link,
    )
