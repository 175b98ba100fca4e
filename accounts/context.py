"""What every page of a customer says: everything is stopped, the bank is on the phone, staff look, what is hidden."""

from typing import Any

from django.http import HttpRequest

from accounts.calling.selectors import open_call_of
from accounts.preferences import chosen
from accounts.supporting.pages import tabs
from accounts.supporting.selectors import current_of
from wekeza_portal import clock


def standing(request: HttpRequest) -> dict[str, Any]:
    """The context processor. The door has read all of it with the session's row; who is calling, and who looks, is
    asked only if somebody does. `looking` where it is staff who look: see accounts.supporting.rendering."""
    looking = getattr(request, "looking", None)
    if looking is not None:
        return {"looking": looking, "looking_tabs": tabs()}
    session = getattr(request, "signed_in_session", None)
    if session is None:
        return {}
    since = getattr(session, "frozen_since", None)
    call = open_call_of(request.customer.user_id) if getattr(session, "open_call", None) else None  # type: ignore[attr-defined] # the door's
    look = current_of(request.customer.user_id) if getattr(session, "support_view", None) else None  # type: ignore[attr-defined] # likewise
    return {
        "frozen_since": since.astimezone(clock.NAIROBI) if since else None,
        "open_call": call,
        "support_view": look,
        "history_since": chosen.shown_since(request.customer),  # type: ignore[attr-defined] # the door's
    }
