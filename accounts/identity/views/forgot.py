"""Forgotten the password: ask by e-mail, open the link, enter a code, choose a new one. Nobody is signed in by it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.identity import codes, recovery, resetlinks
from accounts.identity.forms import ChoosePasswordForm, CodeForm, ForgotForm
from accounts.identity.views.refusals import refuse
from accounts.identity.views.sign_in import sent_notice
from accounts.requests import OpenRequest
from wekeza_portal.errors import PortalError
from wekeza_portal.money import format_kes

require_get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@login_not_required
@require_get_or_post
def forgot(request: OpenRequest) -> HttpResponse:
    """Ask for a link, by the e-mail address the bank has."""
    form = ForgotForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "identity/forgot.html", {"form": form})
    try:
        resetlinks.ask(request, form.cleaned_data["email"])
    except PortalError as error:
        return refuse(request, "identity/forgot.html", form, error)
    return redirect("forgot_sent")


@login_not_required
@require_safe
def forgot_sent(request: OpenRequest) -> HttpResponse:
    """The same for everybody who asked."""
    return render(request, "identity/forgot_sent.html")


@login_not_required
@require_safe
@sensitive_variables("token")
def forgot_open(request: OpenRequest, token: str) -> HttpResponse:
    """The link of the e-mail. It is not looked at yet: on to a page whose address holds no token."""
    recovery.hold(request, token)
    return redirect("forgot_link")


@login_not_required
@require_get_or_post
def forgot_link(request: OpenRequest) -> HttpResponse:
    """One button: a mail scanner opens links but presses nothing."""
    if recovery.OPENED_KEY not in request.session:
        return redirect("forgot")
    if request.method != "POST":
        return render(request, "identity/forgot_link.html")
    try:
        recovery.begin(request)
    except PortalError as error:
        messages.error(request, str(error))
        return redirect("forgot")
    return redirect("forgot_code")


@login_not_required
@require_get_or_post
def forgot_code(request: OpenRequest) -> HttpResponse:
    """The code sent to the number the bank knows."""
    state = recovery.current(request)
    if state is None:
        return redirect("forgot")
    if state.code_given:
        return redirect("forgot_password")
    form = CodeForm(request.POST or None)
    context = {**codes.standing(codes.latest(recovery.RESET, state.binding)), "closed": codes.closed_ways()}
    if request.method != "POST" or not form.is_valid():
        return render(request, "identity/forgot_code.html", {"form": form, **context})
    try:
        recovery.prove_code(request, state, form.cleaned_data["code"])
    except PortalError as error:
        return refuse(request, "identity/forgot_code.html", form, error, **context)
    return redirect("forgot_password")


@login_not_required
@require_POST
def forgot_resend(request: OpenRequest) -> HttpResponse:
    """Another code for this reset; the one before is void."""
    state = recovery.current(request)
    if state is None:
        return redirect("forgot")
    try:
        codes.refuse_if_too_soon(recovery.RESET, state.binding)
        messages.success(request, sent_notice(recovery.send_code(state, recovery.user_of(state))))
    except PortalError as error:
        messages.error(request, str(error))
    return redirect("forgot_code")


@login_not_required
@require_get_or_post
@sensitive_post_parameters("password", "password_again")
def forgot_password(request: OpenRequest) -> HttpResponse:
    """The new password. Then it is signed in with, like any other."""
    state = recovery.current(request)
    if state is None or not state.code_given:
        return redirect("forgot")
    try:
        customer = recovery.customer_of(recovery.user_of(state))
        form = ChoosePasswordForm(request.POST or None, customer=customer)
        if request.method != "POST" or not form.is_valid():
            return render(request, "identity/forgot_password.html", {"form": form})
        cap = recovery.complete(request, state, form.cleaned_data["password"])
    except PortalError as error:
        messages.error(request, str(error))
        return redirect("forgot")
    words = _(
        "Your new password is set. Sign in with it. To protect you, %(limit)s at most can go to others until %(until)s."
    )
    messages.success(request, words % {"limit": format_kes(cap.limit), "until": cap.until_text})
    return redirect("login")
