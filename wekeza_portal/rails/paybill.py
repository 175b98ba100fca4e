"""The paybill number to which customers pay, and whether the bank stands by it."""

from django.conf import settings

from wekeza_portal.rails import credentials


def number() -> str:
    """The bank's own paybill as customers may be told it; "" while M-Pesa is not set up or nobody has confirmed it.

    A wrong number sends customers' money to another bank: so it is shown, and prompts ask for money on it, only where
    MPESA_PAYBILL_CONFIRMED repeats it.
    """
    confirmed = settings.MPESA_PAYBILL_CONFIRMED
    stands = bool(confirmed) and confirmed == settings.MPESA_SHORTCODE
    return settings.MPESA_SHORTCODE if stands and credentials.may_be_offered("mpesa") else ""
