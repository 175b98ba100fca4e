"""Whether an SMS arrived, as its provider reports it later: in any order, late, or again and again."""

from django.db.models import Q

from wekeza_portal import clock
from wekeza_portal.notifications.models import OutboxMessage
from wekeza_portal.rails.sms import Report
from wekeza_portal.registry import CallbackIgnored

Delivery = OutboxMessage.Delivery


def never_arrived(cause: str) -> bool:
    """Whether the message of this cause was refused by its provider, or reported by it as not delivered."""
    ended = Q(state=OutboxMessage.State.FAILED) | Q(delivery=Delivery.FAILED)
    return OutboxMessage.objects.filter(ended, cause=cause).exists()


def note(report: Report) -> str:
    """Write down one report. The first final one stays; what comes after it changes nothing.

    Raises CallbackIgnored for a message that is not ours. Called in a transaction.
    """
    message = OutboxMessage.objects.select_for_update().filter(message_id=report.message_id).first()
    if message is None or not report.message_id:
        raise CallbackIgnored("no message of ours has this id", look_again=True)
    if message.delivery in {Delivery.DELIVERED, Delivery.FAILED}:
        raise CallbackIgnored(f"already {message.delivery}")
    if not report.is_final:
        return "on its way"
    message.delivery = Delivery.DELIVERED if report.arrived else Delivery.FAILED
    message.delivery_reason = report.reason
    message.delivered_at = clock.now()
    message.save(update_fields=["delivery", "delivery_reason", "delivered_at"])
    return message.delivery
