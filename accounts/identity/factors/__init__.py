"""The ways to give the second factor: which a customer has, how each is added, used and removed."""
