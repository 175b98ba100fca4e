"""What each rail needs before it can pay anybody, and whether it is there.

A rail without its settings is not offered and sends nothing; half of them is a mistake that the start-up checks refuse.
"""

from collections.abc import Mapping

from django.conf import settings

PESALINK = ("PESALINK_CONSUMER_KEY", "PESALINK_CONSUMER_SECRET", "PESALINK_ACCOUNT")
NEEDED: Mapping[str, tuple[str, ...]] = {
    "airtel_money": ("AIRTEL_CLIENT_ID", "AIRTEL_CLIENT_SECRET", "AIRTEL_PIN"),
    "bills": ("BILLS_URL", "BILLS_KEY"),
    "cards": ("CARDS_URL", "CARDS_KEY", "CARDS_PAGES"),
    "cdsc": PESALINK,
    "mpesa": (
        "MPESA_CONSUMER_KEY",
        "MPESA_CONSUMER_SECRET",
        "MPESA_PASSKEY",
        "MPESA_INITIATOR_PASSWORD",
        "MPESA_CERTIFICATE",
    ),
    "pesalink": PESALINK,
    "tkash": ("TKASH_URL",),
}
ADDRESSES: Mapping[str, str] = {
    "airtel_money": "AIRTEL_URL",
    "bills": "BILLS_URL",
    "cards": "CARDS_URL",
    "cdsc": "PESALINK_URL",
    "mpesa": "MPESA_URL",
    "pesalink": "PESALINK_URL",
}

PAGES: Mapping[str, set[str]] = {"cards": {"CARDS_PAGES"}}
"""Where customers themselves are sent."""


def missing(rail: str) -> list[str]:
    """The settings that this rail (a name in base.rails) needs and that are empty."""
    return [name for name in NEEDED.get(rail, ()) if not getattr(settings, name)]


def is_half(rail: str) -> bool:
    """Whether somebody began to set it up and did not finish."""
    return 0 < len(missing(rail)) < len(NEEDED.get(rail, ()))


def may_be_offered(rail: str) -> bool:
    """Whether customers may be offered this rail: all its settings are there."""
    return not settings.RAILS_NEED_CREDENTIALS or not missing(rail)
