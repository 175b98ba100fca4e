"""Asking another Wekeza customer for money, without finding out who banks here.

asks        store a request: nothing is looked up, so a number that exists and one that doesn't look the same
delivering  the worker step that finds whose number it is and tells them
answers     pay, decline, block
taking      inside the payer's transfer: a request is paid once
selectors   what each side sees
"""
