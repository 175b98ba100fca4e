"""Signing in: password, then code."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.identity import codes, devices, sessions, signin, trusted
from accounts.identity.backends import CustomerBackend
from accounts.identity.factors import passkeys
from accounts.identity.factors.ways import ways_of
from accounts.identity.forms import LoginForm
from accounts.identity.redirects import safe_path
from accounts.identity.sessions import HalfLogin
from accounts.identity.views.asking import Asking, asked_way
from accounts.identity.views.refusals import refuse
from accounts.models import OneTimeCode, User, Way
from accounts.requests import OpenRequest
from wekeza_portal.errors import PortalError
from wekeza_portal.notifications.models import Channel

SIGN_IN = OneTimeCode.Purpose.SIGN_IN
CODE_PAGE = "identity/login_code.html"


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password")
def login(request: OpenRequest) -> HttpResponse:
    """E-mail and password. The right ones begin a half-login and send its code."""
    next_url = safe_path(request.POST.get("next") or request.GET.get("next"))
    if request.customer is not None:
        return redirect(next_url or "home")
    form = LoginForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "identity/login.html", {"form": form, "next": next_url})
    try:
        half = signin.give_password(request, form.cleaned_data["email"], form.cleaned_data["password"], next_url)
    except PortalError as error:
        request.session.pop(sessions.HALF_LOGIN_KEY, None)
        return refuse(request, "identity/login.html", form, error, next=next_url)
    if half.needs_no_code:
        return _trusted(request, half)
    return redirect("login_code")


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def login_code(request: OpenRequest) -> HttpResponse:
    """The code of this browser's half-login. The right one begins the session."""
    half, user = _half_login(request)
    if half is None or user is None:
        return redirect("login")
    asked = _asking(request, user, half)
    form = asked.form(request)
    sent = codes.latest(SIGN_IN, half.binding)
    if request.method != "POST" or not form.is_valid():
        return render(request, CODE_PAGE, {"form": form, "may_trust": trusted.is_offered(), **asked.context(sent)})
    try:
        signin.prove_code(request, user, half, form.cleaned_data["code"], asked.way)
    except PortalError as error:
        return refuse(
            request, "identity/login_code.html", form, error, may_trust=trusted.is_offered(), **asked.context(sent)
        )
    return welcome(request, user, half.next_url, asked.way, is_to_be_trusted="trust" in request.POST)


@login_not_required
@require_POST
def login_resend(request: OpenRequest) -> HttpResponse:
    """Another code for this half-login, by SMS or e-mail; the one before is void."""
    half, user = _half_login(request)
    if half is None or user is None:
        return redirect("login")
    wanted = wanted_channel(request)
    try:
        codes.refuse_if_too_soon(SIGN_IN, half.binding)
        sent = signin.send_code(user, half, wanted)
        messages.success(request, sent_notice(sent))
    except PortalError as error:
        messages.error(request, str(error))
    return redirect(_asking(request, user, half).page_of_sent(Way(wanted.value)))


@login_not_required
@require_POST
def login_passkey(request: OpenRequest) -> HttpResponse:
    """Ask for the passkey of this half-login, with a new challenge."""
    half, user = _half_login(request)
    if half is None or user is None:
        return redirect("login")
    try:
        passkeys.ask(user, half.binding)
    except PortalError as error:
        messages.error(request, str(error))
    return redirect(_asking(request, user, half).address(Way.PASSKEY))


def _trusted(request: OpenRequest, half: HalfLogin) -> HttpResponse:
    """The password alone, in a browser that this customer trusts."""
    user = CustomerBackend().get_user(half.user_id)
    return welcome(request, user, half.next_url, None) if user is not None else redirect("login")


def welcome(
    request: OpenRequest, user: User, next_url: str, way: Way | None, *, is_to_be_trusted: bool = False
) -> HttpResponse:
    """Begin the session and go on to where the customer was heading, in the customer's language."""
    token = devices.token_of(request)
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
    signin.begin(request, user, token, way=way, is_to_be_trusted=is_to_be_trusted)
    return after_sign_in(user, token, chosen, next_url)


def after_sign_in(user: User, token: str, chosen_language: str | None, next_url: str) -> HttpResponse:
    """The way on, with the cookies that name browser and language. A language chosen here wins and is remembered."""
    response = redirect(safe_path(next_url) or "home")
    devices.remember(response, token)
    if chosen_language in dict(settings.LANGUAGES):
        User.objects.filter(pk=user.pk).update(language=chosen_language)
    else:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            user.language,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            secure=settings.TLS,
            httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
            samesite="Lax",
        )
    return response


def wanted_channel(request: HttpRequest) -> Channel:
    """How the visitor wants the next code."""
    return Channel.EMAIL if request.POST.get("channel") == Channel.EMAIL else Channel.SMS


def sent_notice(sent: OneTimeCode) -> str:
    """Where the new code went."""
    return _("We sent a new code to %(address)s.") % {"address": sent.sent_to}


def _asking(request: HttpRequest, user: User, half: HalfLogin) -> Asking:
    assert user.customer is not None
    ways = ways_of(user, user.customer)
    page, resend, passkey = reverse("login_code"), reverse("login_resend"), reverse("login_passkey")
    return Asking(ways, asked_way(request, ways), page, resend, passkey, user, half.binding)


def _half_login(request: OpenRequest) -> tuple[HalfLogin | None, User | None]:
    half = sessions.half_login(request)
    user = CustomerBackend().get_user(half.user_id) if half else None
    if half is None or user is None or user.customer is None or half.given != sessions.password_digest(user):
        return None, None
    return half, user
