"""Tables of savings: the branch's (unmanaged)."""

from savings.models.branch import FixedDeposit

__all__ = ["FixedDeposit"]
