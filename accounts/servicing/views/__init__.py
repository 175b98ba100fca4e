"""The pages: what can be asked for, one form for each, and letters."""
