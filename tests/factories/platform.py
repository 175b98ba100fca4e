"""The platform and its staff."""

import uuid
from datetime import timedelta

import factory

from tests.factories.base import now
from tests.factories.identity import UserFactory
from wekeza_portal import clock, crypto, identifiers
from wekeza_portal.audit.models import AuditEvent, AuditHead, AuditSeal
from wekeza_portal.branch.models import DemoMarker
from wekeza_portal.documents import papers
from wekeza_portal.documents.models import IssuedPaper, StoredFile
from wekeza_portal.models import RateCounter
from wekeza_portal.notifications.models import Channel, DemoMessage, InboxItem, OutboxMessage
from wekeza_portal.staff.models import PortalSwitch, Proposal, StaffTotp

# --- The platform -------------------------------------------------------------------------------------------------


class RateCounterFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = RateCounter

    policy = "test"
    key = factory.LazyFunction(lambda: crypto.keyed_digest("test-rate", uuid.uuid4().hex))
    window_start = now()
    count = 1


class AuditEventFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = AuditEvent

    at = now()
    verb = "test.happened"
    actor_kind = "system"
    actor_id = "test"


class AuditSealFactory(factory.django.DjangoModelFactory):
    """A seal as a row, which proves nothing: the sealer makes real ones."""

    class Meta:
        model = AuditSeal

    number = factory.Sequence(lambda n: 1_000_000 + n)
    event_id = factory.LazyFunction(lambda: AuditEventFactory().pk)
    digest = "0" * 64
    key_id = "0" * 12


class AuditHeadFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = AuditHead


class OutboxMessageFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = OutboxMessage

    cause = factory.LazyFunction(lambda: f"test:{uuid.uuid4()}")
    channel = Channel.SMS
    to = "+254700000001"
    body = "Your account was credited."
    created_at = now()
    due_at = now()


class InboxItemFactory(factory.django.DjangoModelFactory):
    """A message in the inbox of `customer`, unread unless told otherwise."""

    class Meta:
        model = InboxItem

    cause = factory.LazyFunction(lambda: f"test:{uuid.uuid4()}")
    customer_id = 0
    category = InboxItem.Category.MONEY
    title = "KES 500.00 came in"
    text = "Wekeza: KES 500.00 came into your account."
    created_at = now()


class DemoMessageFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = DemoMessage

    to = "+254700000001"
    channel = Channel.SMS
    body = "Your account was credited."
    sent_at = now()


class DemoMarkerFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = DemoMarker

    created_at = now()
    made_by = "demobank"


class StoredFileFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = StoredFile

    name = factory.Sequence(lambda n: f"papers/{n}.pdf")
    content = b"encrypted"
    size = 5
    created_at = now()


class IssuedPaperFactory(factory.django.DjangoModelFactory):
    """A receipt in the register, sealed, without its file."""

    class Meta:
        model = IssuedPaper

    code = factory.LazyFunction(identifiers.new_reference)
    kind = "TRANSFER_RECEIPT"
    subject = factory.LazyFunction(identifiers.new_reference)
    language = "en"
    customer_id = 1
    issued_at = now()
    facts = factory.LazyAttribute(
        lambda paper: {
            "paid_at": paper.issued_at.isoformat(),
            "reference": paper.subject,
            "amount": "2500.00",
            "payer": "EMMANUEL O.",
            "payee": "WANJIKU M.",
            "state": "done",
        }
    )
    sha256 = "0" * 64
    file_name = factory.LazyAttribute(lambda paper: f"papers/{paper.code}.pdf")
    seal = factory.LazyAttribute(
        lambda paper: papers.seal(IssuedPaper(**{name: getattr(paper, name) for name in _SEALED}))
    )


_SEALED = ("code", "kind", "subject", "language", "customer_id", "issued_at", "facts", "sha256")


# --- The staff ----------------------------------------------------------------------------------------------------


class StaffTotpFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = StaffTotp

    user = factory.SubFactory(UserFactory, customer=None, code_device=False)
    name = "authenticator app"
    confirmed = True
    encrypted_key = factory.LazyFunction(lambda: crypto.encrypt("00" * 20))
    created_at = now()


class ProposalFactory(factory.django.DjangoModelFactory):
    """A fee of KES 30.00 from tomorrow, waiting for a second person."""

    class Meta:
        model = Proposal

    kind = "figure"
    payload = factory.LazyFunction(
        lambda: {
            "figure": "fees",
            "keys": {"code": "INTERNAL_TRANSFER"},
            "value": "30.00",
            "effective_from": (clock.today() + timedelta(days=1)).isoformat(),
        }
    )
    reason = "Board decision 7"
    made_by = 1
    made_by_code = "RISK001"
    made_at = now()


class PortalSwitchFactory(factory.django.DjangoModelFactory):
    """A service switched off, with its notice."""

    class Meta:
        model = PortalSwitch

    code = factory.Sequence(lambda n: f"SWITCH_{n}")
    is_on = False
    notice_en = "Transfers are being repaired and will be back by 6 pm."
    notice_sw = "Uhamishaji unarekebishwa na utarejea saa kumi na mbili jioni."
    since = factory.LazyFunction(clock.today)
    changed_at = now()
