"""A process that pays: confirms one draft after another in several threads, for the race tests.

Usage: python -m tests.paying_process SENDER_ID RECEIVER_ID INSTRUCTION_ID [INSTRUCTION_ID ...]
Prints how many were paid and how many refused for lack of money.
"""

import os
import sys
import uuid

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wekeza_portal.settings")
django.setup()


def main(sender_id: int, receiver_id: int, instruction_ids: list[uuid.UUID]) -> None:
    from accounts.ledger import InsufficientFunds, Receipt
    from accounts.models import Account, Instruction
    from tests.payments import pay
    from tests.together import at_once

    sender, receiver = (Account.objects.get(pk=pk) for pk in (sender_id, receiver_id))
    drafts = list(Instruction.objects.filter(id__in=instruction_ids))
    print("ready", flush=True)
    sys.stdin.readline()
    results = at_once([lambda draft=draft: pay(sender, receiver, draft.amount, instruction=draft) for draft in drafts])
    paid = sum(isinstance(result, Receipt) for result in results)
    refused = sum(isinstance(result, InsufficientFunds) for result in results)
    print(paid, refused, len(results) - paid - refused, flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), [uuid.UUID(text) for text in sys.argv[3:]])
