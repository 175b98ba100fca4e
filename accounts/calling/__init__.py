"""Is the bank calling me? "Nobody is" at all times but those when a member of staff has opened a call to this customer.

services    opening and ending a call; the staff's side
selectors   what the customer reads: who is calling now, who called before
"""
