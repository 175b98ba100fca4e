"""What one types at the played counter."""

from typing import Any

from django import forms

from wekeza_portal.branch.counter import statements
from wekeza_portal.forms import AccountNumberField, AmountField

MONEY_ACTIONS = {"deposit": statements.deposit, "withdraw": statements.withdraw, "cheque": statements.cheque}
QUEUE_ACTIONS = ("approve", "reject", "flip")
OTHER_ACTIONS = ("freeze", "unfreeze", "change", "reset")
ACTIONS = [(name, name.capitalize()) for name in (*MONEY_ACTIONS, *QUEUE_ACTIONS, *OTHER_ACTIONS)]
DETAILS = [
    ("phone_number", "Phone"),
    ("full_name", "Name"),
    ("national_id", "National ID"),
    ("email", "E-mail"),
]
WIDEST = {"phone_number": 15, "full_name": 100, "national_id": 20, "email": 100}


class CounterForm(forms.Form):
    """One action and what it needs: an account and an amount, a queue item, or a detail and its new value."""

    action = forms.ChoiceField(choices=ACTIONS)
    account = AccountNumberField(required=False)
    amount = AmountField(required=False)
    queue_id = forms.CharField(required=False, max_length=20)
    reason = forms.CharField(required=False, max_length=500)
    detail = forms.ChoiceField(choices=DETAILS, required=False)
    value = forms.CharField(required=False, max_length=100)

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        action = typed.get("action", "")
        needed = ["queue_id"] if action in QUEUE_ACTIONS else ["account"]
        if action in MONEY_ACTIONS:
            needed.append("amount")
        if action == "change":
            needed += ["detail", "value"]
        for name in needed:
            if not typed.get(name) and name not in self.errors:
                self.add_error(name, f"{action}: {name.replace('_', ' ')} is missing.")
        if len(typed.get("value", "")) > WIDEST.get(typed.get("detail", ""), 100):
            self.add_error("value", "That does not fit the branch's column.")
        return typed

    def perform(self) -> int:
        """Do what was typed; how many of the branch's rows it reached."""
        typed = self.cleaned_data
        action, account = typed["action"], typed["account"]
        if action in MONEY_ACTIONS:
            return MONEY_ACTIONS[action](account, typed["amount"])
        if action == "flip":
            return statements.flip(typed["queue_id"])
        if action in QUEUE_ACTIONS:
            status = "APPROVED" if action == "approve" else "REJECTED"
            return statements.decide(typed["queue_id"], status, typed["reason"] if action == "reject" else "")
        if action in {"freeze", "unfreeze"}:
            return statements.set_status(account, "FROZEN" if action == "freeze" else "ACTIVE")
        if action == "change":
            return statements.change_detail(account, typed["detail"], typed["value"].strip())
        return statements.reset_password(account)
