"""The customer's own details, and what the bank knows of them.

changing     a new e-mail address or phone number: step-up, a code to the new one, then the branch's row
undoing      the link that the old address got puts it back; telling says what is said to old and new
details      where the customer lives and works, and whom to ask in need; what the branch's file says of it
rights       what a customer may do by tier and age; identifying and boards: two members of staff establish it
documents    papers about the customer: sent, decided by staff (paperboards), asked for again before they end
"""
