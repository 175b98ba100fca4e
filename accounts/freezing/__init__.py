"""Stop everything: what leaves a customer stands still from one moment on, until it is lifted with a code and a wait.

    state       whether a customer's payments are stopped; the ledger asks it under the lock of the paying account
    stopping    the stop itself: by the customer inside, by the customer with one code outside, by the staff at once
    lifting     undoing it: the customer with a code and after a wait, the staff by maker and checker

What stops is what leaves the customer through Move, by whichever door. Between the customer's own accounts money moves
on: a thief gains nothing by it, as what would leave from the other account is stopped too, and the customer may need it
where an instalment is drawn. What the bank draws by contract (instalments, premiums) and the branch's counter go on.
"""
