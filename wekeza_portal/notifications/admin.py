"""The outbox as staff see it: whether a message went, and what it said unless it is a secret."""

from django.utils.translation import gettext as _

from wekeza_portal.notifications.models import OutboxMessage
from wekeza_portal.staff import roles
from wekeza_portal.staff.site import ReadOnlyAdmin, portal_admin


class OutboxMessageAdmin(ReadOnlyAdmin):
    """By customer, address or cause. A code's text is never shown, encrypted or not."""

    list_display = ("created_at", "event", "channel", "customer_id", "cause", "state", "delivery", "attempts")
    fields = (
        "cause",
        "event",
        "amount",
        "channel",
        "customer_id",
        "to",
        "subject",
        "text",
        "state",
        "attempts",
        "last_error",
        "created_at",
        "due_at",
        "expires_at",
        "sent_at",
        "message_id",
        "delivery",
        "delivery_reason",
        "delivered_at",
    )
    readonly_fields = ("text",)
    text_search = ("cause", "to", "message_id")
    number_search = ("customer_id",)
    uuid_search = ("id",)
    needs_search = True

    @staticmethod
    def text(row: OutboxMessage) -> str:
        return _("Secret: never shown") if row.is_secret else row.body


portal_admin.register(OutboxMessage, OutboxMessageAdmin)
roles.grant_all("notifications.view_outboxmessage")
