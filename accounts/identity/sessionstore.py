"""Django's sessions in the database, read together with whom they belong to (SESSION_ENGINE).

A customer's page needs the session, its row beside it, the user, the branch's customer and whether the second factor
is still there. All of it comes in one query, anew at every request: what was ended or closed a moment ago is.
"""

from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore
from django.contrib.sessions.models import Session
from django.db.models import CharField, DateTimeField, OuterRef, QuerySet, Subquery
from django.utils import timezone

from accounts.identity.guard import session_digest
from accounts.models import BankCall, CodeDevice, Freeze, SignedInSession, SupportView
from wekeza_portal.notifications import inbox
from wekeza_portal.prepared import Prepared, Slot


class SessionStore(DatabaseSessionStore):
    """Remembers in `signed_in` the row beside the session it read, its user and customer with it; None without one."""

    signed_in: Any = None

    def _get_session_from_db(self) -> Session | None:
        self.signed_in = None
        if not self.session_key:
            return None
        row = _beside(self.session_key)
        if row is None or row.session_data is None:
            # Nobody's yet, half a login, staff: Django's own row alone. Or none, and Django says so.
            return super()._get_session_from_db()  # type: ignore[misc, no-any-return] # Django keeps it private
        self.signed_in = row
        return Session(session_key=self.session_key, session_data=row.session_data)


def _query() -> QuerySet[Any]:
    """The row beside the session, with `session_data` (None when the session is over), `factor_id` and `unread`;
    `frozen_since` while the customer has stopped everything, `open_call` while the bank is on the phone with them,
    `support_view` while staff ask to look at their pages, or do.

    `unread`: messages in the customer's inbox, None for none. Those from before the branch's row are a former person's.
    """
    session = Session.objects.filter(
        session_key=Slot("session_key", CharField()), expire_date__gt=Slot("now", DateTimeField())
    )
    call = BankCall.objects.filter(open_for=OuterRef("user__customer_id"), expires_at__gt=Slot("now", DateTimeField()))
    look = SupportView.objects.filter(open_for=OuterRef("user__customer_id"))
    factor = CodeDevice.objects.filter(user_id=OuterRef("user_id"), confirmed=True)
    return (
        SignedInSession.objects.filter(session_key_digest=Slot("digest", CharField()))
        .select_related("user__customer")
        .annotate(
            session_data=Subquery(session.values("session_data")),
            factor_id=Subquery(factor.values("pk")[:1]),
            frozen_since=Subquery(Freeze.objects.filter(open_for=OuterRef("user__customer_id")).values("since")[:1]),
            open_call=Subquery(call.values("pk")[:1]),
            support_view=Subquery(look.values("pk")[:1]),
            unread=inbox.unread_of("user__customer_id", since="user__customer__created_at"),
        )
    )


_rows_beside: Prepared[Any] = Prepared(_query)


def _beside(session_key: str) -> Any:
    """What `_query` finds for this session; None without a row."""
    found = _rows_beside(session_key=session_key, digest=session_digest(session_key), now=timezone.now())
    return found[0] if found else None
