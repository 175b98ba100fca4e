"""What was being typed when the session ran out, given back once after signing in again (24 h, same customer only)."""

import json
import re
from datetime import timedelta
from urllib.parse import urlsplit

from django.http import HttpRequest, QueryDict

from accounts.models import KeptForm
from wekeza_portal import clock, crypto

LIFE = timedelta(hours=24)
LONGEST = 20_000
NEVER_KEPT = re.compile(r"pass|code|otp|pin|secret|csrf|token|^_", re.IGNORECASE)


def keep(user_id: int, path: str, fields: QueryDict) -> None:
    """Store the typed fields of the page at `path`, encrypted; never passwords, codes or tokens."""
    kept = {name: values for name, values in fields.lists() if not NEVER_KEPT.search(name) and any(values)}
    text = json.dumps(kept)
    if not kept or len(text) > LONGEST:
        return
    KeptForm.objects.update_or_create(
        user_id=user_id,
        path=_page(path),
        defaults={"data": crypto.encrypt(text), "created_at": clock.now()},
    )


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
