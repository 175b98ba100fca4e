"""Tables of lending: the branch's (unmanaged)."""

from lending.models.branch import (
    Loan,
    LoanAccount,
    LoanApplication,
    LoanPayment,
    LoanProduct,
    LoanRestructuring,
)

__all__ = ["Loan", "LoanAccount", "LoanApplication", "LoanPayment", "LoanProduct", "LoanRestructuring"]
