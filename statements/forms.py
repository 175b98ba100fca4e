"""What a customer may ask of the history. Lists are strict: what is not offered is refused."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts import balances, vocabulary
from accounts.models import BranchCustomer
from accounts.movements import OTHER_TYPES, Wanted
from accounts.preferences.chosen import shown_since
from accounts.selectors import AccountSummary
from accounts.vocabulary import Direction
from statements import searching, tracing
from statements.year.words import GROUP_WORDS
from wekeza_portal import clock, dates
from wekeza_portal.clock import Period

PERIODS = [
    ("", _("Everything")),
    ("today", _("Today")),
    ("month", _("This month")),
    ("last-month", _("Last month")),
    ("90-days", _("The last 90 days")),
    ("custom", _("Between two dates")),
]
DIRECTIONS = [("", _("In and out")), (Direction.IN.value, _("Money in")), (Direction.OUT.value, _("Money out"))]
EARLIEST = date(2000, 1, 1)


def type_choices() -> list[tuple[str, Any]]:
    """One choice for each sentence of the vocabulary, in alphabetical order, and one for all other words."""
    by_sentence = {str(vocabulary.words_for(word)): word for word in reversed(vocabulary.VOCABULARY)}
    known = sorted((word, sentence) for sentence, word in by_sentence.items())
    known.sort(key=lambda choice: choice[1])
    groups = [(group, words) for group, words in GROUP_WORDS.items() if vocabulary.words_in(group)]
    return [("", _("All kinds")), *groups, *known, (OTHER_TYPES, _("Other movements"))]


def account_choices(accounts: Sequence[AccountSummary]) -> list[tuple[str, Any]]:
    """All together, then each of the customer's own."""
    return [("", _("All accounts")), *((each.number, f"{each.kind_words} {each.number}") for each in accounts)]


class AccountForm(forms.Form):
    """Which of the customer's accounts, or all of them."""

    account = forms.ChoiceField(
        label=_("Account"), required=False, error_messages={"invalid_choice": _("Choose one of your accounts.")}
    )

    def __init__(self, *args: Any, accounts: Sequence[AccountSummary], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.accounts = accounts
        self.fields["account"].choices = account_choices(accounts)  # type: ignore[attr-defined] # a choice field

    def chosen(self) -> list[AccountSummary]:
        """The accounts asked for; none while the form is refused."""
        if not self.is_valid():
            return []
        number = self.cleaned_data["account"]
        return [each for each in self.accounts if number in ("", each.number)]


class DayField(forms.DateField):
    """A date picked or typed, sent to the browser the way its date picker needs it."""

    widget = forms.DateInput

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        errors = {"invalid": _("Enter a date, like 31/12/2026.")}
        super().__init__(required=False, widget=widget, error_messages=errors, **kwargs)


class HistoryForm(AccountForm):
    """The filter of the history. `wanted()` is what it comes to."""

    period = forms.ChoiceField(
        label=_("When"),
        choices=PERIODS,
        required=False,
        error_messages={"invalid_choice": _("Choose one of the periods in the list.")},
    )
    from_day = DayField(label=pgettext_lazy("day", "From"))
    to_day = DayField(label=pgettext_lazy("day", "To"))
    direction = forms.ChoiceField(
        label=_("Direction"),
        choices=DIRECTIONS,
        required=False,
        error_messages={"invalid_choice": _("Choose money in, money out or both.")},
    )
    type = forms.ChoiceField(
        label=_("Kind"),
        choices=type_choices,
        required=False,
        error_messages={"invalid_choice": _("Choose one of the kinds in the list.")},
    )
    state = forms.ChoiceField(
        label=_("State"),
        choices=tracing.STATES,
        required=False,
        error_messages={"invalid_choice": _("Choose one of the states in the list.")},
    )
    rail = forms.ChoiceField(
        label=_("How it went"),
        choices=tracing.rail_choices,
        required=False,
        error_messages={"invalid_choice": _("Choose one of the ways in the list.")},
    )
    payee = forms.ChoiceField(
        label=_("Whom you paid"),
        required=False,
        error_messages={"invalid_choice": _("Choose one of the people in the list.")},
    )
    q = forms.CharField(
        label=_("Name, note, reference or amount"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
        error_messages={
            "max_length": _("Search for up to 100 characters."),
            "null_characters_not_allowed": _("The search has a hidden character. Please type it again."),
        },
    )

    def __init__(self, *args: Any, customer: BranchCustomer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.customer = customer
        self.payees = tracing.payees_of(customer)
        offered = [("", _("Everybody")), *((payee.value, payee.label) for payee in self.payees)]
        self.fields["payee"].choices = offered  # type: ignore[attr-defined] # a choice field

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        first, last = cleaned.get("from_day"), cleaned.get("to_day")
        if cleaned.get("period") == "" and (first or last):
            cleaned["period"] = "custom"
        if cleaned.get("period") == "custom" and not self.errors:
            self._check_days(first, last)
        return cleaned

    def _check_days(self, first: date | None, last: date | None) -> None:
        if first is None:
            self.add_error("from_day", _("Enter the first day."))
        elif first < EARLIEST:
            self.add_error("from_day", _("Enter a day after 1 January 2000."))
        if last is None:
            self.add_error("to_day", _("Enter the last day."))
        elif last > clock.today():
            self.add_error("to_day", _("The last day can't be after today."))
        elif first is not None and last < first:
            self.add_error("to_day", _("The last day can't be before the first."))

    def wanted(self) -> Wanted:
        """What to look for; nothing at all while the form is refused."""
        if not self.is_valid():
            return Wanted(())
        cleaned = self.cleaned_data
        return Wanted(
            accounts=self.chosen(),
            period=period_of(cleaned["period"], cleaned["from_day"], cleaned["to_day"]),
            since=shown_since(self.customer),
            direction=Direction(cleaned["direction"]) if cleaned["direction"] else None,
            txn_type=cleaned["type"],
            text=cleaned["q"],
            only=self._only(),
            also=self._also(cleaned["q"]) if cleaned["q"] else Q(),
        )

    def _also(self, text: str) -> Q:
        """Where else than in the words of the row itself the text is looked for."""
        return tracing.with_words(self.customer, text) | searching.by_number(text, self.accounts)

    def _only(self) -> Q:
        """What the payments behind the rows have to be."""
        cleaned, only = self.cleaned_data, Q()
        if cleaned["state"]:
            only &= tracing.in_state(self.customer, cleaned["state"])
        if cleaned["rail"]:
            only &= tracing.by_rail(self.customer, cleaned["rail"])
        if cleaned["payee"]:
            key = next(payee.key for payee in self.payees if payee.value == cleaned["payee"])
            only &= tracing.to_payee(self.customer, key)
        return only

    def in_words(self) -> list[str]:
        """The filter as the labels of what was chosen, for the page to say what it shows."""
        if not self.is_valid():
            return []
        cleaned = self.cleaned_data
        words = [f"“{cleaned['q']}”" if cleaned["q"] else "", cleaned["account"]]
        if cleaned["period"] == "custom":
            words.append(f"{dates.shown(cleaned['from_day'])} – {dates.shown(cleaned['to_day'])}")
        for name in ("period", "direction", "type", "state", "rail", "payee"):
            if cleaned[name] not in ("", "custom"):
                words.append(str(dict(self.fields[name].choices)[cleaned[name]]))  # type: ignore[attr-defined] # a choice field
        return [word for word in words if word]

    def query(self) -> str:
        """The filter as a query string, to be kept while paging; only what narrows is in it."""
        if not self.is_valid():
            return ""
        kept = {name: self[name].data or "" for name in self.fields}
        if self.cleaned_data["period"] != "custom":
            kept["from_day"] = kept["to_day"] = ""
        return urlencode({name: value for name, value in kept.items() if value})


def period_of(name: str, first: date | None, last: date | None) -> Period | None:
    """The Nairobi days a choice of PERIODS stands for; None for everything."""
    today = clock.today()
    if name == "today":
        return clock.day(today)
    if name == "month":
        return clock.month(today)
    if name == "last-month":
        return clock.month(today.replace(day=1) - timedelta(days=1))
    if name == "90-days":
        return balances.last_days(today)
    if name == "custom" and first and last:
        return Period(clock.midnight(first), clock.midnight(last + timedelta(days=1)))
    return None
