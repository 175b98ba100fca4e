"""Cards on the staff's pages: read-only tables, and a page to block one or to propose its unblocking."""

import uuid

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.cards import selectors, staff
from accounts.cards.forms import ReasonForm
from accounts.models import Card, CardUse
from wekeza_portal.errors import PortalError
from wekeza_portal.staff import proposals, roles
from wekeza_portal.staff.door import actor_from
from wekeza_portal.staff.site import ReadOnlyAdmin, portal_admin
from wekeza_portal.staff.views_of_customers import record_view

SEE, BLOCK = "accounts.view_card", "accounts.block_card"


def card_board(request: HttpRequest, card_id: uuid.UUID) -> HttpResponse:
    """One card, its latest uses, and what this person may do about it."""
    card = Card.objects.filter(pk=card_id).first()
    if card is None:
        raise Http404
    record_view(request, card.customer_id, f"card:{card.pk}")
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _done(request, card, form.cleaned_data["reason"]):
        return redirect("admin:card_board", card.pk)
    context = {"line": selectors.line_of(card), "uses": selectors.uses_of(card).uses, "form": form}
    context |= {"may_block": request.user.has_perm(BLOCK), "may_propose": request.user.has_perm(staff.PROPOSE)}
    return portal_admin.page(request, "staff/card.html", _("Card"), **context)


def _done(request: HttpRequest, card: Card, reason: str) -> bool:
    """Block it, or propose to unblock it, whichever it is not; whether it was done."""
    try:
        if card.blocked_at is None:
            _require(request, BLOCK)
            staff.block(card.pk, reason=reason, actor=actor_from(request))
            messages.success(request, _("Blocked."))
        else:
            payload = {"card": str(card.pk), "four": card.last_four, "customer": card.customer_id}
            proposals.propose(staff.UNBLOCK, payload, reason=reason, user=request.user, actor=actor_from(request))
            messages.success(request, _("Proposed. Another person has to approve it."))
    except PortalError as refusal:
        messages.error(request, str(refusal))
        return False
    return True


def _require(request: HttpRequest, permission: str) -> None:
    if not request.user.has_perm(permission):
        raise proposals.NotAllowed()


class CardAdmin(ReadOnlyAdmin):
    """By customer or the last four digits. The processor's token is not shown: nobody here needs it."""

    list_display = ("last_four", "customer_id", "account_number", "kind", "state", "ordered_at", "board")
    fields = (
        "last_four",
        "owner",
        "account_number",
        "kind",
        "state",
        "expires_on",
        "branch_code",
        "delivered_to",
        "promised_on",
        "ordered_at",
        "made_at",
        "sent_at",
        "arrived_at",
        "activated_at",
        "frozen_at",
        "blocked_at",
        "lost_at",
        "loss",
        "lost_reference",
        "told_at",
        "atm_daily",
        "online",
        "contactless",
        "abroad",
        "gambling",
        "board",
    )
    readonly_fields = ("owner", "board")
    text_search = ("last_four", "lost_reference", "account_number")
    number_search = ("customer_id",)
    uuid_search = ("id",)
    needs_search = True

    @admin.display(description=gettext_lazy("Customer"))
    def owner(self, row: Card) -> int:
        return row.customer_id

    @admin.display(description=gettext_lazy("Block or unblock"))
    def board(self, row: Card) -> str:
        return format_html('<a href="{}">{}</a>', reverse("admin:card_board", args=[row.pk]), _("Block or unblock"))


class CardUseAdmin(ReadOnlyAdmin):
    """What cards were used for: by reference, the processor's id or the customer's number."""

    list_display = ("at", "customer_id", "card", "channel", "amount", "merchant", "code", "why", "reference")
    list_select_related = ("card",)
    fields = (
        "at",
        "customer_id",
        "card",
        "channel",
        "amount",
        "original_amount",
        "original_currency",
        "merchant",
        "city",
        "country",
        "category",
        "code",
        "why",
        "reference",
        "reversed_at",
        "processor_id",
    )
    text_search = ("reference", "processor_id")
    number_search = ("customer_id",)


def register() -> None:
    """The tables and the page; who may do what. Called from accounts.admin."""
    portal_admin.register(Card, CardAdmin)
    portal_admin.register(CardUse, CardUseAdmin)
    portal_admin.add_board("card_board", "cards/<uuid:card_id>/", card_board, gettext_lazy("Card"), SEE)
    roles.grant_all(SEE, "accounts.view_carduse")
    roles.grant(roles.SUPPORT, BLOCK, staff.PROPOSE)
    roles.grant(roles.RISK, BLOCK, staff.PROPOSE, staff.APPROVE)
    roles.grant(roles.OPERATIONS, BLOCK, staff.PROPOSE, staff.APPROVE)
