"""What a customer is told of money that came in at the branch: one SMS, with who it is from where the row says so.

A description may hold what another customer typed, and an SMS with the bank's name on it is believed. So it is quoted,
short, and without anything that leads out of the bank: no web or e-mail address and no number to call.
"""

import re
import unicodedata

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import AccountTransaction
from accounts.vocabulary import remark_of, words_for
from wekeza_portal.money import format_kes

ONE_SMS = 160
"""Characters of the GSM alphabet (3GPP TS 23.038) in one message."""
LONGEST = 44
"""Of a quoted description: enough for "Transfer from" an account, and a word or two."""
SHORTEST = 12
_SAYS_NO_MORE = {"cash deposit"}
_LEADS_OUT = re.compile(
    r"\S*(?://|www|@)\S*|\S*[^\W_]\.[^\W\d_]\S*|\d{9,}|(?<![0-9a-z])[(+]?\d(?:[-.() ]{0,3}\d){8,}", re.IGNORECASE
)
# What GSM 7 bit lacks or sends as two characters, and our own quotation mark.
_NOT_ONE_CHARACTER = re.compile(r"[^ -~]|[\[\\\]^`{|}~\"]")


def words_of(row: AccountTransaction) -> tuple[str, str]:
    """Title and text, in the active language."""
    what = str(words_for(row.txn_type))
    values = {
        "bank": settings.BANK_NAME,
        "amount": format_kes(row.amount),
        "what": what,
        "reference": row.reference_code[:20],
    }
    body = _("%(bank)s: %(amount)s came into your account. %(what)s. Ref %(reference)s.")
    said = quoted(row.txn_type, row.description or "", room=ONE_SMS - len(body % values) - len(': ""'))
    if said:
        values["what"] = f'{what}: "{said}"'
    return _("%(amount)s came in") % values, body % values


def quoted(txn_type: str, description: str, room: int = LONGEST) -> str:
    """What the description says beyond the words for its type, fit to be quoted in `room` characters, or ""."""
    remark = remark_of(txn_type, description)
    text = "".join(part for part in unicodedata.normalize("NFKD", remark) if not unicodedata.combining(part))
    text = _NOT_ONE_CHARACTER.sub(" ", text.replace("\N{IDEOGRAPHIC FULL STOP}", "."))
    while _LEADS_OUT.search(text):  # what is left of one may be the end of another
        text = _LEADS_OUT.sub(" ", text)
    text = " ".join(text.split()).strip(" -:,.")
    room = min(room, LONGEST)
    if room < SHORTEST or text.casefold() in _SAYS_NO_MORE or not any(map(str.isalnum, text)):
        return ""
    return text if len(text) <= room else f"{text[: room - 3].rstrip(' -:,.')}..."
