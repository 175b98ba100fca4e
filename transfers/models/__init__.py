"""Tables of the transfers app: payments out, the directory of whom can be paid, payees kept, standing orders."""

from transfers.models.asking import BlockedAsker, MoneyRequest
from transfers.models.collecting import Deposit, Incoming
from transfers.models.directory import Bank, Biller, Broker, PhonePrefix, TellerFee
from transfers.models.lookups import PayeeLookup
from transfers.models.many import PaymentFile, PaymentFileRow
from transfers.models.pauses import ScamPause
from transfers.models.payees import KnownPayee, SavedPayee
from transfers.models.payments import Payment, RailId
from transfers.models.standing import Rhythm, StandingOrder, StandingRun

__all__ = [
    "Bank",
    "Biller",
    "BlockedAsker",
    "Broker",
    "Deposit",
    "Incoming",
    "KnownPayee",
    "MoneyRequest",
    "PayeeLookup",
    "Payment",
    "PaymentFile",
    "PaymentFileRow",
    "PhonePrefix",
    "RailId",
    "Rhythm",
    "SavedPayee",
    "ScamPause",
    "StandingOrder",
    "StandingRun",
    "TellerFee",
]
