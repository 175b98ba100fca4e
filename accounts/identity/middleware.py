"""The door: every view needs a signed-in, code-verified, active personal customer unless it says otherwise."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib import auth, messages
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject
from django_otp.middleware import OTPMiddleware

from accounts.books.proving import NotAsPosted
from accounts.identity import guard, keptforms, sessions
from accounts.identity.guard import Standing, Verdict
from accounts.identity.redirects import safe_path
from accounts.identity.sessionstore import SessionStore
from accounts.models import SignedInSession, User
from accounts.privacy import texts
from accounts.requests import DoorRequest
from wekeza_portal import dates, logs, pages, pulse
from wekeza_portal.middleware import DATABASE_AWAY
from wekeza_portal.staff.door import is_staff_page

View = Callable[..., HttpResponse]
SAFE_METHODS = ("GET", "HEAD")
KEEPS_WHAT_WAS_TYPED = {Standing.IDLE, Standing.TOO_OLD}


def not_a_sign_of_life(view: View) -> View:
    """Mark a view that the page calls by itself: it must not make an idle session live longer."""
    view.is_sign_of_life = False  # type: ignore[attr-defined] # a mark on a function, as Django makes its own
    return view


def before_the_terms(view: View) -> View:
    """Mark a view that whoever has not accepted the terms in force may use: it reads them, or changes nothing."""
    view.is_before_terms = True  # type: ignore[attr-defined] # a mark on a function, as Django makes its own
    return view


class UserMiddleware(AuthenticationMiddleware):
    """Django's middleware, taking the user that was read with the session where everything about it is in order."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: _user_of(request))  # type: ignore[assignment] # as Django has it


def _user_of(request: HttpRequest) -> User | AnonymousUser:
    """The session's user. Whatever is not exactly as it should be is for Django's own function to judge."""
    about = request.session
    asked_for = about.get(SESSION_KEY)
    row = getattr(about, "signed_in", None)
    is_ours = about.get(BACKEND_SESSION_KEY) == sessions.BACKEND
    if row is not None and str(row.user_id) == asked_for and row.user.is_active and is_ours:
        _sign_again(about, row.user)
        if constant_time_compare(about.get(HASH_SESSION_KEY, ""), row.user.get_session_auth_hash()):
            user: User = row.user
            return user
    elif asked_for and settings.SECRET_KEY_FALLBACKS and about.get(BACKEND_SESSION_KEY) in _backends():
        _sign_again(about, auth.load_backend(about[BACKEND_SESSION_KEY]).get_user(asked_for))
    return auth.get_user(request)


def _backends() -> list[str]:
    return list(settings.AUTHENTICATION_BACKENDS)


def _sign_again(about: Any, user: Any) -> None:
    """Put the new SECRET_KEY's mark on a session that carries an earlier one's, under the key it has.

    Django gives such a session another key; of several pages asked for at once all but the first would then come with
    a key that is gone, and be signed out.
    """
    carried = about.get(HASH_SESSION_KEY, "")
    if user is None or not carried or not settings.SECRET_KEY_FALLBACKS:
        return
    now = user.get_session_auth_hash()
    if constant_time_compare(carried, now):
        return
    if any(constant_time_compare(carried, earlier) for earlier in user.get_session_auth_fallback_hash()):
        about[HASH_SESSION_KEY] = now


class LazyOTPMiddleware(OTPMiddleware):  # type: ignore[misc] # django-otp ships no types
    """django-otp's middleware, looking the device up only when `user.is_verified()` is asked.

    Customers' pages ask for it together with their session row: see `accounts.identity.guard`.
    """

    def _verify_user_sync(self, request: HttpRequest, user: Any) -> Any:
        look_up = super()._verify_user_sync

        def is_verified() -> bool:
            return bool(look_up(request, user).is_verified())

        user.otp_device = None
        user.is_verified = is_verified
        return user


class SignedInMiddleware:
    """Sets `request.customer` (None when nobody is signed in) and `request.signed_in_session`.

    Views open to everybody are marked with Django's `login_not_required`.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: DoorRequest) -> HttpResponseBase:
        request.customer = None
        request.signed_in_session = None
        request.sign_in_needed = False
        dates.begin("")
        try:
            response = self.get_response(request)
        finally:
            dates.begin("")
        if request.customer is not None or request.sign_in_needed:
            response["Cache-Control"] = "no-store"
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A payment whose record was written into is shown to nobody, on whichever page it was asked for."""
        return pages.withheld(request, str(exception)) if isinstance(exception, NotAsPosted) else None

    def process_view(self, request: DoorRequest, view: View, args: Any, kwargs: Any) -> HttpResponseBase | None:
        if is_staff_page(request):
            return None  # theirs is another door
        is_open = not getattr(view, "login_required", True)
        request.sign_in_needed = not is_open
        try:
            pulse.refuse_if_it_hangs()
            verdict = guard.examine(request)
            waits = _terms_wait(verdict, view)
        except DATABASE_AWAY:
            if not is_open or request.method not in SAFE_METHODS:
                raise
            _meet_nobody(request)
            return None
        if verdict.standing is Standing.GOOD and verdict.session is not None:
            _admit(request, verdict.session, touches=getattr(view, "is_sign_of_life", True))
            return _to_the_terms(request) if waits else None
        if verdict.standing is Standing.NOT_A_CUSTOMER:
            _meet_staff(request, is_open)
            return None
        if verdict.standing is not Standing.ANONYMOUS:
            _show_out(request, verdict)
        return None if is_open else _to_sign_in(request)


def _terms_wait(verdict: Verdict, view: View) -> bool:
    """Whether the terms have to be accepted before this view. Open pages are everybody's."""
    session = verdict.session
    if verdict.standing is not Standing.GOOD or session is None or not getattr(view, "login_required", True):
        return False
    return not getattr(view, "is_before_terms", False) and bool(texts.due(session.user, session.started_at))


def _to_the_terms(request: DoorRequest) -> HttpResponse:
    """Nothing of the customer's before the terms are accepted. What was typed is kept for afterwards."""
    back, page = page_of(request), reverse("terms_accept")
    if request.method == "POST" and request.signed_in_session is not None:
        keptforms.keep(request.signed_in_session.user_id, back, request.POST)
    if not _wants_page(request):
        return JsonResponse({"error": "terms", "terms": page}, status=403)
    return HttpResponseRedirect(page if back == "/" else f"{page}?{urlencode({'next': back})}", status=303)


def _admit(request: DoorRequest, session: SignedInSession, *, touches: bool) -> None:
    if touches:
        sessions.touch(session)
    user = request.user
    assert isinstance(user, User), "the guard admits users only"
    customer = user.customer
    assert customer is not None, "and only those who are customers"
    request.customer = customer
    request.signed_in_session = session
    logs.customer_id.set(customer.user_id)
    dates.begin(user.date_format)


class SessionOutOfReach(SessionStore):
    """In place of a session that can't be read. Not "empty": an empty one would take the browser's cookie away."""

    def is_empty(self) -> bool:
        return False


def _meet_nobody(request: HttpRequest) -> None:
    """The database is away. An open page needs no customer: whoever this is gets it as anybody would."""
    request.session = SessionOutOfReach()
    request.user = AnonymousUser()


def _meet_staff(request: HttpRequest, is_open: bool) -> None:
    """Staff have no customer's pages; the open pages see them as anybody."""
    if not is_open:
        raise PermissionDenied
    request.user = AnonymousUser()


def _show_out(request: HttpRequest, verdict: Verdict) -> None:
    """End the session that no longer stands, keeping what was being typed if it merely ran out."""
    if verdict.standing in KEEPS_WHAT_WAS_TYPED and request.method == "POST" and verdict.session is not None:
        keptforms.keep(verdict.session.user_id, page_of(request), request.POST)
    if verdict.session is not None:
        sessions.end(verdict.session)
    request.session.flush()
    request.user = AnonymousUser()
    messages.info(request, guard.NOTICES[verdict.standing])


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    login = reverse("login")
    if not _wants_page(request):
        return JsonResponse({"error": "sign_in", "login": login}, status=401)
    back = page_of(request)
    return redirect(login if back == "/" else f"{login}?{urlencode({'next': back})}")


def _wants_page(request: HttpRequest) -> bool:
    """Whether a browser is waiting for a page, not a script for data."""
    is_navigation = request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
    return is_navigation and not request.headers.get("Accept", "").startswith("application/json")


def page_of(request: HttpRequest) -> str:
    """The page to come back to: this one, or for a POST the page whose form was sent."""
    if request.method == "GET":
        return request.get_full_path()
    referer = urlsplit(request.headers.get("Referer", ""))
    if referer.netloc == request.get_host():
        path = f"{referer.path}?{referer.query}" if referer.query else referer.path
        return safe_path(path) or request.path
    return request.path
