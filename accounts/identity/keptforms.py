"""What was being typed when the session ran out, given back once after signing in again (24 h, same customer only)."""

import json
import re
from datetime import timedelta
from urllib.parse import urlsplit

from django.db import transaction
from django.http import HttpRequest, QueryDict
from django.urls import Resolver404, resolve

from accounts.models import KeptForm, User
from wekeza_portal import clock, crypto
from wekeza_portal.ratelimit import Policy

LIFE = timedelta(hours=24)
# The addresses, by their names, whose page carries a form marked data-keep. Nothing else is given back, or kept.
KEEPS = {
    "move_wekeza", "move_own", "move_mobile", "move_airtime", "move_bank", "move_bank_phone", "move_bill", "move_cdsc",
    "correct_details", "payee_new", "standing_new", "standing_change", "ask_for_money", "dispute", "own_limits",
    "deposit_mpesa", "contact_change", "profile_home", "profile_kin", "profile_work",
    "service_new_account", "service_close", "service_mandate", "service_reference",
    "letter_account", "letter_balance",
    "notifications",
    "data_request_new",
}  # fmt: skip
MOST_FORMS = 5
LARGEST = 10 * 1024
"""Characters (ASCII) of one kept form as it is stored, encrypted."""
KEEPING = Policy("kept-forms", 30, timedelta(minutes=10))
NEVER_KEPT = re.compile(r"pass|code|otp|pin|secret|csrf|token|^_", re.IGNORECASE)


def keep(user_id: int, path: str, fields: QueryDict) -> None:
    """Store the typed fields of the page at `path`, encrypted; never passwords, codes or tokens.

    At most five pages a customer, the oldest dropped; nothing too large, and no page that asks for nothing.
    """
    page = _page(path)
    kept = {name: values for name, values in fields.lists() if not NEVER_KEPT.search(name) and any(values)}
    if not kept or not _is_kept(page):
        return
    data = crypto.encrypt(json.dumps(kept))
    if len(data) <= LARGEST:
        _store(user_id, page, data)


@transaction.atomic
def _store(user_id: int, page: str, data: str) -> None:
    User.objects.select_for_update().get(pk=user_id)  # one at a time, or each would count without the others'
    values = {"data": data, "created_at": clock.now()}
    KeptForm.objects.update_or_create(user_id=user_id, path=page, defaults=values)
    newest = KeptForm.objects.filter(user_id=user_id).order_by("-created_at", "-pk").values_list("pk", flat=True)
    KeptForm.objects.filter(pk__in=list(newest[MOST_FORMS:])).delete()


def _is_kept(page: str) -> bool:
    try:
        return resolve(page).url_name in KEEPS
    except (Resolver404, ValueError):
        return False


def restored(request: HttpRequest) -> QueryDict | None:
    """What this customer had typed on this page, once; None if nothing is kept. For a GET of a form view."""
    if not request.user.is_authenticated:
        return None
    row = KeptForm.objects.filter(user=request.user, path=_page(request.path)).first()
    if row is None or not KeptForm.objects.filter(pk=row.pk).delete()[0]:
        return None
    if clock.now() - row.created_at > LIFE:
        return None
    fields = QueryDict(mutable=True)
    for name, values in json.loads(crypto.decrypt(row.data)).items():
        fields.setlist(name, values)
    return fields


def _page(path: str) -> str:
    return urlsplit(path).path[:200]
