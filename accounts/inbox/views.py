"""The inbox: what the bank told the customer. Looking writes nothing; what marks as read is a POST of its own."""

import uuid
from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.inbox.readers import reader_of
from accounts.requests import CustomerRequest
from wekeza_portal import clock
from wekeza_portal.context import unread_words
from wekeza_portal.notifications import inbox

BEFORE_ANY_MESSAGE = 2000
"""Years below have no place in a database, at the edge of the calendar not even in another time zone."""
SHOWS = ("all", "unread", "archived")


@require_safe
def inbox_page(request: CustomerRequest) -> HttpResponse:
    """Messages, newest first, by day, twenty to a page: all, the unread, or those put away."""
    show = request.GET.get("show", "all")
    if show not in SHOWS:
        raise Http404
    page = inbox.page(reader_of(request.customer), show=show, before=_cursor(request))
    context = {"page": page, "show": show, "today": clock.today(), "shown_at": clock.now().isoformat()}
    return render(request, "inbox/inbox.html", context)


@require_safe
def message(request: CustomerRequest, message_id: uuid.UUID) -> HttpResponse:
    """One message at its permanent address. Somebody else's is as unknown as none."""
    item = inbox.get(reader_of(request.customer), message_id)
    context = {"item": item, "address": inbox.address_of(item), "link_words": inbox.words_of_link(item)}
    return render(request, "inbox/message.html", context)


@require_POST
def message_read(request: CustomerRequest, message_id: uuid.UUID) -> HttpResponse:
    """The message was opened: sent by the page's script when it shows, or by its button."""
    reader = reader_of(request.customer)
    inbox.mark_read(inbox.get(reader, message_id))
    if request.headers.get("Accept", "") == "application/json":
        return JsonResponse({"unread": unread_words(inbox.count_unread(reader))})
    return _see_other(reverse("inbox_message", args=[message_id]))


@require_POST
def inbox_read_all(request: CustomerRequest) -> HttpResponse:
    """Mark everything as read that was there when the list was shown."""
    marked = inbox.mark_all_read(reader_of(request.customer), _shown_at(request))
    if marked:
        messages.success(request, _("All messages are marked as read."))
    return _see_other(reverse("inbox"))


@require_POST
def message_archive(request: CustomerRequest, message_id: uuid.UUID) -> HttpResponse:
    """Put a message away, or back among the others. Those about security stay."""
    item = inbox.get(reader_of(request.customer), message_id)
    away = request.POST.get("archived") != "0"
    if not inbox.set_archived(item, away):
        messages.error(request, _("Messages about security stay in your inbox."))
        return _see_other(reverse("inbox_message", args=[message_id]))
    messages.success(request, _("The message is put away.") if away else _("The message is back in your inbox."))
    return _see_other(reverse("inbox"))


def _cursor(request: CustomerRequest) -> uuid.UUID | None:
    text = request.GET.get("before", "")
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        raise Http404 from None


def _shown_at(request: CustomerRequest) -> datetime:
    """When the list was shown, as the page says; a page that says nothing readable showed nothing."""
    try:
        shown = datetime.fromisoformat(request.POST.get("shown_at", ""))
    except ValueError:
        raise Http404 from None
    if shown.tzinfo is None or shown.year < BEFORE_ANY_MESSAGE:
        raise Http404
    return min(shown, clock.now())


def _see_other(address: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(address, status=303)
