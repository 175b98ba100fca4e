"""The platform and its staff."""

import hashlib
import uuid
from datetime import timedelta

import factory
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from tests.factories.base import now
from tests.factories.identity import UserFactory
from wekeza_portal import clock, crypto, identifiers
from wekeza_portal.audit.models import AuditEvent, AuditHead, AuditSeal
from wekeza_portal.branch.models import DemoMarker
from wekeza_portal.documents import papers
from wekeza_portal.documents.models import IssuedPaper, StoredFile
from wekeza_portal.jobs.models import DueDone, HolidayChange, JobRun, JobState
from wekeza_portal.models import RateCounter
from wekeza_portal.notifications.models import Channel, DemoMessage, InboxItem, OutboxMessage
from wekeza_portal.rails.models import RailCallback, RailCircuit, RailToken
from wekeza_portal.staff.models import KeptCheck, PortalSwitch, Proposal, StaffPost, StaffTotp
from wekeza_portal.uploads.models import Upload, UploadTurn

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


UPLOADED = b"\x89PNG\r\n\x1a\n and pixels"


class UploadFactory(factory.django.DjangoModelFactory):
    """A paper of a customer's with its bytes, for a request that is still a draft."""

    class Meta:
        model = Upload
        skip_postgeneration_save = True

    customer_id = 1
    purpose = "REQUEST"
    about = factory.LazyFunction(uuid.uuid4)
    name = "national ID.png"
    kind = "PNG"
    size = len(UPLOADED)
    sha256 = hashlib.sha256(UPLOADED).hexdigest()
    width, height = 1200, 800
    file_name = factory.LazyFunction(lambda: f"uploads/{uuid.uuid4().hex}")
    received_at = now()
    keep_until = factory.LazyFunction(lambda: clock.now() + timedelta(days=1))

    @factory.post_generation
    def _bytes(upload, create: bool, extracted: object, **kwargs: object) -> None:
        default_storage.save(upload.file_name, ContentFile(UPLOADED))


class UploadTurnFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = UploadTurn

    customer_id = factory.Sequence(lambda n: n + 1)


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


# --- Calendar and jobs --------------------------------------------------------------------------------------------


class HolidayChangeFactory(factory.django.DjangoModelFactory):
    """A day in ten days made a holiday, approved."""

    class Meta:
        model = HolidayChange

    day = factory.LazyFunction(lambda: clock.today() + timedelta(days=10))
    change = "ADD"
    name_en = "Day of mourning"
    name_sw = "Siku ya maombolezo"
    created_at = now()
    created_by = "OPS001, OPS002"


class JobStateFactory(factory.django.DjangoModelFactory):
    """A job planned up to now."""

    class Meta:
        model = JobState

    name = factory.Sequence(lambda n: f"job-{n}")
    planned_until = now()


class JobRunFactory(factory.django.DjangoModelFactory):
    """Today's run of the job that keeps the history short, due now."""

    class Meta:
        model = JobRun

    job = "forget-job-history"
    slot = factory.Sequence(lambda n: f"slot-{n}")
    business_date = factory.LazyFunction(clock.today)
    due_at = now()
    next_at = now()


class DueDoneFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = DueDone

    work = "test"
    key = factory.Sequence(str)
    due_on = factory.LazyFunction(clock.today)
    done_at = now()


class KeptCheckFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = KeptCheck

    name = factory.Sequence(lambda n: f"check-{n}")
    ran_at = now()
    faults = 1
    words = "row_missing: the branch's row of this leg is gone"


class StaffPostFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = StaffPost

    user_id = factory.Sequence(lambda n: 70_000 + n)
    member_id = factory.Sequence(lambda n: 9_000 + n)
    role = "SUPERVISOR"
    person = factory.LazyFunction(lambda: crypto.keyed_digest("test-post", uuid.uuid4().hex))
    since = now()


# --- Other companies ----------------------------------------------------------------------------------------------


class RailCallbackFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = RailCallback

    rail = "sms"
    digest = factory.Sequence(lambda n: hashlib.sha256(str(n).encode()).hexdigest())
    body = b"id=ATXid_1&status=Success"
    headers = factory.LazyFunction(lambda: {"Content-Type": "application/x-www-form-urlencoded"})
    ip = "127.0.0.1"
    received_at = now()
    last_at = now()
    due_at = now()


class RailCircuitFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = RailCircuit

    rail = factory.Sequence(lambda n: f"rail-{n}")
    failures = 1


class RailTokenFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = RailToken

    rail = factory.Sequence(lambda n: f"rail-{n}")
    token = factory.LazyFunction(lambda: crypto.encrypt("token"))
