"""Something is wrong with a movement: the customer says what, and a branch looks into it. Nothing is charged.

forms       the reasons and the customer's own words
asking      the request to the branch: draft, send, what its decision means
views       the page
"""
