"""What a person types about cards."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import wording as accounts_wording
from accounts.cards import wording
from accounts.cards.courier import Delivery
from accounts.cards.rules import ATM_DAILY, SWITCHES, Controls
from accounts.models import Branch, Card
from accounts.selectors import AccountSummary
from wekeza_portal.forms import AmountField
from wekeza_portal.money import ZERO, format_kes


class OwnAccountField(forms.ChoiceField):
    """One of the customer's accounts, by number. Whose it is, is the service's question."""

    default_error_messages = {"required": _("Choose one of your accounts.")}

    def valid_value(self, value: str) -> bool:
        return len(value) <= 20 and value.isprintable()


class LostForm(forms.Form):
    """Lost or stolen."""

    loss = forms.ChoiceField(
        label=_("What happened?"),
        choices=[(Card.Loss.LOST, _("I lost it")), (Card.Loss.STOLEN, _("It was stolen"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what happened.")},
    )


class CashField(AmountField):
    """KES a day at cash machines; nothing at all is an answer too."""

    def clean(self, value: Any) -> Any:
        text = value.strip() if isinstance(value, str) else ""
        return ZERO if text in {"0", "0.00"} else super().clean(value)


class ControlsForm(forms.Form):
    """What a card may do. Every box is sent: one that is not ticked is off."""

    atm_daily = CashField(label=_("Cash a day in KES"))
    online = forms.BooleanField(label=wording.CONTROLS["online"], required=False)
    contactless = forms.BooleanField(label=wording.CONTROLS["contactless"], required=False)
    abroad = forms.BooleanField(label=wording.CONTROLS["abroad"], required=False)
    gambling = forms.BooleanField(label=wording.CONTROLS["gambling"], required=False)

    def __init__(self, *args: Any, card: Card, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kept: dict[str, Any] = {}
        if card.kind == Card.Kind.VIRTUAL:  # it gives no cash, whatever stands there
            self.kept = {ATM_DAILY: card.atm_daily}
            del self.fields[ATM_DAILY]

    @property
    def controls(self) -> Controls:
        """What was wanted."""
        typed = self.cleaned_data | self.kept
        return Controls(**{name: typed[name] for name in (ATM_DAILY, *SWITCHES)})


BRANCH, COURIER = "BRANCH", "COURIER"


class _CollectedForm(forms.Form):
    """A form that ends with a card of this customer: on which account, and where it is collected or brought."""

    account = OwnAccountField(label=_("Account"), widget=forms.Select)
    delivery = forms.ChoiceField(
        label=_("How you get it"),
        required=False,
        widget=forms.RadioSelect,
        initial=BRANCH,
        error_messages={"invalid_choice": _("Choose how you get the card.")},
    )
    branch = forms.ChoiceField(
        label=_("Collect it at"), required=False, error_messages={"invalid_choice": _("Choose one of our branches.")}
    )

    def __init__(
        self,
        *args: Any,
        accounts: Sequence[AccountSummary],
        branches: Sequence[Branch],
        courier: Delivery | None,
        hide_amounts: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["account"].choices = [(one.number, _label(one, hide_amounts)) for one in accounts]  # type: ignore[attr-defined] # a choice field
        places = [(one.branch_code, one.branch_name) for one in branches]
        self.fields["branch"].choices = [("", _("Choose a branch")), *places]  # type: ignore[attr-defined] # a choice field
        ways: list[tuple[str, Any]] = [(BRANCH, _("I collect it at a branch: nothing extra"))]
        if courier is not None:
            ways.append((COURIER, _by_courier(courier)))
        self.fields["delivery"].choices = ways  # type: ignore[attr-defined] # a choice field

    @property
    def wanted(self) -> dict[str, Any]:
        """What the services are asked for."""
        typed = {"branch": "", **self.cleaned_data}
        by_courier = typed.pop("delivery", "") == COURIER
        return {**typed, "by_courier": by_courier}

    def refuse_no_branch(self, typed: dict[str, Any]) -> None:
        """A card that is collected is collected somewhere."""
        is_collected = "delivery" in typed and typed["delivery"] != COURIER
        if is_collected and "branch" in typed and not typed["branch"]:
            self.add_error("branch", _("Choose where you will collect it."))


class NewCardForm(_CollectedForm):
    """A new card."""

    kind = forms.ChoiceField(
        label=_("Kind of card"),
        choices=list(wording.KINDS.items()),
        widget=forms.RadioSelect,
        initial=Card.Kind.PHYSICAL,
    )
    field_order = ("kind", "account", "delivery", "branch")

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        if typed.get("kind") == Card.Kind.PHYSICAL:
            self.refuse_no_branch(typed)
        return typed


class ReplacementForm(_CollectedForm):
    """A card in the place of a lost one: which account pays, and where it is collected."""

    def __init__(self, *args: Any, card: Card, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["account"].label = _("Pay from")
        if card.kind == Card.Kind.VIRTUAL:
            del self.fields["branch"], self.fields["delivery"]

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        self.refuse_no_branch(typed)
        return typed


class ReasonForm(forms.Form):
    """Why staff block a card, or want it unblocked."""

    reason = forms.CharField(label=_("Reason"), max_length=300)


def _label(account: AccountSummary, hide_amounts: bool) -> str:
    label = f"{accounts_wording.KINDS.get(account.kind, account.kind)} {account.number}"
    return label if hide_amounts else f"{label}, {format_kes(account.available)}"


def _by_courier(courier: Delivery) -> str:
    values = {"address": courier.address, "amount": format_kes(courier.price.amount)}
    return gettext("A courier brings it to %(address)s: %(amount)s extra") % values
