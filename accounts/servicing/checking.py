"""Letters compared with the books: no fee without its letter, no letter that says a fee nobody paid."""

from collections.abc import Iterator

from accounts.models import BankLetter, Instruction
from accounts.servicing.letters import KIND

BATCH = 500


def differences() -> Iterator[tuple[str, str, str]]:
    """For `checkledger`: (kind, subject, words)."""
    letters = dict(BankLetter.objects.exclude(reference="").values_list("id", "fee"))
    posted = Instruction.objects.filter(kind=KIND, state=Instruction.State.POSTED)
    paid = dict(posted.values_list("id", "amount").iterator(BATCH))
    for one in sorted(paid.keys() - letters.keys()):
        yield "fee_without_letter", str(one), f"KES {paid[one]} was paid for a letter that there is not"
    for one, fee in sorted(letters.items()):
        if paid.get(one) != fee:
            yield "letter_without_fee", str(one), f"the letter says KES {fee}, paid was {paid.get(one)}"
