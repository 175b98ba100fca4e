"""The addresses the branch knows of a customer: where a message goes, and how much of it a page may show."""

import phonenumbers

from accounts.models import BranchCustomer
from wekeza_portal.notifications.models import Channel


def phone_of(customer: BranchCustomer) -> str:
    """The customer's number as +254..., or "" where the branch has none that can be dialled."""
    return international(customer.phone_number or "")


def international(number: str) -> str:
    """A number as it is dialled from anywhere; Kenyan numbers may come as 07..., 254... or +254..."""
    digits = number.strip()
    if digits.startswith("254"):
        digits = f"+{digits}"
    try:
        parsed = phonenumbers.parse(digits, "KE")
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(parsed):
        return ""
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def address_for(customer: BranchCustomer, wanted: Channel) -> tuple[Channel, str]:
    """Where a message really goes: by SMS if that is wanted and there is a number, else by e-mail."""
    phone = phone_of(customer)
    return (Channel.SMS, phone) if wanted == Channel.SMS and phone else (Channel.EMAIL, customer.email)


def masked(channel: Channel, address: str) -> str:
    """Enough for its owner to know it again: the last three digits, or the first letter and the domain."""
    if channel == Channel.SMS:
        return f"{address[:4]} ••• ••• {address[-3:]}"
    name, _at, domain = address.rpartition("@")
    return f"{name[:1]}•••@{domain}"
