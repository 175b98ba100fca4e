"""Card uses against the books: each approved one was posted once, and what is owed to the processor is their sum."""

from collections.abc import Iterator

from accounts.cards.authorising import KIND, OWED, together
from accounts.models import CardUse, Posting, PostingLeg
from wekeza_portal.money import ZERO, format_kes

BATCH = 2000


def differences() -> Iterator[tuple[str, str, str]]:
    """(kind, reference or account, words) of everything that does not tie."""
    posted = dict(Posting.objects.filter(kind=KIND).values_list("instruction_id", "reference").iterator(BATCH))
    undone = set(
        Posting.objects.filter(reverses__kind=KIND).values_list("reverses__reference", flat=True).iterator(BATCH)
    )
    for use in CardUse.objects.iterator(BATCH):
        reference = posted.pop(use.public_id, "")
        if (use.reference if use.is_approved else "") != reference:
            yield (
                "card_use",
                use.processor_id,
                f"was answered {use.code}, and its posting is {reference or 'not there'}",
            )
        elif (use.reversed_at is not None) != (reference in undone):
            yield "card_use", use.processor_id, "its reversal stands in one of the books only"
    for reference in posted.values():
        yield "card_use", reference, "was posted, but no use of a card asked for it"
    yield from _owed()


def _owed() -> Iterator[tuple[str, str, str]]:
    legs = PostingLeg.objects.filter(internal_account=OWED)
    stands = sum((leg.amount for leg in legs.iterator(BATCH)), ZERO)
    wanted = together(CardUse.objects.iterator(BATCH))
    if stands != wanted:
        yield "card_account", OWED, f"holds {format_kes(stands)}, the uses of cards make {format_kes(wanted)}"
