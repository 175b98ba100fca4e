"""A whole new tariff of mobile money, from a day on, by two people; and where the teller's differs from ours."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import FeeBand, Limit
from transfers import pricing
from transfers.models import TellerFee
from wekeza_portal import clock
from wekeza_portal.errors import PortalError
from wekeza_portal.money import ZERO, InvalidAmount, format_kes, parse_amount
from wekeza_portal.staff import proposals
from wekeza_portal.staff.figures import AlreadyThere, BackDated
from wekeza_portal.staff.models import Proposal
from wekeza_portal.staff.proposals import Payload, ProposalKind

KIND = "tariff"
PROPOSE, APPROVE = "transfers.propose_tariff", "transfers.approve_tariff"
CODE = FeeBand.Code.MOBILE_MONEY
MOST_BANDS = 60


class OddBand(PortalError):
    code = "odd_band"
    field = "bands"
    message = gettext_lazy("Line %(number)s is no band. Write: up to, fee. For example: 100 11")


class NotAscending(PortalError):
    code = "not_ascending"
    field = "bands"
    message = gettext_lazy("Line %(number)s does not go higher than the one before: each amount needs one fee.")


class NotCovered(PortalError):
    code = "not_covered"
    field = "bands"
    message = gettext_lazy(
        "The last band has to reach %(most)s, the most that one payment may be. Nobody may fall into a gap."
    )


class TariffForm(forms.Form):
    """The bands as lines, filled with the tariff of today."""

    bands = forms.CharField(
        label=gettext_lazy("Bands"),
        help_text=gettext_lazy(
            "One line for each: the highest amount, then the fee, in KES. Excise duty is inside the fee."
        ),
        widget=forms.Textarea(attrs={"rows": 16}),
        max_length=3000,
    )
    effective_from = forms.DateField(
        label=gettext_lazy("In force from"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=300)


def as_lines(on: date) -> str:
    """The tariff of a day as it is typed."""
    return "\n".join(f"{band.up_to} {band.amount}" for band in pricing.tariff(on))


def parse(text: str) -> list[list[str]]:
    """The typed bands as [up to, fee] in KES. Raises OddBand; what they mean together is asked by refuse_if_wrong."""
    lines = [line.split() for line in text.splitlines() if line.strip()]
    if not lines or len(lines) > MOST_BANDS:
        raise OddBand(number=len(lines) or 1)
    return [_band(number, words) for number, words in enumerate(lines, start=1)]


def _band(number: int, words: list[str]) -> list[str]:
    try:
        up_to, fee = (_amount(word) for word in words)
    except (ValueError, InvalidAmount):
        raise OddBand(number=number) from None
    return [str(up_to), str(fee)]


def _amount(word: str) -> Decimal:
    text = word.rstrip(";")
    return ZERO if text in ("0", "0.00") else parse_amount(text)


def payload_of(typed: dict[str, Any]) -> Payload:
    return {"bands": parse(typed["bands"]), "effective_from": typed["effective_from"].isoformat()}


def refuse_if_wrong(payload: Payload) -> None:
    """Raises BackDated, AlreadyThere, OddBand, NotAscending or NotCovered."""
    begins = date.fromisoformat(payload["effective_from"])
    if begins <= clock.today():
        raise BackDated()
    if FeeBand.objects.filter(code=CODE, effective_from=begins).exists():
        raise AlreadyThere()
    before = ZERO
    for number, (up_to, fee) in enumerate(payload["bands"], start=1):
        if Decimal(fee) < ZERO:
            raise OddBand(number=number)
        if Decimal(up_to) <= before:
            raise NotAscending(number=number)
        before = Decimal(up_to)
    most = _most(begins)
    if before < most:
        raise NotCovered(most=format_kes(most))


def _most(on: date) -> Decimal:
    """The largest payment to a phone that any tier may make on that day or later."""
    rows = Limit.objects.filter(code=Limit.Code.MOBILE_PER_PAYMENT)
    past = rows.filter(effective_from__lte=on).order_by("-effective_from").first()
    later = rows.filter(effective_from__gt=on)
    return max([row.value for row in later] + ([past.value] if past else []))


def describe(payload: Payload) -> str:
    bands = ", ".join(f"\N{LESS-THAN OR EQUAL TO} {up_to}: {fee}" for up_to, fee in payload["bands"])
    day = date_format(date.fromisoformat(payload["effective_from"]))
    return _("Mobile money from %(day)s: %(bands)s") % {"day": day, "bands": bands}


def apply(proposal: Proposal) -> None:
    """Add the bands, naming maker and checker. AlreadyThere when another tariff of that day was quicker."""
    payload = proposal.payload
    with transaction.atomic():
        list(FeeBand.objects.select_for_update().filter(code=CODE).order_by("pk"))
        refuse_if_wrong(payload)
        for up_to, fee in payload["bands"]:
            FeeBand.objects.create(
                code=CODE,
                up_to=Decimal(up_to),
                amount=Decimal(fee),
                effective_from=date.fromisoformat(payload["effective_from"]),
                created_by=f"{proposal.made_by_code}, {proposal.decided_by_code}"[:60],
            )


@dataclass(frozen=True, slots=True)
class Beside:
    """Our fee and the teller's for payments up to `up_to`; None where one of them has no fee at all. KES."""

    up_to: Decimal
    ours: Decimal | None
    tellers: Decimal | None

    @property
    def differs(self) -> bool:
        return self.ours != self.tellers

    @property
    def more(self) -> Decimal | None:
        """What the teller takes more than we do."""
        return None if self.ours is None or self.tellers is None else self.tellers - self.ours


def beside_the_tellers(on: date) -> list[Beside]:
    """Both tariffs by every upper bound that either of them has."""
    ours = [(band.up_to, band.amount) for band in pricing.tariff(on)]
    tellers = list(TellerFee.objects.order_by("up_to").values_list("up_to", "amount"))
    bounds = sorted({up_to for up_to, _fee in (*ours, *tellers)})
    return [Beside(bound, _fee_of(ours, bound), _fee_of(tellers, bound)) for bound in bounds]


def _fee_of(bands: list[tuple[Decimal, Decimal]], amount: Decimal) -> Decimal | None:
    return next((fee for up_to, fee in bands if amount <= up_to), None)


def register() -> None:
    """Once, when the staff's pages are made."""
    kind = ProposalKind(
        title=gettext_lazy("Tariff of mobile money"),
        make_permission=PROPOSE,
        check_permission=APPROVE,
        describe=describe,
        refuse_if_wrong=refuse_if_wrong,
        apply=apply,
    )
    proposals.kinds.register(KIND, kind)
