"""The rooms of the ledger. accounts/ledger.py is their only door: nobody else imports what locks, looks or writes."""
