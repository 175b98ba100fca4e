"""With an activation code from a branch: the paper's code, a code to the phone, a new password."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.identity import activation, codes
from accounts.identity.forms import ActivateForm, ChoosePasswordForm, CodeForm
from accounts.identity.views.refusals import refuse
from accounts.identity.views.sign_in import sent_notice
from accounts.requests import OpenRequest
from wekeza_portal.errors import PortalError
from wekeza_portal.money import format_kes

require_get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@login_not_required
@require_get_or_post
@sensitive_post_parameters("code")
def activate(request: OpenRequest) -> HttpResponse:
    """Step 1: the e-mail and the code on the paper."""
    form = ActivateForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "identity/activate.html", {"form": form})
    try:
        activation.begin(request, form.cleaned_data["email"], form.cleaned_data["code"])
    except PortalError as error:
        return refuse(request, "identity/activate.html", form, error)
    return redirect("activate_code")


@login_not_required
@require_get_or_post
def activate_code(request: OpenRequest) -> HttpResponse:
    """Step 2: the code sent to the phone that goes with the paper."""
    state = activation.current(request)
    if state is None:
        return redirect("activate")
    if state.code_given:
        return redirect("activate_password")
    form = CodeForm(request.POST or None)
    context = {**codes.standing(codes.latest(activation.RESET, state.binding)), "closed": codes.closed_ways()}
    if request.method != "POST" or not form.is_valid():
        return render(request, "identity/activate_code.html", {"form": form, **context})
    try:
        activation.prove_code(request, state, form.cleaned_data["code"])
    except PortalError as error:
        return refuse(request, "identity/activate_code.html", form, error, **context)
    return redirect("activate_password")


@login_not_required
@require_POST
def activate_resend(request: OpenRequest) -> HttpResponse:
    """Another code to the same phone; the one before is void."""
    state = activation.current(request)
    if state is None:
        return redirect("activate")
    try:
        codes.refuse_if_too_soon(activation.RESET, state.binding)
        messages.success(request, sent_notice(activation.send_code(state)))
    except PortalError as error:
        messages.error(request, str(error))
    return redirect("activate_code")


@login_not_required
@require_get_or_post
@sensitive_post_parameters("password", "password_again")
def activate_password(request: OpenRequest) -> HttpResponse:
    """Step 3: a new password. Then it is signed in with, like any other."""
    state = activation.current(request)
    if state is None or not state.code_given:
        return redirect("activate")
    try:
        form = ChoosePasswordForm(request.POST or None, customer=activation.customer(state))
        if request.method != "POST" or not form.is_valid():
            return render(request, "identity/activate_password.html", {"form": form})
        cap = activation.complete(request, state, form.cleaned_data["password"])
    except PortalError as error:
        messages.error(request, str(error))
        return redirect("activate")
    words = _(
        "Your new password is set. Sign in with it. To protect you, %(limit)s at most can go to others until %(until)s."
    )
    messages.success(request, words % {"limit": format_kes(cap.limit), "until": cap.until_text})
    return redirect("login")
