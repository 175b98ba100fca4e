"""Settings: what the bank knows of the customer, and how the portal shows itself."""

from django.conf import settings as django_settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.views.decorators.http import require_POST, require_safe

from accounts import wording
from accounts.models import BranchCustomer, User
from accounts.preferences.forms import HideAmountsForm, LanguageForm, page_to_return_to
from accounts.requests import CustomerRequest, OpenRequest

SEE_OTHER = 303


@require_safe
def settings(request: CustomerRequest) -> HttpResponse:
    """The profile as the branch has it (changed there, not here) and the customer's choices."""
    return render(request, "preferences/settings.html", {"profile": _profile(request.customer)})


@require_POST
def hide_amounts(request: CustomerRequest) -> HttpResponse:
    """Leave amounts out of the pages from now on, or show them again."""
    form = HideAmountsForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest()
    User.objects.filter(pk=request.user.pk).update(hide_amounts=form.cleaned_data["hide"])
    return HttpResponseRedirect(page_to_return_to(request, resolve_url("home")), status=SEE_OTHER)


@login_not_required
@require_POST
def language(request: OpenRequest) -> HttpResponse:
    """Change the language: for this browser, and for messages too when signed in."""
    form = LanguageForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest()
    chosen = form.cleaned_data["language"]
    if request.customer is not None:
        User.objects.filter(customer_id=request.customer.user_id).update(language=chosen)
    response = HttpResponseRedirect(page_to_return_to(request, resolve_url("home")), status=SEE_OTHER)
    response.set_cookie(
        django_settings.LANGUAGE_COOKIE_NAME,
        chosen,
        max_age=django_settings.LANGUAGE_COOKIE_AGE,
        path=django_settings.LANGUAGE_COOKIE_PATH,
        domain=django_settings.LANGUAGE_COOKIE_DOMAIN,
        secure=django_settings.LANGUAGE_COOKIE_SECURE,
        httponly=django_settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )
    return response


def _profile(customer: BranchCustomer) -> dict[str, object]:
    tier, tier_meaning = wording.TIERS.get(customer.kyc_tier, (customer.kyc_tier, ""))
    return {
        "name": customer.full_name,
        "national_id": wording.masked_end(customer.national_id) if customer.national_id else "",
        "phone": wording.masked_end(customer.phone_number) if customer.phone_number else "",
        "email": wording.masked_email(customer.email),
        "tier": tier,
        "tier_meaning": tier_meaning,
    }
