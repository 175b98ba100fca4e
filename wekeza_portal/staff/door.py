"""Who may come to the staff's pages: a member of staff, both factors given, still on the branch's staff list."""

import json
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from wekeza_portal import clock, crypto
from wekeza_portal.actors import Actor
from wekeza_portal.ratelimit import client_address
from wekeza_portal.staff.models import StaffPost

STARTED_KEY = "staff_started_at"
SEEN_KEY = "staff_seen_at"


def actor_from(request: HttpRequest) -> Actor:
    """The member of staff behind this request, for the audit trail."""
    return Actor(
        kind="staff",
        id=str(request.user.pk or ""),
        request_id=getattr(request, "request_id", ""),
        ip=client_address(request),
    )


def is_staff_page(request: HttpRequest) -> bool:
    """Whether the address is one of `portal_admin`'s, which lets nobody in but staff."""
    match = request.resolver_match
    return match is not None and match.app_names[:1] == ["admin"]


class Post(NamedTuple):
    """Who a code is at the branch now: staff.staff_id, the branch, the branch's role, a digest of name and e-mail."""

    member_id: int
    branch_id: int | None
    role: str
    person: str


def post_of(staff_code: str) -> Post | None:
    """The active row of the branch's staff table with this code, exactly so; None without one."""
    member: Any = apps.get_model("accounts", "StaffMember")
    rows = member.objects.filter(staff_code=staff_code, is_active=True)
    return next((_post(row) for row in rows if row.staff_code == staff_code), None)


def _post(row: Any) -> Post:
    """Keyed, so that whoever writes the tables can't tie a login to another person; no more is told of them."""
    who = json.dumps([" ".join(str(text or "").split()).casefold() for text in (row.full_name, row.email)])
    return Post(row.staff_id, row.branch_id, row.role, crypto.keyed_digest("staff-post", f"{row.staff_id} {who}"))


def is_on_the_list(staff_code: str) -> bool:
    """Whether the branch's staff table has this code, exactly so, and active."""
    return post_of(staff_code) is not None


def is_staff(user: Any) -> bool:
    """A user of the bank's, not a customer, as the rows stand now: moved at the branch counts as gone."""
    return _is_of_the_bank(user) and _keeps_the_post(user)


def has_lost_the_post(user: Any) -> bool:
    """A login of the bank's whose code the branch still has, but which was not set up for what stands there now."""
    return _is_of_the_bank(user) and is_on_the_list(user.get_username()) and not _keeps_the_post(user)


def _is_of_the_bank(user: Any) -> bool:
    return bool(user is not None and user.is_active and user.is_staff and getattr(user, "customer_id", None) is None)


def tie(user: Any) -> None:
    """Note which post a login is for, in place of any noted before: another person or post shuts it.

    Only where a login is set up, by whoever knows the person. Does nothing for a code that the branch has not.
    """
    post = post_of(user.get_username())
    if post is not None:
        noted = {**post._asdict(), "since": clock.now()}
        StaffPost.objects.update_or_create(user_id=user.pk, defaults=noted)


def _keeps_the_post(user: Any) -> bool:
    """Active at the branch, and the person, branch and role that the login was set up for; untied is shut."""
    post = post_of(user.get_username())
    tied = StaffPost.objects.filter(pk=user.pk).first() if post is not None else None
    return tied is not None and Post(tied.member_id, tied.branch_id, tied.role, tied.person) == post


def stands_for(user_id: int) -> bool:
    """Whether this portal user is a member of staff now."""
    return is_staff(apps.get_model("accounts", "User").objects.filter(pk=user_id).first())


def begin(request: HttpRequest) -> None:
    """Note in the fresh session when it began."""
    now = clock.now().isoformat()
    request.session[STARTED_KEY] = now
    request.session[SEEN_KEY] = now


def stands(request: HttpRequest) -> bool:
    """Whether this request is a signed-in member of staff's. Ends the session of one who no longer is.

    Asked several times while a page is made, answered once.
    """
    answer: bool | None = getattr(request, "_staff_stands", None)
    if answer is None:
        answer = _examine(request)
        request._staff_stands = answer  # type: ignore[attr-defined] # ours, put there by our middleware
    return answer


def _examine(request: HttpRequest) -> bool:
    user = request.user
    if STARTED_KEY not in request.session or not user.is_authenticated:
        return False
    if is_staff(user) and user.is_verified() and _in_time(request):  # type: ignore[attr-defined] # django-otp puts it there
        request.session[SEEN_KEY] = clock.now().isoformat()
        return True
    request.session.flush()
    request.user = AnonymousUser()
    return False


def _in_time(request: HttpRequest) -> bool:
    now = clock.now()
    started, seen = (datetime.fromisoformat(request.session[key]) for key in (STARTED_KEY, SEEN_KEY))
    is_fresh = now - started <= timedelta(seconds=settings.SESSION_ABSOLUTE_SECONDS)
    return is_fresh and now - seen <= timedelta(seconds=settings.SESSION_IDLE_SECONDS)
