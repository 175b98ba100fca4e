"""What every page of a customer says: that everything is stopped, that the bank is on the phone, what is hidden."""

from typing import Any

from django.http import HttpRequest

from accounts.calling.selectors import open_call_of
from accounts.preferences import chosen
from wekeza_portal import clock


def standing(request: HttpRequest) -> dict[str, Any]:
    """The context processor. The door has read both with the session's row; who is calling is asked only if somebody
    is."""
    session = getattr(request, "signed_in_session", None)
    if session is None:
        return {}
    since = getattr(session, "frozen_since", None)
    call = open_call_of(request.customer.user_id) if getattr(session, "open_call", None) else None  # type: ignore[attr-defined] # the door's
    return {
        "frozen_since": since.astimezone(clock.NAIROBI) if since else None,
        "open_call": call,
        "history_since": chosen.shown_since(request.customer),  # type: ignore[attr-defined] # the door's
    }
