"""Commands of the staff app."""
