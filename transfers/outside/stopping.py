"""A rail that says that nothing will go through before people have looked: they are called, and it is switched off.

A wrong password or a locked initiator refuses every payment. What was refused goes back as ever; what customers would
send next is stopped before it leaves their account. Only people switch it on again.

One answer to one customer's order is an alarm and no more: what is really the bank's own fault meets the next customer
too. So a rail is switched off when it says so to a second customer within `WITHIN`, and no order that was sent since
the alarm of the other has arrived. What it says before it looks at any order (our access is refused: NOT_SENT) is about
nobody's order, and holds at once.
"""

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet

from transfers.models import Payment
from transfers.outside.rails import TITLES
from wekeza_portal import clock
from wekeza_portal.actors import system
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.audit.services import record
from wekeza_portal.rails.base import Outcome, Status
from wekeza_portal.staff import switches
from wekeza_portal.staff.models import PortalSwitch

logger = logging.getLogger(__name__)

NOTICE_EN = "%(rail)s is not available at the moment. We are working on it."
NOTICE_SW = "%(rail)s haipatikani kwa sasa. Tunalishughulikia."
NAMES_SW = {"BILLS": "Huduma ya kulipa bili", "CDSC": "Huduma ya malipo kwa madalali"}
NAMES_EN = {"BILLS": "Bill payment", "CDSC": "Payment to brokers"}


WITHIN = timedelta(hours=1)
ALARM = "rail.alarmed"


def heed(payment: Payment, outcome: Outcome) -> bool:
    """An answer that says that nothing will go through: call people, and switch the rail off if it is not this
    customer's order alone. Whether it was switched off now.
    """
    if payment.rail not in TITLES or not switches.is_on(payment.rail):
        return False
    other = alarms(payment.rail).exclude(customer_id=payment.customer_id).order_by("-at").first()
    _alarm(payment, outcome)
    if outcome.status is Status.NOT_SENT or (other is not None and not _worked_since(payment.rail, other)):
        return stop(payment.rail, outcome)
    return False


def alarms(*rails: str) -> QuerySet[AuditEvent]:
    """The alarms of these rails within the last hour."""
    subjects = [f"rail:{rail}" for rail in rails]
    return AuditEvent.objects.filter(subject__in=subjects, verb=ALARM, at__gte=clock.now() - WITHIN)


def _worked_since(rail: str, alarm: AuditEvent) -> bool:
    """Whether an order arrived that was sent after the alarm, or in the same second."""
    return Payment.objects.filter(rail=rail, state=Payment.State.SETTLED, sent_at__gte=alarm.at).exists()


def _alarm(payment: Payment, outcome: Outcome) -> None:
    """Once for each customer in an hour, however often it is said."""
    if alarms(payment.rail).filter(customer_id=payment.customer_id).exists():
        return
    said = {"code": outcome.code, "reason": outcome.reason, "payment": payment.reference}
    actor, subject = system("rails"), f"rail:{payment.rail}"
    record(ALARM, actor=actor, customer_id=payment.customer_id, subject=subject, data=said)
    logger.critical("%s says of %s: %s %s", payment.rail, payment.reference, outcome.code, outcome.reason)


def stop(rail: str, outcome: Outcome) -> bool:
    """Switch the rail off, once. False when it is off already, or nobody knows a switch for it."""
    if rail not in TITLES or not switches.is_on(rail):
        return False
    with transaction.atomic():
        row, _made = PortalSwitch.objects.select_for_update().get_or_create(
            code=rail, defaults={"is_on": True, "since": clock.today(), "changed_at": clock.now()}
        )
        if not row.is_on:
            return False
        row.is_on, row.since, row.changed_at = False, clock.today(), clock.now()
        row.notice_en = NOTICE_EN % {"rail": NAMES_EN.get(rail, TITLES[rail])}
        row.notice_sw = NOTICE_SW % {"rail": NAMES_SW.get(rail, TITLES[rail])}
        row.save(update_fields=["is_on", "since", "changed_at", "notice_en", "notice_sw"])
        said = {"code": outcome.code, "reason": outcome.reason}
        record("rail.stopped", actor=system("rails"), subject=f"rail:{rail}", data=said)
    logger.critical("%s is switched off: it says %s %s", rail, outcome.code, outcome.reason)
    return True
