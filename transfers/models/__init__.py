"""Tables of the transfers app: payments to the outside, the directory of whom can be paid, payees kept."""

from transfers.models.directory import Bank, Biller, Broker, PhonePrefix, TellerFee
from transfers.models.lookups import PayeeLookup
from transfers.models.payees import KnownPayee, SavedPayee
from transfers.models.payments import Payment, RailId

__all__ = [
    "Bank",
    "Biller",
    "Broker",
    "KnownPayee",
    "PayeeLookup",
    "Payment",
    "PhonePrefix",
    "RailId",
    "SavedPayee",
    "TellerFee",
]
