"""What a customer ticks and types about messages."""

import re
from collections.abc import Collection, Mapping
from datetime import time
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.notices import rules
from accounts.notices.rules import Choice, Habits
from wekeza_portal.forms import AmountField
from wekeza_portal.notifications.events import CHOSEN, WITH_AMOUNT, Event
from wekeza_portal.notifications.models import Channel

CHANNELS: Mapping[str, Any] = {Channel.SMS.value: _("SMS"), Channel.EMAIL.value: _("E-mail")}
HINTS: Mapping[Event, Any] = {
    Event.MONEY_IN: _("Whenever something comes into your accounts."),
    Event.MONEY_OUT: _("Whenever you pay, send or move money. If it was not you, this is how you find out."),
    Event.CARD: _("Whenever a card of yours is used."),
    Event.LOW_BALANCE: _("Once, when an account falls below the figure that you enter here."),
    Event.STANDING: _("Before a large one is paid, and when one could not be paid."),
    Event.REQUESTS: _("What becomes of what you asked us for, and when somebody asks you for money."),
    Event.REMINDERS: _("Of what you wanted to be reminded of, and of papers that end."),
}
_EMPTY = _("Empty: every amount.")
AMOUNTS: Mapping[Event, tuple[Any, Any]] = {
    Event.MONEY_IN: (_("Money in: only from this amount in KES"), _EMPTY),
    Event.MONEY_OUT: (_("Money out: only from this amount in KES"), _EMPTY),
    Event.CARD: (_("Card use: only from this amount in KES"), _EMPTY),
    Event.LOW_BALANCE: (_("Tell me below this balance in KES"), _("Empty: never.")),
}
_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])", re.ASCII)


class ClockField(forms.CharField):
    """A time of the day in Nairobi, as 22:00; empty is none."""

    default_error_messages = {"invalid": _("Enter a time like 22:00.")}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TimeInput(attrs={"type": "time", "autocomplete": "off"}))
        super().__init__(required=False, **kwargs)
        self.validators = []

    def to_python(self, value: Any) -> time | None:  # type: ignore[override] # a CharField for what is typed alone
        text = super().to_python(value) or ""
        if not text:
            return None
        found = _CLOCK.fullmatch(text)
        if found is None:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return time(int(found[1]), int(found[2]))


class NoticesForm(forms.Form):
    """Every event with the channels that can be sent by; a channel that can't is no choice here."""

    def __init__(self, *args: Any, offered: Collection[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered = offered
        for event in CHOSEN:
            if offered:
                self.fields[boxes_of(event)] = _boxes(event, offered)
            if event in AMOUNTS:
                label, empty = AMOUNTS[event]
                self.fields[amount_of(event)] = AmountField(label=label, required=False, help_text=empty)
        self.fields["quiet_from"] = ClockField(label=_("No messages from"))
        self.fields["quiet_to"] = ClockField(label=_("No messages until"))

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        begins, ends = typed.get("quiet_from"), typed.get("quiet_to")
        for name, has, other in (("quiet_from", begins, ends), ("quiet_to", ends, begins)):
            if has is None and other is not None and name not in self.errors:
                self.add_error(name, _("Enter this time too, or leave both empty."))
        if begins is not None and ends is not None:
            self._refuse_too_long(begins, ends)
        return typed

    def _refuse_too_long(self, begins: time, ends: time) -> None:
        if begins == ends:
            self.add_error("quiet_to", _("Enter another time than the first one."))
        elif rules.how_long((begins, ends)) > rules.LONGEST_QUIET:
            self.add_error("quiet_to", _("Quiet hours can last 12 hours at most."))

    def wanted(self, before: Habits) -> Habits:
        """What was chosen; what this form did not offer stays as it was."""
        typed = self.cleaned_data
        begins, ends = typed["quiet_from"], typed["quiet_to"]
        choices = {event: self._choice(event, before.choices[event]) for event in CHOSEN}
        return Habits(choices, (begins, ends) if begins and ends else None, typed[amount_of(Event.LOW_BALANCE)])

    def _choice(self, event: Event, before: Choice) -> Choice:
        after = rules.ticked(before, self.cleaned_data.get(boxes_of(event), ()), self.offered)
        at_least = self.cleaned_data[amount_of(event)] if event in WITH_AMOUNT else None
        return Choice(after.sms, after.email, at_least)

    def groups(self) -> list[list[forms.BoundField]]:
        """The fields of each event, in order: those of its channels first."""
        names = ((boxes_of(event), amount_of(event)) for event in CHOSEN)
        return [[self[name] for name in group if name in self.fields] for group in names]


def boxes_of(event: Event) -> str:
    return event.value.lower()


def amount_of(event: Event) -> str:
    return f"{event.value.lower()}_from"


def _boxes(event: Event, offered: Collection[str]) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=event.label,
        help_text=HINTS[event],
        required=False,
        choices=[(channel, words) for channel, words in CHANNELS.items() if channel in offered],
        widget=forms.CheckboxSelectMultiple,
    )


def typed(habits: Habits) -> dict[str, Any]:
    """What was chosen, as it stands in the form."""
    values: dict[str, Any] = {}
    for event, choice in habits.choices.items():
        values[boxes_of(event)] = sorted(choice.channels)
        values[amount_of(event)] = _figure(choice.at_least)
    values[amount_of(Event.LOW_BALANCE)] = _figure(habits.low_balance)
    for name, moment in zip(("quiet_from", "quiet_to"), habits.quiet or (None, None), strict=True):
        values[name] = f"{moment:%H:%M}" if moment else ""
    return values


def _figure(amount: Decimal | None) -> str:
    return "" if amount is None else f"{amount:,}"


def typed_before(kept: QueryDict) -> dict[str, Any]:
    """What was kept of this form when the session ran out, as it stands in the form."""
    values: dict[str, Any] = {name: kept.get(name, "") for name in kept}
    return values | {boxes_of(event): kept.getlist(boxes_of(event)) for event in CHOSEN}


class TryForm(forms.Form):
    """Which channel is tried."""

    channel = forms.ChoiceField(choices=list(CHANNELS.items()))
