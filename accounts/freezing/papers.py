"""The card that explains it: one page, English above, Kiswahili below, nobody's name on it."""

from datetime import date
from functools import lru_cache

from django.conf import settings

from accounts.identity.outside import LIFE
from wekeza_portal import clock
from wekeza_portal.documents import codes, pdf


def card() -> bytes:
    """The PDF as of today. Made once a day in each process: it is open to everybody and says the same to all."""
    return _made(clock.today())


@lru_cache(maxsize=2)
def _made(day: date) -> bytes:
    address = f"{settings.PUBLIC_URL.rstrip('/')}/freeze/"
    context = {
        "address": address.partition("://")[2],
        "qr": codes.qr_code(address),
        "calling": f"{settings.PUBLIC_URL.rstrip('/').partition('://')[2]}/calling/",
        "minutes": int(LIFE.total_seconds() // 60),
        "languages": ("en", "sw"),
        "made_at": clock.now(),
    }
    return pdf.render("documents/freeze_card.html", context, language="en")
