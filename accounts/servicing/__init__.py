"""Services of the branch, asked for on one page, and the letters that the portal makes by itself.

    catalogue   what can be asked for: words, fee, promised days, who may
    asking      a wish: checked, kept as a draft, sent to the branch's queue
    doing       what the branch's answer means, and what shows that it was done
    ties        what stands against closing an account
    letters     confirmations made at once, their fee through the ledger
    staff       what waits at the branches, and that it was handed over

A fee of something the branch decides is taken at the branch, if at all: nothing is charged here before a decision.
"""
