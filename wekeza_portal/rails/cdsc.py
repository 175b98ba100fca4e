"""Money to a stockbroker's client account, with the customer's CDS number as reference.

CDSC itself takes no money: this is PesaLink's wire under a name, a breaker and a switch of its own.
"""

from wekeza_portal.rails.base import Order
from wekeza_portal.rails.pesalink import TO_ACCOUNT, Messages

TO_PAYBILL = "/FundsTransfer/External/A2B/Paybill/1.0.0"
"""The partner bank's way to a paybill number; not in its public description."""


class Cdsc(Messages):
    """`destination` is {"cds_number", "client_type"} and the broker's {"bank", "bank_account"} or {"paybill"}."""

    name, title = "cdsc", "PesaLink to brokers"

    def receiver(self, order: Order) -> tuple[str, dict[str, str]]:
        where = order.destination
        number = where["cds_number"]  # without the client type: so brokers ask for it
        if where.get("paybill"):
            return TO_PAYBILL, {"PaybillNumber": where["paybill"], "AccountNumber": number, "Narration": number}
        receiver = {"AccountNumber": where["bank_account"], "BankCode": where["bank"], "Narration": number}
        return TO_ACCOUNT, receiver
