"""Choices about how the portal shows itself."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from accounts.models import Currency, DateFormat, HistoryShown, TextSize, Theme
from accounts.preferences.changing import NAMES, Preferences
from accounts.selectors import AccountSummary


class LanguageForm(forms.Form):
    """One of the languages the portal speaks, and nothing else."""

    language = forms.ChoiceField(choices=settings.LANGUAGES)


class HideAmountsForm(forms.Form):
    """`hide` says what is wanted and does not toggle: sending it twice changes nothing."""

    hide = forms.TypedChoiceField(choices=[("1", "1"), ("0", "0")], coerce=lambda value: value == "1")


def _one_of(choices: Sequence[tuple[Any, Any]], label: Any, hint: Any = "", **more: Any) -> forms.TypedChoiceField:
    errors = {"invalid_choice": _("Choose one of the list."), "required": _("Choose one of the list.")}
    return forms.TypedChoiceField(choices=choices, label=label, help_text=hint, error_messages=errors, **more)


class PreferencesForm(forms.Form):
    """All of the choices of one page. `wanted()` is what they come to."""

    date_format = _one_of(DateFormat.choices, _("Dates"), _("Receipts, papers and messages write the month as a word."))
    theme = _one_of(Theme.choices, _("Colours"))
    text_size = _one_of(TextSize.choices, _("Size of the text"))
    default_account = _one_of(
        [], _("Your first account"), _("It stands first, and money is sent from it unless you choose another."),
        required=False,
    )  # fmt: skip
    display_currency = _one_of(
        [("", _("None")), *Currency.choices], _("Balances also in"), required=False,
        hint=_("About what it is worth, by the bank's rate of a day. Your money and all you pay stay in shillings."),
    )  # fmt: skip
    history_years = _one_of(
        HistoryShown.choices, _("History shown"), coerce=int,
        hint=_("What is older is left out of lists, searches and files. Nothing is deleted, and receipts still open."),
    )  # fmt: skip

    def __init__(self, *args: Any, accounts: Sequence[AccountSummary], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        active = [(each.number, f"{each.kind_words} {each.number}") for each in accounts if each.is_active]
        self.fields["default_account"].choices = [("", _("The oldest")), *active]  # type: ignore[attr-defined] # a choice field

    def wanted(self) -> Preferences:
        """The choices, once the form is valid."""
        return Preferences(**{name: self.cleaned_data[name] for name in NAMES})


def page_to_return_to(request: HttpRequest, otherwise: str) -> str:
    """The page named by the field `next` if it is one of ours, else `otherwise`."""
    wanted = request.POST.get("next", "")
    is_ours = wanted.startswith("/") and url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else otherwise
