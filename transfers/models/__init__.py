"""Tables of the transfers app: payments to the outside, the directory of whom can be paid, payees kept."""

from transfers.models.asking import BlockedAsker, MoneyRequest
from transfers.models.directory import Bank, Biller, Broker, PhonePrefix
from transfers.models.lookups import PayeeLookup
from transfers.models.many import PaymentFile, PaymentFileRow
from transfers.models.payees import KnownPayee, SavedPayee
from transfers.models.payments import Payment

__all__ = [
    "Bank", "Biller", "BlockedAsker", "Broker", "KnownPayee", "MoneyRequest", "PayeeLookup", "Payment", "PaymentFile",
    "PaymentFileRow", "PhonePrefix", "SavedPayee",
]  # fmt: skip
