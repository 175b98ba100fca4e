"""The pages of Move: choose, fill in, check, confirm, receipt."""
