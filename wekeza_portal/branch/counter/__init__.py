"""The branch's counter, played on a demo bank: what a teller or supervisor does, with the branch's own statements.

The one place outside the ledger that writes the branch's tables, and only ever on tables that `demobank` made. It has
no locks and checks little, on purpose: the portal has to live with exactly that.
"""
