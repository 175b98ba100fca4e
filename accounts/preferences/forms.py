"""Choices about how the portal shows itself."""

from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


class LanguageForm(forms.Form):
    """One of the languages the portal speaks, and nothing else."""

    language = forms.ChoiceField(choices=settings.LANGUAGES)


class HideAmountsForm(forms.Form):
    """`hide` says what is wanted and does not toggle: sending it twice changes nothing."""

    hide = forms.TypedChoiceField(choices=[("1", "1"), ("0", "0")], coerce=lambda value: value == "1")


def page_to_return_to(request: HttpRequest, otherwise: str) -> str:
    """The page named by the field `next` if it is one of ours, else `otherwise`."""
    wanted = request.POST.get("next", "")
    is_ours = wanted.startswith("/") and url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else otherwise
