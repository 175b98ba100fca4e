"""Kenyan phone numbers as people write them, and whose wallet a number belongs to at first."""

import re

from django.core.cache import cache
from django.utils.translation import gettext_lazy as _

from transfers.errors import TransferRefused
from transfers.models import PhonePrefix

_NOISE = re.compile(r"[\s().-]+")
# Source: the Communications Authority's numbering plan; the prefixes themselves are rows of portal_phone_prefix.
_MOBILE = re.compile(r"(?:\+254|(?:00)?254|0)?([17][0-9]{8})", re.ASCII)


class NotAPhoneNumber(TransferRefused):
    code = "not_a_phone_number"
    field = "phone"
    message = _("Enter a Kenyan mobile number, like 0722 123 456 or +254 722 123 456.")


def msisdn(text: str) -> str:
    """`text` as 254 and nine digits: 07.., 01.., 7.., 254.., +254.. and 00254.. with blanks, dots, dashes or brackets.

    Raises NotAPhoneNumber.
    """
    found = _MOBILE.fullmatch(_NOISE.sub("", text)) if is_one(text) else None
    if found is None:
        raise NotAPhoneNumber()
    return f"254{found.group(1)}"


def is_one(text: str) -> bool:
    """Whether `text` reads as a Kenyan mobile number."""
    return len(text) <= 30 and _MOBILE.fullmatch(_NOISE.sub("", text)) is not None


def shown(number: str) -> str:
    """254722123456 as people read it: 0722 123 456."""
    local = f"0{number[3:]}"
    return f"{local[:4]} {local[4:7]} {local[7:]}"


def usual_wallet(number: str) -> str:
    """The wallet the number's prefix belongs to: MPESA, AIRTEL_MONEY, TKASH, or "" where none does.

    A first guess: numbers move between networks, so the customer may choose another and the network decides.
    """
    row = PhonePrefix.objects.filter(prefix=number[3:6]).first()
    return row.wallet if row else ""


def prefixes_by_wallet() -> str:
    """Every known prefix with its wallet, for guessing while a number is typed: "700:MPESA 730:AIRTEL_MONEY".

    Remembered for ten minutes: it is only a guess, and who pays is asked about the number itself.
    """
    return str(cache.get_or_set("phone-prefixes", _prefixes, 600))


def guessed_wallet(number: str) -> str:
    """`usual_wallet` as it is remembered: for saying what could be tried, without a question to the database."""
    pairs = (pair.partition(":") for pair in prefixes_by_wallet().split())
    return next((wallet for prefix, _colon, wallet in pairs if prefix == number[3:6]), "")


def _prefixes() -> str:
    rows = PhonePrefix.objects.exclude(wallet="").order_by("prefix").values_list("prefix", "wallet")
    return " ".join(f"{prefix}:{wallet}" for prefix, wallet in rows)
