"""Activating online access, in three steps."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.identity import codes, devices, enrolment
from accounts.identity.forms import ChoosePasswordForm, CodeForm, EnrolForm
from accounts.identity.views.refusals import refuse
from accounts.identity.views.sign_in import after_sign_in, sent_notice
from accounts.models import OneTimeCode
from accounts.requests import OpenRequest
from wekeza_portal.errors import PortalError

ENROL = OneTimeCode.Purpose.ENROL


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("secret")
def enrol(request: OpenRequest) -> HttpResponse:
    """Step 1: e-mail and the password from the bank."""
    if request.customer is not None:
        return redirect("home")
    form = EnrolForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "identity/enrol.html", {"form": form})
    try:
        customer = enrolment.prove_secret(request, form.cleaned_data["email"], form.cleaned_data["secret"])
        enrolment.begin(request, customer)
    except PortalError as error:
        return refuse(request, "identity/enrol.html", form, error)
    return redirect("enrol_code")


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def enrol_code(request: OpenRequest) -> HttpResponse:
    """Step 2: the code sent to the number the bank knows."""
    state = enrolment.current(request)
    if state is None:
        return redirect("enrol")
    if state.code_given:
        return redirect("enrol_password")
    form = CodeForm(request.POST or None)
    sent = codes.latest(ENROL, state.binding)
    context = {"sent": sent, "wait": codes.seconds_to_wait(sent), "closed": codes.closed_ways()}
    if request.method != "POST" or not form.is_valid():
        return render(request, "identity/enrol_code.html", {"form": form, **context})
    try:
        enrolment.prove_code(request, state, form.cleaned_data["code"])
    except PortalError as error:
        return refuse(request, "identity/enrol_code.html", form, error, **context)
    return redirect("enrol_password")


@login_not_required
@require_POST
def enrol_resend(request: OpenRequest) -> HttpResponse:
    """Another code for this enrolment."""
    state = enrolment.current(request)
    if state is None:
        return redirect("enrol")
    try:
        codes.refuse_if_too_soon(ENROL, state.binding)
        messages.success(request, sent_notice(enrolment.send_code(state, enrolment.customer_of(state))))
    except PortalError as error:
        messages.error(request, str(error))
    return redirect("enrol_code")


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password", "password_again")
def enrol_password(request: OpenRequest) -> HttpResponse:
    """Step 3: a password of one's own. Done, and signed in."""
    state = enrolment.current(request)
    if state is None or not state.code_given:
        return redirect("enrol")
    try:
        customer = enrolment.customer_of(state)
        form = ChoosePasswordForm(request.POST or None, customer=customer)
        if request.method != "POST" or not form.is_valid():
            return render(request, "identity/enrol_password.html", {"form": form})
        token, chosen = devices.token_of(request), request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        session = enrolment.complete(request, state, form.cleaned_data["password"], token)
    except PortalError as error:
        messages.error(request, str(error))
        return redirect("enrol")
    messages.success(request, _("Online access is active. From now on sign in with the password you chose."))
    return after_sign_in(session.user, token, chosen, "")
