"""Whom a customer pays: how new a receiver is, and those kept under a name."""
