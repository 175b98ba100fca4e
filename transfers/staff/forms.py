"""What staff type about a payment out of the bank."""

from django import forms
from django.utils.translation import gettext_lazy as _

from transfers.staff.ends import LEAST_EVIDENCE, MOST_EVIDENCE
from wekeza_portal.forms import AccountNumberField, AmountField


class EvidenceForm(forms.Form):
    """How it is known what became of the money."""

    evidence = forms.CharField(
        label=_("How it is known"),
        help_text=_("Who said so, when, on which paper: a statement, an e-mail, a call with a name."),
        min_length=LEAST_EVIDENCE,
        max_length=MOST_EVIDENCE,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class PaidForm(EvidenceForm):
    """It was paid: also the rail's receipt."""

    receipt = forms.CharField(label=_("The rail's receipt, if there is one"), max_length=64, required=False)


class LossForm(EvidenceForm):
    """The bank bears it: also how much."""

    lost = AmountField(
        label=_("What the rail took from us, in KES"),
        help_text=_("As its statement says: it need not be the amount that was sent."),
    )


class MatchForm(forms.Form):
    """Whose money it is, and how it is known."""

    account = AccountNumberField(label=_("Account it belongs on"))
    evidence = forms.CharField(
        label=_("How it is known"),
        help_text=_("Who said so, when, on which paper: a statement, an e-mail, a call with a name."),
        min_length=LEAST_EVIDENCE,
        max_length=MOST_EVIDENCE,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
