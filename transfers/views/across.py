"""The link from one form to another for the same person, with what was typed."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode

from accounts.limits import Figures
from accounts.models import BranchCustomer, Instruction
from accounts.requests import CustomerRequest
from transfers import phones
from transfers.addresses import PAGES
from transfers.outside import carrying
from transfers.outside.errors import slow_words
from transfers.outside.executing import destination_of
from transfers.outside.forms import OutsideForm
from transfers.outside.instead import WAYS, OtherWay, look_around, other_way
from transfers.outside.kinds import KINDS
from transfers.outside.obstacles import Obstacles
from transfers.outside.rails import TITLES


@dataclass(frozen=True, slots=True)
class Across:
    """A link: what it says, where it leads, and the name of the way ("PesaLink to a phone")."""

    words: Any
    address: str
    name: Any


def from_form(request: CustomerRequest, form: OutsideForm) -> Across | None:
    """From a form whose rail rests or is off, carrying what stands in it now."""
    typed = {name: str(form[name].value() or "") for name in carrying.FIELDS if name in form.fields}
    amount = form.cleaned_data.get("amount") if form.is_bound else None
    way = other_way(request.customer, form.kind, amount=amount, phone=_number(typed.get("phone", "")))
    if way is None:
        return None
    carried = carrying.carried(request.customer, typed)
    return _across(way, {"with": carried} if carried else {})


def from_kind(customer: BranchCustomer, kind: str) -> Across | None:
    """From a page that is switched off, where nothing can be typed."""
    way = other_way(customer, kind)
    return _across(way, {}) if way else None


def from_draft(
    customer: BranchCustomer,
    instruction: Instruction,
    *,
    found: Obstacles | None,
    figures: Figures,
    is_off: bool,
) -> dict[str, Any]:
    """From a review, for its template: what is said while the rail of the draft rests, and the link if there is one.

    `found` as `look_around` gives it, None where it was not asked; `figures` are those of the review. `is_off`: it is
    known already that the draft can't be paid because a service is switched off.
    """
    if instruction.kind not in WAYS:
        return {}
    found = found or look_around()
    rail = KINDS[instruction.kind].rail_for(destination_of(instruction))
    if not is_off and rail not in found.resting:
        return {}
    phone = instruction.payload["values"].get("msisdn", "")
    way = other_way(customer, instruction.kind, amount=instruction.amount, phone=phone, found=found, figures=figures)
    slow = "" if is_off else slow_words(TITLES[rail], way)
    return {"slow": slow, "across": _like(way, instruction) if way else None}


def from_returned(customer: BranchCustomer, instruction: Instruction) -> Across | None:
    """From a payment that came back, to the same person; None for kinds that lead nowhere else.

    Whether the other form takes the amount is left to that form: people send less, or the rest another way.
    """
    if instruction.kind not in WAYS:
        return None
    way = other_way(customer, instruction.kind, phone=instruction.payload["values"].get("msisdn", ""))
    return _like(way, instruction) if way else None


def _like(way: OtherWay, instruction: Instruction) -> Across:
    return _across(way, {"like": str(instruction.id)})


def _across(way: OtherWay, query: dict[str, str]) -> Across:
    address = reverse(PAGES[way.kind])
    return Across(way.link, f"{address}?{urlencode(query)}" if query else address, way.name)


def _number(text: str) -> str:
    try:
        return phones.msisdn(text)
    except phones.NotAPhoneNumber:
        return ""
