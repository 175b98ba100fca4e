"""The customer's own details, and what the bank knows of them.

changing    a new e-mail address or phone number: step-up, a code to the new one, then the branch's row
undoing     the link that the old address got puts it back
telling     what is said to old and new
"""
