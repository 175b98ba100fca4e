"""Settings, Messages: what leaves the bank for this customer, how and when; and a message to try it with."""

import uuid
from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.identity import contacts
from accounts.identity.actors import actor_from
from accounts.identity.keptforms import restored
from accounts.notices import trying
from accounts.notices.choosing import choose, chosen_by
from accounts.notices.forms import CHANNELS, NoticesForm, TryForm, typed, typed_before
from accounts.notices.wishes import reach
from accounts.requests import CustomerRequest
from wekeza_portal import ratelimit
from wekeza_portal.notifications.models import Channel

SEE_OTHER = 303
CHANGES = ratelimit.Policy("message-choices", 30, timedelta(hours=1))
"""Far more changes than anybody needs, far fewer than would fill a phone with what is said of them."""


@require_http_methods(["GET", "HEAD", "POST"])
def notifications(request: CustomerRequest) -> HttpResponse:
    """What is told by which channel; a POST chooses it anew."""
    known = reach(request.customer)
    chosen = chosen_by(request.customer)
    if request.method == "POST":
        form = NoticesForm(request.POST, offered=known)
        if form.is_valid():
            ratelimit.consume(CHANGES, str(request.customer.user_id))
            choose(request.user, form.wanted(chosen), actor_from(request))
            messages.success(request, _("Saved. It counts from the next message on."))
            return HttpResponseRedirect(reverse("notifications"), status=SEE_OTHER)
    else:
        kept = restored(request)
        form = NoticesForm(initial=typed(chosen) if kept is None else typed_before(kept), offered=known)
    ways = [(channel, words, _masked(known, channel)) for channel, words in CHANNELS.items()]
    return render(request, "notices/notifications.html", {"form": form, "ways": ways})


@require_POST
def notification_test(request: CustomerRequest) -> HttpResponse:
    """Send one message by one channel, then show what became of it."""
    form = TryForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose SMS or e-mail. Nothing was sent."))
        return HttpResponseRedirect(reverse("notifications"), status=SEE_OTHER)
    channel = Channel(form.cleaned_data["channel"])
    try:
        message = trying.send(request.user, request.customer, channel, actor_from(request))
    except trying.NoAddress as refusal:
        messages.error(request, str(refusal))
        return HttpResponseRedirect(reverse("notifications"), status=SEE_OTHER)
    return HttpResponseRedirect(reverse("notification_tested", args=[message.pk]), status=SEE_OTHER)


@require_safe
def notification_tested(request: CustomerRequest, message_id: uuid.UUID) -> HttpResponse:
    """What became of a test message so far, as its row says."""
    message = trying.get(request.customer, message_id)
    context = {
        "message": message,
        "to": contacts.masked(Channel(message.channel), message.to),
        "way": CHANNELS[message.channel],
    }
    return render(request, "notices/tested.html", context)


def _masked(known: dict[str, str], channel: str) -> str:
    return contacts.masked(Channel(channel), known[channel]) if channel in known else ""
