"""`verify()`: reads the whole chain again and names the first row that is not as it was sealed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from wekeza_portal import clock
from wekeza_portal.audit.chain import Head, Signer
from wekeza_portal.audit.models import AuditEvent, AuditHead, AuditSeal
from wekeza_portal.audit.sealing import unsealed

CHUNK = 1000
MAY_WAIT = timedelta(minutes=1)
"""How long an event may stand unsealed before that is a fault: a stopped sealer, or a row slipped in unseen."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How far the chain was proved, and the first fault, or None."""

    head: Head
    fault: str | None

    @property
    def is_intact(self) -> bool:
        return self.fault is None


def verify_next(after: Head, most: int) -> Verdict:
    """Prove up to `most` links beyond `after`, a head that was proved before, and the head's own row.

    The daily round starts at no head at all and so proves every link anew.
    """
    chain = _Chain(after)
    try:
        chain.prove_next(most)
    except _Broken as broken:
        return Verdict(chain.proved, str(broken))
    return Verdict(chain.proved, None)


class _Broken(Exception):
    """Carries the fault up; its message names the row."""


def verify(noted: Head | None = None) -> Verdict:
    """Prove every link from the first to the head. `noted` is a head that was written down somewhere else before.

    May run beside sealers: what they add meanwhile is left for the next time.
    """
    chain = _Chain()
    try:
        chain.prove(noted)
    except _Broken as broken:
        return Verdict(chain.proved, str(broken))
    return Verdict(chain.proved, None)


class _Chain:
    def __init__(self, proved: Head = Head(0, "")) -> None:  # noqa: B008 - a constant
        self.proved = proved
        self._signer = Signer()

    def prove(self, noted: Head | None) -> None:
        row = AuditHead.objects.filter(pk=1).first()
        head = Head(row.number, row.digest) if row else self.proved
        for seal, event in _links(head.number):
            self._prove_link(seal, event)
            if noted and seal.number == noted.number and seal.digest != noted.digest:
                raise _Broken(f"number {seal.number} is not the one that was noted: the chain was made anew")
        if self.proved.number < head.number:
            raise _Broken(f"number {self.proved.number + 1} is missing: the tail up to {head.number} was cut")
        self._prove_head(row, head)
        if noted and noted.number > head.number:
            raise _Broken(f"number {head.number + 1} is missing: the tail up to the noted {noted.number} was cut")
        self._prove_nothing_beyond()
        self._prove_nothing_waits()

    def prove_next(self, most: int) -> None:
        row = AuditHead.objects.filter(pk=1).first()
        head = Head(row.number, row.digest) if row else Head(0, "")
        if head.number < self.proved.number:
            raise _Broken(f"number {head.number + 1} is missing: the tail up to {self.proved.number} was cut")
        end = min(head.number, self.proved.number + most)
        for seal, event in _links(end, self.proved.number):
            self._prove_link(seal, event)
        if self.proved.number < end:
            raise _Broken(f"number {self.proved.number + 1} is missing: its seal was deleted")
        if end == head.number:
            self._prove_head(row, head)
            self._prove_nothing_beyond()

    def _prove_link(self, seal: AuditSeal, event: AuditEvent | None) -> None:
        number = self.proved.number + 1
        if seal.number != number:
            raise _Broken(f"number {number} is missing: its seal was deleted")
        if event is None:
            raise _Broken(f"number {number}: event {seal.event_id} was deleted")
        if not self._signer.knows(seal.key_id):
            raise _Broken(f"number {number}: event {event.pk} is sealed with key {seal.key_id}, not in FIELD_KEYS")
        if self._signer.seal(number, self.proved.digest, event, seal.key_id) != seal.digest:
            raise _Broken(f"number {number}: event {event.pk} or its seal is not as it was sealed")
        self.proved = Head(number, seal.digest)

    def _prove_head(self, row: AuditHead | None, head: Head) -> None:
        if row is None or head.number == 0:
            return
        fits = self._signer.knows(row.key_id) and self._signer.proof(head, row.key_id) == row.proof
        if head != self.proved or not fits:
            raise _Broken(f"the head {head.number} was not written by the sealer: the tail may have been cut")

    def _prove_nothing_beyond(self) -> None:
        """Seals and head are committed together, so a seal read before the head is never ahead of it."""
        last = AuditSeal.objects.order_by("-number").first()
        row = AuditHead.objects.filter(pk=1).first()
        end = row.number if row else 0
        if last and last.number > end:
            first = AuditSeal.objects.filter(number__gt=end).order_by("number")[0]
            raise _Broken(f"number {first.number}: event {first.event_id} was inserted beyond the head {end}")

    def _prove_nothing_waits(self) -> None:
        waiting = unsealed().filter(at__lt=clock.now() - MAY_WAIT).first()
        if waiting:
            raise _Broken(
                f"event {waiting.pk} of {waiting.at:%Y-%m-%d %H:%M:%S} has no seal: inserted, or no sealer runs"
            )


def _links(end: int, after: int | None = None) -> Iterator[tuple[AuditSeal, AuditEvent | None]]:
    """Seals above number `after` up to `end` in order, each with its event, read in chunks."""
    number = after
    while True:
        rows = AuditSeal.objects.filter(number__lte=end).order_by("number")
        if number is not None:
            rows = rows.filter(number__gt=number)
        seals = list(rows[:CHUNK])
        if not seals:
            return
        events = AuditEvent.objects.in_bulk([seal.event_id for seal in seals])
        yield from ((seal, events.get(seal.event_id)) for seal in seals)
        number = seals[-1].number
