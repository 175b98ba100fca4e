"""Payments that leave the bank: prepared, posted, handed to a rail, enquired about, settled or given back."""
