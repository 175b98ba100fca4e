"""Fees, limits and other dated figures: what was in force on a day, and how a new one comes into force.

A figure holds from 00:00 EAT of its day. It is proposed by one person, approved by another, for tomorrow at the
earliest: what was charged today stays explained by the rows of today.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Model
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wekeza_portal import clock
from wekeza_portal.errors import PortalError
from wekeza_portal.money import ZERO
from wekeza_portal.registry import Registry
from wekeza_portal.staff import proposals
from wekeza_portal.staff.models import Proposal
from wekeza_portal.staff.proposals import Payload, ProposalKind

KIND = "figure"


class BackDated(PortalError):
    code = "back_dated"
    field = "effective_from"
    message = gettext_lazy("A change can begin tomorrow at the earliest: what was already charged must stay explained.")


class AlreadyThere(PortalError):
    code = "already_there"
    field = "effective_from"
    message = gettext_lazy("There is already a figure that begins on this day.")


class BelowZero(PortalError):
    code = "below_zero"
    field = "value"
    message = gettext_lazy("The figure can't be below zero.")


class NotWhole(PortalError):
    code = "not_whole"
    field = "value"
    message = gettext_lazy("This figure is a number of times: give a whole one.")


@dataclass(frozen=True, slots=True)
class Figure:
    """A table of dated rows. `keys` name one series within it (code, tier); `value` is the column of the figure.

    `counts` are the values of the first key whose figure is a number of times, not KES.
    """

    title: Any
    model: type[Model]
    keys: tuple[str, ...]
    value: str
    labels: Mapping[str, Any]
    counts: frozenset[str] = frozenset()

    def words_of(self, code: str, value: Decimal) -> str:
        """ "5" for a count, "1,500.00" for all else."""
        return f"{value.normalize():,f}" if code in self.counts else f"{value:,.2f}"


@dataclass(frozen=True, slots=True)
class InForce:
    """One figure on one day; `key` and `value` in words."""

    key: str
    value: str
    since: date
    row_id: int
    by: str


figures: Registry[Figure] = Registry("figure")


def register(name: str, figure: Figure) -> None:
    """Offer a table of dated rows on the staff's pages."""
    figures.register(name, figure)


def in_force(figure: Figure, on: date) -> list[InForce]:
    """The row of each series that holds on `on` (Nairobi date), in the order of the keys."""
    newest: dict[tuple[str, ...], Any] = {}
    rows = figure.model._default_manager.filter(effective_from__lte=on).order_by("effective_from", "pk")
    for row in rows:
        newest[tuple(getattr(row, key) for key in figure.keys)] = row
    return [_shown(figure, newest[key]) for key in sorted(newest)]


def to_come(figure: Figure, after: date) -> list[InForce]:
    """Rows that begin after `after`."""
    rows = figure.model._default_manager.filter(effective_from__gt=after).order_by("effective_from", *figure.keys)
    return [_shown(figure, row) for row in rows]


def _shown(figure: Figure, row: Any) -> InForce:
    words = [str(getattr(row, f"get_{key}_display")() or _("all tiers")) for key in figure.keys]
    value = figure.words_of(getattr(row, figure.keys[0]), getattr(row, figure.value))
    return InForce(", ".join(words), value, row.effective_from, row.pk, row.created_by)


def form_class(figure: Figure) -> type[forms.Form]:
    """The form to propose a figure: its keys, the value, the day it begins and why."""
    meta = figure.model._meta
    fields: dict[str, Any] = {}
    for key in figure.keys:
        field: Any = meta.get_field(key)
        choices = [(value, words if value else _("all tiers")) for value, words in field.get_choices()]
        blank = bool(getattr(field, "blank", False))
        shown = choices if blank else [choice for choice in choices if choice[0]]
        fields[key] = forms.ChoiceField(label=figure.labels[key], choices=shown, required=not blank)
    fields["value"] = forms.DecimalField(
        label=figure.labels[figure.value],
        max_digits=15,
        decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )
    fields["effective_from"] = forms.DateField(
        label=gettext_lazy("In force from"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    fields["reason"] = forms.CharField(label=gettext_lazy("Reason"), max_length=300)
    return type("FigureForm", (forms.Form,), fields)


def payload_of(name: str, typed: Mapping[str, Any]) -> Payload:
    """What a proposal keeps of the form."""
    figure = figures.get(name)
    return {
        "figure": name,
        "keys": {key: typed[key] for key in figure.keys},
        "value": str(typed["value"]),
        "effective_from": typed["effective_from"].isoformat(),
    }


def refuse_if_wrong(payload: Payload) -> None:
    """Raises BackDated, BelowZero, NotWhole or AlreadyThere."""
    figure, begins = figures.get(payload["figure"]), date.fromisoformat(payload["effective_from"])
    if begins <= clock.today():
        raise BackDated()
    if Decimal(payload["value"]) < ZERO:
        raise BelowZero()
    if payload["keys"][figure.keys[0]] in figure.counts and Decimal(payload["value"]) % 1:
        raise NotWhole()
    if figure.model._default_manager.filter(**payload["keys"], effective_from=begins).exists():
        raise AlreadyThere()


def describe(payload: Payload) -> str:
    """ "Fees, Between Wekeza accounts: 30.00 from 1 December 2026"."""
    figure = figures.get(payload["figure"])
    row = figure.model(**payload["keys"])
    words = ", ".join(str(getattr(row, f"get_{key}_display")() or _("all tiers")) for key in figure.keys)
    return _("%(table)s, %(which)s: %(value)s from %(day)s") % {
        "table": figure.title,
        "which": words,
        "value": figure.words_of(payload["keys"][figure.keys[0]], Decimal(payload["value"])),
        "day": date_format(date.fromisoformat(payload["effective_from"])),
    }


def apply(proposal: Proposal) -> None:
    """Add the row, naming maker and checker."""
    payload = proposal.payload
    figure = figures.get(payload["figure"])
    figure.model._default_manager.create(
        **payload["keys"],
        **{figure.value: Decimal(payload["value"])},
        effective_from=date.fromisoformat(payload["effective_from"]),
        created_by=f"{proposal.made_by_code}, {proposal.decided_by_code}"[:60],
    )


def register_kind() -> None:
    """Once, when the apps are ready."""
    proposals.kinds.register(
        KIND,
        ProposalKind(
            title=gettext_lazy("Fee, limit or other dated figure"),
            make_permission="staff.propose_figure",
            check_permission="staff.approve_figure",
            describe=describe,
            refuse_if_wrong=refuse_if_wrong,
            apply=apply,
        ),
    )
