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
from accounts.models.cards import Card, CardSight, CardUse
from accounts.models.figures import AccountTerms, Fee, FeeBand, Limit, Rate
from accounts.models.identity import (
    CodeDevice,
    KeptForm,
    KnownDevice,
    OneTimeCode,
    SignedInSession,
    SignInAttempt,
    User,
)
from accounts.models.ledger import (
    Instruction,
    LimitUsage,
    Posting,
    PostingLeg,
)
from accounts.models.proofs import ProofBalance, ProofExplanation, ProofSheet, ProofSignature
from accounts.models.tail import TailPosition, TailSeen

__all__ = [
    "Account",
    "AccountTerms",
    "AccountTransaction",
    "ApprovalRequest",
    "AuthorizationItem",
    "Branch",
    "BranchCustomer",
    "Business",
    "Card",
    "CardSight",
    "CardUse",
    "CifRecord",
    "CodeDevice",
    "Fee",
    "FeeBand",
    "Instruction",
    "KeptForm",
    "KnownDevice",
    "Limit",
    "LimitUsage",
    "OneTimeCode",
    "Posting",
    "PostingLeg",
    "ProofBalance",
    "ProofExplanation",
    "ProofSheet",
    "ProofSignature",
    "Rate",
    "RiskScore",
    "SignInAttempt",
    "SignedInSession",
    "StaffMember",
    "TailPosition",
    "TailSeen",
    "User",
]
