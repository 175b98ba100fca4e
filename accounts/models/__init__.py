"""Tables of the accounts app: the branch's (unmanaged) and the portal's own."""

from accounts.models.approvals import ApprovalRequest
from accounts.models.branch import (
    Account,
    AccountTransaction,
    AuthorizationItem,
    Branch,
    BranchCustomer,
    Business,
    CifRecord,
    RiskScore,
    StaffMember,
)
from accounts.models.calling import BankCall
from accounts.models.cards import Card, CardSight, CardUse
from accounts.models.factors import AuthenticatorApp, BackupCode, Passkey, PasskeyChallenge
from accounts.models.figures import AccountTerms, Fee, FeeBand, Limit, OwnLimit, Rate
from accounts.models.freezing import Freeze
from accounts.models.identity import (
    CodeDevice,
    KeptForm,
    KnownDevice,
    OneTimeCode,
    SignedInSession,
    SignInAttempt,
    User,
    Way,
)
from accounts.models.ledger import (
    Instruction,
    LimitUsage,
    Posting,
    PostingLeg,
)
from accounts.models.notices import LowBalanceTold, MessageChoice, MessageHabits
from accounts.models.preferences import Currency, DateFormat, HistoryShown, IndicativeRate, TextSize, Theme
from accounts.models.privacy import Consent, DataRequest, LegalText, PrivacyFigure, TermsAcceptance
from accounts.models.profile import ContactChange, CustomerDetails, CustomerDocument, CustomerIdentity
from accounts.models.proofs import ProofBalance, ProofExplanation, ProofSheet, ProofSignature
from accounts.models.recovery import ActivationCode, PendingPassword, ResetLink
from accounts.models.servicing import BankLetter, ServiceDone
from accounts.models.supporting import SupportLook, SupportView
from accounts.models.tail import TailPosition, TailSeen

__all__ = [
    "Account",
    "AccountTerms",
    "AccountTransaction",
    "ActivationCode",
    "ApprovalRequest",
    "AuthenticatorApp",
    "AuthorizationItem",
    "BackupCode",
    "BankCall",
    "BankLetter",
    "Branch",
    "BranchCustomer",
    "Business",
    "Card",
    "CardSight",
    "CardUse",
    "CifRecord",
    "CodeDevice",
    "Consent",
    "ContactChange",
    "Currency",
    "CustomerDetails",
    "CustomerDocument",
    "CustomerIdentity",
    "DataRequest",
    "DateFormat",
    "Fee",
    "FeeBand",
    "Freeze",
    "HistoryShown",
    "IndicativeRate",
    "Instruction",
    "KeptForm",
    "KnownDevice",
    "LegalText",
    "Limit",
    "LimitUsage",
    "LowBalanceTold",
    "MessageChoice",
    "MessageHabits",
    "OneTimeCode",
    "OwnLimit",
    "Passkey",
    "PasskeyChallenge",
    "PendingPassword",
    "Posting",
    "PostingLeg",
    "PrivacyFigure",
    "ProofBalance",
    "ProofExplanation",
    "ProofSheet",
    "ProofSignature",
    "Rate",
    "ResetLink",
    "RiskScore",
    "ServiceDone",
    "SignInAttempt",
    "SignedInSession",
    "StaffMember",
    "SupportLook",
    "SupportView",
    "TailPosition",
    "TailSeen",
    "TermsAcceptance",
    "TextSize",
    "Theme",
    "User",
    "Way",
]
