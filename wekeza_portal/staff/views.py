"""The staff's own way in, and their password."""

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from wekeza_portal.audit.services import record
from wekeza_portal.errors import PortalError
from wekeza_portal.ratelimit import TooMany
from wekeza_portal.staff import door, passwords, signin
from wekeza_portal.staff.forms import StaffPasswordForm, StaffSignInForm
from wekeza_portal.staff.site import portal_admin


def sign_in(request: HttpRequest) -> HttpResponse:
    """Staff code, password and code. The right ones begin a session at the front page of the staff."""
    if portal_admin.has_permission(request):
        return redirect("admin:index")
    form = StaffSignInForm(request.POST or None)
    context = {"form": form, "title": _("Staff sign-in")}
    if request.method != "POST" or not form.is_valid():
        return render(request, "staff/login.html", context)
    try:
        signin.sign_in(request, **form.cleaned_data)
    except PortalError as refusal:
        form.add_error(None, str(refusal))
        response = render(request, "staff/login.html", context, status=429 if isinstance(refusal, TooMany) else 200)
        if isinstance(refusal, TooMany):
            response["Retry-After"] = str(refusal.retry_after)
        return response
    return redirect("admin:index")


def change_password(request: HttpRequest) -> HttpResponse:
    """A new password; every other session of this person ends, because its hash is part of each."""
    form = StaffPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            passwords.change(request, old=form.cleaned_data["old"], new=form.cleaned_data["new"])
        except (ValidationError, PortalError) as refusal:
            text = refusal.messages[0] if isinstance(refusal, ValidationError) else str(refusal)
            form.add_error(None, text)
        else:
            record("staff.password_changed", actor=door.actor_from(request))
            return redirect("admin:password_change_done")
    return portal_admin.page(request, "staff/password.html", _("Change password"), form=form)
