"""The demo bank: invented customers with eighteen months behind them, written as the branch writes its tables.

The same for everyone on the same day: every draw comes from a seeded generator, every date is counted from today.
"""

from wekeza_portal.branch.demobank.bank import DemoBank
from wekeza_portal.branch.demobank.cast import CAST

__all__ = ["CAST", "DemoBank"]
